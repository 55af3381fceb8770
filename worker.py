"""The worker: doors/cli/work.py."""

from doors.cli.interrupts import end_at_once

if __name__ == "__main__":
    end_at_once()  # and only then what takes its time to load
    from doors.cli.output import run
    from doors.cli.work import work

    run(work)
