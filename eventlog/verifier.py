"""Проверяет выгрузку журнала Вехи; нужен только Python 3.9 или новее. In English below.

    python verifier.py ПАПКА [--checkpoint ФАЙЛ] [--key ФАЙЛ]
    python verifier.py --self-test

Дайте ему свои контрольную запись и открытый ключ (`key.pub`), полученные раньше и хранившиеся у вас: те, что лежат в
выгрузке, доказывают лишь, что она цела, а не что это тот самый журнал. Код завершения 0: всё так, как было подписано;
1: не так, строка на каждое расхождение; 2: это не выгрузка, которую можно прочесть. Если в выгрузке есть и приложенные файлы
(папка evidence, имя файла — его SHA-256), проверяются и они. В выгрузке одного года от записей других лет — одни отпечатки.

Checks an export of Vekha's log, on any machine with Python 3.9 or newer and nothing else.

    python verifier.py FOLDER [--checkpoint FILE] [--key FILE]
    python verifier.py --self-test

`key.pub` has a line for each key: name+id+key and, of a key that was replaced, the last day it may have signed on.

Bring your own checkpoint and public key (`key.pub`), received before and kept by you: those that lie in the export
prove only that it is whole, not that it is the log you were promised. Exit code 0: all is as it was signed; 1: it is
not, a line each; 2: this is no export that can be read. Where an export carries the attached files (the folder evidence,
each named by its SHA-256), they are checked too. An export of one year has of other years' events their leaves alone.
Every line is in Russian and in English.

    leaf = SHA-256(0x00 ‖ row), node = SHA-256(0x01 ‖ left ‖ right)   RFC 6962, the tree over all events
    hash = SHA-256(0x02 ‖ the hash before ‖ leaf)                     the chain; before the first event 32 zero bytes
    row  = the number of fields, then for each the oid of its PostgreSQL type, its length (-1: null), its bytes
    checkpoint: C2SP tlog-checkpoint, a signed note; Ed25519 as in RFC 8032
"""

from __future__ import annotations

import base64
import json
import re
import sys
import uuid
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256, sha512
from io import TextIOWrapper
from os import scandir
from pathlib import Path
from struct import error as struct_error
from struct import pack
from typing import Any, Dict, Iterator, List, Optional, Tuple

Point = Tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z
Event = Dict[str, Any]
Words = Tuple[str, str]  # the same in Russian and in English
FORMAT = "vekha-export/1"
FORMAT_WITH_FILES = "vekha-export/2"  # the same, with every file that an event names, under its SHA-256 in EVIDENCE
FORMAT_OF_YEAR = "vekha-export/3"  # the events of one year, which the manifest names; of all others their leaves alone
FORMAT_OF_YEAR_WITH_FILES = "vekha-export/4"
WITH_FILES = (FORMAT_WITH_FILES, FORMAT_OF_YEAR_WITH_FILES)
OF_YEAR = (FORMAT_OF_YEAR, FORMAT_OF_YEAR_WITH_FILES)
MANIFEST = "manifest.json"
EVIDENCE = "evidence"
FILES = (
    "blocks.jsonl",
    "checkpoint.txt",
    "definitions.jsonl",
    "events.jsonl",
    "evidence.jsonl",
    "key.pub",
    "verifier.py",
)
FIELDS = {  # name: type's oid
    "position": 20, "seq": 20, "id": 2950, "stream": 25, "version": 23, "type": 25, "schema_version": 23,
    "occurred_on": 1082, "at": 1184, "received_at": 1184, "recorded_at": 1184, "actor": 25, "command_id": 25,
    "signed": 16, "data": 25, "command": 25, "writer": 25, "xid": 5069, "roadmap": 25,
}  # fmt: skip
MOMENT_ZERO = datetime(2000, 1, 1, tzinfo=timezone.utc)
TOLD = 100


class Unreadable(Exception):
    """No export, or only a part of one; why, in both languages."""

    def __init__(self, english: str, russian: str) -> None:
        super().__init__(english)
        self.words: Words = (russian, english)


