"""The door of staff and controller: doors/admin.py."""

from doors.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.admin import admin
    from doors.output import run

    run(admin)
