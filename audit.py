"""The auditor's door: doors/audit.py."""

from doors.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.audit import audit
    from doors.output import run

    run(audit)
