"""The administrator's door: doors/administrator.py."""

from doors.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.administrator import starter
    from doors.output import run

    run(starter)
