"""Checkpoints leave the machine, once each, and nothing waits for a server that hangs."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from structlog.testing import capture_logs

from activities.auditor import auditors_letter
from domain.errors import BadSettings
from doors.cli.work import bucket_of
from eventlog import couriers
from eventlog.checkpoints import Checkpoint, Parcel, Signer
from eventlog.couriers import Courier, NotTaken, OtherCheckpoint, bearer, bucket
from settings import Settings, settings
from tests.eventlog.log import until

ORIGIN = "vekha/x"
TOKEN = "let-me-in"
BUCKET = "audit"


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


class S3:
    """A server of S3's protocol that lets in one user only, with a bucket that keeps what it gets under lock."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self.port = self._server.get_host_and_port()[1]
        self._say("reset")  # the server keeps everything in this process, also after its end
        self._say("reset-auth", "3")  # the three requests that make the user; after them all have to be signed
        iam = self._client("iam", "anybody", "anything")
        iam.create_user(UserName="worker")
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_user_policy(UserName="worker", PolicyName="s3", PolicyDocument=policy)
        made = iam.create_access_key(UserName="worker")["AccessKey"]
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        self._s3 = self._client("s3", self.key, self.secret)
        self._s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}
        self._s3.put_object_lock_configuration(
            Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def kept(self) -> dict[str, bytes]:
        """What lies in the bucket: every version of every object, by its path."""
        there = self._s3.list_object_versions(Bucket=BUCKET).get("Versions", [])
        versions = [(one["Key"], one["VersionId"]) for one in there]
        assert len(versions) == len({key for key, _ in versions}), "something was replaced"
        return {
            f"/{BUCKET}/{key}": self._s3.get_object(Bucket=BUCKET, Key=key, VersionId=version)["Body"].read()
            for key, version in versions
        }

    def settings(self, **changes: Any) -> Settings:
        """Give the settings of a worker that may write there."""
        given = {
            "checkpoint_url": f"s3://{BUCKET}/веха 1~/x",
            "checkpoint_s3_endpoint": self.endpoint,
            "checkpoint_s3_key": self.key,
            "checkpoint_s3_secret": self.secret,
        }
        return Settings(**(given | changes))

    def stop(self) -> None:
        """Listen no more; what is kept stays."""
        self._server.stop()

    def start(self) -> None:
        """Listen again where it did."""
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def _client(self, service: str, key: str, secret: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )

    def _say(self, word: str, value: str = "") -> None:
        order = Request(f"{self.endpoint}/moto-api/{word}", value.encode(), {"Content-Type": "text/plain"})  # noqa: S310
        with urlopen(order):  # noqa: S310
            pass


@pytest.fixture
def s3() -> Iterator[S3]:
    """Give a store of S3's protocol."""
    one = S3()
    yield one
    one.stop()


@dataclass(frozen=True)
class Store:
    """A place for checkpoints: how to get in, how not to, and what it keeps."""

    put: Callable[[Parcel], None]
    refused: Callable[[Parcel], None]
    why: str
    path: str
    kept: Callable[[], dict[str, bytes]]


@pytest.fixture(params=["http", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    """Give a store of each kind, reached as the settings of a worker say."""
    if request.param == "http":
        http: Bucket = request.getfixturevalue("server")
        put = bucket_of(Settings(checkpoint_token=TOKEN), http.url)
        return Store(put, bucket(http.url, bearer(None)), "403 Forbidden", "/audit", lambda: http.kept)
    s3: S3 = request.getfixturevalue("s3")
    good, bad = s3.settings(), s3.settings(checkpoint_s3_secret="wrong")
    url = str(good.checkpoint_url)
    why = r"403 FORBIDDEN \(SignatureDoesNotMatch\)"
    return Store(bucket_of(good, url), bucket_of(bad, url), why, f"/{BUCKET}/веха 1~/x", lambda: s3.kept)


def test_a_bucket_keeps_each_checkpoint_once(store: Store, tmp_path: Path) -> None:
    """A repeat is no trouble; another root for as many events is, and replaces nothing."""
    first = parcel(tmp_path)
    store.put(first)
    store.put(first)
    store.put(parcel(tmp_path, 2))
    store.put(replace(first, note=None))
    with pytest.raises(OtherCheckpoint, match=r"00000000000000000001\.txt: run audit\.py verify"):
        store.put(parcel(tmp_path, 1, b"\x01" * 32))
    with pytest.raises(NotTaken, match=store.why):
        store.refused(parcel(tmp_path, 3))
    assert {path: content.decode() for path, content in store.kept().items()} == {
        f"{store.path}/vekha-x/00000000000000000001.txt": first.note,
        f"{store.path}/vekha-x/00000000000000000002.txt": parcel(tmp_path, 2).note,
    }


def test_what_failed_is_tried_again(server: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is out of order for a while gets its checkpoint after all."""
    monkeypatch.setattr(couriers, "FIRST_PAUSE_SECONDS", 0.01)
    server.out_of_order = 3
    Courier("bucket", bucket(server.url, bearer(TOKEN))).offer(parcel(tmp_path))
    until(lambda: len(server.kept) == 1)


def test_a_bucket_that_was_away_gets_its_checkpoint(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over S3's protocol as well; what did not go is told in one line each time."""
    monkeypatch.setattr(couriers, "FIRST_PAUSE_SECONDS", 0.01)
    given = s3.settings()
    s3.stop()
    with capture_logs() as told:
        Courier("bucket", bucket_of(given, str(given.checkpoint_url))).offer(parcel(tmp_path))
        until(lambda: bool(told))
        s3.start()
        until(lambda: len(s3.kept) == 1)
    assert {(line["event"], line["size"]) for line in told} == {("checkpoint not sent", 1)}
    assert "Connection refused" in told[0]["error"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"checkpoint_s3_secret": "wrong"}, "403 FORBIDDEN (SignatureDoesNotMatch)"),
        ({"checkpoint_s3_key": "AKIANOBODY"}, "403 FORBIDDEN (InvalidAccessKeyId)"),
        ({"checkpoint_url": "s3://other"}, "404 NOT FOUND (NoSuchBucket)"),
    ],
)
def test_why_a_bucket_refuses_is_told_in_one_line(s3: S3, tmp_path: Path, changes: dict[str, str], why: str) -> None:
    """The place and the store's own word for it, and no secret."""
    given = s3.settings(**changes)
    with capture_logs() as told:
        courier = Courier("bucket", bucket_of(given, str(given.checkpoint_url)))
        courier.offer(parcel(tmp_path))
        until(lambda: bool(told))
        courier.offer(replace(parcel(tmp_path), note=None))  # which ends its tries
    assert told[0]["error"].endswith(f"/vekha-x/00000000000000000001.txt: {why}")
    assert "\n" not in told[0]["error"]
    assert s3.secret not in str(told)


def test_a_bucket_without_a_key_is_a_setting_to_mend() -> None:
    """Said once, before anything is sent."""
    with pytest.raises(BadSettings, match="VEKHA_CHECKPOINT_S3_SECRET"):
        bucket_of(Settings(checkpoint_s3_key="a"), "s3://audit")


@pytest.mark.parametrize("url", ["ftp://audit", "s3://", "audit"])
def test_an_address_of_another_kind_is_a_setting_to_mend(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named."""
    monkeypatch.setenv("VEKHA_CHECKPOINT_URL", url)
    with pytest.raises(BadSettings, match="VEKHA_CHECKPOINT_URL"):
        settings()


def test_without_an_endpoint_the_bucket_is_at_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the region that is set, the bucket in the path."""
    asked: list[Request] = []
    monkeypatch.setattr(couriers, "_ask", lambda request, _admit: asked.append(request))
    given = Settings(
        checkpoint_s3_key="a",
        checkpoint_s3_secret="b",
        checkpoint_s3_region="eu-north-1",
    )
    bucket_of(given, "s3://audit/x")(parcel(tmp_path))
    url = urlsplit(asked[0].full_url)
    assert (url.netloc, url.path) == ("s3.eu-north-1.amazonaws.com", f"/audit/x/vekha-x/{1:020d}.txt")


def test_nothing_waits_for_a_server_that_hangs(server: Bucket, tmp_path: Path) -> None:
    """What is offered meanwhile is passed over but for the newest, which covers it."""
    server.open.clear()
    courier = Courier("bucket", bucket(server.url, bearer(TOKEN)))
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
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in sorted(given.mail_dir.glob("*/*.eml"))]
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
