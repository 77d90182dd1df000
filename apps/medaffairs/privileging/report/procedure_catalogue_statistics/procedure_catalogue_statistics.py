"""F31: the procedure catalogue by level, category or department under one scheme and year, and what differs
from another scheme or year.

Surgeons are those who hold a procedure in force and whom the reader may see: a head of department counts his own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint, getdate

from medaffairs import reporting
from medaffairs.privileging.catalogue import levels

VIEWS, GROUPS = ("Statistics", "Differences"), ("Level", "Category", "Department", "Procedure")
LEVELS = ("1", "2", "3", "4")
DEFAULT_SCHEME = "LEVEL_SCHEME-HOSPITAL"
SURGERY = "SURGERY"
COLOURS = (reporting.GREEN, reporting.BLUE, reporting.AMBER, reporting.RED)
EMPTY = {
    "1": 0,
    "2": 0,
    "3": 0,
    "4": 0,
    "total": 0,
    "restricted": 0,
    "invasive": 0,
    "national": 0,
    "grants": 0,
    "unheld": 0,
}


def execute(filters: dict | None = None) -> reporting.Result:
    """Counts per group, or the procedures whose level differs."""
    filters = frappe._dict(filters or {})
    view = reporting.text(filters, "view", VIEWS) or "Statistics"
    scheme = reporting.text(filters, "scheme") or levels.governing_scheme() or DEFAULT_SCHEME
    year = _year(filters, "year", scheme)
    schemes = reporting.names_of("Dictionary Item", "item_name")
    if view == "Differences":
        return _differences(filters, scheme, year, schemes)
    group = reporting.text(filters, "group_by", GROUPS) or "Level"
    title = _("{0}, {1}").format(schemes.get(scheme, scheme), year)
    rows = _rows(group, _procedures(filters, _levels(scheme, year)))
    advice = _(
        "The scheme {0} has no levels for {1}. Please choose another scheme or year, or import the catalogue."
    )
    message = reporting.nothing(rows, advice.format(schemes.get(scheme, scheme), year))
    message = message or reporting.shortened(len(rows) > reporting.MOST_ROWS)
    return _columns(group), rows[: reporting.MOST_ROWS], message, _chart(group, rows, title), _summary(rows)


def _year(filters: dict, key: str, scheme: str) -> int:
    """The year that is asked for, else the newest that the scheme has."""
    newest = frappe.get_all(
        "Procedure Level", filters={"scheme": scheme, "parenttype": "Procedure"}, fields=["catalogue_year"],
        order_by="catalogue_year desc", limit_page_length=1,
    )  # fmt: skip
    default = cint(newest[0].catalogue_year) if newest else getdate().year
    return reporting.number(filters, key, default, 1990, 2100)


def _levels(scheme: str, year: int) -> dict[str, str]:
    """Level by procedure as the scheme stands at the end of a year: the newest list that holds then."""
    return levels.procedures_on(scheme, date(year, 12, 31))


def _procedures(filters: dict, known: dict[str, str]) -> list[dict]:
    """Procedures of the reader's catalogue that the scheme knows, each with its level there."""
    procedure = frappe.qb.DocType("Procedure")
    query = frappe.qb.from_(procedure).select(
        procedure.name, procedure.procedure_name, procedure.category, procedure.department, procedure.status,
        procedure.is_restricted, procedure.is_minimally_invasive, procedure.is_national_level4,
    )  # fmt: skip
    restricted = reporting.text(filters, "restricted", ("Only", "Without"))
    if restricted:
        query = query.where(procedure.is_restricted == int(restricted == "Only"))
    for key in ("category", "department"):
        value = reporting.text(filters, key)
        if value:
            query = query.where(procedure[key] == value)
    level = reporting.text(filters, "level", LEVELS)
    found = reporting.seen(query, "Procedure").run(as_dict=True)
    return [
        {**row, "level": known[row.name]}
        for row in found
        if row.name in known and (not level or known[row.name] == level)
    ]


