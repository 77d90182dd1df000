"""Steps of documents that are handled rather than approved: each has states in which it is taken, and may need words.

The workflow holds states and roles. What it cannot say, who may take a step on *this* document, comes from the module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import frappe


class Step(NamedTuple):
    """In which states a step is taken, and whether it needs words (a reason, an opinion, an appeal)."""

    states: tuple[str, ...]
    words: bool = False


May = Callable[[Any, str, str], bool]


def possible(doc: Any, steps: Mapping[str, Step], may: May, user: str) -> list[str]:
    """The steps that a user may take now."""
    return [
        name for name, step in steps.items() if doc.workflow_state in step.states and may(doc, user, name)
    ]


def checked(doc: Any, steps: Mapping[str, Step], may: May, action: str, words: str) -> str:
    """The words of a step that the asking user may take now, without blanks around them.

    :param may: whether a user may take a step on a document
    :raises frappe.ValidationError: when the step is not possible in the document's state, or lacks its words
    :raises frappe.PermissionError: when it is not this user's to take
    """
    step = steps.get(action)
    if step is None or doc.workflow_state not in step.states:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(
                frappe._(action, context=doc.doctype), frappe._(doc.workflow_state, context=doc.doctype)
            )
        )
    if not may(doc, frappe.session.user, action):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    words = words.strip()
    if step.words and not words:
        frappe.throw(frappe._("Please give the reason"))
    return words


def attach(doc: Any, evidence: str) -> str | None:
    """Attaches a file that came with a step to the document, so that whoever reads that may open it; its address.

    Whoever takes a step often may not write the document, and so could only upload the file for himself.

    :param evidence: address of the file; empty for none
    :raises frappe.ValidationError: for what is neither the asking user's own file nor one of the document
    """
    if not evidence:
        return None
    rows = frappe.get_all(
        "File",
        filters={"file_url": evidence},
        fields=["name", "owner", "attached_to_doctype", "attached_to_name"],
    )
    here = (doc.doctype, doc.name)
    if any((row.attached_to_doctype, row.attached_to_name) == here for row in rows):
        return evidence
    own = [row for row in rows if row.owner == frappe.session.user and not row.attached_to_name]
    if not own:
        frappe.throw(frappe._("Please upload the file again: {0}").format(evidence))
    values = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
    frappe.db.set_value("File", own[0].name, values)
    return evidence
