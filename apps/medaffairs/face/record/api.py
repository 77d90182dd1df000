"""A record's surroundings for the face: where it stands, who is next, what was mailed and printed of it."""

from typing import Any

import frappe
from frappe.model.workflow import get_workflow_name
from frappe.utils import cint

from medaffairs.approval import engine
from medaffairs.face.record import rules
from medaffairs.organization import deadlines

APPROVED_BY_ENGINE = frozenset({"Privilege Application"})
MOST_PEOPLE = 8
GLANCE_KEYS = ("fieldname", "fieldtype", "hidden", "in_preview", "in_list_view")
MOST_CANDIDATES = 200


def _readable(doctype: str, name: str) -> Any:
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return doc


@frappe.whitelist(methods=["GET"])
def standing(doctype: str, name: str) -> dict[str, Any]:
    """Where a record stands: its way, who is next, and until when.

    :returns: `steps` (state, status), `next` (full names, at most eight), `more` (how many others), `roles`,
        `clocks` that run, `due_at`
    :raises frappe.PermissionError: when the asking user may not read the record
    """
    doc = _readable(doctype, name)
    workflow = get_workflow_name(doctype)
    answer: dict[str, Any] = {"steps": [], "next": [], "more": 0, "roles": [], "due_at": doc.get("due_at")}
    clocks = [row for row in deadlines.clocks_of(doctype, name) if row.status != "Finished"]
    answer["clocks"] = [{key: row[key] for key in ("clock", "status", "due_at", "basis")} for row in clocks]
    if not workflow:
        return answer
    flow = frappe.get_cached_doc("Workflow", workflow)
    state = doc.get(flow.workflow_state_field)
    if not state:
        return answer
    transitions = [{"state": row.state, "next_state": row.next_state} for row in flow.transitions]
    answer["steps"] = rules.way([row.state for row in flow.states], transitions, state)
    answer["roles"] = list(dict.fromkeys(row.allowed for row in flow.transitions if row.state == state))
    people = _next_people(doc, answer["roles"])
    answer["next"] = [frappe.utils.get_fullname(user) for user in people[:MOST_PEOPLE]]
    answer["more"] = max(0, len(people) - MOST_PEOPLE)
    return answer


def _next_people(doc: Any, roles: list[str]) -> list[str]:
    """Who may take the next step: of the approval engine who decides, elsewhere who owes it or has the role."""
    if doc.doctype in APPROVED_BY_ENGINE:
        return engine.deciders(doc) if roles else []
    ask = getattr(doc, "deadline_people", None)
    running = [row.clock for row in deadlines.clocks_of(doc.doctype, doc.name) if row.status != "Finished"]
    owing = [user for clock in running for user in (ask(clock) if ask else [])]
    if owing or not roles:
        return list(dict.fromkeys(owing)) if roles else []
    enabled = frappe.get_all(
        "User",
        filters={"name": ("in", engine.users_with(roles) or [""]), "enabled": 1},
        order_by="full_name",
        limit_page_length=MOST_CANDIDATES,
        pluck="name",
    )
    return [
        user
        for user in enabled
        if user != "Administrator" and frappe.has_permission(doc.doctype, "write", doc, user=user)
    ]


@frappe.whitelist(methods=["GET"])
def correspondence(doctype: str, name: str) -> dict[str, list[dict[str, Any]]]:
    """Mails about a record and its prints, the newest fifty of each.

    :raises frappe.PermissionError: when the asking user may not read the record
    """
    _readable(doctype, name)
    mails = frappe.get_all(
        "Communication",
        filters={
            "reference_doctype": doctype,
            "reference_name": name,
            "communication_type": ("in", ("Communication", "Automated Message")),
        },
        fields=[
            "name", "subject", "content", "sender", "sender_full_name", "recipients", "communication_date", "creation",
            "sent_or_received", "delivery_status", "owner",
        ],
        order_by="creation desc",
        limit_page_length=50,
    )  # fmt: skip
    prints = frappe.get_all(
        "Access Log",
        filters={"export_from": doctype, "reference_document": name, "method": "Print"},
        fields=["user", "file_type", "timestamp"],
        order_by="timestamp desc",
        limit_page_length=50,
    )
    names = {row.user: frappe.utils.get_fullname(row.user) for row in prints}
    return {"mails": mails, "prints": [{**row, "full_name": names[row.user]} for row in prints]}