# ------------------------------------------------------------------------------------------------- Ed25519, RFC 8032

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number: int, point: Point) -> Point:
    result = IDENTITY
    while number > 0:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _x(y: int, sign: int) -> Optional[int]:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def _point(encoded: bytes) -> Optional[Point]:
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the 64 bytes are the signature of the message by the key of 32 bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(k, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


# ------------------------------------------------------------------------------------------------ rows, tree, notes


def row_bytes(event: Event) -> bytes:
    """Return the row of an event, as it is hashed; KeyError, ValueError, TypeError for what is none."""
    parts = [pack(">i", len(FIELDS))]
    for name, oid in FIELDS.items():
        value = event[name]
        if value is None:
            parts.append(pack(">ii", oid, -1))
        else:
            content = _content(oid, value)
            parts.append(pack(">ii", oid, len(content)) + content)
    return b"".join(parts)


def _content(oid: int, value: Any) -> bytes:
    if oid == 25:
        return str(value).encode() if type(value) is str else _no(value)
    if oid in (20, 23, 5069):
        return pack({20: ">q", 23: ">i", 5069: ">Q"}[oid], value) if type(value) is int else _no(value)
    if oid == 16:
        return pack(">?", value) if type(value) is bool else _no(value)
    if oid == 2950:
        one = uuid.UUID(value)
        return one.bytes if str(one) == value else _no(value)
    if oid == 1082:
        day = date.fromisoformat(value)
        return pack(">i", (day - MOMENT_ZERO.date()).days) if day.isoformat() == value else _no(value)
    moment = datetime.fromisoformat(value)
    # One instant has one text: Pythons differ in what else they take.
    if moment.utcoffset() != timedelta(0) or moment.isoformat() != value:
        return _no(value)
    return pack(">q", (moment - MOMENT_ZERO) // timedelta(microseconds=1))


def _no(value: Any) -> bytes:
    raise ValueError(value)


def line_of(entry: Event) -> str:
    """Return a line as an export has it: what is in it has one text, and a text one reading."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def leaf_of(event: Event) -> bytes:
    """Return the leaf of an event; what stands for one of another year has nothing else. The errors of `row_bytes`."""
    if not stands_for_another(event):
        return sha256(b"\x00" + row_bytes(event)).digest()
    leaf = bytes.fromhex(event["leaf"])
    return leaf if len(leaf) == 32 and leaf.hex() == event["leaf"] else _no(event)


def stands_for_another(event: Event) -> bool:
    """Tell whether a line of the events stands for one of another year."""
    return set(event) == {"position", "leaf", "hash"}


def derived(event: Event) -> Dict[str, List[Event]]:
    """Return the lines that an event adds to the files beside the log; none where its data is no JSON object."""
    try:
        data = json.loads(event["data"])
    except (ValueError, TypeError, RecursionError):
        data = None  # somebody has written it past Vekha; whether it was sealed so, its hash tells
    fields = data if isinstance(data, dict) else {}
    place = {"position": event["position"], "stream": event["stream"]}
    evidence = fields.get("evidence")
    return {
        "definitions.jsonl": [{**place, "definition": fields["definition"]}] if "definition" in fields else [],
        "evidence.jsonl": [{**place, "evidence": one} for one in (evidence if isinstance(evidence, list) else [])],
    }


def node(left: bytes, right: bytes) -> bytes:
    """Return the node over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def add_leaf(peaks: List[bytes], size: int, leaf: bytes) -> None:
    """Put one more leaf to the right of a tree of this size, given by the roots of its full subtrees."""
    while size & 1:
        leaf = node(peaks.pop(), leaf)
        size >>= 1
    peaks.append(leaf)


def root_of(peaks: List[bytes]) -> bytes:
    """Return the root of a tree, given by the roots of its full subtrees."""
    if not peaks:
        return sha256(b"").digest()
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node(peak, root)
    return root


def read_note(note: str, key: str) -> Tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint that was signed by one of the keys, a line each, in its time.

    Unreadable where it was not.
    """
    keys = [_key(line) for line in key.strip().splitlines()] or [_key("")]
    text, separator, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if (
        not separator
        or len(lines) < 3
        or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1])
        or not re.fullmatch("(— [^ \n]+ [A-Za-z0-9+/=]+\n)+", signatures)
    ):
        raise Unreadable("the checkpoint cannot be read", "контрольная запись не читается")
    if lines[0] != keys[0][0]:
        theirs, ours = shown(lines[0]), shown(keys[0][0])
        raise Unreadable(
            f"the checkpoint is of another log: {theirs}, the key is of {ours}",
            f"контрольная запись другого журнала: {theirs}, а ключ — {ours}",
        )
    why = "the checkpoint's signature is wrong", "подпись контрольной записи неверна"
    for line in signatures.splitlines():
        words = line.split(" ")
        if words[1] != lines[0]:
            continue
        try:
            value, root = base64.b64decode(words[2], validate=True), base64.b64decode(lines[2], validate=True)
            days = [
                datetime.fromisoformat(more[7:]).astimezone(timezone.utc).date()
                for more in lines[3:]
                if more[:7] == "sealed "
            ]
        except ValueError:
            break
        for name, raw, id_, end in keys:
            if (name, id_) == (lines[0], value[:4].hex()) and ed25519_verify(raw, (text + "\n").encode(), value[4:]):
                if end is None or (days and days[0] <= end):
                    return lines[0], int(lines[1]), root
                why = (
                    f"the checkpoint was signed with a key that had expired on {end}",
                    f"контрольная запись подписана ключом, срок которого истёк {end}",
                )
                if not days:
                    why = (
                        f"the checkpoint bears no day, and its key expired on {end}: use the key.pub you kept before",
                        f"в контрольной записи нет дня, а срок ключа истёк {end}: возьмите свой прежний key.pub",
                    )
    raise Unreadable(*why)


def _key(line: str) -> Tuple[str, bytes, str, Optional[date]]:
    """Return name, public key, id and last day of a line of key.pub; Unreadable for one that is none."""
    words = line.split(" ")
    try:
        name, id_, encoded = words[0].split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        if raw[:1] != b"\x01" or sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != id_ or len(words) > 2:
            raise ValueError(line)
        return name, raw[1:], id_, date.fromisoformat(words[1]) if words[1:] else None
    except ValueError:
        raise Unreadable("the public key cannot be read", "открытый ключ не читается") from None


# ------------------------------------------------------------------------------------------------------- the export


def check(folder: Path, outside: Optional[str] = None, key: Optional[str] = None) -> List[Words]:
    """Return what is wrong with an export, a line each; Unreadable where it is none that can be read.

    `outside` is the text of a checkpoint of your own, `key` your public key; else those of the export are taken.
    """
    names = _names(folder)
    if MANIFEST not in names:
        raise Unreadable(
            "manifest.json is missing: no export, or one that was not finished",
            "нет manifest.json: это не выгрузка, или она не закончена",
        )
    try:
        manifest = json.loads(read_text(folder / MANIFEST))
        if manifest["format"] not in (FORMAT, *WITH_FILES, *OF_YEAR):
            raise Unreadable(
                f"an export of another kind, {shown(str(manifest['format']))}: use the verifier that lies in it",
                f"выгрузка другого вида, {shown(str(manifest['format']))}: проверьте её тем verifier.py, что лежит в ней",
            )
        named = dict(manifest["files"])
        year = {"roadmap": str(manifest["roadmap"])} if manifest["format"] in OF_YEAR else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable("manifest.json cannot be read", "manifest.json не читается") from None
    problems = [
        (f"{shown(name)}: к выгрузке не относится", f"{shown(name)}: does not belong to the export")
        for name in names
        if name not in (*FILES, MANIFEST) and not (name == EVIDENCE and manifest["format"] in WITH_FILES)
    ]
    for name in FILES:
        if name not in names or name not in named:
            raise Unreadable(
                f"{name} is missing: the export was not finished, or was taken apart",
                f"нет {name}: выгрузка не закончена или разобрана",
            )
        if digest(folder / name) != named[name]:
            problems.append((f"{name}: не такой, каким был выгружен", f"{name}: is not as it was exported"))
    trusted = read_text(folder / "key.pub") if key is None else key
    points = [read_note(read_text(folder / "checkpoint.txt"), trusted)]
    if {**manifest, "files": sorted(named)} != {
        "format": manifest["format"],
        "origin": points[0][0],
        "size": points[0][1],
        "files": sorted(FILES),
        **year,
    }:
        problems.append(
            (
                "manifest.json: говорит не то, что контрольная запись и файлы",
                "manifest.json: does not say what the checkpoint and the files do",
            )
        )
    if outside is not None:
        points.append(read_note(outside, trusted))
    problems += _check_log(folder, points, year.get("roadmap"))
    if manifest["format"] in WITH_FILES:
        problems += _check_files(folder)
    return problems[:TOLD]


def _names(folder: Path) -> List[str]:
    """Return what lies in the folder; Unreadable where a file of an export is not a plain one: nothing is followed."""
    if folder.is_file():
        raise Unreadable(
            "this is a file: unpack the ZIP and name its folder", "это файл: распакуйте ZIP и укажите папку"
        )
    try:
        with scandir(folder) as entries:
            found = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError as error:
        raise _not_read(folder, error) from None
    for name in (*FILES, MANIFEST):
        if not found.get(name, True):
            raise Unreadable(f"{name} is no plain file", f"{name} — не обычный файл")
    return sorted(found)


def read_text(path: Path) -> str:
    """Return the text of a file, its ends of lines as they are; Unreadable where that cannot be."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise _not_read(path, error) from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name} is not UTF-8", f"{path.name} — не UTF-8") from None


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex; Unreadable where it cannot be read."""
    whole = sha256()
    try:
        with path.open("rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                whole.update(part)
    except OSError as error:
        raise _not_read(path, error) from None
    return whole.hexdigest()


def _not_read(path: Path, error: OSError) -> Unreadable:
    name = shown(str(path))
    if isinstance(error, FileNotFoundError):
        return Unreadable(f"{name} is not there", f"нет {name}")
    return Unreadable(f"{name} cannot be read: {error.strerror}", f"{name} не читается")


def shown(text: str) -> str:
    """Return a text from outside, what would not print written as escapes."""
    return text if text.isprintable() else ascii(text)


def lines_of(path: Path) -> Iterator[Tuple[Any, bool]]:
    """Yield what stands in the lines of a file, and whether it is written there as an export has it.

    Unreadable for a line that is no JSON.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                entry = json.loads(line.decode("utf-8"))
                yield entry, line_of(entry).encode() == line
            except (ValueError, RecursionError):
                raise Unreadable(f"{path.name}:{number}: no JSON", f"{path.name}:{number}: это не JSON") from None


def _check_log(folder: Path, points: List[Tuple[str, int, bytes]], year: Optional[str]) -> List[Words]:
    problems: List[Words] = []
    versions: Dict[str, int] = {}
    head, position = bytes(32), 0
    peaks: List[bytes] = []
    wanted: Dict[int, List[Tuple[Words, Optional[bytes], bytes]]] = {}
    for origin, size, root in points:
        who = f"контрольная запись {shown(origin)}", f"checkpoint of {shown(origin)}"
        wanted.setdefault(size, []).append((who, None, root))
    blocks_end = _blocks(folder, wanted, problems)
    sound = True
    beside = {name: lines_of(folder / name) for name in ("definitions.jsonl", "evidence.jsonl")}
    for event, as_written in lines_of(folder / "events.jsonl"):
        position += 1
        try:
            found, stored = event["position"], bytes.fromhex(event["hash"])
            another = year is not None and stands_for_another(event)
            if len(event) != len(FIELDS) + 1 and not another:
                raise ValueError(position)
            leaf = leaf_of(event)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, struct_error):
            raise Unreadable(
                f"events.jsonl:{position}: no event", f"events.jsonl:{position}: это не запись журнала"
            ) from None
        if found != position:
            problems.append(
                (
                    f"запись {position}: её нет, на её месте {found}",
                    f"position {position}: missing, {found} stands there",
                )
            )
            return problems
        link = sha256(b"\x02" + head + leaf).digest()
        if link != stored and sound:
            problems.append(
                (
                    f"запись {position}: не та, что запечатана: ожидалось {stored.hex()}, есть {link.hex()}",
                    f"position {position}: not as it was sealed: {stored.hex()} expected, {link.hex()} found",
                )
            )
            sound = False
        elif not as_written:
            problems.append(_not_as_written("events.jsonl", position))
        add_leaf(peaks, position - 1, leaf)
        head = stored
        if year is not None and not another:
            problems += _of_another(event, year, versions)
        for name, lines in {} if another else derived(event).items():
            for line in lines:
                if (line, True) != next(beside[name], None):
                    problems.append(
                        (
                            f"{name}: не то, что говорит запись {position}",
                            f"{name}: is not what the events say, at position {position}",
                        )
                    )
        for (russian, english), chain, root in wanted.pop(position, ()):
            if chain is not None and chain != head:
                problems.append(
                    (
                        f"запись {position}: {russian}: голова цепочки не та",
                        f"position {position}: {english}: the chain's head differs",
                    )
                )
            if root != root_of(peaks):
                there = root_of(peaks).hex()
                problems.append(
                    (
                        f"запись {position}: {russian}: ожидался корень {root.hex()}, есть {there}",
                        f"position {position}: {english}: root {root.hex()} expected, {there} found",
                    )
                )
    problems += [
        (f"{name}: есть и то, чего в записях нет", f"{name}: has more than the events say")
        for name, lines in beside.items()
        if next(lines, None) is not None
    ]
    problems += [
        (
            f"запись {position + 1}: журнал кончается на {position}, {russian} знает {size}",
            f"position {position + 1}: the log ends at {position}, {english} knows {size}",
        )
        for size, entries in sorted(wanted.items())
        for (russian, english), _, _ in entries
    ]
    # What stands behind the signed end anybody can have put there: a chain is made without a key.
    for russian, english, end in (
        ("последний блок", "the last block", blocks_end),
        ("подписанная контрольная запись", "the signed checkpoint", max(size for _, size, _ in points)),
    ):
        if end < position:
            problems.append(
                (
                    f"запись {end + 1}: {russian} кончается на {end}, журнал — на {position}",
                    f"position {end + 1}: {english} ends at {end}, the log at {position}",
                )
            )
    return problems


