"""What people may change of a document under approval by themselves, and what its steps alone change.

Frappe's workflow says which role takes which step. It does not keep an approver from writing another's decision
into the sheet, nor from taking a step past `engine.act`, where conditions, items and opinions are. This does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe

from medaffairs.approval import rules


@contextmanager
def stepping(doc: Any) -> Iterator[None]:
    """A step is being taken: until it is over, the document may be saved with what the step decides."""
    running = _running()
    key = (doc.doctype, doc.name)
    running[key] = running.get(key, 0) + 1
    try:
        yield
    finally:
        running[key] -= 1


def is_stepping(doc: Any) -> bool:
    """Whether a step is being taken on a document."""
    return bool(_running().get((doc.doctype, doc.name)))


def check(doc: Any, applicant: str | None) -> None:
    """Called by the controller's `validate`: keeps everything from which a right could follow.

    :param applicant: the user whose application it is
    :raises frappe.PermissionError: when the document is being handled, or is somebody else's
    """
    if is_stepping(doc):
        return
    before = doc.get_doc_before_save()
    if before is not None and before.workflow_state not in rules.OWN_STATES:
        frappe.throw(
            frappe._("The application is being handled: it changes by its steps alone"),
            frappe.PermissionError,
        )
    if before is not None and doc.workflow_state != before.workflow_state:
        frappe.throw(frappe._("Steps are taken on the page of the application"), frappe.PermissionError)
    if frappe.session.user not in ("Administrator", applicant):
        frappe.throw(frappe._("You can only apply for yourself"), frappe.PermissionError)
    known = {row.name: row.as_dict() for row in before.get("items")} if before is not None else {}
    for row in doc.get("items"):
        row.update(rules.kept_results(known.get(row.name)))
    for field in rules.SHEET_RESULTS:
        doc.set(field, before.get(field) if before is not None else None)


def _running() -> dict[tuple[str, str], int]:
    known = getattr(frappe.local, "medaffairs_steps", None)
    if known is None:
        known = frappe.local.medaffairs_steps = {}
    return known
