"""Checkpoints leave the machine, once each, and nothing waits for a server that hangs."""

from __future__ import annotations

import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from activities.auditor import auditors_letter
from eventlog import couriers
from eventlog.checkpoints import Checkpoint, Parcel, Signer
from eventlog.couriers import Courier, OtherCheckpoint, bucket
from settings import Settings
from tests.eventlog.log import until

ORIGIN = "vekha/x"
TOKEN = "let-me-in"


class Bucket(ThreadingHTTPServer):
    """A store over HTTP that never replaces what it has."""

    daemon_threads = True

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.out_of_order = 0
        self.open = threading.Event()
        self.open.set()
        super().__init__(("127.0.0.1", 0), BucketHandler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/audit/"


class BucketHandler(BaseHTTPRequestHandler):
    """Its answers."""

    server: Bucket

    def do_PUT(self) -> None:
        """Keep what is new."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.open.wait()
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(403)
        elif self.server.out_of_order:
            self.server.out_of_order -= 1
            self._answer(503)
        elif self.path in self.server.kept and self.headers["If-None-Match"] == "*":
            self._answer(412)
        else:
            self.server.kept[self.path] = content
            self._answer(201)

    def do_GET(self) -> None:
        """Show what is kept."""
        self._answer(200, self.server.kept[self.path])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""

    def _answer(self, code: int, content: bytes = b"") -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server() -> Iterator[Bucket]:
    """Give a store that runs."""
    with serving(Bucket()) as one:
        yield one


@contextmanager
def serving(one: Bucket) -> Iterator[Bucket]:
    """Run a server while the block lasts."""
    thread = threading.Thread(target=one.serve_forever)
    thread.start()
    try:
        yield one
    finally:
        one.open.set()
        one.shutdown()
        thread.join()
        one.server_close()


def parcel(folder: Path, size: int = 1, root: bytes = bytes(32)) -> Parcel:
    """Give a signed checkpoint."""
    signer = Signer(folder / "key")
    return Parcel(ORIGIN, size, signer.public_keys(ORIGIN), signer.sign(Checkpoint(ORIGIN, size, root)))


def test_a_bucket_keeps_each_checkpoint_once(server: Bucket, tmp_path: Path) -> None:
    """A repeat is no trouble; another root for as many events is, and replaces nothing."""
    put = bucket(server.url, TOKEN)
    first = parcel(tmp_path)
    put(first)
    put(first)
    put(parcel(tmp_path, 2))
    put(replace(first, note=None))
    assert {path: content.decode() for path, content in server.kept.items()} == {
        "/audit/vekha-x/00000000000000000001.txt": first.note,
        "/audit/vekha-x/00000000000000000002.txt": parcel(tmp_path, 2).note,
    }
    with pytest.raises(OtherCheckpoint, match=r"00000000000000000001\.txt: run audit\.py verify"):
        put(parcel(tmp_path, 1, b"\x01" * 32))
    assert server.kept["/audit/vekha-x/00000000000000000001.txt"].decode() == first.note
    with pytest.raises(urllib.error.HTTPError, match="403"):
        bucket(server.url, None)(parcel(tmp_path, 3))


def test_what_failed_is_tried_again(server: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is out of order for a while gets its checkpoint after all."""
    monkeypatch.setattr(couriers, "FIRST_PAUSE_SECONDS", 0.01)
    server.out_of_order = 3
    Courier("bucket", bucket(server.url, TOKEN)).offer(parcel(tmp_path))
    until(lambda: len(server.kept) == 1)


def test_nothing_waits_for_a_server_that_hangs(server: Bucket, tmp_path: Path) -> None:
    """What is offered meanwhile is passed over but for the newest, which covers it."""
    server.open.clear()
    courier = Courier("bucket", bucket(server.url, TOKEN))
    parcels = [parcel(tmp_path, size) for size in range(1, 101)]
    begun = time.monotonic()
    for one in parcels:
        courier.offer(one)
    assert time.monotonic() - begun < couriers.TIMEOUT_SECONDS / 10
    server.open.set()
    until(lambda: "/audit/vekha-x/00000000000000000100.txt" in server.kept)
    assert len(server.kept) <= 3


def test_the_auditor_gets_a_checkpoint_a_day_and_every_alarm(tmp_path: Path) -> None:
    """As a file where no mail server is set; the checkpoint that is attached holds."""
    given = Settings(var=tmp_path, smtp_host=None, lang="ru")
    sent = parcel(tmp_path)
    for again in (sent, parcel(tmp_path, 2), replace(sent, note=None), replace(sent, note=None)):
        auditors_letter(given, "auditor@example.org")(again)
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(given.mail_dir.iterdir())]
    subjects = {letter["Subject"] for letter in letters}
    assert subjects == {
        "Веха: контрольная запись журнала, записей 1",
        "Веха: ТРЕВОГА, журнал противоречит контрольной записи",
    }
    assert {letter["To"] for letter in letters} == {"auditor@example.org"}
    assert len({letter["Message-ID"] for letter in letters}) == 2
    (letter,) = [one for one in letters if "записей 1" in one["Subject"]]
    attached = {part.get_filename(): part.get_content().decode() for part in letter.iter_attachments()}
    assert attached == {"latest.txt": sent.note, "key.pub": sent.keys}
