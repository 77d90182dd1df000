"""The application sheet for the face: kinds, catalogue, conditions, applying, and an application with its way."""

from typing import Any

import frappe
from frappe.utils import now_datetime

from medaffairs.approval import engine
from medaffairs.approval import rules as approval_rules
from medaffairs.approval.api import opinions
from medaffairs.privileging import eligibility_facts, rules
from medaffairs.privileging.index import current_index

PAGE = 50
MOST_ITEMS = 100


def own_practitioner() -> str:
    """The practitioner that the user is.

    :raises frappe.ValidationError: when he is none
    """
    name = frappe.db.get_value("Practitioner", {"user": frappe.session.user})
    if not name:
        frappe.throw(
            frappe._("Your account is not linked to a practitioner. Please ask the medical-affairs office.")
        )
    return name


def _item_type(kind: str) -> str:
    """What the items of a kind are: procedures or drug privileges.

    :raises frappe.ValidationError: for a kind that the hospital does not have
    """
    item_type = frappe.db.get_value("Privilege Kind", {"name": kind, "disabled": 0}, "item_doctype")
    if not item_type:
        frappe.throw(frappe._("This kind of privilege is not known: {0}").format(kind[:40]))
    return item_type


@frappe.whitelist(methods=["GET"])
def kinds() -> list[dict[str, Any]]:
    """Kinds of privileges that can be applied for."""
    return frappe.get_all(
        "Privilege Kind",
        filters={"disabled": 0},
        fields=["kind_code", "kind_name", "item_doctype"],
        order_by="creation",
    )


@frappe.whitelist(methods=["GET"])
def catalogue(kind: str, text: str = "", level: str = "", start: int = 0) -> list[dict[str, Any]]:
    """Items of a kind, by name, code or pinyin initials, with whether the user holds them."""
    item_type = _item_type(kind)
    if item_type == "Procedure":
        name_field, level_field, filters = "procedure_name", "hospital_level", {"status": "Active"}
        filters |= {"hospital_level": level} if level else {}
    else:
        name_field, level_field, filters = "privilege_name", "grade", {"kind": kind, "disabled": 0}
    text = text.strip()[:60]
    either = (
        {field: ("like", f"%{text}%") for field in ("name", name_field, "pinyin_initials")} if text else None
    )
    rows = frappe.get_all(
        item_type, filters=filters, or_filters=either, order_by="name", start=start, page_length=PAGE,
        fields=["name as code", f"{name_field} as item_name", f"{level_field} as level"],
    )  # fmt: skip
    practitioner = frappe.db.get_value("Practitioner", {"user": frappe.session.user})
    index, moment = current_index(), now_datetime()
    for row in rows:
        row.held = bool(practitioner) and rules.decide(index, practitioner, kind, row.code, moment).allowed
    return rows


@frappe.whitelist(methods=["GET"])
def eligibility(kind: str, codes: str | list) -> list[dict[str, Any]]:
    """Which conditions the user meets and which are missing, per item."""
    asked = [str(code) for code in frappe.parse_json(codes)[:MOST_ITEMS]]
    verdicts = eligibility_facts.judge(own_practitioner(), kind, asked)
    return [_verdict(verdict) for verdict in verdicts.values()]


def _verdict(verdict: Any) -> dict[str, Any]:
    criteria = [criterion._asdict() for criterion in verdict.criteria]
    return {"code": verdict.code, "eligible": verdict.eligible, "criteria": criteria}


@frappe.whitelist(methods=["POST"])
def apply(kind: str, codes: str | list, reason: str = "", submit: bool = True) -> dict[str, str]:
    """Makes an application and, if told so, hands it in."""
    codes = frappe.parse_json(codes)
    if not codes or len(codes) > MOST_ITEMS:
        frappe.throw(frappe._("Please choose between 1 and {0} items").format(MOST_ITEMS))
    item_type = _item_type(kind)
    doc = frappe.get_doc(
        doctype="Privilege Application", practitioner=own_practitioner(), kind=kind, reason=reason
    )
    for code in codes:
        doc.append("items", {"item_type": item_type, "code": str(code)})
    doc.insert()
    if submit:
        engine.act(doc.doctype, doc.name, "Submit", reason)
    return {"name": doc.name}


