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
                frappe._(action), frappe._(doc.workflow_state)
            )
        )
    if not may(doc, frappe.session.user, action):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    words = words.strip()
    if step.words and not words:
        frappe.throw(frappe._("Please give the reason"))
    return words
