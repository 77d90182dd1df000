"""Circulation (传阅): a case is given to people to read, with a question; each replies in his own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import frappe
from frappe.utils import get_datetime, getdate, now_datetime

from medaffairs.approval import engine, handling
from medaffairs.dispute import rules, steps
from medaffairs.dispute.cases import handles
from medaffairs.messaging import outbox
from medaffairs.organization.validation import rules_apply

OPEN, REPLIED, WITHDRAWN = "Open", "Replied", "Withdrawn"
CIRCULATED, ANSWERED = "CASE_CIRCULATED", "CASE_REPLIED"
MOST_READERS = 30


def circulate(
    doctype: str, name: str, readers: Sequence[str], question: str, answer_by: str = ""
) -> list[str]:
    """Gives a case to people to read; the names of the circulations.

    :param readers: staff numbers or accounts
    :param answer_by: the last day for a reply; empty: by the hospital's time limit
    :raises frappe.ValidationError: naming whoever has no account or has the case already
    """
    doc = frappe.get_doc(doctype, name, for_update=True)
    question = steps.check(doc, "Circulate", question)
    users = list(dict.fromkeys(steps.user_of(str(reader), "Reader") for reader in readers))
    if not users or len(users) > MOST_READERS:
        frappe.throw(frappe._("Reader: please name 1 to {0} people").format(MOST_READERS))
    if answer_by and getdate(answer_by) < getdate():
        frappe.throw(frappe._("{0} must not lie in the past").format(frappe._("Answer By")))
    made = [_give(doc, user, question, answer_by) for user in users]
    names = "、".join(row.reader_name for row in made)
    steps.keep(doc, "Circulate", "：".join(filter(None, (names, question))))
    return [row.name for row in made]


def reply(name: str, words: str, evidence: str = "") -> Any:
    """Replies to a circulation; whoever asked is told.

    :raises frappe.PermissionError: for anybody but its reader
    :raises frappe.ValidationError: when it was replied to or taken back, or without words
    """
    row = frappe.get_doc(rules.CIRCULATION, name, for_update=True)
    if row.reader != frappe.session.user:
        frappe.throw(frappe._("This circulation is somebody else's to answer"), frappe.PermissionError)
    if row.status != OPEN:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(frappe._("Reply"), frappe._(row.status))
        )
    words = words.strip()
    if not words:
        frappe.throw(frappe._("Reply: please write something"))
    with rules_apply():
        rules.check_lengths([("Reply", words, rules.LONGEST_TEXT)])
    row.evidence = handling.attach(row, evidence)
    row.update({"status": REPLIED, "reply": words, "replied_at": now_datetime()})
    row.save(ignore_permissions=True)
    doc = frappe.get_doc(row.reference_doctype, row.reference_name)
    user = frappe.session.user
    engine.keep_opinion(doc, doc.workflow_state, "Reply", doc.workflow_state, words, user, user)
    _tell(ANSWERED, list({row.asked_by, doc.handler or row.asked_by}), row, "reply")
    return row


def take_back(name: str) -> Any:
    """Takes a circulation back that nobody has answered; its reader sees the case no more.

    :raises frappe.PermissionError: for those who do not handle the case
    """
    row = frappe.get_doc(rules.CIRCULATION, name, for_update=True)
    doc = frappe.get_doc(row.reference_doctype, row.reference_name)
    if not handles(doc, frappe.session.user):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if row.status != OPEN:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(
                frappe._("Take Back"), frappe._(row.status)
            )
        )
    row.status = WITHDRAWN
    row.save(ignore_permissions=True)
    outbox.withdraw(f"circulation|{row.name}")
    return row


def of_case(doctype: str, name: str) -> list[dict[str, Any]]:
    """The circulations of a case, the newest first."""
    return frappe.get_all(
        rules.CIRCULATION, filters={"reference_doctype": doctype, "reference_name": name},
        fields=["name", "reader", "reader_name", "department", "status", "asked_by", "asked_at", "answer_by", "question", "reply",
                "replied_at", "evidence"],
        order_by="asked_at desc, name", limit_page_length=0,
    )  # fmt: skip


def _give(doc: Any, user: str, question: str, answer_by: str) -> Any:
    known = {"reference_doctype": doc.doctype, "reference_name": doc.name, "reader": user, "status": OPEN}
    full_name = frappe.utils.get_fullname(user)
    if frappe.db.exists(rules.CIRCULATION, known):
        frappe.throw(frappe._("Reader: {0} has the case already").format(full_name))
    row = frappe.get_doc(
        doctype=rules.CIRCULATION, **known, reader_name=full_name, question=question, answer_by=getdate(answer_by) if answer_by else None,
        department=frappe.db.get_value("Practitioner", {"user": user}, "department"), asked_by=frappe.session.user,
        asked_at=get_datetime(),
    ).insert(ignore_permissions=True)  # fmt: skip
    _tell(CIRCULATED, [user], row, "asked")
    return row


def _tell(template: str, users: list[str], row: Any, about: str) -> None:
    values = {"type": frappe._(row.reference_doctype), "number": row.reference_name}
    receivers = [user for user in users if user and user not in ("Administrator", frappe.session.user)]
    outbox.send(
        template, receivers, values, reference=(row.reference_doctype, row.reference_name),
        key=f"circulation|{row.name}|{about}",
    )  # fmt: skip
