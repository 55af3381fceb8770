"""Signed checkpoints: what the log had come to, kept where nobody who rules the database can change it.

The format is C2SP's tlog-checkpoint in a signed note: the log's origin, the number of events and the Merkle root over
them, when the last block was sealed; an Ed25519 signature below. The key is made at first use, in a file that only its
owner can read; the public key lies beside the checkpoints, as a note's verifier key (`origin+id+key`).

A key that was replaced (`rotate`) gets a last day. Until then both keys sign, and what they sign names the new one: who
trusts the old key learns the new one from it. A checkpoint is valid by the day it was sealed on, not by today: what an old
key signed in its time stays valid. Who stole an old key could date a checkpoint back; against that help the copies that
others keep.

In each folder every log has one of its own: `latest.txt`, the last checkpoint of each day as `2026-11-23.txt`, and
`key.pub`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eventlog.errors import BadCheckpoint
from eventlog.sessions import Connection
from whole_files import PRIVATE, write_whole

ED25519 = b"\x01"
LATEST = "latest.txt"
PUBLIC_KEY = "key.pub"
SEALED = "sealed "
NEXT_KEY = "next-key "
OVERLAP = timedelta(days=30)  # for so long the old key signs beside the new one
LAST = "select origin, last_position, merkle_root, sealed_at from vekha.log, vekha.block order by no desc limit 1"
THEN = "select merkle_root from vekha.block where last_position = %s order by no desc limit 1"
NOTE = re.compile(
    r"(?s)(?P<text>(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[^\n]+)\n(?P<more>(?:[^\n]+\n)*))\n(?P<signatures>.+\n)"
)
SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<value>[A-Za-z0-9+/=]+)")

log = structlog.get_logger("notary")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log had come to: its origin, its number of events and their Merkle root.

    `sealed_at` is when its last block was sealed, by the database's clock; None in a checkpoint of an older Vekha.
    `next_key` is the public key that takes over, in the words of `key.pub`, while the old one still signs too.
    """

    origin: str
    size: int
    root: bytes
    sealed_at: datetime | None = field(default=None, compare=False)
    next_key: str | None = field(default=None, compare=False)

    def text(self) -> str:
        """Return what is signed."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode()]
        if self.sealed_at is not None:
            lines.append(f"{SEALED}{self.sealed_at.astimezone(UTC).isoformat(timespec='seconds')}")
        if self.next_key is not None:
            lines.append(f"{NEXT_KEY}{self.next_key}")
        return "".join(f"{line}\n" for line in lines)


class Signer:
    """The keys that checkpoints are signed with: the newest, and for a time after a change the one before."""

    def __init__(self, path: Path) -> None:
        """Read the keys at `path`; where there is none one is made."""
        if not path.exists():
            _make_key(path)
        self._keys = [
            (Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)), end) for seed, end in _read_seeds(path)
        ]

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note of a checkpoint; the same checkpoint always makes the same note.

        Every key signs that had not expired when the checkpoint was sealed.
        """
        live = [one for one in self._keys if _holds(one[1], checkpoint.sealed_at)]
        if len(live) > 1:
            checkpoint = replace(checkpoint, next_key=_line(checkpoint.origin, *live[-1]))
        text = checkpoint.text()
        note = f"{text}\n"
        for key, _ in live:
            signature = key_id(checkpoint.origin, key.public_key().public_bytes_raw()) + key.sign(text.encode())
            note += f"— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"
        return note

    def public_keys(self, origin: str) -> str:
        """Return the public keys as `key.pub` has them: a line each, with the last day of one that was replaced."""
        return "".join(f"{_line(origin, key, end)}\n" for key, end in self._keys)


def rotate(path: Path, today: date) -> date:
    """Put a new key in place of the one at `path`; return the last day (UTC) on which the old one signs too.

    What the old one signed until then goes on being valid. A signer that runs has read the old file: start it anew.
    """
    end = today + OVERLAP
    *before, (seed, known_end) = _read_seeds(path)
    old = [*before, (seed, end if known_end is None else min(end, known_end))]
    lines = [f"{one} {last}" for one, last in old]
    write_whole(path, ("\n".join([*lines, os.urandom(32).hex()]) + "\n").encode("ascii"), PRIVATE)
    return end


def _read_seeds(path: Path) -> list[tuple[str, date | None]]:
    """Return the seeds of a key file, the oldest first, each with its last day."""
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    return [(seed, date.fromisoformat(end[0]) if end else None) for seed, *end in lines]


def _holds(end: date | None, sealed_at: datetime | None) -> bool:
    return end is None or (sealed_at is not None and sealed_at.astimezone(UTC).date() <= end)


def _line(origin: str, key: Ed25519PrivateKey, end: date | None) -> str:
    public = key.public_key().public_bytes_raw()
    line = f"{origin}+{key_id(origin, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"
    return line if end is None else f"{line} {end}"


def _make_key(path: Path) -> None:
    """Write a new key, whole; where another process was faster, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    write_whole(part, f"{os.urandom(32).hex()}\n".encode("ascii"), PRIVATE)
    try:
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that tell a signature's key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A line of `key.pub`: a note's verifier key (C2SP signed-note), then the last day it may sign on, if it has one."""

    name: str
    id: bytes
    key: Ed25519PublicKey
    end: date | None


