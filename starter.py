"""The administrator's door: doors/administrator.py."""

from doors.administrator import starter
from doors.output import run

if __name__ == "__main__":
    run(starter)