@frappe.whitelist(methods=["GET"])
def glance(doctype: str, name: str) -> dict[str, Any]:
    """A record in a few fields, as it is shown over a link to it.

    :returns: `title`, `image`, and `fields` of fieldname, label, fieldtype, options and value; only those that the
        asking user may see
    :raises frappe.PermissionError: when he may not read the record
    """
    doc = _readable(doctype, name)
    doc.apply_fieldlevel_read_permissions()
    meta = doc.meta
    chosen = rules.glance_fields([{key: field.get(key) for key in GLANCE_KEYS} for field in meta.fields])
    fields = []
    for fieldname in chosen:
        value = doc.get(fieldname)
        if value in (None, "") or fieldname == meta.title_field:
            continue
        field = meta.get_field(fieldname)
        target = doc.get(field.options) if field.fieldtype == "Dynamic Link" else field.options
        fields.append(
            {"fieldname": fieldname, "label": field.label, "fieldtype": field.fieldtype, "options": target,
             "parent": doctype, "value": value}
        )  # fmt: skip
    return {
        "title": doc.get_title(),
        "image": doc.get(meta.image_field) if meta.image_field else None,
        "fields": fields,
    }


@frappe.whitelist(methods=["GET"])
def people(text: str = "", limit: int = 8) -> list[dict[str, str]]:
    """Users whom a comment may mention or a record be handed to: by name, pinyin initials or account.

    :returns: `value` (the user), `label` (the name), `description` (where he works)
    """
    found = _practitioners(text, min(cint(limit) or 8, 20))
    if len(found) < limit:
        words = f"%{text}%"
        rows = frappe.get_all(
            "User",
            filters={
                "enabled": 1,
                "user_type": "System User",
                "name": ("not in", ("Administrator", "Guest")),
            },
            or_filters={"full_name": ("like", words), "name": ("like", words)} if text else None,
            fields=["name as value", "full_name as label"],
            order_by="full_name",
            limit_page_length=limit,
        )
        known = {row["value"] for row in found}
        found += [{**row, "description": ""} for row in rows if row.value not in known]
    return found[:limit]


def _practitioners(text: str, limit: int) -> list[dict[str, str]]:
    """Practitioners with an account; names and departments are what the hospital's address book shows everybody."""
    words = f"%{text}%"
    either = {
        key: ("like", words) for key in ("practitioner_name", "pinyin", "pinyin_initials", "staff_no", "user")
    }
    rows = frappe.get_all(
        "Practitioner",
        filters={"user": ("is", "set"), "employment_status": "Active"},
        or_filters=either if text else None,
        fields=["user", "practitioner_name", "department"],
        order_by="pinyin",
        limit_page_length=limit,
    )
    enabled = set(
        frappe.get_all(
            "User", filters={"name": ("in", [row.user for row in rows] or [""]), "enabled": 1}, pluck="name"
        )
    )
    return [
        {
            "value": row.user,
            "label": row.practitioner_name,
            "description": frappe.get_cached_value("Clinical Department", row.department, "department_name")
            or "",
        }
        for row in rows
        if row.user in enabled
    ]


@frappe.whitelist(methods=["GET"])
def full_names(users: str | list) -> dict[str, str]:
    """Names of at most fifty users, as everybody who works here may know them."""
    wanted = frappe.parse_json(users)
    if not isinstance(wanted, list):
        return {}
    return {str(user): frappe.utils.get_fullname(str(user)) for user in wanted[:50]}
