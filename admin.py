"""The door of staff and controller: doors/admin.py."""

from doors.admin import admin
from doors.output import run

if __name__ == "__main__":
    run(admin)