def read_keys(text: str) -> list[PublicKey]:
    """Return the public keys of a `key.pub`. BadCheckpoint for one that cannot be read."""
    keys = []
    for line in text.strip().splitlines():
        verifier_key, _, end = line.partition(" ")
        try:
            name, id_, encoded = verifier_key.split("+", 2)
            public = base64.b64decode(encoded, validate=True).removeprefix(ED25519)
            key = Ed25519PublicKey.from_public_bytes(public)
            last = date.fromisoformat(end) if end else None
        except (ValueError, binascii.Error):
            raise BadCheckpoint("bad-key") from None
        if key_id(name, public).hex() != id_:
            raise BadCheckpoint("bad-key")
        keys.append(PublicKey(name, bytes.fromhex(id_), key, last))
    if not keys:
        raise BadCheckpoint("bad-key")
    return keys


def read_checkpoint(note: str, public_keys: str, *, expired: bool = False) -> Checkpoint:
    """Return the checkpoint of a signed note.

    BadCheckpoint where it is none, or was signed by none of the keys of this `key.pub` while that key was valid; with
    `expired` a signature by a key that was not valid any more will do.
    """
    keys = read_keys(public_keys)
    found = NOTE.fullmatch(note)
    if found is None:
        raise BadCheckpoint("not-a-checkpoint")
    names = {key.name for key in keys}
    why = "other-key" if found["origin"] in names else "other-log"
    for line in found["signatures"].splitlines():
        signature = SIGNATURE.fullmatch(line)
        if signature is None:
            raise BadCheckpoint("not-a-checkpoint")
        if signature["name"] not in names:
            continue
        try:
            value = base64.b64decode(signature["value"], validate=True)
            if base64.b64encode(value).decode() != signature["value"]:
                raise BadCheckpoint("bad-signature")  # other texts may mean the same bytes: one is ours
            for key in keys:
                if (key.name, key.id) != (signature["name"], value[:4]):
                    continue
                key.key.verify(value[4:], found["text"].encode())
                checkpoint = _checkpoint_of(found)
                if expired or _holds(key.end, checkpoint.sealed_at):
                    return checkpoint
                why = "undated" if checkpoint.sealed_at is None else "expired-key"
        except (InvalidSignature, ValueError):
            raise BadCheckpoint("bad-signature") from None
    raise BadCheckpoint(why)


def _checkpoint_of(found: re.Match[str]) -> Checkpoint:
    """Return what a note says. ValueError where a line of it says nothing."""
    sealed_at, next_key = None, None
    for line in found["more"].splitlines():
        if line.startswith(SEALED):
            sealed_at = datetime.fromisoformat(line.removeprefix(SEALED)).astimezone(UTC)
        elif line.startswith(NEXT_KEY):
            next_key = line.removeprefix(NEXT_KEY)
    root = base64.b64decode(found["root"], validate=True)
    return Checkpoint(found["origin"], int(found["size"]), root, sealed_at, next_key)


def log_folder(folder: Path, origin: str) -> Path:
    """Return where a log's checkpoints lie in a folder."""
    return folder / log_folder_name(origin)


def log_folder_name(origin: str) -> str:
    """Return the name of a log's own folder, here and in a bucket."""
    return re.sub(r"[^A-Za-z0-9-]", "-", origin)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to places beyond this machine: the signed note and the public keys.

    Without a note it is an alarm: the log contradicts the last checkpoint.
    """

    origin: str
    size: int
    keys: str
    note: str | None


class Notary:
    """Signs what the log has come to, keeps it in each of the folders, and offers it to who takes it further.

    `offer` must not wait: sealing goes on meanwhile.
    """

    def __init__(
        self, signer: Signer, folders: Sequence[Path], offers: Sequence[Callable[[Parcel], None]] = ()
    ) -> None:
        self._signer = signer
        self._folders = folders
        self._offers = offers

    def publish(self, connection: Connection) -> None:
        """Write a checkpoint of the last block.

        A log that no longer holds what the checkpoint before says was rewritten: that is told to the log of the
        program, loudly, and not signed. A folder that cannot be written is told too; the log goes on.
        """
        row = connection.execute(LAST).fetchone()
        if row is None or row[1] == 0:
            return
        checkpoint = Checkpoint(*row)
        note, keys = self._signer.sign(checkpoint), self._signer.public_keys(checkpoint.origin)
        rewritten = False
        for folder in self._folders:
            try:
                _keep(connection, note, keys, log_folder(folder, checkpoint.origin))
            except (OSError, UnicodeDecodeError, BadCheckpoint) as error:
                log.error("checkpoint not written", folder=str(folder), error=str(error))  # noqa: TRY400 - told in one line
                rewritten = rewritten or (isinstance(error, BadCheckpoint) and error.code == "rewritten")
        parcel = Parcel(checkpoint.origin, checkpoint.size, keys, None if rewritten else note)
        for offer in self._offers:
            offer(parcel)


def _keep(connection: Connection, note: str, keys: str, folder: Path) -> None:
    """Put a note into a log's folder; BadCheckpoint where the log no longer holds what lies there."""
    folder.mkdir(parents=True, exist_ok=True)
    latest, public_key = folder / LATEST, folder / PUBLIC_KEY
    if latest.exists():
        before = read_checkpoint(latest.read_text(encoding="utf-8"), keys, expired=True)
        then = connection.execute(THEN, (before.size,)).fetchone()
        if before.size and (then is None or then[0] != before.root):
            raise BadCheckpoint("rewritten")
    if not public_key.exists() or public_key.read_text(encoding="utf-8") != keys:
        write_whole(public_key, keys.encode())
    for name in (f"{datetime.now(UTC).date()}.txt", LATEST):
        write_whole(folder / name, note.encode())
