"""Demerits of the years before this one: closed records under the list that was in force then, and the penalties they led to."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.demerit import rules, scoring
from medaffairs.demerit.catalogue import COPIED, ITEM, VERSION
from medaffairs.setup.demo.accounts import DOMAIN
from medaffairs.setup.demo.bulk import continue_series, insert
from medaffairs.setup.demo.demerits import FACTS

RECORDS, DAYS, SINNERS = 540, 730, 260
OLD = "院内2024版"
RECORD, PENALTY = "Demerit Record", "Penalty"
# Of a hundred records; light offences are by far the most.
STATES = ((rules.CONFIRMED, 86), (rules.DISMISSED, 9), (rules.OVERTURNED, 5))
DOCSTATUS = {rules.CONFIRMED: 1, rules.DISMISSED: 0, rules.OVERTURNED: 2}
CLOSED = {
    rules.DISMISSED: "经复核，情况不属实，予以撤回。",
    rules.OVERTURNED: "补充材料证明责任不在本人，予以撤销。",
}
SERVED = "已完成谈话与专项培训，考核合格。"


def make_history(random: Random, today: date) -> int:
    """Write the records and let the penalties follow; returns how many records there are."""
    current = frappe.get_all(VERSION, filters={"status": "In Force"}, fields=["name", "effective_from"])[0]
    last = getdate(current.effective_from) - timedelta(days=1)
    items = _old_list(current.name, last)
    people = _people(random)
    rows = _rows(random, items, people, today - timedelta(days=DAYS), last)
    for state, docstatus in DOCSTATUS.items():
        some = [row for row in rows if row["workflow_state"] == state]
        insert(RECORD, some, f"{last} 09:00:00.000000")
        table = frappe.qb.DocType(RECORD)
        names = [row["name"] for row in some]
        frappe.qb.update(table).set(table.docstatus, docstatus).where(table.name.isin(names)).run()
    frappe.db.commit()
    scoring.recompute_all()
    _settle_penalties(last)
    return len(rows)


def _old_list(source: str, last: date) -> list[Any]:
    begins = date(last.year - 2, 1, 1)
    insert(
        VERSION,
        [{"name": OLD, "version_name": OLD, "status": "Retired", "effective_from": begins, "effective_to": last,
          "item_count": frappe.db.count(ITEM, {"version": source}), "remark": "新版施行后停用"}],
        f"{begins} 08:00:00.000000",
    )  # fmt: skip
    items = frappe.get_all(
        ITEM, filters={"version": source}, fields=list(COPIED), order_by="item_code", limit_page_length=0
    )
    copies = [{"name": f"{OLD}-{row.item_code}", "version": OLD, **row} for row in items]
    insert(ITEM, copies, f"{begins} 08:00:00.000000")
    return [frappe._dict(row) for row in copies]


def _people(random: Random) -> list[Any]:
    staff = frappe.get_all(
        "Practitioner", filters={"employment_status": "Active"}, order_by="name", limit_page_length=0,
        fields=["name", "practitioner_name", "department"],
    )  # fmt: skip
    return random.sample(staff, min(SINNERS, len(staff)))


def _rows(random: Random, items: list[Any], people: list[Any], first: date, last: date) -> list[dict]:
    light = [row for row in items if row.points <= 2]
    grave = [row for row in items if row.points > 2 and row.points <= 6]
    span = (last - first).days
    days = sorted(first + timedelta(days=random.randint(0, span)) for _ in range(RECORDS))
    # Some people come back again and again.
    weights = [1 / (1 + place / 40) for place in range(len(people))]
    states = [state for state, share in STATES for _ in range(share)]
    counts: dict[int, int] = {}
    rows = []
    for day in days:
        counts[day.year] = counts.get(day.year, 0) + 1
        person = random.choices(people, weights)[0]
        item = random.choice(grave if random.random() < 0.06 else light)
        rows.append(
            _row(random, f"DR-{day.year}-{counts[day.year]:05d}", day, person, item, random.choice(states))
        )
    for year, count in counts.items():
        continue_series(f"DR-{year}-", count)
    return rows


def _row(random: Random, name: str, day: date, person: Any, item: Any, state: str) -> dict:
    issued = datetime.combine(day, time(10)) + timedelta(days=random.randint(1, 6))
    read = issued + timedelta(hours=random.randint(1, 60))
    until = issued + timedelta(days=7)
    return {
        "name": name, "practitioner": person.name, "practitioner_name": person.practitioner_name,
        "department": person.department, "occurred_on": day, "responsible_department": "3002", "item": item.name,
        "behaviour": item.behaviour, "listed_points": item.points, "points": item.points, "workflow_state": state,
        "description": random.choice(FACTS), "issued_at": issued, "read_at": read, "appeal_until": until,
        "confirmed_at": until if state != rules.DISMISSED else None,
        "closed_at": until + timedelta(days=3) if state in CLOSED else None, "closing_reason": CLOSED.get(state),
    }  # fmt: skip


def _settle_penalties(last: date) -> None:
    """Penalties of those years were issued and carried out then; nothing of them rests on anybody today."""
    rows = frappe.get_all(
        PENALTY,
        filters={"status": rules.NOT_ISSUED},
        fields=["name", "cycle_to", "points"],
        limit_page_length=0,
    )
    for row in rows:
        days = frappe.get_all("Penalty Record", filters={"parent": row.name}, pluck="occurred_on")
        day = getdate(row.cycle_to or max(days))
        if day > last:
            continue
        issued = datetime.combine(day, time(15)) + timedelta(days=5)
        changes = {
            "status": rules.ENDED, "issued_at": issued, "issued_by": f"ganshi@{DOMAIN}",
            "read_at": issued + timedelta(hours=20), "ended_at": issued + timedelta(days=30), "handling": SERVED,
        }  # fmt: skip
        frappe.db.set_value(PENALTY, row.name, changes, update_modified=False)
