"""The door of staff and controller: doors/cli/admin.py."""

from doors.cli.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.cli.admin import admin
    from doors.cli.output import run

    run(admin)
