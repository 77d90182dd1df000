"""What the hospital's printed forms show: application sheet, certificate, reminder, re-evaluation list.

The templates call these functions (hook `jinja`); each checks that the reader may print the document that it is
given, because any template of the site can call it.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, formatdate, get_datetime, getdate, now_datetime

from medaffairs import reporting
from medaffairs.approval import rules as approval_rules
from medaffairs.privileging import rules

STEP_TITLES = {
    "Department Review": "Opinion of the Department",
    "Branch Review": "Opinion of the Party Branch",
    "Pharmacy Review": "Opinion of the Pharmacy",
    "Office Review": "Opinion of the Medical Affairs Office",
    "Committee Vote": "Resolution of the Authorisation Committee",
}
SIGNERS = {
    "Department Review": "Signature of the Head of Department",
    "Branch Review": "Signature of the Party Secretary",
    "Pharmacy Review": "Signature for the Pharmacy",
    "Office Review": "Signature for the Medical Affairs Office",
    "Committee Vote": "Signature of the Chair of the Committee",
}
STEP_COLUMNS = {
    "Department Review": "Department Decision",
    "Branch Review": "Branch Decision",
    "Pharmacy Review": "Pharmacy Decision",
    "Office Review": "Office Decision",
    "Committee Vote": "Committee Decision",
}
VOTE_WORDS = {
    "Open": "Vote in progress",
    "Passed": "Carried",
    "Rejected": "Not carried",
    "Failed": "No quorum",
    "Cancelled": "Vote cancelled",
}
DECISION_WORDS = {"Agree": "Agreed", "Refuse": "Not agreed"}


def hospital_name() -> str:
    """The hospital's name as it stands over every form."""
    return frappe.db.get_single_value("Medical Affairs Settings", "hospital_name") or ""


def chinese_date(value: Any) -> str:
    """A day as forms write it: 2026年11月25日; blanks to fill in when there is none."""
    return f"{getdate(value):%Y年%m月%d日}" if value else "　　　年　　月　　日"


def application_print(doc: Any) -> dict[str, Any]:
    """An application with its applicant, items, the opinion of every step of its way, and the vote.

    :raises frappe.PermissionError: when the reader may not print the application
    """
    doc.check_permission("print")
    person = _person(doc.practitioner)
    route = frappe.get_cached_value("Privilege Kind", doc.kind, "route")
    steps = approval_rules.ROUTES[route]
    opinions = _opinions(doc)
    return {
        "hospital": hospital_name(),
        "kind": frappe.get_cached_value("Privilege Kind", doc.kind, "kind_name"),
        "person": person,
        "exam": _exam(doc),
        "items": [_item(row, steps) for row in doc.items],
        "has_levels": any(row.level for row in doc.items),
        "step_columns": [_(STEP_COLUMNS[step]) for step in steps],
        "steps": [_step(step, opinions.get(step)) for step in steps],
        "vote": _vote(doc.ballot) if doc.get("ballot") else None,
        "state": _(doc.workflow_state or "Draft"),
        "printed": now_datetime(),
    }


def _person(name: str) -> dict[str, Any]:
    """The head of every form about a practitioner. Personal numbers are not printed."""
    fields = ["name", "practitioner_name", "gender", "department", "title", "title_date", "highest_degree", "profession",
              "work_start_date", "licence_no", "licence_category", "licence_scope"]  # fmt: skip
    row = frappe.db.get_value("Practitioner", name, fields, as_dict=True) or frappe._dict(name=name)
    row.department_name = frappe.db.get_value("Clinical Department", row.department, "department_name")
    row.title_name = frappe.db.get_value("Dictionary Item", row.title, "item_name") if row.title else ""
    for field in ("gender", "highest_degree", "licence_category", "profession"):
        row[field] = _(row[field]) if row.get(field) else ""
    return row


def _exam(doc: Any) -> str:
    if not doc.get("exam_result"):
        return ""
    exam = frappe.get_doc("Exam Result", doc.exam_result)
    name = frappe.db.get_value("Dictionary Item", exam.exam, "item_name")
    return _("{0}: {1} points ({2})").format(
        name, f"{exam.score:g}", formatdate(exam.exam_date, "yyyy-mm-dd")
    )


