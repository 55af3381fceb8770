"""The auditor's tools that trust nobody: the log verified against outside checkpoints, proofs, exports."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from domain.codec import FACTS, SCHEMA_VERSION
from doors.output import Door, DoorError, Exit, door, told
from doors.services import Connection, open_log
from eventlog import verifier
from eventlog.chain import inclusion
from eventlog.checkpoints import LATEST, PUBLIC_KEY, Checkpoint, log_folder, read_checkpoint
from eventlog.errors import BadCheckpoint
from eventlog.export import export, pack, unpacked
from eventlog.roles import AUDITOR
from eventlog.verify import Discrepancy, leaf_at, leaves, verify
from settings import settings

FILE = click.Path(dir_okay=False, path_type=Path)
WORDS = {  # what was found, with the position
    "changed": ("запись изменена, вставлена или переставлена", "an event was changed, put in or moved"),
    "missing": ("записи нет, а печать есть", "the event is gone, its seal is there"),
    "gap": ("разрыв в номерах записей", "a gap in the positions"),
    "block-head": ("блок не сходится с цепочкой", "the block's head is not the chain's"),
    "block-root": ("корень дерева в блоке неверен", "the block's root is not the tree's"),
    "block-order": ("блоки идут не подряд", "the blocks do not follow each other"),
    "cut-tail": ("журнал обрезан", "the log was cut"),
    "rewritten": (
        "журнал переписан: корень не тот, что был подписан",
        "the log was rewritten: its root was not signed",
    ),
    "other-log": (
        "контрольная запись другого журнала или база подменена",
        "another log's checkpoint, or another database",
    ),
    "unsealed": ("записи без номера: запечатывание стоит или строка подброшена", "events that nobody seals"),
}
checkpoint_option = click.option(
    "--checkpoint",
    "checkpoint",
    type=FILE,
    help=told("контрольная запись, хранившаяся вне базы", "a checkpoint kept outside the database"),
)
key_option = click.option(
    "--key",
    type=FILE,
    help=told("открытый ключ (по умолчанию key.pub рядом)", "public key (by default key.pub beside)"),
)


@click.command("verify", help=told("Проверить весь журнал: цепочку, блоки, подписи.", "Verify the whole log."))
@checkpoint_option
@click.option("--since", type=FILE, help=told("более ранняя контрольная запись", "an earlier checkpoint"))
@key_option
@door
def verify_log(at: Door, checkpoint: Path | None, since: Path | None, key: Path | None) -> Exit:
    """Verify the log against itself and what is kept outside; FINDING with a line for each place."""
    with open_log(AUDITOR) as connection:
        own = _own_checkpoint(connection)
        given = [path for path in (checkpoint or own, since) if path is not None]
        points = [_read(path, key)[2] for path in given]
        result = verify(connection, points)
    document = {
        "origin": result.origin,
        "size": result.size,
        "blocks": result.blocks,
        "head": result.head.hex(),
        "root": None if result.root is None else result.root.hex(),
        "checkpoints": [{"size": point.size, "root": point.root.hex()} for point in points],
        "count": result.count,
        "discrepancies": [_discrepancy(one) for one in result.discrepancies],
    }
    lines = [_line(at, one) for one in result.discrepancies]
    for new_key in sorted({point.next_key for point in points if point.next_key}):
        at.note(
            f"Ключ журнала сменён, новый подтверждён подписью прежнего: {new_key}. Сохраните его в своём key.pub.",
            f"The log's key changes, the old one vouches for the new one: {new_key}. Put it into your key.pub.",
        )
    if not points:
        at.note(
            "Сверять не с чем: без внешней контрольной записи обрезанный или переписанный целиком журнал не отличить.",
            "No checkpoint: a log that was cut, or rewritten as a whole, cannot be told from a sound one.",
        )
    lines.append(
        at.say(
            f"Проверено записей: {result.size}, блоков: {result.blocks}, контрольных записей: {len(points)},"
            f" расхождений: {result.count}.",
            f"Events verified: {result.size}, blocks: {result.blocks}, checkpoints: {len(points)},"
            f" discrepancies: {result.count}.",
        )
    )
    return at.answer(document, "\n".join(lines), Exit.FINDING if result.count else Exit.DONE)


@click.command("proof", help=told("Доказать, что запись входит в журнал.", "Prove that the log holds an event."))
@click.argument("position", type=click.IntRange(min=1), metavar=told("НОМЕР", "POSITION"))
@checkpoint_option
@key_option
@door
def proof(at: Door, position: int, checkpoint: Path | None, key: Path | None) -> Exit:
    """Give the RFC 6962 audit path of an event, up to the root of a checkpoint."""
    with open_log(AUDITOR) as connection:
        note, _, point = _read(_known(connection, checkpoint), key)
        if position > point.size:
            raise DoorError(
                Exit.USAGE,
                "not-covered",
                f"Записи {position} контрольная запись не знает: в ней {point.size}.",
                f"The checkpoint does not cover event {position}: it knows {point.size}.",
            )
        try:
            path = inclusion(leaves(connection), position - 1, point.size)
            leaf = leaf_at(connection, position)
        except ValueError:
            raise DoorError(
                Exit.FINDING,
                "damaged",
                "Журнал повреждён: выполните audit.py verify.",
                "The log is damaged: run audit.py verify.",
            ) from None
    document = {
        "position": position,
        "size": point.size,
        "leaf": leaf.hex(),
        "path": [one.hex() for one in path],
        "root": point.root.hex(),
        "checkpoint": note,
    }
    lines = [f"leaf {leaf.hex()}", *(f"path {one.hex()}" for one in path), f"root {point.root.hex()}"]
    return at.answer(document, "\n".join(lines))


@click.command(
    "export", help=told("Выгрузить журнал для проверки где угодно.", "Export the log, to be checked anywhere.")
)
@click.argument("target", type=click.Path(path_type=Path), metavar=told("ПАПКА|ФАЙЛ.zip", "DIR|FILE.zip"))
@checkpoint_option
@key_option
@door
def export_log(at: Door, target: Path, checkpoint: Path | None, key: Path | None) -> Exit:
    """Write what a checkpoint covers, whole or not at all."""
    if target.exists():
        raise DoorError(
            Exit.USAGE, "exists", f"{target} уже есть: выберите другое имя.", f"{target} is there: choose another name."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_log(AUDITOR) as connection, tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as inside:
        note, public_keys, point = _read(_known(connection, checkpoint), key)
        folder = Path(inside) / "export"
        count = export(connection, note, public_keys, folder)
        problems = [at.say(russian, english) for english, russian in verifier.check(folder)]
        if target.suffix == ".zip":
            pack(folder, Path(inside) / "export.zip")
            (Path(inside) / "export.zip").rename(target)
        else:
            folder.rename(target)
    for problem in problems:
        at.note(problem, problem)
    document = {"target": str(target), "origin": point.origin, "size": count, "problems": problems}
    return at.answer(
        document,
        at.say(
            f"Выгружено записей: {count}. Проверка: python verifier.py .",
            f"{count} events. Check: python verifier.py .",
        ),
        Exit.FINDING if problems else Exit.DONE,
    )


@click.command("verify-export", help=told("Проверить выгрузку.", "Verify an export."))
@click.argument("source", type=click.Path(path_type=Path), metavar=told("ПАПКА|ФАЙЛ.zip", "DIR|FILE.zip"))
@checkpoint_option
@key_option
@door
def verify_export(at: Door, source: Path, checkpoint: Path | None, key: Path | None) -> Exit:
    """Check an export as its own verifier does, and tell what this program could not explain."""
    try:
        with unpacked(source) as folder:
            outside = None if checkpoint is None else checkpoint.read_text(encoding="utf-8")
            found = verifier.check(folder, outside, None if key is None else key.read_text(encoding="utf-8"))
            problems = [at.say(russian, english) for english, russian in [*found, *_unknown(folder)]]
    except (verifier.Unreadable, OSError, UnicodeDecodeError) as error:
        english, russian = verifier.why_not(error)
        raise DoorError(
            Exit.USAGE,
            "unreadable",
            f"Выгрузка не проверена: {russian}.",
            f"The export was not verified: {english}.",
        ) from None
    summary = at.say(f"Расхождений: {len(problems)}.", f"Discrepancies: {len(problems)}.")
    return at.answer({"problems": problems}, "\n".join([*problems, summary]), Exit.FINDING if problems else Exit.DONE)


COMMANDS = (verify_log, proof, export_log, verify_export)


def _own_checkpoint(connection: Connection) -> Path | None:
    """Return the last checkpoint that our own sealer has written, where there is one."""
    row = connection.execute("select origin from vekha.log").fetchone()
    path = log_folder(settings().checkpoint_dir, row[0] if row else "") / LATEST
    return path if path.exists() else None


def _known(connection: Connection, given: Path | None) -> Path:
    path = given or _own_checkpoint(connection)
    if path is None:
        raise DoorError(
            Exit.USAGE,
            "no-checkpoint",
            "Контрольной записи нет: запустите исполнителя или укажите --checkpoint.",
            "There is no checkpoint: start a worker or give --checkpoint.",
        )
    return path


def _read(path: Path, key: Path | None) -> tuple[str, str, Checkpoint]:
    """Return the signed note of a file, the key that it was checked with, and what it says."""
    key_file = key or path.with_name(PUBLIC_KEY)
    wrong = path
    try:
        note = path.read_text(encoding="utf-8")
        public_keys = key_file.read_text(encoding="utf-8")
        return note, public_keys, read_checkpoint(note, public_keys)
    except BadCheckpoint as error:
        code, ru, en = error.code, error.ru, error.en
        wrong = key_file if code == "bad-key" else path
    except UnicodeDecodeError:
        code, (ru, en) = "not-a-checkpoint", BadCheckpoint.WHY["not-a-checkpoint"]
    except OSError as error:
        code, ru, en = "unreadable", "файл не читается", "the file cannot be read"
        wrong = Path(error.filename)
    raise DoorError(Exit.USAGE, code, f"{wrong}: {ru}.", f"{wrong}: {en}.", None)


def _unknown(folder: Path) -> Sequence[verifier.Words]:
    """Return words for each event of a type or shape that this program does not know."""
    return [
        (
            f"position {event['position']}: {event['type']} {event['schema_version']} comes from a newer Vekha",
            f"запись {event['position']}: {event['type']} {event['schema_version']} — из более новой Вехи",
        )
        for event in verifier.lines_of(folder / "events.jsonl")
        if event["type"] not in FACTS or event["schema_version"] > SCHEMA_VERSION
    ][: verifier.TOLD]


def _discrepancy(one: Discrepancy) -> dict[str, Any]:
    return {"code": one.code, "position": one.position, "expected": one.expected, "found": one.found}


def _line(at: Door, one: Discrepancy) -> str:
    what = at.say(*WORDS[one.code])
    nothing = at.say("ничего", "nothing")
    # Position 0 is the log as a whole.
    place = (
        at.say(f"Запись {one.position}", f"Position {one.position}") if one.position else at.say("Журнал", "The log")
    )
    return f"{place}: {what}; " + at.say(
        f"ожидалось {one.expected or nothing}, есть {one.found or nothing}",
        f"expected {one.expected or nothing}, found {one.found or nothing}",
    )
