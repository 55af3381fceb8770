"""The administrator's door: doors/administrator.py."""

from doors.administrator import starter
from doors.output import main

if __name__ == "__main__":
    main(starter)
