"""The reader's door: doors/cli/report.py."""

from doors.cli.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.cli.output import run
    from doors.cli.report import report

    run(report)
