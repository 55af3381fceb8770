"""What takes checkpoints beyond this machine, beside the sealing and never in its way.

Each courier is a thread of its own with one place to go to. It takes the newest that it was offered: a checkpoint covers
all before it, so what it passed over while a server hung is not missing. What failed is tried again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import structlog

from eventlog.checkpoints import Parcel, log_folder_name
from eventlog.errors import LogError

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
TIMEOUT_SECONDS = 30.0
REASON_BYTES = 4096  # of an answer that refuses
log = structlog.get_logger("courier")


class OtherCheckpoint(LogError):
    """The bucket holds another checkpoint of as many events: somebody else signs this log, or its past was changed."""

    def __init__(self, url: str) -> None:
        super().__init__(f"another checkpoint lies at {url}: run audit.py verify")


class NotTaken(OSError):
    """The server refused: with which status, and the code by which S3's protocol tells why, if it sent one."""

    def __init__(self, url: str, status: int, reason: str, answer: bytes) -> None:
        self.status = status
        code = re.search(rb"<Code>(\w+)</Code>", answer)
        why = f" ({code[1].decode()})" if code else ""
        super().__init__(f"{url}: {status} {reason}{why}")


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


def bearer(token: str | None) -> Callable[[Request], None]:
    """Return what puts a bearer token on a request; nothing where there is no token."""

    def admit(request: Request) -> None:
        if token:
            request.add_header("Authorization", f"Bearer {token}")

    return admit


def bucket(prefix: str, admit: Callable[[Request], None]) -> Callable[[Parcel], None]:
    """Return what puts each checkpoint below a URL, once and for good.

    PUT {prefix}/{log}/{number of events, 20 digits}.txt with `If-None-Match: *`, so that nothing there is ever replaced;
    `admit` makes a request one that the server lets in. NotTaken where the server does not take it, another OSError where
    it does not answer, OtherCheckpoint where it says something else by that name.
    """

    def put(parcel: Parcel) -> None:
        if parcel.note is None:
            return  # there is nothing to keep of a log that contradicts itself
        url = f"{prefix.rstrip('/')}/{log_folder_name(parcel.origin)}/{parcel.size:020d}.txt"
        content = parcel.note.encode()
        headers = {"If-None-Match": "*", "Content-Type": "text/plain; charset=utf-8"}
        try:
            _ask(Request(url, content, headers, method="PUT"), admit)  # noqa: S310 - the settings take http and https only
        except NotTaken as error:
            if error.status not in (HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT):
                raise
            there = _ask(Request(url), admit)  # noqa: S310
            if _said(there) != _said(content):
                raise OtherCheckpoint(url) from None

    return put


def _said(note: bytes) -> list[bytes]:
    """Return what a note says of the log: signatures may be more, or others, after a change of keys."""
    return note.split(b"\n")[:3]


def _ask(request: Request, admit: Callable[[Request], None]) -> bytes:
    admit(request)
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - see above
            content: bytes = answer.read()
    except HTTPError as error:
        with error:
            raise NotTaken(request.full_url, error.code, error.reason, error.read(REASON_BYTES)) from None
    return content
