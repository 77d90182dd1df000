"""F42: where and when events happen: places against the hours of the day, in bands of two hours."""

from __future__ import annotations

import frappe
from frappe import _

from medaffairs import reporting
from medaffairs.adverse_event import figures

HOURS = 2
BANDS = range(0, 24, HOURS)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per place, one column per band of hours; the darker, the more."""
    scope = figures.Scope(frappe._dict(filters or {}))
    places: dict[str, dict[int, int]] = {}
    for (place, hour), count in figures.counted(scope, "place", "hour").items():
        cells = places.setdefault(place, {})
        band = int(hour) // HOURS * HOURS
        cells[band] = cells.get(band, 0) + count
    names = figures.names_of("place")
    rows = [_row(scope, names, place, cells) for place, cells in places.items()]
    rows.sort(key=lambda row: (-row["events"], row["group"]))
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(scope.first, scope.last))
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _row(scope: figures.Scope, names: dict[str, str], place: str, cells: dict[int, int]) -> dict:
    filled = place not in ("", "None")
    drill = reporting.drill(figures.DOCTYPE, *scope.conditions(), ("place", "=", place)) if filled else None
    return {
        "group": names.get(place, place) if filled else _("Not filled in"),
        **{f"hour_{band}": cells.get(band, 0) for band in BANDS},
        "events": sum(cells.values()),
        "drill": drill,
    }


def _label(band: int) -> str:
    return f"{band:02d}–{band + HOURS:02d}"


def _columns() -> list[dict]:
    bands = [reporting.column(f"hour_{band}", _label(band), "Int", 66) | {"heat": 1} for band in BANDS]
    return [
        reporting.column("group", _("Place"), width=150),
        *bands,
        reporting.column("events", _("Events"), "Int", 80),
    ]


def _chart(rows: list[dict]) -> dict | None:
    if not rows:
        return None
    values = [sum(row[f"hour_{band}"] for row in rows) for band in BANDS]
    return reporting.chart(
        "bar", _("Events by {0}").format(_("Hour")), [_label(band) for band in BANDS], {_("Events"): values}
    )


def _summary(rows: list[dict]) -> list[dict]:
    cells = [(row[f"hour_{band}"], row["group"], band) for row in rows for band in BANDS]
    count, place, band = max(cells, key=lambda cell: cell[0], default=(0, "", 0))
    return [
        reporting.figure(_("Events"), sum(row["events"] for row in rows)),
        reporting.figure(_("Most Events at Once"), count),
        reporting.figure(_("Place and Hours"), f"{place} {_label(band)}" if count else "", datatype="Data"),
    ]
