"""The auditor's door: doors/audit.py."""

from doors.audit import audit
from doors.output import main

if __name__ == "__main__":
    main(audit)
