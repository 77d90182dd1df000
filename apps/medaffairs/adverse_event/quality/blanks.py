"""Named blanks of a text, and the periods that a report is about. Pure functions.

A blank is a name in braces. It is replaced by a text and nothing else: what stands in a template is never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

BLANK = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,39})\}")

NAMES = (
    "hospital", "department", "period", "from_date", "to_date", "today", "events", "previous_events", "change", "near_misses",
    "near_miss_share", "per_beds", "per_bed_days", "grade_i", "grade_ii", "grade_iii", "grade_iv", "top_category",
    "top_category_events", "vital_few", "top_department", "top_place", "peak", "signals", "in_time_share", "complete_share",
    "first_attempt_share", "archived_share", "late", "median_days", "analyses_in_time_share", "met_standard_share",
    "assessment", "measures",
)  # fmt: skip

MONTHLY, QUARTERLY = "Monthly", "Quarterly"
MONTHS = {MONTHLY: 1, QUARTERLY: 3}


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled; a value is taken as it is, also when it looks like a blank itself."""
    return BLANK.sub(lambda match: values.get(match[1], match[0]), text or "")


def unknown(texts: Iterable[str]) -> list[str]:
    """Blanks that nobody can fill, each once, in order."""
    found = [name for text in texts for name in BLANK.findall(text or "") if name not in NAMES]
    return list(dict.fromkeys(found))


def ended(today: date, cycle: str) -> tuple[date, date]:
    """The last whole month or quarter before a day: its first and last day."""
    length = MONTHS[cycle]
    month = (today.month - 1) // length * length + 1
    last = date(today.year, month, 1) - timedelta(days=1)
    return date(last.year, last.month - length + 1, 1), last


def before(first: date, last: date) -> tuple[date, date]:
    """The period before one: the month or months before whole months, else as many days."""
    following = last + timedelta(days=1)
    length = (following.year - first.year) * 12 + following.month - first.month
    if first.day == following.day == 1 and length > 0:
        total = first.year * 12 + first.month - 1 - length
        return date(total // 12, total % 12 + 1, 1), first - timedelta(days=1)
    return first - (following - first), first - timedelta(days=1)


def spoken(first: date, last: date) -> str:
    """A period as a report names it: `2026年10月`, `2026年第3季度`, `2026年`, or its two days."""
    if (
        before(first, last)[1] == first - timedelta(days=1)
        and first.day == 1
        and (last + timedelta(days=1)).day == 1
    ):
        length = (last.year - first.year) * 12 + last.month - first.month + 1
        if length == 1:
            return f"{first.year}年{first.month}月"
        if length == 3 and first.month % 3 == 1:
            return f"{first.year}年第{first.month // 3 + 1}季度"
        if length == 12 and first.month == 1:
            return f"{first.year}年"
    return f"{first.isoformat()}—{last.isoformat()}"
