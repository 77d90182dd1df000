"""What the face asks of cases: steps, chain, circulation, records, viewers, notices."""

from typing import Any

import frappe

from medaffairs.dispute import chain as chains
from medaffairs.dispute import circulation, notices, records, rules, steps
from medaffairs.dispute import viewers as looking
from medaffairs.dispute.cases import handles


@frappe.whitelist(methods=["GET"])
def possible_steps(doctype: str, name: str) -> list[str]:
    """The steps that the asking user may take on a case."""
    return steps.possible(_readable(doctype, name), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def take(
    doctype: str, name: str, action: str, words: str = "", evidence: str = "", mode: str = "", to: str = "",
    ground: str = "", satisfaction: str = "", amount: float | None = None, day: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Takes a step: the state after it, and what it has made."""
    _readable(doctype, name)
    doc = steps.take(
        doctype,
        name,
        action,
        words,
        evidence,
        mode=mode,
        to=to,
        ground=ground,
        satisfaction=satisfaction,
        amount=amount,
        day=day,
    )
    made = doc.flags.made
    return {"name": doc.name, "workflow_state": doc.workflow_state} | (
        {"made": {"doctype": made[0], "name": made[1]}} if made else {}
    )


@frappe.whitelist(methods=["GET"])
def case(doctype: str, name: str) -> dict[str, Any]:
    """What stands beside a case: its chain, circulations, records and notices, and whether the user handles it."""
    doc = _readable(doctype, name)
    user = frappe.session.user
    given = circulation.of_case(doctype, name)
    mine = [row for row in given if row.reader == user and row.status == circulation.OPEN]
    inside = user == doc.owner or handles(doc, user) or frappe.has_permission(doctype, "write", doc=doc)
    return {
        "chain": chains.chain(doc),
        "circulations": given if inside or _leads(user) else [row for row in given if row.reader == user],
        "to_reply": [row.name for row in mine],
        "records": records.of_case(doctype, name),
        "kinds": list(rules.KINDS_OF[doctype])
        if handles(doc, user) and doc.workflow_state in rules.OPEN
        else [],
        "notices": _notices(doc),
        "handles": handles(doc, user),
        "sees_viewers": user == doc.owner or handles(doc, user),
    }


@frappe.whitelist(methods=["GET"])
def viewers(doctype: str, name: str) -> list[dict[str, Any]]:
    """Who has looked at a case, the latest first; for its owner and its handlers."""
    return looking.viewers(_readable(doctype, name), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def circulate(
    doctype: str, name: str, readers: str | list, question: str = "", answer_by: str = ""
) -> list[str]:
    """Gives a case to people to read: the names of the circulations."""
    _readable(doctype, name)
    return circulation.circulate(doctype, name, _names(readers), question, answer_by)


@frappe.whitelist(methods=["POST"])
def reply(name: str, words: str, evidence: str = "") -> str:
    """Replies to a circulation: its state."""
    return circulation.reply(name, words, evidence).status


@frappe.whitelist(methods=["POST"])
def take_back(name: str) -> str:
    """Takes a circulation back that nobody has answered: its state."""
    return circulation.take_back(name).status


@frappe.whitelist(methods=["POST"])
def void_record(name: str, reason: str) -> int:
    """Declares a record of a case void."""
    return records.void(name, reason).void


@frappe.whitelist(methods=["GET"])
def notice_templates(complaint: str) -> list[dict[str, Any]]:
    """The templates that are for a complaint."""
    return notices.suitable(_readable(rules.COMPLAINT, complaint))


@frappe.whitelist(methods=["POST"])
def issue_notice(complaint: str, template: str) -> str:
    """Makes the notice of a complaint from a template: its name."""
    doc = _readable(rules.COMPLAINT, complaint)
    if not handles(doc, frappe.session.user):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    return notices.issue(doc, template).name


def _readable(doctype: str, name: str) -> Any:
    if doctype not in rules.CASES:
        frappe.throw(frappe._("{0} is no case").format(doctype))
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return doc


def _leads(user: str) -> bool:
    return "Hospital Leader" in frappe.get_roles(user)


def _notices(doc: Any) -> list[dict[str, Any]]:
    if doc.doctype != rules.COMPLAINT or not frappe.has_permission(rules.NOTICE, "read"):
        return []
    return frappe.get_list(
        rules.NOTICE,
        filters={"complaint": doc.name},
        fields=["name", "title", "issued_on", "delivered_on"],
        order_by="creation desc",
    )


def _names(value: str | list) -> list[str]:
    found = frappe.parse_json(value) if isinstance(value, str) and value[:1] == "[" else value
    if isinstance(found, str):
        found = [part.strip() for part in found.replace("，", ",").split(",")]
    return [str(name) for name in found if name]
