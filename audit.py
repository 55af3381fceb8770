"""The auditor's door: doors/audit.py."""

from doors.audit import audit
from doors.output import run

if __name__ == "__main__":
    run(audit)