def _of_another(event: Event, year: str, versions: Dict[str, int]) -> List[Words]:
    """Return what is wrong with an event of an export of one year; `versions` are the last of each stream before it."""
    position, stream, version = event["position"], event["stream"], event["version"]
    before = versions.get(stream, 0)
    versions[stream] = version
    if event["roadmap"] != year:
        other = shown(str(event["roadmap"]))
        return [
            (f"запись {position}: другого года, {other}", f"position {position}: of another year, {other}"),
        ]
    if version != before + 1:
        hidden = f"{shown(str(stream))}/{before + 1}…{version - 1}"
        return [
            (
                f"запись {position}: перед ней скрыты записи того же года: {hidden}",
                f"position {position}: events of the same year are hidden before it: {hidden}",
            )
        ]
    return []


def _check_files(folder: Path) -> List[Words]:
    """Return what is wrong with the files of an export that carries them: what an event names is there, and only that."""
    problems: List[Words] = []
    named: Dict[str, int] = {}  # the position of the first event that names it
    found = _carried(folder / EVIDENCE, problems)
    for number, (line, _) in enumerate(lines_of(folder / "evidence.jsonl"), start=1):
        try:
            position, name, size = line["position"], line["evidence"]["sha256"], line["evidence"]["size"]
            if type(position) is not int or not re.fullmatch("[0-9a-f]{64}", name):
                raise ValueError(number)
        except (KeyError, ValueError, TypeError):
            problems.append(
                (
                    f"evidence.jsonl:{number}: такого файла быть не может",
                    f"evidence.jsonl:{number}: no file can be so",
                )
            )
            continue
        if name not in found and name not in named:
            problems.append(
                (
                    f"{EVIDENCE}/{name}: нет файла, который называет запись {position}",
                    f"{EVIDENCE}/{name}: missing, the event at position {position} names it",
                )
            )
        elif name in found and found[name] != size:
            problems.append(
                (
                    f"{EVIDENCE}/{name}: байтов {found[name]}, а по записи {position} — {size!r}",
                    f"{EVIDENCE}/{name}: {found[name]} bytes, {size!r} by the event at position {position}",
                )
            )
        named.setdefault(name, position)
    return problems + [
        (f"{EVIDENCE}/{name}: ни одна запись его не называет", f"{EVIDENCE}/{name}: no event names it")
        for name in sorted(found)
        if name not in named
    ]


