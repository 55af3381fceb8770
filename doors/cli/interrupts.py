"""Ctrl-C at a door: while its modules load the process just ends, and once the command runs it is told."""

from __future__ import annotations

import signal


def end_at_once() -> None:
    """Leave Ctrl-C to the system: there is nothing to finish yet, and Python would show where it was loading."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a background job's shell has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def tell_the_command() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
