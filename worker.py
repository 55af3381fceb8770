"""The worker: doors/work.py."""

from doors.output import run
from doors.work import work

if __name__ == "__main__":
    run(work)
