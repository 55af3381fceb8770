"""What takes checkpoints beyond this machine, beside the sealing and never in its way.

Each courier is a thread of its own with one place to go to. It takes the newest that it was offered: a checkpoint covers
all before it, so what it passed over while a server hung is not missing. What failed is tried again.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus

import structlog

from eventlog.checkpoints import Parcel, log_folder_name
from eventlog.errors import LogError

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
TIMEOUT_SECONDS = 30.0
log = structlog.get_logger("courier")


class OtherCheckpoint(LogError):
    """The bucket holds another checkpoint of as many events: somebody else signs this log, or its past was changed."""

    def __init__(self, url: str) -> None:
        super().__init__(f"another checkpoint lies at {url}: run audit.py verify")


class Courier:
    """Takes parcels to one place."""

    def __init__(self, place: str, deliver: Callable[[Parcel], None]) -> None:
        self._place = place
        self._deliver = deliver
        self._offered: Parcel | None = None
        self._news = threading.Condition()
        # A daemon: a server that hangs does not hold up the end of the program, and the next one goes on.
        threading.Thread(target=self._run, name=f"courier to {place}", daemon=True).start()

    def offer(self, parcel: Parcel) -> None:
        """Take a parcel in place of one that did not leave yet; return at once."""
        with self._news:
            self._offered = parcel
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                while self._offered is None:
                    self._news.wait()
                parcel, self._offered = self._offered, None
            self._take(parcel)

    def _take(self, parcel: Parcel) -> None:
        """Deliver, again and again if need be, until that went or something newer is there."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                self._deliver(parcel)
            except Exception as error:
                log.error("checkpoint not sent", place=self._place, size=parcel.size, error=str(error))  # noqa: TRY400 - told in one line
            else:
                return
            with self._news:
                self._news.wait(pause)
                if self._offered is not None:
                    return
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def bucket(prefix: str, token: str | None) -> Callable[[Parcel], None]:
    """Return what puts each checkpoint below a URL, once and for good.

    PUT {prefix}/{log}/{number of events, 20 digits}.txt with `If-None-Match: *`, so that nothing there is ever replaced,
    and the token, where there is one, as Bearer. OSError where the server does not take it, OtherCheckpoint where it
    says something else by that name.
    """
    head = {"Authorization": f"Bearer {token}"} if token else {}

    def put(parcel: Parcel) -> None:
        if parcel.note is None:
            return  # there is nothing to keep of a log that contradicts itself
        url = f"{prefix.rstrip('/')}/{log_folder_name(parcel.origin)}/{parcel.size:020d}.txt"
        content = parcel.note.encode()
        headers = {**head, "If-None-Match": "*", "Content-Type": "text/plain; charset=utf-8"}
        try:
            _ask(urllib.request.Request(url, content, headers, method="PUT"))  # noqa: S310 - the settings take http and https only
        except urllib.error.HTTPError as error:
            if error.code not in (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT):
                raise
            there = _ask(urllib.request.Request(url, headers=head))  # noqa: S310
            if _said(there) != _said(content):
                raise OtherCheckpoint(url) from None

    return put


def _said(note: bytes) -> list[bytes]:
    """Return what a note says of the log: signatures may be more, or others, after a change of keys."""
    return note.split(b"\n")[:3]


def _ask(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - see above
        content: bytes = answer.read()
    return content