def _holders() -> dict[str, set[str]]:
    """Who holds each procedure in force, of those whom the reader may see."""
    if not reporting.may_read("Privilege Grant"):
        return {}
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(grant.code, grant.practitioner)
        .where((grant.kind == SURGERY) & (grant.status == "Active"))
    )
    found: dict[str, set[str]] = {}
    for code, practitioner in reporting.seen(query, "Privilege Grant").run():
        found.setdefault(code, set()).add(practitioner)
    return found


def _rows(group: str, procedures: list[dict]) -> list[dict]:
    holders, counted, surgeons = _holders(), {}, {}
    field = "name" if group == "Procedure" else group.lower()
    titles = {procedure["name"]: procedure["procedure_name"] for procedure in procedures}
    for procedure in procedures:
        key = procedure[field] or ""
        row = counted.setdefault(key, dict(EMPTY))
        held = holders.get(procedure["name"], set())
        row[procedure["level"]] = row.get(procedure["level"], 0) + 1
        row["total"] += 1
        row["restricted"] += cint(procedure["is_restricted"])
        row["invasive"] += cint(procedure["is_minimally_invasive"])
        row["national"] += cint(procedure["is_national_level4"])
        row["grants"] += len(held)
        row["unheld"] += not held
        surgeons.setdefault(key, set()).update(held)
    name_of = titles.__getitem__ if group == "Procedure" else _names(group)
    rows = [
        {
            "group": name_of(key),
            "procedure": key,
            **{f"level_{level}": counted[key][level] for level in LEVELS},
            **{name: value for name, value in counted[key].items() if name not in LEVELS},
            "surgeons": len(surgeons[key]),
            "per_procedure": reporting.share(counted[key]["grants"], counted[key]["total"], 1, 2),
            "drill": _drill(group, key),
        }
        for key in sorted(counted, key=lambda key: (not key, key))
    ]
    # Procedure by procedure the question is who holds them: the most held first, the unheld last.
    return sorted(rows, key=lambda row: -row["surgeons"]) if group == "Procedure" else rows


def _names(group: str) -> Callable[[str], str]:
    if group == "Level":
        return reporting.level_name
    known = (
        reporting.department_names()
        if group == "Department"
        else reporting.names_of("Dictionary Item", "item_name")
    )
    return lambda key: known.get(key, key) or _("Not filled in")


def _drill(group: str, key: str) -> dict | None:
    """A list cannot look into the levels of a scheme, so a level leads nowhere; a procedure leads to its grants."""
    if group == "Procedure":
        return reporting.drill(
            "Privilege Grant", ("kind", "=", SURGERY), ("code", "=", key), ("status", "=", "Active")
        )
    return reporting.drill("Procedure", (group.lower(), "=", key)) if key and group != "Level" else None


def _columns(group: str) -> list[dict]:
    if group == "Procedure":
        return _procedure_columns()
    columns = [reporting.column("group", _(group), width=160)]
    if group != "Level":
        columns += [
            reporting.column(f"level_{level}", reporting.level_name(level), "Int", 90) for level in LEVELS
        ]
    return [
        *columns,
        reporting.column("total", _("Procedures"), "Int", 90),
        reporting.column("restricted", _("Restricted Techniques"), "Int", 110),
        reporting.column("invasive", _("Minimally Invasive"), "Int", 90),
        reporting.column("national", _("National Level 4"), "Int", 110),
        reporting.column("surgeons", _("Surgeons"), "Int", 90),
        reporting.column("grants", _("Grants"), "Int", 90),
        reporting.column("per_procedure", _("Surgeons per Procedure"), "Float", 120),
        reporting.column("unheld", _("Without Any Surgeon"), "Int", 120),
    ]


def _procedure_columns() -> list[dict]:
    return [
        reporting.link("procedure", _("Procedure Code"), "Procedure", 110),
        reporting.column("group", _("Procedure Name"), width=260),
        *(reporting.column(f"level_{level}", reporting.level_name(level), "Int", 70) for level in LEVELS),
        reporting.column("restricted", _("Restricted Techniques"), "Int", 100),
        reporting.column("surgeons", _("Surgeons"), "Int", 90),
    ]


