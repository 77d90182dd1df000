"""Keeps the penalties of the database equal to what follows from records and rules (F61).

Whoever changes a record or a rule calls this in the same transaction. It compares what is due with what there is, so that it may be called any
number of times and in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import cint, flt, getdate, now_datetime

from medaffairs.demerit import rules
from medaffairs.demerit.rules import Due, Record, Rule

PENALTY, RECORD = "Penalty", "Demerit Record"
LATER = "medaffairs.demerit.scoring.recompute_all"


def cycle_settings() -> tuple[int, Any]:
    """Months of a cycle and the day from which they are counted."""
    settings = frappe.get_cached_doc("Medical Affairs Settings")
    return cint(settings.demerit_cycle_months) or 12, getdate(settings.demerit_cycle_start or "2020-01-01")


def rules_in_force() -> list[Rule]:
    """The rules that are enabled."""
    rows = frappe.get_all(
        "Penalty Rule", filters={"enabled": 1},
        fields=["name", "scope", "least_points", "most_points", "valid_from", "valid_to"], limit_page_length=0,
    )  # fmt: skip
    return [
        Rule(
            row.name, row.scope, flt(row.least_points), flt(row.most_points) or None,
            getdate(row.valid_from) if row.valid_from else None, getdate(row.valid_to) if row.valid_to else None,
        )
        for row in rows
    ]  # fmt: skip


def confirmed(practitioners: Iterable[str] | None = None) -> list[Record]:
    """The records that stand, of some people or of all."""
    filters: dict[str, Any] = {"docstatus": 1, "workflow_state": rules.CONFIRMED}
    if practitioners is not None:
        filters["practitioner"] = ("in", list(practitioners))
    rows = frappe.get_all(
        RECORD, filters=filters, fields=["name", "practitioner", "points", "occurred_on"], limit_page_length=0
    )
    return [Record(row.name, row.practitioner, flt(row.points), getdate(row.occurred_on)) for row in rows]


def recompute(practitioner: str) -> None:
    """Brings the penalties of one person into line."""
    # Two records confirmed at the same moment wait for each other, or each would miss the other's points.
    frappe.db.get_value("Practitioner", practitioner, "name", for_update=True)
    records = confirmed([practitioner])
    due = rules.penalties(records, rules_in_force(), *cycle_settings())
    known = {
        row.penalty_key: row.name
        for row in frappe.get_all(
            PENALTY, filters={"practitioner": practitioner}, fields=["name", "penalty_key"]
        )
    }
    days = {record.name: record for record in records}
    for key, one in due.items():
        doc = frappe.get_doc(PENALTY, known[key]) if key in known else frappe.new_doc(PENALTY)
        _bring_into_line(doc, one, days)
    for key in set(known) - set(due):
        _revoke(frappe.get_doc(PENALTY, known[key]))


def recompute_all() -> int:
    """Brings the penalties of everybody into line, person by person; how many people. Run when rules or cycles change."""
    people = sorted({
        *frappe.get_all(RECORD, filters={"docstatus": 1}, pluck="practitioner", distinct=True),
        *frappe.get_all(PENALTY, pluck="practitioner", distinct=True),
    })  # fmt: skip
    for practitioner in people:
        recompute(practitioner)
        frappe.db.commit()
    return len(people)


def recompute_later() -> None:
    """Everybody's penalties, after the present change is lasting."""
    frappe.enqueue(LATER, queue="long", enqueue_after_commit=True)


def _bring_into_line(doc: Any, one: Due, records: dict[str, Record]) -> None:
    rows = [
        {"record": name, "points": records[name].points, "occurred_on": records[name].occurred}
        for name in one.records
    ]
    terms = (doc.get("rule"), flt(doc.get("points")))
    same_records = [row.record for row in doc.get("records") or []] == list(one.records)
    if doc.get("name") and terms == (one.rule, one.points) and same_records and doc.status != rules.REVOKED:
        return
    changed_rule = bool(doc.get("name")) and doc.rule != one.rule
    if doc.get("name") and (doc.status == rules.REVOKED or (changed_rule and doc.status != rules.NOT_ISSUED)):
        # It says something else than what somebody was told: it is issued anew.
        _lift(doc)
        doc.status, doc.issued_at, doc.read_at, doc.ended_at = rules.NOT_ISSUED, None, None, None
    doc.update({
        "penalty_key": one.key, "practitioner": one.practitioner, "scope": one.scope, "rule": one.rule, "points": one.points,
        "consequence": frappe.db.get_value("Penalty Rule", one.rule, "consequence"),
        "cycle_from": one.cycle.first if one.cycle else None, "cycle_to": one.cycle.last if one.cycle else None,
    })  # fmt: skip
    doc.set("records", rows)
    doc.flags.ignore_permissions = True
    doc.save()


def _revoke(doc: Any) -> None:
    """Takes a penalty back that is not due any more: without a trace when nobody was told of it."""
    if doc.status == rules.REVOKED:
        return
    if doc.status == rules.NOT_ISSUED and not doc.issued_at:
        frappe.delete_doc(PENALTY, doc.name, force=True, ignore_permissions=True, delete_permanently=True)
        return
    _lift(doc)
    doc.status, doc.ended_at = rules.REVOKED, now_datetime()
    doc.set("records", [])
    doc.points = 0
    doc.flags.ignore_permissions = True
    doc.save()
    doc.add_comment("Info", frappe._("The records on which it rested do not stand any more"))


def _lift(doc: Any) -> None:
    """Gives back the privileges that a penalty has suspended."""
    from medaffairs.demerit.penalties import lift_suspensions

    lift_suspensions(doc)
