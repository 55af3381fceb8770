"""The reader's door: doors/report.py."""

from doors.output import run
from doors.report import report

if __name__ == "__main__":
    run(report)
