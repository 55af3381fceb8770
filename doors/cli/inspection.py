"""The auditor's tools that trust nobody: the log verified against outside checkpoints, proofs, exports."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.log import Connection, check_owner, check_started, open_log
from app.problem import Problem, ProblemKind
from domain.codec import FACTS, SCHEMA_VERSION
from doors.cli.aside import aside_line, aside_record
from doors.cli.codes import roadmap_option
from doors.cli.output import Door, Exit, command, door, told
from eventlog import verifier
from eventlog.aside import rows_aside, why_not
from eventlog.chain import inclusion, root_from
from eventlog.checkpoints import LATEST, PUBLIC_KEY, Checkpoint, log_folder, read_checkpoint
from eventlog.errors import BadCheckpoint
from eventlog.export import export, pack, unpacked
from eventlog.read import read_position
from eventlog.roles import AUDITOR
from eventlog.verify import Discrepancy, leaf_at, leaves, verify
from orders.troubles import why
from projections.projector import stopped
from settings import settings
from views.plain import one_line

MOST_POSITION = 2**63 - 1  # as the database counts
FILE = click.Path(dir_okay=False, path_type=Path)
WORDS = {  # what was found, with the position
    "changed": ("запись изменена, вставлена или переставлена", "an event was changed, put in or moved"),
    "missing": ("записи нет, а печать есть", "the event is gone, its seal is there"),
    "gap": ("разрыв в номерах записей", "a gap in the positions"),
    "block-head": ("блок не сходится с цепочкой", "the block's head is not the chain's"),
    "block-root": ("корень дерева в блоке неверен", "the block's root is not the tree's"),
    "block-order": (
        "блоки идут не подряд (номер блока/первая запись)",
        "the blocks do not follow each other (number/first position)",
    ),
    "cut-tail": ("журнал обрезан", "the log was cut"),
    "rewritten": (
        "журнал переписан: корень не тот, что был подписан",
        "the log was rewritten: its root was not signed",
    ),
    "other-log": (
        "контрольная запись другого журнала или база подменена",
        "another log's checkpoint, or another database",
    ),
    "twice": ("записи запечатаны дважды", "events are sealed twice"),
    "unsealed": ("записи без номера: запечатывание стоит или строка подброшена", "events that nobody seals"),
    "received-before": (
        "запись будто бы получена раньше той, что записана перед ней",
        "an event says to have been received before what stands above it in its stream",
    ),
    "unreadable": (
        "запись не прочесть, и дальше неё это мероприятие не идёт; когда ясно, откуда она: audit.py set-aside",
        "an event cannot be read, and its stream goes no further; when it is clear where it came from: audit.py set-aside",
    ),
    "readable-aside": (
        "отложена запись, которую можно прочесть: её хотели скрыть",
        "an event was set aside that can be read: somebody wanted it hidden",
    ),
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


@command("verify", help=told("Проверить весь журнал: цепочку, блоки, подписи.", "Verify the whole log."))
@checkpoint_option
@click.option("--since", type=FILE, help=told("более ранняя контрольная запись", "an earlier checkpoint"))
@key_option
@door
def verify_log(at: Door, checkpoint: Path | None, since: Path | None, key: Path | None) -> Exit:
    """Verify the log against itself and what is kept outside; FINDING with a line for each place."""
    with open_log(AUDITOR) as connection:
        checkpoint, since, key = (_kept(at, connection, file) for file in (checkpoint, since, key))
        own = checkpoint or _own_checkpoint(connection)
        # A database that was put in the place of another has a name of its own: those that lie here belong to the other.
        latest = [own] if own else sorted(settings().checkpoint_dir.glob(f"*/{LATEST}"))
        points = [_read(path, key)[2] for path in [*latest, *([since] if since else [])]]
        result = verify(connection, points)
        aside = rows_aside(connection)
        for row in aside:
            if why_not(connection, row.stream, row.version) is None:
                result.find("readable-aside", row.position or 0, None, f"{row.stream}/{row.version}")
        for place in {(one.stream, one.version): one for one in stopped(connection)}.values():
            result.find("unreadable", place.position, None, f"{place.stream}/{place.version}")
    document = {
        "origin": result.origin,
        "size": result.size,
        "blocks": result.blocks,
        "head": result.head.hex(),
        "root": None if result.root is None else result.root.hex(),
        "checkpoints": [{"size": point.size, "root": point.root.hex()} for point in points],
        "count": result.count,
        "discrepancies": [_discrepancy(one) for one in result.discrepancies],
        "set_aside": [aside_record(row) for row in aside],
    }
    lines = [*(aside_line(at, row) for row in aside), *(_line(at, one) for one in result.discrepancies)]
    for new_key in sorted({point.next_key for point in points if point.next_key}):
        at.note(
            f"Ключ журнала сменён, новый подтверждён подписью прежнего: {new_key}. Сохраните его в своём key.pub.",
            f"The log's key changes, the old one vouches for the new one: {new_key}. Put it into your key.pub.",
        )
    signed = max((point.size for point in points if point.origin == result.origin), default=0)
    if not points:
        at.note(
            "Сверять не с чем: без внешней контрольной записи обрезанный или переписанный целиком журнал не отличить.",
            "No checkpoint: a log that was cut, or rewritten as a whole, cannot be told from a sound one.",
        )
    elif 0 < signed < result.size:
        at.note(
            f"Контрольная запись знает первые {signed} записей, о записях {signed + 1}–{result.size} говорит только"
            " сама база: сверьте журнал и с более новой.",
            f"The checkpoint knows the first {signed} events; of events {signed + 1} to {result.size} only the database"
            " speaks: verify with a newer one too.",
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


@command("proof", help=told("Доказать, что запись входит в журнал.", "Prove that the log holds an event."))
@click.argument("position", type=click.IntRange(min=1), metavar=told("НОМЕР", "POSITION"))
@checkpoint_option
@key_option
@roadmap_option
@door
def proof(at: Door, position: int, checkpoint: Path | None, key: Path | None, roadmap: str | None) -> Exit:
    """Give the RFC 6962 audit path of an event, up to the root of a checkpoint."""
    with open_log(AUDITOR) as connection:
        if roadmap is not None and (record := read_position(connection, min(position, MOST_POSITION))) is not None:
            check_owner(record, roadmap)
        checkpoint, key = (_kept(at, connection, file) for file in (checkpoint, key))
        note, _, point = _read(_known(connection, checkpoint), key)
        if position > point.size:
            raise Problem(
                ProblemKind.INVALID,
                "not-covered",
                f"Записи {position} контрольная запись не знает: в ней {point.size}.",
                f"The checkpoint does not cover event {position}: it knows {point.size}.",
            )
        try:
            path = inclusion(leaves(connection), position - 1, point.size)
            leaf = leaf_at(connection, position)
            proven = root_from(path, leaf, position - 1, point.size) == point.root
        except ValueError:
            proven = False
        if not proven:  # a path that leads elsewhere proves nothing, and must not look as if it did
            raise Problem(
                ProblemKind.FINDING,
                "damaged",
                "Доказать нельзя: журнал не тот, что подписан в контрольной записи. Выполните audit.py verify.",
                "No proof: the log is not the one that the checkpoint signed. Run audit.py verify.",
            )
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


@command("export", help=told("Выгрузить журнал для проверки где угодно.", "Export the log, to be checked anywhere."))
@click.argument("target", type=click.Path(path_type=Path), metavar=told("ПАПКА|ФАЙЛ.zip", "DIR|FILE.zip"))
@checkpoint_option
@key_option
@click.option("--evidence", is_flag=True, help=told("и приложенные файлы", "the attached files too"))
@click.option(
    "--roadmap",
    help=told(
        "записи только этого года, от других лет одни отпечатки",
        "only this year's events, of others their leaves alone",
    ),
)
@door
def export_log(
    at: Door, target: Path, checkpoint: Path | None, key: Path | None, *, evidence: bool, roadmap: str | None
) -> Exit:
    """Write what a checkpoint covers, whole or not at all."""
    if target.exists():
        raise Problem(
            ProblemKind.INVALID,
            "exists",
            f"{target} уже есть: выберите другое имя.",
            f"{target} is there: choose another name.",
        )
    try:
        storage = settings().evidence_dir if evidence else None
        size, files, origin, problems = _export(at, target, checkpoint, key, storage, roadmap)
    except OSError as error:
        ru, en = why(error)
        raise Problem(
            ProblemKind.INVALID,
            "cannot-write",
            f"выгрузка не записана: {ru}",
            f"the export was not written: {en}",
            (str(target), None, None),
        ) from error
    told_problems = [at.say(*words) for words in problems]
    document = {
        "target": str(target),
        "origin": origin,
        "roadmap": roadmap,
        "size": size,
        "files": files,
        "problems": told_problems,
    }
    lines = [
        *told_problems,
        at.say(
            f"Выгружено записей: {size}{_files(at, files)}, расхождений: {len(problems)}. Проверка: python audit.py"
            f" verify-export {target}",
            f"Events exported: {size}{_files(at, files)}, discrepancies: {len(problems)}. Check: python audit.py"
            f" verify-export {target}",
        ),
    ]
    return at.answer(document, "\n".join(lines), Exit.FINDING if problems else Exit.DONE)


def _export(  # noqa: PLR0917  what the command was given
    at: Door, target: Path, checkpoint: Path | None, key: Path | None, storage: Path | None, roadmap: str | None
) -> tuple[int, int | None, str, Sequence[verifier.Words]]:
    """Write an export beside its place, then put it there.

    Return how many events it has, how many files (null where it carries none), its log and what is wrong with it.
    """
    with open_log(AUDITOR) as connection:
        if roadmap is not None:
            check_started(connection, roadmap)
        checkpoint, key = (_kept(at, connection, file) for file in (checkpoint, key))
        note, public_keys, point = _read(_known(connection, checkpoint), key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as inside:
            folder = Path(inside) / "export"
            try:
                size = export(connection, note, public_keys, folder, storage=storage, roadmap=roadmap)
                problems = verifier.check(folder)
            except verifier.Unreadable as error:
                ru, en = error.words
                raise Problem(
                    ProblemKind.FINDING,
                    "damaged",
                    f"Журнал не выгрузить, он повреждён ({ru}): выполните audit.py verify.",
                    f"The log cannot be exported, it is damaged ({en}): run audit.py verify.",
                ) from error
            files = _carried(folder)
            if target.suffix == ".zip":
                pack(folder, Path(inside) / "export.zip")
                (Path(inside) / "export.zip").rename(target)
            else:
                folder.rename(target)
    return size, files, point.origin, problems


def _carried(folder: Path) -> int | None:
    """Return how many files an export carries, null where it does without."""
    carried = folder / verifier.EVIDENCE
    return sum(1 for _ in carried.iterdir()) if carried.is_dir() else None


def _files(at: Door, files: int | None) -> str:
    return "" if files is None else at.say(f", приложенных файлов: {files}", f", files: {files}")


@command("verify-export", help=told("Проверить выгрузку.", "Verify an export."))
@click.argument("source", type=click.Path(path_type=Path), metavar=told("ПАПКА|ФАЙЛ.zip", "DIR|FILE.zip"))
@checkpoint_option
@key_option
@door
def verify_export(at: Door, source: Path, checkpoint: Path | None, key: Path | None) -> Exit:
    """Check an export as its own verifier does, and tell what this program could not explain."""
    beside = checkpoint.with_name(PUBLIC_KEY) if checkpoint else None
    key_file = key or (beside if beside and beside.exists() else None)
    try:
        outside, trusted = (None if path is None else verifier.read_text(path) for path in (checkpoint, key_file))
        with unpacked(source) as folder:
            found = verifier.check(folder, outside, trusted)
            size, unknown = _unknown(folder)
            files, year = _carried(folder), verifier.of_year(folder)
            ours = verifier.digest(folder / "verifier.py") == verifier.digest(Path(verifier.__file__))
    except verifier.Unreadable as error:
        raise _not_verified(*error.words) from None
    except OSError as error:
        ru, en = why(error)
        raise _not_verified(f"{error.filename or source}: {ru}", f"{error.filename or source}: {en}") from None
    problems = [at.say(*words) for words in [*found, *unknown][: verifier.TOLD]]
    for note in (verifier.only_whole(checkpoint=checkpoint is not None, key=key_file is not None), year):
        if note is not None:
            at.note(*note)
    if not ours:
        at.note(
            "verifier.py в выгрузке не такой, как у этой Вехи: он другой версии или подменён, не запускайте его.",
            "The export's verifier.py is not the one of this Vekha: of another version or put in its place; do not run it.",
        )
    summary = at.say(
        f"Проверено записей: {size}{_files(at, files)}, расхождений: {len(problems)}.",
        f"Events verified: {size}{_files(at, files)}, discrepancies: {len(problems)}.",
    )
    return at.answer(
        {"files": files, "problems": problems}, "\n".join([*problems, summary]), Exit.FINDING if problems else Exit.DONE
    )


def _not_verified(ru: str, en: str) -> Problem:
    return Problem(
        ProblemKind.INVALID, "unreadable", f"Выгрузка не проверена: {ru}.", f"The export was not verified: {en}."
    )


COMMANDS = (verify_log, proof, export_log, verify_export)


def _folder(connection: Connection) -> Path:
    """Return where our own sealer keeps the checkpoints of this log."""
    row = connection.execute("select origin from vekha.log").fetchone()
    return log_folder(settings().checkpoint_dir, row[0] if row else "")


def _own_checkpoint(connection: Connection) -> Path | None:
    """Return the last checkpoint that our own sealer has written of this log, where there is one."""
    path = _folder(connection) / LATEST
    return path if path.exists() else None


def _kept(at: Door, connection: Connection, given: Path | None) -> Path | None:
    """Return the file that was named; a bare name that is not here means one of those that Vekha keeps, which is told."""
    if given is None or given != Path(given.name) or given.exists():
        return given
    kept = _folder(connection) / given
    if not kept.exists():
        return given
    at.note(
        f"Здесь нет {given}, взято то, что хранит сама Веха: {kept}. Доказывает больше то, что хранили не рядом с журналом.",
        f"{given} is not here, what Vekha itself keeps was taken: {kept}. What was kept elsewhere proves more.",
    )
    return kept


def _known(connection: Connection, given: Path | None) -> Path:
    path = given or _own_checkpoint(connection)
    if path is None:
        raise Problem(
            ProblemKind.INVALID,
            "no-checkpoint",
            f"Контрольной записи этого журнала в {settings().checkpoint_dir} нет: запустите рабочий процесс (worker.py)"
            " или укажите --checkpoint.",
            f"No checkpoint of this log is in {settings().checkpoint_dir}: start a worker or give --checkpoint.",
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
        (ru, en), code, wrong = why(error), "unreadable", Path(error.filename)
        if wrong == key_file and key is None:
            ru += "; назовите файл открытого ключа: --key"
            en += "; the public key is given with --key"
    raise Problem(ProblemKind.INVALID, code, f"{wrong}: {ru}.", f"{wrong}: {en}.", None)


def _unknown(folder: Path) -> tuple[int, Sequence[verifier.Words]]:
    """Return how many events there are, and a line for each of a type or shape that this program does not know."""
    size, unknown = 0, []
    for event, _ in verifier.lines_of(folder / "events.jsonl"):
        size += 1
        if verifier.stands_for_another(event):
            continue
        type_, version = event["type"], event["schema_version"]
        if type_ not in FACTS or version not in range(1, SCHEMA_VERSION + 1):
            named = f"{one_line(str(type_))} {version}"
            unknown.append(
                (
                    f"запись {size}: событие {named} этой программе неизвестно: обновите Веху",
                    f"position {size}: {named} comes from a newer Vekha",
                )
            )
    return size, unknown


def _discrepancy(one: Discrepancy) -> dict[str, Any]:
    return {"code": one.code, "position": one.position, "expected": one.expected, "found": one.found}


def _line(at: Door, one: Discrepancy) -> str:
    what = at.say(*WORDS[one.code])
    nothing = at.say("ничего", "nothing")
    # Position 0 is the log as a whole.
    place = (
        at.say(f"Запись {one.position}", f"Position {one.position}") if one.position else at.say("Журнал", "The log")
    )
    expected, found = (one_line(side) if side else nothing for side in (one.expected, one.found))
    return f"{place}: {what}; " + at.say(f"ожидалось {expected}, есть {found}", f"expected {expected}, found {found}")
