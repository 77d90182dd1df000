"""The yearly re-evaluation for the face: making the lists, deciding item by item, and putting decisions into force."""

from collections import Counter, defaultdict
from typing import Any

import frappe
from frappe.utils import cint, get_datetime, getdate, now_datetime

from medaffairs.privileging import ledger
from medaffairs.privileging.reevaluation import evidence, rules

SHEET = "Privilege Reevaluation"
ITEM = "Privilege Reevaluation Item"
ITEM_COLUMNS = ("name", "parent", "parenttype", "parentfield", "practitioner", "practitioner_name", "grant", "item_name",
                "level", "volume", "complications", "unplanned_reoperations", "proposal", "creation", "modified", "owner",
                "modified_by", "docstatus", "idx")  # fmt: skip
REVOKE_REASON, SUSPEND_REASON = "REVOKE_REASON-REEVALUATION", "SUSPEND_REASON-COMPLICATIONS"


def _office() -> None:
    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)


@frappe.whitelist(methods=["POST"])
def generate(year: int, kind: str, department: str | None = None) -> dict[str, Any]:
    """Makes the re-evaluation lists of a year: one per department, one row per privilege that holds.

    A list that is still open gets what is missing and the newest evidence, a completed one stays as it is, so that
    generating again is harmless.

    :param department: only this one
    :returns: sheets: their names, items: how many rows they have, completed: lists that were left alone
    """
    _office()
    if not frappe.db.exists("Privilege Kind", kind):
        frappe.throw(frappe._("There is no kind of privilege {0}").format(kind))
    if not 2000 <= cint(year) <= getdate().year:
        frappe.throw(frappe._("The year must lie between 2000 and {0}").format(getdate().year))
    by_department, facts = _held(kind, department), evidence.of_year(kind, cint(year))
    limits = _limits(kind)
    names, items, completed = [], 0, 0
    for place in sorted(by_department):
        sheet = _sheet_of(cint(year), kind, place)
        if sheet.status == "Completed":
            completed += 1
            continue
        items += _fill(sheet, by_department[place], facts, limits)
        names.append(sheet.name)
    return {"sheets": names, "items": items, "completed": completed}


