"""Numbers and codes as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orders.codes import code, listed, near, number, of_number, understood, value_of

MEASURES = {"1.1": "Мониторинг", "1.10": "Наставничество", "2.3": "Семинар", "3": "Итоги"}
CODES = {"pol-2": "Поликлиника № 2", "pol-20": "Поликлиника № 20", "school_6": "МБОУ СОШ № 6", "Uo": "Управление"}


@pytest.mark.parametrize("asked", ["1.1", "1,1", "1.1.", " 1.1 ", "№ 1.1", "№1,1.", "1.1)", "１.１"])
def test_a_number_is_understood_however_it_is_written(asked: str) -> None:
    """1.10 is another number."""
    assert understood(asked, MEASURES, number) == "1.1"


@pytest.mark.parametrize("asked", ["1.2", "1", "11", "", ".", "1-1", "9.9"])
def test_another_number_is_not_guessed(asked: str) -> None:
    """What is written so means something else, or nothing."""
    assert understood(asked, MEASURES, number) is None


@pytest.mark.parametrize("asked", ["pol-2", "Pol-2", "POL-2", "pol–2", "pol_2", "рol-2", "POL 2", "pol-2."])
def test_a_code_is_understood_however_it_is_written(asked: str) -> None:
    """Large letters, another dash, a Russian letter that looks the same."""
    assert understood(asked, CODES, code) == "pol-2"


def test_a_code_that_fits_two_is_not_guessed() -> None:
    """As it is written it is one of them."""
    twins = {"Uo": "Управление", "uo": "Отдел"}
    assert understood("UO", twins, code) is None
    assert understood("uo", twins, code) == "uo"
    assert set(near("UO", twins, code)) == {"Uo", "uo"}


def test_what_is_near_is_offered_with_its_name() -> None:
    """By spelling or by name; where nothing is near, what there is."""
    assert listed("poll-2", CODES, code)[0].startswith("Похожие: pol-2 (Поликлиника № 2)")
    assert listed("управление", CODES, code)[0] == "Похожие: Uo (Управление)."
    assert listed("1.11", MEASURES, number)[1].startswith("Near ones: 1.1")
    assert listed("xyz", CODES, code)[0].startswith("Есть: pol-2 (Поликлиника № 2); pol-20")
    many = {f"b{place}": "" for place in range(50)}
    assert listed("—", many, code)[0].endswith("; и ещё 30.")
    assert listed("—", {}, code) == ("Есть: —.", "There are: —.")


def test_what_a_spreadsheet_makes_of_numbers() -> None:
    """1.10 and 1.1 are one number to it."""
    assert of_number(Decimal("1.1"), MEASURES) == ["1.1", "1.10"]
    assert of_number(Decimal(3), MEASURES) == ["3"]
    assert value_of("1,10") == Decimal("1.1")
    assert value_of("1.1.1") is None
