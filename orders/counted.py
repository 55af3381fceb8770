"""What an indicator surely counts: people and schools come whole, and half of one is a slip of the hand.

Only what the indicator's own words say is held against the figures: a percentage or a number `of teachers`, or people as
the unit of a count. Of all else (means, hours, money, posts) a fraction may well be right.
"""

from __future__ import annotations

import re

from domain.roadmap import Indicator, IndicatorKind

# Stems of whom and what an order counts, in any case.
WHOLE = (
    r"(?:педагог|учител|воспитател|руководител|директор|наставник|специалист|работник|сотрудник|обучающ|учащ|ученик|школьник"
    r"|выпускник|воспитанник|студент|участник|родител|дет[еяи]|ребён|ребен|человек|чел\.|лиц(?:\b|а\b|ам)|школ|организаци"
    r"|учреждени)\w*"
)
ADJECTIVES = r"(?:\w+(?:ых|их)\s+){0,2}"
COUNTED = re.compile(
    rf"(?:\bдол[яиюе]|\bпроцент\w*|\bудельн\w+\s+вес\w*|%|\bколичеств\w*|\bчисл(?:о|а|у|ом|е))\s*{ADJECTIVES}\b{WHOLE}",
    re.IGNORECASE,
)
UNIT = re.compile(WHOLE, re.IGNORECASE)


def counts_whole(indicator: Indicator) -> bool:
    """Tell whether numerator, denominator and earlier value of an indicator are surely whole numbers."""
    if indicator.kind is IndicatorKind.MEAN:
        return False
    counted = indicator.kind is IndicatorKind.COUNT and UNIT.match(indicator.unit.strip())
    return bool(counted or COUNTED.search(indicator.text))