def _chart(group: str, rows: list[dict], title: str) -> dict | None:
    if group == "Level":
        return reporting.chart("donut", title, [row["group"] for row in rows], {_("Procedures"): [row["total"] for row in rows]}, COLOURS)  # fmt: skip
    if group == "Procedure":
        held = rows[:20]
        return reporting.chart("bar", title, [row["group"] for row in held], {_("Surgeons"): [row["surgeons"] for row in held]}, COLOURS[1:])  # fmt: skip
    top = sorted(rows, key=lambda row: -row["total"])[:20]
    return reporting.chart(
        "bar",
        title,
        [row["group"] for row in top],
        {reporting.level_name(level): [row[f"level_{level}"] for row in top] for level in LEVELS},
        COLOURS,
        stacked=True,
    )


def _summary(rows: list[dict]) -> list[dict]:
    def total(key: str) -> int:
        return sum(row[key] for row in rows)

    return [
        reporting.figure(_("Procedures"), total("total")),
        reporting.figure(_("Level 3 and 4"), total("level_3") + total("level_4")),
        reporting.figure(
            _("Restricted Techniques"), total("restricted"), "Orange" if total("restricted") else ""
        ),
        reporting.figure(_("Grants"), total("grants")),
        reporting.figure(_("Without Any Surgeon"), total("unheld")),
    ]


def _differences(filters: dict, scheme: str, year: int, schemes: dict[str, str]) -> reporting.Result:
    """Procedures that have another level under the other scheme or year, or are in one of them only."""
    other = reporting.text(filters, "compare_scheme") or scheme
    default = year - 1 if other == scheme else None
    other_year = reporting.number(filters, "compare_year", default, 1990, 2100) if default else _year(filters, "compare_year", other)  # fmt: skip
    here, there = _levels(scheme, year), _levels(other, other_year)
    names = _("{0}, {1}")
    titles = (
        names.format(schemes.get(scheme, scheme), year),
        names.format(schemes.get(other, other), other_year),
    )
    rows = [row for row in _compared(filters, here, there) if row["change_key"]]
    message = None if rows else _("{0} and {1} give every procedure the same level.").format(*titles)
    if not here or not there:
        message = _("One of the two has no levels: {0}. Please choose another scheme or year.").format(
            titles[bool(here)]
        )
        rows = []
    counts = {
        key: sum(row["change_key"] == key for row in rows)
        for key in ("Raised", "Lowered", "Added", "Removed")
    }
    columns = [
        reporting.link("procedure", _("Procedure Code"), "Procedure", 110),
        reporting.column("procedure_name", _("Procedure Name"), width=240),
        reporting.column("there", titles[1], width=160),
        reporting.column("here", titles[0], width=160),
        reporting.column("change", _("Change"), width=90),
        reporting.column("surgeons", _("Surgeons"), "Int", 90),
    ]
    chart = reporting.chart("bar", _("{0} compared with {1}").format(*titles), [_(key) for key in counts], {_("Procedures"): list(counts.values())}, (reporting.AMBER,)) if rows else None  # fmt: skip
    summary = [reporting.figure(_("Differences"), len(rows)), *(reporting.figure(_(key), value) for key, value in counts.items())]  # fmt: skip
    return columns, rows[: reporting.MOST_ROWS], message or reporting.shortened(len(rows) > reporting.MOST_ROWS), chart, summary  # fmt: skip


def _compared(filters: dict, here: dict[str, str], there: dict[str, str]) -> list[dict]:
    holders = _holders()
    merged = {name: here.get(name) or there.get(name) or "" for name in {*here, *there}}
    return [
        {
            "procedure": row["name"],
            "procedure_name": row["procedure_name"],
            "here": reporting.level_name(here[row["name"]]) if row["name"] in here else "—",
            "there": reporting.level_name(there[row["name"]]) if row["name"] in there else "—",
            "change_key": (key := _direction(here.get(row["name"]), there.get(row["name"]))),
            "change": _(key) if key else "",
            "surgeons": len(holders.get(row["name"], ())),
        }
        for row in sorted(_procedures(filters, merged), key=lambda row: row["name"])
    ]


def _direction(here: str | None, there: str | None) -> str:
    if here == there:
        return ""
    if there is None:
        return "Added"
    if here is None:
        return "Removed"
    return "Raised" if here > there else "Lowered"
