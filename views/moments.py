"""The moments of the clock in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from views.texts import RU

KINDS = {
    "opening": ("начало работы", "opens"),
    "reminder": ("напоминание", "reminder"),
    "interim": ("срок промежуточного отчёта", "interim report due"),
    "deadline": ("срок", "deadline"),
    "review": ("отчёт ждёт проверки", "report waits to be checked"),
    "escalation": ("сообщение о нарушении", "escalation"),
}


def kind_said(row: Mapping[str, Any], lang: str = RU) -> str:
    """Return what a moment is, an escalation with its step."""
    return KINDS[row["kind"]][lang == "en"] + (f" {row['level']}" if "level" in row else "")
