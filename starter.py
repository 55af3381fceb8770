"""The administrator's door: doors/starter.py."""

from doors.output import main
from doors.starter import starter

if __name__ == "__main__":
    main(starter)