def _item(row: Any, steps: tuple[str, ...]) -> dict[str, Any]:
    refused = not approval_rules.still_open(row.as_dict())
    decisions = [row.get(approval_rules.STEP_FIELDS[step]) for step in steps]
    done = refused or all(decision == "Agree" for decision in decisions)
    return {
        "idx": row.idx,
        "code": row.code,
        "item_name": row.item_name,
        "level": reporting.level_name(row.level) if row.level else "",
        "decisions": [_(DECISION_WORDS[entry]) if entry in DECISION_WORDS else "" for entry in decisions],
        "outcome": (_("Privilege refused") if refused else _("Privilege granted")) if done else "",
        "remark": row.remark,
    }


def _opinions(doc: Any) -> dict[str, Any]:
    """The last decision of each step since the application was handed in last: what was returned is superseded."""
    rows = frappe.get_all(
        "Approval Opinion",
        filters={"reference_doctype": doc.doctype, "reference_name": doc.name},
        fields=["workflow_state", "action", "opinion", "actor", "on_behalf_of", "decided_at"],
        order_by="decided_at, creation",
    )
    found: dict[str, Any] = {}
    for row in rows:
        if row.action == "Submit":
            found = {}
        elif row.action in ("Approve", "Reject"):
            found[row.workflow_state] = row
    return found


def _step(state: str, opinion: Any) -> dict[str, Any]:
    made = {
        "title": _(STEP_TITLES[state]),
        "signer": _(SIGNERS[state]),
        "opinion": "",
        "name": "",
        "date": chinese_date(None),
    }
    if opinion and state != "Committee Vote":
        name = frappe.utils.get_fullname(opinion.actor)
        if opinion.on_behalf_of:
            name = _("{0} (for {1})").format(name, frappe.utils.get_fullname(opinion.on_behalf_of))
        words = _("Agreed") if opinion.action == "Approve" else _("Not agreed")
        made.update(opinion=opinion.opinion or words, name=name, date=chinese_date(opinion.decided_at))
    return made


def _vote(ballot: str) -> dict[str, Any]:
    """The result of a vote; who voted what is never printed."""
    doc = frappe.get_doc("Ballot", ballot)
    entitled = [row for row in doc.voters if not cint(row.recused)]
    closed = doc.status != "Open"
    return {
        "name": doc.name,
        "committee": doc.committee,
        "entitled": len(entitled),
        "voted": sum(cint(row.voted) for row in entitled),
        "recused": "、".join(_name(row.practitioner) for row in doc.voters if cint(row.recused)),
        "members": "、".join(_name(row.practitioner) for row in entitled),
        "threshold": f"{doc.threshold_percent or 0:g}%",
        "status": _(VOTE_WORDS.get(doc.status, doc.status)),
        "closed": closed,
        "date": chinese_date(doc.closed_at if closed else None),
        "items": [
            {
                "description": row.description,
                "for": row.for_count,
                "against": row.against_count,
                "abstain": row.abstain_count,
                "outcome": _(VOTE_WORDS.get(row.outcome, "")),
            }
            for row in doc.items
        ]
        if closed
        else [],
    }


def _name(practitioner: str) -> str:
    return frappe.get_cached_value("Practitioner", practitioner, "practitioner_name") or practitioner


def certificate_print(doc: Any) -> dict[str, Any]:
    """A practitioner's privileges that are in force now: surgery by level, the other kinds with their grades.

    :raises frappe.PermissionError: when the reader may not print the practitioner's record
    """
    doc.check_permission("print")
    moment = now_datetime()
    grants = frappe.get_list(
        "Privilege Grant",
        filters={"practitioner": doc.name, "status": ("in", ("Active", "Suspended"))},
        fields=[
            "name",
            "kind",
            "code",
            "item_name",
            "level",
            "status",
            "valid_from",
            "valid_to",
            "grant_type",
        ],
        order_by="kind, level desc, code",
        limit_page_length=0,
    )
    grants = [row for row in grants if not row.valid_to or get_datetime(row.valid_to) > moment]
    in_force = [row for row in grants if row.status == "Active" and get_datetime(row.valid_from) <= moment]
    return {
        "hospital": hospital_name(),
        "person": _person(doc.name),
        "number": f"{moment:%Y}-{doc.name}",
        "groups": _groups(in_force),
        "total": len(in_force),
        "suspended": sum(row.status == "Suspended" for row in grants),
        "valid_to": chinese_date(min((row.valid_to for row in in_force if row.valid_to), default=None)),
        "date": chinese_date(moment),
    }


