"""The worker: doors/work.py."""

from doors.output import main
from doors.work import work

if __name__ == "__main__":
    main(work)