@frappe.whitelist(methods=["GET"])
def my_applications() -> list[dict[str, Any]]:
    """The user's own applications, the newest first."""
    rows = frappe.get_all(
        "Privilege Application",
        filters={"practitioner": own_practitioner()},
        fields=["name", "kind", "workflow_state", "submitted_at", "creation"],
        order_by="creation desc",
        limit_page_length=20,
    )
    for row in rows:
        row.title = f"{frappe.get_cached_value('Privilege Kind', row.kind, 'kind_name')} {row.name}"
    return rows


@frappe.whitelist(methods=["GET"])
def application(name: str) -> dict[str, Any]:
    """An application with its way, its opinions and what the user may do."""
    doc = frappe.get_doc("Privilege Application", name)
    doc.check_permission("read")
    user, state = frappe.session.user, doc.workflow_state
    route = engine.route_of(doc)
    verdicts = eligibility_facts.judge(doc.practitioner, doc.kind, [row.code for row in doc.items])
    deciding = (
        bool(engine.acting_for(doc, user))
        and state in approval_rules.STEP_FIELDS
        and state != "Committee Vote"
    )
    may_return = bool(engine.acting_for(doc, user)) and state in approval_rules.STEP_FIELDS
    waiting = engine.deciders(doc) if state in approval_rules.STEP_FIELDS else []
    return {
        "doc": _head(doc) | {"items": [_item(row, verdicts[row.code]) for row in doc.items]},
        "steps": _steps(route, state), "opinions": opinions(doc.doctype, name), "actions": engine.actions(doc, user),
        "decides_items": deciding,
        "return_states": approval_rules.earlier_steps(route, state) if may_return else [],
        "can_withdraw": engine.may_withdraw(doc, user), "due": doc.due_at, "late": _late(doc),
        "waiting_for": "、".join(frappe.utils.get_fullname(entry) for entry in waiting[:5]) or None,
        "ballot": doc.ballot,
    }  # fmt: skip


def _late(doc: Any) -> bool:
    return bool(
        doc.due_at and doc.workflow_state in approval_rules.STEP_FIELDS and doc.due_at <= now_datetime()
    )


def _head(doc: Any) -> dict[str, Any]:
    title = frappe.db.get_value("Practitioner", doc.practitioner, "title")
    return {
        "name": doc.name, "practitioner": doc.practitioner, "practitioner_name": doc.practitioner_name, "kind": doc.kind,
        "kind_name": frappe.get_cached_value("Privilege Kind", doc.kind, "kind_name"), "workflow_state": doc.workflow_state,
        "department_name": frappe.db.get_value("Clinical Department", doc.department, "department_name"),
        "title_name": frappe.db.get_value("Dictionary Item", title, "item_name") if title else None,
        "submitted_at": doc.submitted_at, "decided_at": doc.decided_at, "reason": doc.reason,
    }  # fmt: skip


def _item(row: Any, verdict: Any) -> dict[str, Any]:
    decisions = [
        {"step": step, "decision": row.get(field)}
        for step, field in approval_rules.STEP_FIELDS.items()
        if row.get(field) in ("Agree", "Refuse")
    ]
    values = {key: row.get(key) for key in ("code", "item_name", "level", "remark", "grant")}
    return values | {"decisions": decisions, "open": approval_rules.still_open(row.as_dict()),
                     "eligible": verdict.eligible, "criteria": _verdict(verdict)["criteria"]}  # fmt: skip


def _steps(route: str, state: str) -> list[dict[str, str]]:
    steps = ["Draft", *approval_rules.ROUTES[route], "Approved"]
    if state in ("Rejected", "Returned"):
        return [{"state": step, "status": "open"} for step in steps[:-1]] + [
            {"state": state, "status": "current"}
        ]
    position = steps.index(state) if state in steps else 0
    return [
        {
            "state": step,
            "status": "done"
            if number < position or state == "Approved"
            else "current"
            if number == position
            else "open",
        }
        for number, step in enumerate(steps)
    ]
