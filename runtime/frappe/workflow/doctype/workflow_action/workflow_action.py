"""What waits for somebody: one Workflow Action per document and state, open to the roles that may act."""

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.model.hooks import concerns
from frappe.model.workflow import (
    get_workflow,
    get_workflow_name,
    is_transition_condition_satisfied,
)
from frappe.utils import cint, get_datetime
from frappe.workflow.doctype.workflow_action import links, mails


class WorkflowAction(Document):
    """A document that waits in a state."""


def get_permission_query_conditions(user: str | None = None) -> str:
    """Actions open to one of the user's roles, or addressed to him."""
    user = user or frappe.session.user
    if user == "Administrator":
        return ""
    roles = ", ".join(frappe.db.escape(role, percent=False) for role in frappe.get_roles(user))
    own = frappe.db.escape(user, percent=False)
    permitted = f"select `parent` from `tabWorkflow Action Permitted Role` where `role` in ({roles})"
    return f"(`tabWorkflow Action`.`name` in ({permitted}) or `tabWorkflow Action`.`user` = {own})"


def has_permission(doc: Any, user: str) -> bool:
    """Whether a user may see an action: the same rule as the list's."""
    if user in ("Administrator", doc.user):
        return True
    return not {row.role for row in doc.permitted_roles}.isdisjoint(frappe.get_roles(user))


@concerns(get_workflow_name)
def process_workflow_actions(doc: Any, state: str) -> None:
    """After a save: what the old state waited for is done, what the new one waits for is opened."""
    if frappe.flags.in_install or frappe.flags.in_migrate or doc.doctype in {"Workflow Action", "DocType"}:
        return
    workflow_name = get_workflow_name(doc.doctype)
    if not workflow_name:
        return
    if state == "on_trash":
        clear_workflow_actions(doc.doctype, doc.name)
        return
    workflow = get_workflow(doc.doctype)
    current = doc.get(workflow.workflow_state_field)
    open_actions = frappe.get_all(
        "Workflow Action",
        filters={"reference_doctype": doc.doctype, "reference_name": doc.name, "status": "Open"},
        fields=["name", "workflow_state"],
    )
    if any(action.workflow_state == current for action in open_actions):
        return
    _complete(open_actions, workflow)
    transitions = _next_transitions(workflow, current, doc)
    if transitions:
        create_workflow_actions_for_roles({transition.allowed for transition in transitions}, doc, current)
    mails.announce(doc, workflow, current, transitions)


def _next_transitions(workflow: Any, state: str, doc: Any) -> list:
    """Transitions that somebody has to take; nobody is asked for a state that may be left out."""
    optional = {row.state for row in workflow.states if cint(row.is_optional_state)}
    return [
        transition
        for transition in workflow.transitions
        if transition.state == state
        and transition.next_state not in optional
        and is_transition_condition_satisfied(transition, doc)
    ]


@frappe.whitelist(allow_guest=True)
def apply_action(
    action: str,
    doctype: str,
    docname: str,
    current_state: str,
    user: str | None = None,
    last_modified: str | None = None,
) -> None:
    """The page behind a link of a workflow's mail: it asks for a confirmation."""
    links.ask(action, doctype, docname, current_state, user or "", last_modified)


@frappe.whitelist(allow_guest=True)
def confirm_action(doctype: str, docname: str, user: str, action: str) -> None:
    """Takes the action that its reader has confirmed; the address is signed.

    :raises frappe.WorkflowTransitionError: when it is not open to the user any longer
    """
    links.confirm(doctype, docname, user, action)


def _complete(actions: list, workflow: Any) -> None:
    """Marks actions as done by the current user, in the role that let him."""
    roles = set(frappe.get_roles())
    for action in actions:
        acting = next(
            (
                entry.allowed
                for entry in workflow.transitions
                if entry.state == action.workflow_state and entry.allowed in roles
            ),
            None,
        )
        frappe.db.set_value(
            "Workflow Action",
            action.name,
            {
                "status": "Completed",
                "completed_by": frappe.session.user,
                "completed_by_role": acting,
                "modified": get_datetime(),
            },
        )


def create_workflow_actions_for_roles(roles: set[str], doc: Any, state: str) -> None:
    """Opens an action for everybody who has one of the roles."""
    action = frappe.get_doc(
        {
            "doctype": "Workflow Action",
            "reference_doctype": doc.doctype,
            "reference_name": doc.name,
            "workflow_state": state,
            "status": "Open",
        }
    )
    for role in sorted(roles):
        action.append("permitted_roles", {"role": role})
    action.insert(ignore_permissions=True, ignore_links=True)


def clear_workflow_actions(doctype: str, name: str) -> None:
    """Forgets the actions of a document that goes."""
    if not (doctype and name):
        return
    names = frappe.get_all(
        "Workflow Action", filters={"reference_doctype": doctype, "reference_name": name}, pluck="name"
    )
    if names:
        frappe.db.delete("Workflow Action Permitted Role", {"parent": ("in", names)})
        frappe.db.delete("Workflow Action", {"name": ("in", names)})
