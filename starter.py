"""The administrator's door: doors/starter.py."""

from doors.output import run
from doors.starter import starter

if __name__ == "__main__":
    run(starter)
