"""What an order orders: its points, who controls it and who signed it, wherever the document says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.roadmap import Severity
from orders.yaml_file import read_roadmap
from reading.documents.points import Line, control_of, ordering_of, points_of, signature_of
from reading.importer import Imported, import_document
from reading.yaml_write import roadmap_text
from tests.orders.paper import Block, to_html
from tests.orders.test_account import lost

HEAD = ("ПРИКАЗ", "от 10.01.2023 № 5", "О работе в 2023 году")
PLAN = [["№", "Мероприятие", "Срок", "Ответственный"], ["1", "Смотр", "до 1 марта", "Завуч"]]


def put(tmp_path: Path, *blocks: Block) -> Imported:
    """Import a page of these blocks; nothing of them is left."""
    to_html(blocks, tmp_path / "order")
    imported = import_document(tmp_path / "order")
    assert imported.account.left() == []
    assert lost(imported) == []
    return imported


def lines(*texts: str) -> list[Line]:
    """Return lines, each of a paragraph of its own."""
    return [Line(text, n, n, 0) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        (
            "Контроль за исполнением приказа возложить на заместителя директора Кима А.А.",
            "заместителя директора Кима А.А",
        ),
        ("Утвердить план. Контроль за исполнением распоряжения оставляю за собой.", ""),
        ("Контроль исполнения настоящего приказа возлагаю на себя.", ""),
        ("Возложить контроль за выполнением плана на 2023 год на методиста Пак О.В.", "методиста Пак О.В"),
        ("Контроль за реализацией плана осуществляет главный инженер Лось К.К.", "главный инженер Лось К.К"),
        ("Контроль закрепить за отделом кадров.", "отделом кадров"),
    ],
)
def test_who_controls_is_said_in_many_ways(text: str, whom: str) -> None:
    """With a person, with a post, or by whoever signs."""
    control = control_of([text])
    assert control is not None
    assert control.whom == whom


def test_the_control_of_one_event_is_not_that_of_the_order() -> None:
    """Whichever comes first."""
    event = "Контроль за проведением конкурса возложить на методиста."
    whole = "Контроль за исполнением приказа возложить на директора."
    for texts in ([event, whole], [whole, event]):
        control = control_of(texts)
        assert control is not None
        assert control.whom == "директора"
    assert control_of(["Содержание контроля", "Провести контроль качества знаний."]) is None


@pytest.mark.parametrize(
    "said",
    [
        ["приказываю:", "1. Утвердить план.", "2. Контроль за исполнением приказа возложить на главного инженера Лося К.К.", "Директор И.И. Зуев"],
        ["1. Утвердить план.", "2. Контроль за исполнением приказа возложить на главного инженера Лося К.К.", "Директор И.И. Зуев"],
        ["Контроль за исполнением приказа возложить на главного инженера Лося К.К.", "Директор И.И. Зуев"],
        ["Утвердить план. Контроль за исполнением приказа возложить на", "главного инженера Лося К.К."],
    ],
)  # fmt: skip
def test_the_controller_stands_in_a_point_or_in_a_line_of_its_own(said: list[str], tmp_path: Path) -> None:
    """With or without the line that orders; the draft may be started with it."""
    text = roadmap_text(put(tmp_path, *HEAD, *said, PLAN))
    assert "name: главный инженер" in text
    loaded = read_roadmap(text)
    assert loaded.roadmap is not None
    assert loaded.roadmap.policy.controller == "glavnyy-inzhener"
    assert "Контроль за исполнением приказа возложить на главного инженера" in " ".join(text.split())


def test_the_controller_may_stand_below_the_plan(tmp_path: Path) -> None:
    """The last line of many documents."""
    imported = put(tmp_path, *HEAD, PLAN, "Контроль за реализацией плана возложить на главного инженера Лося К.К.")
    assert imported.order.control is not None
    assert imported.order.control.whom.startswith("главного инженера")


def test_whoever_signs_and_keeps_the_control_is_a_person_of_the_draft(tmp_path: Path) -> None:
    """«Директор С.П. Лаптева» is a director called Лаптева, and no «Директор С.П.»."""
    imported = put(tmp_path, *HEAD, "Утвердить план. Контроль оставляю за собой.", "Директор музея С.П. Лаптева", PLAN)
    assert (imported.order.signatory, imported.order.signatory_post) == ("С.П. Лаптева", "Директор музея")
    loaded = read_roadmap(roadmap_text(imported))
    assert loaded.roadmap is not None
    assert loaded.roadmap.policy.controller == "direktor"


@pytest.mark.parametrize(
    ("head", "said", "controller", "body"),
    [
        (["МБОУ «Энская СОШ № 3»"], ["Контроль оставляю за собой.", "Директор С.С. Сидорова"], "direktor", "МБОУ «Энская СОШ № 3»"),
        (["Администрация района", "Управление образования"], ["Контроль оставляю за собой.", "Начальник", "С.С. Сидорова"],
         "nachalnik", "Управление образования"),
        (["Муниципальное учреждение", "«Средняя школа № 3»"], ["Контроль оставляю за собой.", "И.о. директора школы Сидорова С.С."],
         "direktora", "Муниципальное учреждение «Средняя школа № 3»"),
        ([], ["Контроль оставляю за собой.", "Сидорова С.С."], "rukovoditel", "организация, издавшая приказ"),
        (["МБОУ СОШ № 3"], ["Контроль возложить на Сидорову.", "Директор П.П. Пак"], None, None),
        (["МБОУ СОШ № 3"], ["Контроль возложить на Сидорову Светлану Сергеевну.", "Директор П.П. Пак"], None, None),
        (["МБОУ СОШ № 3"], ["Контроль возложить на заместителя директора Сидорову Светлану Сергеевну."],
         "zamestitel-direktora", "заместитель директора"),
    ],
)  # fmt: skip
def test_a_name_of_who_signs_or_controls_is_in_no_code_and_no_body(
    head: list[str], said: list[str], controller: str | None, body: str | None, tmp_path: Path
) -> None:
    """The body is that of the letterhead; where nothing but a name is said, it is asked for."""
    text = roadmap_text(
        put(tmp_path, *head, *HEAD, "приказываю:", "1. Утвердить план.", f"2. {said[0]}", *said[1:], PLAN)
    )
    loaded = read_roadmap(text)
    assert loaded.roadmap is not None
    registry = loaded.roadmap.registry
    logged = [*((body.code, body.name) for body in registry.bodies), *((one.code, one.post) for one in registry.people)]
    assert "idorov" not in str(logged)
    assert "Сидоров" not in f"{logged} {loaded.roadmap.order.signatory}"
    assert loaded.blocked is (controller is None)
    if controller is not None and body is not None:
        assert loaded.roadmap.policy.controller == controller
        of = next((one.body for one in registry.people if one.code == controller), controller)
        assert {one.code: one.name for one in registry.bodies}[of] == body


def test_without_a_signature_nobody_controls(tmp_path: Path) -> None:
    """An error that keeps the year from starting, in the import and in the check of its draft."""
    imported = put(tmp_path, *HEAD, "Контроль за исполнением приказа оставляю за собой.", PLAN)
    assert [f.severity for f in imported.findings if f.code == "signatory-missing"] == [Severity.WARNING]
    loaded = read_roadmap(roadmap_text(imported))
    assert loaded.blocked
    assert [f.code for f in loaded.findings if f.severity is Severity.ERROR] == ["no-controller"]


def test_a_signature_is_a_post_and_a_name() -> None:
    """In one line or in two; a point that names people is none."""
    assert signature_of(lines("План", "Глава района                 П.П. Дёмин")) == ("П.П. Дёмин", "Глава района")
    assert signature_of(lines("Председатель комитета", "Д.Д. Титов")) == ("Д.Д. Титов", "Председатель комитета")
    assert signature_of(lines("1. Иванова И.И., директор школы", "Слушали: Петрова П.П.")) == ("", "")


def test_points_go_on_in_their_lines_and_a_date_begins_none() -> None:
    """A line of a sentence may begin with a number, with initials or in the middle of a word."""
    said = lines(
        "ПОСТАНОВЛЯЮ:", "1. Отделу культуры до", "15 ноября 2023 года составить перечень", "2023 года;",
        "2) отделу кадров выделить средства", "3. Контроль возложить на директора Шубина", "Р.А.", "Глава Л.Л. Остров",
    )  # fmt: skip
    points = points_of(said, ordering_of(said) or 0)
    assert [point.number for point, _ in points] == ["1", "2", "3"]
    assert points[0][0].text == "Отделу культуры до 15 ноября 2023 года составить перечень 2023 года;"
    assert points[2][0].text.endswith("Шубина Р.А.")


def test_a_list_that_orders_nothing_is_no_order() -> None:
    """Sections of a plan have numbers too."""
    assert ordering_of(lines("План", "1. Основные мероприятия", "2. Работа с кадрами")) is None


def test_points_with_letters_have_the_body_and_the_time_of_the_point_above(tmp_path: Path) -> None:
    """And a section; a body that no list knows is one by its case."""
    imported = put(
        tmp_path, *HEAD, "1. Отделу культуры до 1 сентября 2023 г.:", "а) провести опись библиотек;", "б) подготовить предложения.",
        "2. Национальной библиотеке подключить читальные залы не позднее 15 ноября 2023 г.", "3. Контроль за исполнением возложить на директора.",
    )  # fmt: skip
    read = [(m.number, [str(c.due) for c in m.checkpoints], [b.verbatim for b in m.bodies]) for m in imported.measures]
    assert read == [
        ("1а", ["2023-09-01"], ["Отделу культуры"]),
        ("1б", ["2023-09-01"], ["Отделу культуры"]),
        ("2", ["2023-11-15"], ["Национальной библиотеке"]),
    ]
    assert [m.section for m in imported.measures] == ["1", "1", ""]


def test_a_point_that_says_neither_who_nor_when_is_asked_about(tmp_path: Path) -> None:
    """It may be a rule or a measure: only a person knows."""
    imported = put(
        tmp_path, *HEAD, "1. Запретить выезд на лёд.", "2. Отделу культуры до 1 марта 2023 г. провести смотр.",
        "3. Рекомендовать отделу полиции проводить рейды.",
    )  # fmt: skip
    assert [m.number for m in imported.measures] == ["2", "3"]
    asked = {f.code: f.text() for f in imported.findings}
    assert "Запретить выезд на лёд" in asked["points-left-out"]
    assert {"recommendation", "plan-of-points"} <= set(asked)