def _held(kind: str, department: str | None) -> dict[str, list[Any]]:
    filters = {"employment_status": ("!=", "Left")} | ({"department": department} if department else {})
    places = dict(
        frappe.get_all("Practitioner", filters=filters, fields=["name", "department"], as_list=True)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in frappe.get_all(
        "Privilege Grant",
        filters={"kind": kind, "status": ("in", ("Active", "Suspended")), "grant_type": "Regular"},
        fields=["name", "practitioner", "practitioner_name", "code", "item_name", "level"],
        order_by="practitioner, code",
        limit_page_length=0,
    ):
        if row.practitioner in places:
            found[places[row.practitioner]].append(row)
    return found


def _limits(kind: str) -> rules.Limits:
    fields = [
        "reevaluation_min_volume",
        "reevaluation_max_unplanned",
        "reevaluation_max_complication_percent",
    ]
    volume, unplanned, percent = frappe.db.get_value("Privilege Kind", kind, fields)
    return rules.Limits(cint(volume), cint(unplanned), float(percent or 0))


def _sheet_of(year: int, kind: str, department: str) -> Any:
    name = frappe.db.get_value(SHEET, {"year": year, "kind": kind, "department": department})
    if name:
        return frappe.get_doc(SHEET, name, for_update=True)
    return frappe.get_doc(doctype=SHEET, year=year, kind=kind, department=department, status="Open").insert()


def _fill(sheet: Any, held: list[Any], facts: dict, limits: rules.Limits) -> int:
    """Adds missing rows and brings the evidence of undecided ones up to date; how many rows the sheet has."""
    present = {row.grant: row for row in sheet.items}
    for row in held:
        known = present.get(row.name)
        if known is None or known.decision:
            continue
        found = facts.get((row.practitioner, row.code), evidence.Evidence())
        values = dict(found._asdict(), proposal=rules.propose(*found, limits))
        if any(known.get(field) != value for field, value in values.items()):
            frappe.db.set_value(ITEM, known.name, values, update_modified=False)
    fresh = [row for row in held if row.name not in present]
    moment, user = now_datetime(), frappe.session.user
    rows = []
    for idx, row in enumerate(fresh, len(present) + 1):
        found = facts.get((row.practitioner, row.code), evidence.Evidence())
        rows.append(
            (
                frappe.generate_hash(length=10), sheet.name, SHEET, "items", row.practitioner, row.practitioner_name, row.name,
                row.item_name, row.level, *found, rules.propose(*found, limits), moment, moment, user, user, 0, idx,
            )
        )  # fmt: skip
    if rows:
        frappe.db.bulk_insert(ITEM, list(ITEM_COLUMNS), rows)
    return len(present) + len(rows)


@frappe.whitelist(methods=["GET"])
def sheet(name: str) -> dict[str, Any]:
    """A re-evaluation list with its rows, how many of which proposal and decision, and the limits behind them."""
    doc = frappe.get_doc(SHEET, name)
    doc.check_permission("read")
    fields = ("practitioner", "practitioner_name", "grant", "item_name", "level", "volume", "complications",
              "unplanned_reoperations", "proposal", "decision", "remark", "applied_at")  # fmt: skip
    return {
        "name": doc.name, "year": doc.year, "kind": doc.kind, "department": doc.department, "status": doc.status,
        "decided_at": doc.decided_at, "limits": _limits(doc.kind)._asdict(),
        "proposals": Counter(row.proposal for row in doc.items), "decisions": Counter(row.decision or "" for row in doc.items),
        "items": [{field: row.get(field) for field in fields} for row in doc.items],
        "may_decide": doc.status == "Open" and doc.has_permission("create"),
    }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def decide(name: str, items: list[dict]) -> dict[str, Any]:
    """Decides rows of an open list; nothing changes for the privileges until it is completed.

    :param items: {grant, decision: Continue/Suspend/Revoke or empty to take it back, remark}
    :returns: decided and open: how many rows
    :raises frappe.ValidationError: naming the row that is not on the list, or decided in another word
    """
    _office()
    doc = frappe.get_doc(SHEET, name, for_update=True)
    doc.check_permission("write")
    rows = {row.grant: row for row in doc.items}
    for number, entry in enumerate(items, 1):
        row = rows.get(entry.get("grant"))
        if row is None:
            frappe.throw(frappe._("Row {0}: {1} is not on this list").format(number, entry.get("grant")))
        if entry.get("decision") not in (*rules.DECISIONS, "", None):
            frappe.throw(frappe._("Row {0}: {1} is not a decision").format(number, entry.get("decision")))
        row.decision = entry.get("decision") or ""
        if "remark" in entry:
            row.remark = entry["remark"]
    doc.save()
    undecided = sum(not row.decision for row in doc.items)
    return {"decided": len(doc.items) - undecided, "open": undecided}


@frappe.whitelist(methods=["POST"])
def accept_proposals(name: str) -> dict[str, Any]:
    """Decides every undecided row of a list as its evidence proposes."""
    doc = frappe.get_doc(SHEET, name)
    doc.check_permission("read")
    own = frappe.db.get_value("Practitioner", {"user": frappe.session.user})
    return decide(
        name,
        [
            {"grant": row.grant, "decision": row.proposal}
            for row in doc.items
            if not row.decision and (not own or row.practitioner != own)
        ],
    )


@frappe.whitelist(methods=["POST"])
def complete(name: str) -> dict[str, int]:
    """Puts the decisions of a list into force: extends, suspends, takes back. A second call changes nothing.

    :returns: continued, suspended, revoked, passed_over (no longer held): how many privileges
    :raises frappe.ValidationError: while rows are undecided
    """
    _office()
    doc = frappe.get_doc(SHEET, name, for_update=True)
    doc.check_permission("write")
    counts = Counter({"continued": 0, "suspended": 0, "revoked": 0, "passed_over": 0})
    if doc.status == "Completed":
        return dict(counts)
    undecided = sum(not row.decision for row in doc.items)
    if undecided:
        frappe.throw(frappe._("{0} rows are not decided yet").format(undecided))
    months = cint(frappe.db.get_value("Privilege Kind", doc.kind, "reevaluation_months")) or 12
    until = frappe.utils.add_to_date(now_datetime(), months=months)
    waiting = [row for row in doc.items if not row.applied_at]
    kept = []
    for row in waiting:
        outcome = _apply(doc, row)
        counts[outcome] += 1
        if outcome == "continued":
            kept.append(row.grant)
    ledger.extend_many(kept, until, frappe._("Re-evaluation {0}").format(doc.name))
    _mark_applied([row.name for row in waiting])
    doc.reload()
    doc.flags.completing = True
    doc.status, doc.decided_at = "Completed", now_datetime()
    doc.save()
    return dict(counts)


def _mark_applied(names: list[str]) -> None:
    item, moment = frappe.qb.DocType(ITEM), now_datetime()
    for start in range(0, len(names), 500):
        chosen = item.name.isin(names[start : start + 500])
        frappe.qb.update(item).set(item.applied_at, moment).where(chosen).run()


def _apply(doc: Any, row: Any) -> str:
    held = frappe.db.get_value(
        "Privilege Grant", row.grant, ["status", "valid_to", "revoke_reason"], as_dict=True
    )
    ended = bool(held and held.valid_to) and get_datetime(held.valid_to) <= now_datetime()
    if not held or ended or held.status in ("Revoked", "Expired") or held.revoke_reason:
        return "passed_over"
    words = frappe._("Re-evaluation {0}").format(doc.name)
    if row.decision == rules.REVOKE:
        reason = frappe.db.get_value("Dictionary Item", REVOKE_REASON, "item_name") or frappe._(
            "Re-evaluation failed"
        )
        ledger.revoke(row.grant, "；".join(filter(None, [reason, words, row.remark])))
        return "revoked"
    if row.decision == rules.SUSPEND:
        frappe.get_doc(
            doctype="Privilege Suspension", practitioner=row.practitioner, kind=doc.kind, grant=row.grant,
            reason=SUSPEND_REASON, from_time=now_datetime(), remark="；".join(filter(None, [words, row.remark])),
        ).insert()  # fmt: skip
        return "suspended"
    return "continued"