def _carried(folder: Path, problems: List[Words]) -> Dict[str, int]:
    """Return the size of each file in a folder, by its name; tell of each whose content is not its name."""
    found: Dict[str, int] = {}
    try:
        if folder.is_symlink():
            raise Unreadable(f"{EVIDENCE} is no plain folder", f"{EVIDENCE} — не обычная папка")
        with scandir(folder) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False):
                    name = shown(entry.name)
                    problems.append(
                        (f"{EVIDENCE}/{name}: не обычный файл", f"{EVIDENCE}/{name}: no plain file"),
                    )
                    continue
                found[shown(entry.name)] = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return found  # no event may name any
    except OSError as error:
        raise _not_read(folder, error) from None
    for name in sorted(found):
        if re.fullmatch("[0-9a-f]{64}", name) and digest(folder / name) != name:
            problems.append(
                (f"{EVIDENCE}/{name}: содержимое не то, что в имени", f"{EVIDENCE}/{name}: its content is not its name")
            )
    return found


def _blocks(folder: Path, wanted: Dict[int, List[Tuple[Words, Optional[bytes], bytes]]], problems: List[Words]) -> int:
    """Put what the blocks say with what is to be compared, by position; return where the last one ends."""
    number, position = 0, 0
    for place, (block, as_written) in enumerate(lines_of(folder / "blocks.jsonl"), start=1):
        try:
            no, first, last = (block[name] for name in ("no", "first", "last"))
            head, root = bytes.fromhex(block["head"]), bytes.fromhex(block["root"])
            if len(block) != 5 or any(type(one) is not int for one in (no, first, last)):
                raise ValueError(place)
        except (KeyError, ValueError, TypeError):
            raise Unreadable(f"blocks.jsonl:{place}: no block", f"blocks.jsonl:{place}: это не блок") from None
        if (no, first) != (number + 1, position + 1):
            problems.append(
                (
                    f"blocks.jsonl: ожидался блок {number + 1} с записи {position + 1}, есть {no} с {first}",
                    f"blocks.jsonl: block {number + 1} from position {position + 1} wanted, {no} from {first} found",
                )
            )
        elif not as_written:
            problems.append(_not_as_written("blocks.jsonl", place))
        number, position = no, last
        wanted.setdefault(last, []).append(((f"блок {no}", f"block {no}"), head, root))
    return position


