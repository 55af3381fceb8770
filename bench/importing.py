"""What an import costs as a whole process: 27 rows and 2,000 rows as Markdown and as PDF, and the broken documents.

The PDF of 2,000 rows is drawn by matplotlib, as the tests draw theirs: 223 pages, 600,000 letters, some minutes.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.orders.paper import to_pdf  # noqa: E402  the root is not a package's

ORDER = ROOT / "examples" / "pyatigorsk-2021-22" / "order.md"
BROKEN = ROOT / "tests" / "orders" / "corpus" / "badinput"
DEMANDS = {27: (1.5, 300), 2_000: (20.0, 300)}  # rows: seconds, megabytes
BROKEN_SECONDS = 2.0  # for each


def large(rows: int) -> str:
    """Return a plan whose rows all have a deadline and bodies of their own."""
    head = "План на 2021-2022 учебный год\n\n| № | Мероприятие | Срок | Ответственный | Результат |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {n // 50 + 1}.{n % 50 + 1} | Мероприятие {n} | до {n % 28 + 1}.{n % 12 + 1:02}, "
        f"с {n % 9 + 1} по {n % 9 + 15} марта, по графику {n} | МКУ ИМЦ, ОО, школа № {n} | Справка |"
        for n in range(rows)
    )


def large_pdf(rows: int, path: Path) -> None:
    """Draw a plan with long titles, every cell in lines of its own."""
    title = "Проведение методических семинаров для учителей математики и русского языка по итогам работ, с разбором "
    title += "типичных ошибок и подготовкой рекомендаций для школ с низкими результатами"
    body, result = "МКУ «Информационно-методический центр», школа №", "Материалы семинаров, справка, рекомендации"
    table = [
        [f"{n // 50 + 1}.{n % 50 + 1}", f"{title} {n}", f"до {n % 28 + 1} марта", f"{body} {n % 30 + 1}", result]
        for n in range(rows)
    ]
    head = ["№", "Мероприятие", "Срок", "Ответственный", "Результат"]
    to_pdf(["План на 2021-2022 учебный год", [head, *table]], path)


def measured(file: Path) -> tuple[float, float, float]:
    """Import a file through the door: seconds on the wall, processor seconds, megabytes of the largest child."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, str(ROOT / "starter.py"), "import", str(file), "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert done.returncode in {0, 1, 2}, done.stderr
    assert b"Traceback" not in done.stderr, done.stderr
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, spent, after.ru_maxrss / 1024


def main() -> None:
    """Print the figures beside what is demanded of them."""
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "plan.md"
        big.write_text(large(2_000), encoding="utf-8")
        small_pdf, big_pdf = Path(folder) / "small.pdf", Path(folder) / "big.pdf"
        large_pdf(27, small_pdf)
        large_pdf(2_000, big_pdf)
        for rows, file in ((27, ORDER), (27, small_pdf), (2_000, big), (2_000, big_pdf)):
            wall, spent, megabytes = measured(file)
            seconds, most = DEMANDS[rows]
            kept = "ok    " if spent <= seconds and megabytes <= most else "MISSED"
            print(
                f"{kept} {rows} rows, {file.suffix}: {spent:.2f} s of processor ({wall:.2f} s on the wall), {megabytes:.0f} MB; "
                f"at most {seconds} s, {most} MB"
            )
    spent, slowest = max((measured(file)[1], file.name) for file in sorted(BROKEN.iterdir()) if file.suffix != ".tsv")
    kept = "ok    " if spent <= BROKEN_SECONDS else "MISSED"
    print(f"{kept} broken documents: {spent:.2f} s of processor at most ({slowest}); at most {BROKEN_SECONDS} s")


if __name__ == "__main__":
    main()
