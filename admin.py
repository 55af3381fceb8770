"""The door of staff and controller: doors/admin.py."""

from doors.admin import admin
from doors.output import main

if __name__ == "__main__":
    main(admin)