def _not_as_written(name: str, number: int) -> Words:
    return f"{name}:{number}: строка записана не так, как её выгружают", f"{name}:{number}: not written as an export is"


# ---------------------------------------------------------------------------------------------------------- by hand


def self_test() -> None:
    """Check this file against RFC 8032 (7.1, tests 1 to 3), RFC 6962's empty root, a row made by PostgreSQL, two notes."""
    vectors = (
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    )  # fmt: skip
    for public, message, signature in vectors:
        key, text, value = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
        _must(ed25519_verify(key, text, value))
        _must(not ed25519_verify(key, text + b"x", value))
        _must(not ed25519_verify(key, text, value[:-1] + bytes([value[-1] ^ 1])))
    _must(root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    _must(sha256(row_bytes(SAMPLE)).hexdigest() == SAMPLE_ROW)
    for sealed, signed in NOTES:
        note = f"vekha/x\n3\n{'A' * 43}=\nsealed {sealed}\n\n— vekha/x {signed}\n"
        _must(read_note(note, NOTE_KEY) == ("vekha/x", 3, bytes(32)))
        try:
            in_time = bool(read_note(note, f"{NOTE_KEY} 2026-10-01"))
        except Unreadable:
            in_time = False
        _must(in_time == (sealed < "2026-10-02"))


def _must(holds: bool) -> None:
    """Hold a part of the self-test; no assertion, which Python may be told to leave out."""
    if not holds:
        raise AssertionError


SAMPLE = {
    "position": 1, "seq": 2, "id": "00000000-0000-0000-0000-000000000003", "stream": "город/year", "version": 4,
    "type": "YearStarted", "schema_version": 1, "occurred_on": "1999-12-31", "at": "2021-09-30T15:00:00+00:00",
    "received_at": "2021-09-30T15:00:00.000001+00:00", "recorded_at": "1999-12-31T23:59:59.999999+00:00",
    "actor": "a", "command_id": None, "signed": True, "data": "{}", "command": "", "writer": "w", "xid": 5,
    "roadmap": "город",
}  # fmt: skip
SAMPLE_ROW = "56fa00783579bd37e9b559dbdf2ed10c44005b03a4776f9c3bff3e01757a33ab"

NOTE_KEY = "vekha/x+fcf3a5ed+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
NOTES = (  # sealed on the last day of a key, and a moment later
    ("2026-10-01T23:59:59+00:00",
     "/POl7bu5veNzaZzFMgESSkBhgzm+jjqRqeasTHr57GpOsRePdkGCRymfUgKcW1HnzD6ovbuGV/396BmMc1WIhmTFSg4="),
    ("2026-10-02T00:00:00+00:00",
     "/POl7TxLINYlsYwP30nz+H6R7EumeIeeIXR6/u/NRyzbmtiir5MTzGMFIxnxmrce6V/9ftUKv7UeWlC60L/44aKz3Qo="),
)  # fmt: skip


def only_whole(*, checkpoint: bool, key: bool) -> Optional[Words]:
    """Return what an auditor has to know where the own checkpoint or key was not brought."""
    if key:
        return None
    if checkpoint:
        return (
            "Ключ взят из самой выгрузки: за вашей контрольной записью он ничего не доказывает.",
            "The key is the export's own: behind your checkpoint it proves nothing.",
        )
    return (
        "Своих контрольной записи и ключа нет: проверено лишь, что выгрузка цела, а не что это тот самый журнал.",
        "No checkpoint and key of your own: this tells that the export is whole, not that it is the log you were promised.",
    )


def of_year(folder: Path) -> Optional[Words]:
    """Return what an auditor has to know of an export of one year; None for one of the whole log."""
    year = json.loads(read_text(folder / MANIFEST)).get("roadmap")
    if year is None:
        return None
    others = [stands_for_another(event) for event, _ in lines_of(folder / "events.jsonl")]
    own, said = others.count(False), shown(str(year))
    russian = f"Выгружен один год, {said}: его записей {own}, ещё {sum(others)} — отпечатки."
    english = f"This is one year, {said}: {own} events are its own, {sum(others)} more are leaves alone."
    return (
        f"{russian} Нет ли среди них и его последних записей, покажет только выгрузка всего журнала.",
        f"{english} Whether its own last events are among those, only an export of the whole log can tell.",
    )


def main(arguments: List[str]) -> int:
    """Do what the command line says; return the exit code."""
    if arguments == ["--self-test"]:
        self_test()
        print("ok")
        return 0
    names = arguments[1::2]
    known = len(set(names)) == len(names) and {*names} <= {"--checkpoint", "--key"}
    if len(arguments) % 2 == 0 or arguments[0].startswith("-") or not known:
        print(__doc__, file=sys.stderr)
        return 2
    given = dict(zip(names, arguments[2::2]))  # Python 3.9 has no strict
    try:
        read = {name: read_text(Path(path)) for name, path in given.items()}
        problems = check(Path(arguments[0]), read.get("--checkpoint"), read.get("--key"))
    except Unreadable as error:
        print(" / ".join(error.words), file=sys.stderr)
        return 2
    notes = only_whole(checkpoint="--checkpoint" in given, key="--key" in given), of_year(Path(arguments[0]))
    for note in notes:
        if note is not None:
            print(" / ".join(note), file=sys.stderr)
    print("\n".join(" / ".join(words) for words in problems) or "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not where the caller has closed it
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # also where the terminal says ASCII
    sys.exit(main(sys.argv[1:]))
