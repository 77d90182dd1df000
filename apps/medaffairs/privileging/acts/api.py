"""Explaining and judging acts without a privilege, and reminding those who owe an explanation."""

from datetime import datetime
from typing import Any

import frappe
from frappe.utils import get_datetime, now_datetime

from medaffairs.privileging import rules as privileges
from medaffairs.privileging import unauthorized
from medaffairs.privileging.acts import notices, rules
from medaffairs.privileging.index import current_index

SHOWN = ("name", "status", "practitioner", "practitioner_name", "kind", "code", "item_name", "occurred_at", "explanation",
         "explained_at", "handling", "handled_by", "handled_at", "reminded_at")  # fmt: skip
MOST = 200


def _office() -> None:
    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)


def _act(name: str) -> Any:
    doc = frappe.get_doc("Unauthorized Act", name, for_update=True)
    doc.check_permission("write")
    return doc


def _text(value: str) -> str:
    if not (value or "").strip():
        frappe.throw(frappe._("Please write what happened"))
    return value.strip()


def _shown(doc: Any) -> dict[str, Any]:
    doc.reload()
    return {field: doc.get(field) for field in SHOWN}


@frappe.whitelist(methods=["POST"])
def explain(name: str, explanation: str) -> dict[str, Any]:
    """The person concerned says why; possible until the office has judged.

    :returns: the act's fields
    """
    doc = _act(name)
    doc.update({"explanation": _text(explanation), "status": rules.EXPLAINED, "explained_at": now_datetime()})
    doc.save()
    notices.tell_office(doc)
    return _shown(doc)


@frappe.whitelist(methods=["POST"])
def confirm(name: str, handling: str) -> dict[str, Any]:
    """The office finds that the act was not permitted, and says what follows."""
    return _judge(name, rules.CONFIRMED, handling)


@frappe.whitelist(methods=["POST"])
def dismiss(name: str, handling: str) -> dict[str, Any]:
    """The office finds that there is nothing to reproach, and says why."""
    return _judge(name, rules.DISMISSED, handling)


@frappe.whitelist(methods=["POST"])
def reopen(name: str, reason: str) -> dict[str, Any]:
    """The office takes its judgement back."""
    return _judge(name, rules.OPEN, reason)


def _judge(name: str, status: str, words: str) -> dict[str, Any]:
    _office()
    doc = _act(name)
    doc.update(
        {
            "status": status, "handling": _text(words), "handled_by": frappe.session.user, "handled_at": now_datetime(),
        }
    )  # fmt: skip
    doc.save()
    notices.tell_person(doc)
    return _shown(doc)


@frappe.whitelist(methods=["POST"])
def remind(names: list) -> dict[str, int]:
    """Reminds the person and the head of the department of acts that wait for an explanation.

    :param names: at most 200 acts; those that are explained or judged are passed over
    :returns: reminded: for how many
    """
    _office()
    count = 0
    for name in dict.fromkeys(str(name) for name in names[:MOST]):
        doc = _act(name)
        if doc.status == rules.OPEN:
            notices.remind(doc)
            count += 1
    return {"reminded": count}


@frappe.whitelist(methods=["POST"])
def register(
    practitioner: str,
    kind: str,
    code: str,
    occurred_at: str,
    remark: str,
    patient_id: str = "",
    visit_no: str = "",
) -> dict[str, Any]:
    """An act that the office found by itself, e.g. in the operating theatre's book.

    :returns: the act's fields; the same act of the same moment is kept once
    """
    _office()
    moment = get_datetime(occurred_at)
    if moment > now_datetime():
        frappe.throw(frappe._("The act must not lie in the future"))
    if not frappe.db.exists("Practitioner", practitioner):
        frappe.throw(frappe._("There is no practitioner {0}").format(practitioner))
    name = _record_found(
        practitioner, kind, code, moment, _text(remark), patient_id=patient_id, visit_no=visit_no
    )
    return _shown(frappe.get_doc("Unauthorized Act", name))


def _record_found(
    practitioner: str,
    kind: str,
    code: str,
    occurred_at: datetime,
    remark: str,
    *,
    patient_id: str,
    visit_no: str,
) -> str:
    """Keeps an act that the office found by itself; the name of the record.

    :raises frappe.ValidationError: when it was permitted at that moment
    """
    decision = privileges.decide(current_index(), practitioner, kind, code, occurred_at)
    if decision.allowed:
        frappe.throw(frappe._("The act was permitted: {0}").format(decision.describe(frappe._)))
    source = frappe.db.get_value("Dictionary Item", "ACT_SOURCE-MANUAL", "item_name") or "MANUAL"
    name = unauthorized.record_denial(
        practitioner, kind, code, decision, occurred_at, source_system=source, patient_id=patient_id or None,
        visit_no=visit_no or None, source_key=f"MANUAL/{practitioner}/{kind}/{code}/{occurred_at:%Y%m%d%H%M}",
    )  # fmt: skip
    if not frappe.db.get_value("Unauthorized Act", name, "handling"):
        frappe.db.set_value("Unauthorized Act", name, "handling", remark)
    return name


@frappe.whitelist(methods=["GET"])
def waiting_for_me() -> list[dict[str, Any]]:
    """The user's own acts that he has not explained, the oldest first."""
    person = frappe.db.get_value("Practitioner", {"user": frappe.session.user})
    if not person or not frappe.has_permission("Unauthorized Act", "read"):
        return []
    return frappe.get_list(
        "Unauthorized Act", filters={"practitioner": person, "status": rules.OPEN}, fields=list(SHOWN),
        order_by="occurred_at", limit_page_length=MOST,
    )  # fmt: skip
