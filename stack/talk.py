"""What a person sees while the servers are prepared: one line a step, in their language, on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from views.language import from_environment

HEARTBEAT = 12.0  # seconds between the signs of life of a long step


def tell(ru: str, en: str) -> None:
    """Print one line in the reader's language."""
    print(en if from_environment() == "en" else ru, file=sys.stderr, flush=True)  # noqa: T201 - this is the stack's voice


@contextmanager
def step(ru: str, en: str) -> Iterator[None]:
    """Say what begins, give a sign of life while it lasts, say how long it took."""
    tell(f"· {ru}…", f"· {en}…")
    begun = time.monotonic()
    done = threading.Event()

    def signs_of_life() -> None:
        while not done.wait(HEARTBEAT):
            seconds = round(time.monotonic() - begun)
            tell(f"  ещё идёт, {seconds} с", f"  still going, {seconds} s")

    voice = threading.Thread(target=signs_of_life, daemon=True)
    voice.start()
    try:
        yield
    finally:
        done.set()
        voice.join()
    seconds = time.monotonic() - begun
    tell(f"  готово за {seconds:.1f} с".replace(".", ","), f"  done in {seconds:.1f} s")
