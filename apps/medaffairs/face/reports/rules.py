"""What may be mailed to whom and when, without the framework."""

import re
from collections.abc import Iterable, Mapping

FREQUENCIES = ("Daily", "Weekdays", "Weekly", "Monthly")
FORMATS = ("XLSX", "CSV", "HTML")
PERIODS = ("", "Daily", "Weekly", "Monthly", "Quarterly", "Half Yearly", "Yearly")
SCHEDULERS = frozenset(
    {"Medical Affairs Manager", "Medical Affairs Officer", "System Manager", "Report Manager"}
)


def addresses(text: str) -> list[str]:
    """Addresses as people write them: by comma, semicolon, blank or line, each once."""
    found = (entry.strip().lower() for entry in re.split(r"[,;，；、\s]+", text))
    return list(dict.fromkeys(entry for entry in found if entry))


def outsiders(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """Addresses that belong to nobody who works here."""
    inside = {entry.lower() for entry in known}
    return [entry for entry in wanted if entry not in inside]


def date_pair(filters: Iterable[Mapping]) -> tuple[str, str] | None:
    """The two dates between which a report looks, when it has exactly a first and a last one.

    Their names end as the framework's reports end them (`from_date`, `to_date`); only such a pair can move along with
    the day on which the report is sent.
    """
    dates = [row["fieldname"] for row in filters if row.get("fieldtype") == "Date"]
    first = [name for name in dates if name.startswith("from")]
    last = [name for name in dates if name.startswith("to")]
    return (first[0], last[0]) if len(first) == len(last) == 1 else None