def _groups(grants: list) -> list[dict[str, Any]]:
    """Privileges under their kind and, for surgery, their level: the highest first."""
    kinds, found = reporting.kind_names(), {}
    for row in grants:
        key = (row.kind, row.level or "" if row.kind == "SURGERY" else "")
        found.setdefault(key, []).append(row)
    order = list(kinds)
    keys = sorted(found, key=lambda key: (order.index(key[0]) if key[0] in order else 99, -int(key[1] or 0)))
    return [
        {
            "title": " · ".join(
                part for part in (kinds.get(kind, kind), reporting.level_name(level) if level else "") if part
            ),
            "rows": [
                {
                    "code": row.code,
                    "item_name": row.item_name or row.code,
                    "valid_to": f"{getdate(row.valid_to):%Y-%m-%d}" if row.valid_to else _("Long-term"),
                    "temporary": _(row.grant_type) if row.grant_type != "Regular" else "",
                }
                for row in found[kind, level]
            ],
        }
        for kind, level in keys
    ]


def act_print(doc: Any) -> dict[str, Any]:
    """The reminder to a person who acted without a privilege, and to the head of his department.

    :raises frappe.PermissionError: when the reader may not print the record
    """
    doc.check_permission("print")
    words = rules.MESSAGES_WITHOUT_BOUND.get(doc.decision_reason, rules.MESSAGES.get(doc.decision_reason, ""))
    earlier = frappe.get_list(
        "Unauthorized Act",
        filters={
            "practitioner": doc.practitioner,
            "occurred_at": ("between", [f"{getdate(doc.occurred_at).year}-01-01", doc.occurred_at]),
            "status": ("!=", "Dismissed"),
        },
        pluck="name",
        limit_page_length=0,
    )
    return {
        "hospital": hospital_name(),
        "person": _person(doc.practitioner) if doc.practitioner else frappe._dict(),
        "department_name": frappe.db.get_value("Clinical Department", doc.department, "department_name"),
        "kind": frappe.db.get_value("Privilege Kind", doc.kind, "kind_name") if doc.kind else "",
        "reason": _(words) if words else doc.decision_reason,
        "count": len(earlier),
        "year": getdate(doc.occurred_at).year,
        "occurred": f"{get_datetime(doc.occurred_at):%Y-%m-%d %H:%M}",
        "status": _(doc.status),
        "date": chinese_date(doc.detected_at or doc.occurred_at),
        "answer_by": chinese_date(frappe.utils.add_days(doc.detected_at or doc.occurred_at, 3)),
    }


def reevaluation_print(doc: Any) -> dict[str, Any]:
    """The list on which a department's privileges are re-evaluated for a year.

    :raises frappe.PermissionError: when the reader may not print the list
    """
    doc.check_permission("print")
    titles = reporting.names_of("Dictionary Item", "item_name")
    people = {
        row.name: row
        for row in frappe.get_all(
            "Practitioner",
            filters={"name": ("in", [row.practitioner for row in doc.items])},
            fields=["name", "practitioner_name", "title"],
        )
    }
    rows = [
        {
            "idx": row.idx,
            "staff_no": row.practitioner,
            "name": row.practitioner_name or people.get(row.practitioner, {}).get("practitioner_name"),
            "title": titles.get(people.get(row.practitioner, {}).get("title"), ""),
            "item_name": row.item_name,
            "level": reporting.level_name(row.level) if row.level else "",
            "volume": cint(row.volume),
            "complications": cint(row.complications),
            "reoperations": cint(row.unplanned_reoperations),
            "proposal": _(row.proposal or ""),
            "decision": _(row.decision or ""),
            "remark": row.remark or "",
        }
        for row in doc.items
    ]
    decisions = [row.decision or row.proposal for row in doc.get("items")]
    return {
        "hospital": hospital_name(),
        "department_name": frappe.db.get_value("Clinical Department", doc.department, "department_name"),
        "kind": frappe.get_cached_value("Privilege Kind", doc.kind, "kind_name"),
        "rows": rows,
        "people": len({row.practitioner for row in doc.items}),
        "counts": {word: decisions.count(word) for word in ("Continue", "Suspend", "Revoke")},
        "date": chinese_date(doc.decided_at),
    }
