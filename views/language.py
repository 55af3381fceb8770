"""The reader's language where nothing but the environment tells it."""

from __future__ import annotations

import os

from domain.errors import Lang


def from_environment() -> Lang:
    """Return the language that VEKHA_LANG asks for, also where settings cannot be read: that has to be told as well."""
    return "en" if os.environ.get("VEKHA_LANG") == "en" else "ru"
