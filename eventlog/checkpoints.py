"""Signed checkpoints: what the log had come to, kept where nobody who rules the database can change it.

The format is C2SP's tlog-checkpoint in a signed note: the log's origin, the number of events and the Merkle root over
them, an Ed25519 signature below. The key is made at first use, in a file that only its owner can read; the public
key lies beside the checkpoints, as a note's verifier key (`origin+id+key`).

In each folder every log has one of its own: `latest.txt`, the last checkpoint of each day as `2026-11-23.txt`, and
`key.pub`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eventlog.elected import Connection
from eventlog.errors import BadCheckpoint

ED25519 = b"\x01"
LATEST = "latest.txt"
PUBLIC_KEY = "key.pub"
LAST = "select origin, last_position, merkle_root from vekha.log, vekha.block order by no desc limit 1"
THEN = "select merkle_root from vekha.block where last_position = %s order by no desc limit 1"
NOTE = re.compile(
    r"(?s)(?P<text>(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[^\n]+)\n(?:[^\n]+\n)*)\n(?P<signatures>.+\n)"
)
SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<value>[A-Za-z0-9+/=]+)")

log = structlog.get_logger("notary")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log had come to: its origin, its number of events and their Merkle root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return what is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signer:
    """The key that checkpoints are signed with."""

    def __init__(self, path: Path) -> None:
        """Read the key at `path`; where there is none it is made."""
        if not path.exists():
            _make_key(path)
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note of a checkpoint; the same checkpoint always makes the same note."""
        public = self._key.public_key().public_bytes_raw()
        signature = key_id(checkpoint.origin, public) + self._key.sign(checkpoint.text().encode())
        return f"{checkpoint.text()}\n— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"

    def verifier_key(self, origin: str) -> str:
        """Return the public key, as notes name it."""
        public = self._key.public_key().public_bytes_raw()
        return f"{origin}+{key_id(origin, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def _make_key(path: Path) -> None:
    """Write a new key, whole; where another process was faster, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(os.urandom(32).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        Path(part).unlink()


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that tell a signature's key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def read_checkpoint(note: str, verifier_key: str) -> Checkpoint:
    """Return the checkpoint of a signed note. BadCheckpoint where it is none, or was not signed by this key."""
    try:
        name, id_, encoded = verifier_key.strip().split("+", 2)
        public = base64.b64decode(encoded, validate=True).removeprefix(ED25519)
        key = Ed25519PublicKey.from_public_bytes(public)
    except (ValueError, binascii.Error):
        raise BadCheckpoint("bad-key") from None
    if key_id(name, public).hex() != id_:
        raise BadCheckpoint("bad-key")
    found = NOTE.fullmatch(note)
    if found is None:
        raise BadCheckpoint("not-a-checkpoint")
    for line in found["signatures"].splitlines():
        signature = SIGNATURE.fullmatch(line)
        if signature is None:
            raise BadCheckpoint("not-a-checkpoint")
        if signature["name"] != name:
            continue
        try:
            value = base64.b64decode(signature["value"], validate=True)
            if base64.b64encode(value).decode() != signature["value"]:
                raise BadCheckpoint("bad-signature")  # other texts may mean the same bytes: one is ours
            if value[:4].hex() != id_:
                continue
            key.verify(value[4:], found["text"].encode())
            return Checkpoint(found["origin"], int(found["size"]), base64.b64decode(found["root"], validate=True))
        except (InvalidSignature, binascii.Error):
            raise BadCheckpoint("bad-signature") from None
    raise BadCheckpoint("other-key" if found["origin"] == name else "other-log")


def log_folder(folder: Path, origin: str) -> Path:
    """Return where a log's checkpoints lie in a folder."""
    return folder / re.sub(r"[^A-Za-z0-9-]", "-", origin)


class Notary:
    """Signs what the log has come to, and keeps it in each of the folders."""

    def __init__(self, signer: Signer, folders: Sequence[Path]) -> None:
        self._signer = signer
        self._folders = folders

    def publish(self, connection: Connection) -> None:
        """Write a checkpoint of the last block.

        A log that no longer holds what the checkpoint before says was rewritten: that is told to the log of the
        program, loudly, and not signed. A folder that cannot be written is told too; the log goes on.
        """
        row = connection.execute(LAST).fetchone()
        if row is None or row[1] == 0:
            return
        checkpoint = Checkpoint(*row)
        for folder in self._folders:
            try:
                self._keep(connection, checkpoint, log_folder(folder, checkpoint.origin))
            except (OSError, UnicodeDecodeError, BadCheckpoint) as error:
                log.error("checkpoint not written", folder=str(folder), error=str(error))  # noqa: TRY400 - told in one line

    def _keep(self, connection: Connection, checkpoint: Checkpoint, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        verifier_key = self._signer.verifier_key(checkpoint.origin)
        latest = folder / LATEST
        if latest.exists():
            before = read_checkpoint(latest.read_text(encoding="utf-8"), verifier_key)
            then = connection.execute(THEN, (before.size,)).fetchone()
            if before.size and (then is None or then[0] != before.root):
                raise BadCheckpoint("rewritten")
        else:
            _replace(folder / PUBLIC_KEY, verifier_key + "\n")
        note = self._signer.sign(checkpoint)
        for name in (f"{datetime.now(UTC).date()}.txt", LATEST):
            _replace(folder / name, note)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
