"""Mail to those who may act on a document next, with a signed link for each of their actions."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.workflow import get_workflow, has_approval_access
from frappe.utils import cint, get_link_to_form
from frappe.utils.verified_command import get_url

APPLY = "frappe.workflow.doctype.workflow_action.workflow_action.apply_action"


def announce(doc: Any, workflow: Any, state: str, transitions: list) -> None:
    """Tells the next users of a state, by a job after the commit, where the workflow wants it."""
    if not transitions or not cint(workflow.send_email_alert):
        return
    frappe.enqueue(
        "frappe.workflow.doctype.workflow_action.mails.send",
        queue="short",
        enqueue_after_commit=True,
        doctype=doc.doctype,
        name=doc.name,
        state=state,
        rows=[transition.name for transition in transitions],
    )


def send(doctype: str, name: str, state: str, rows: list[str]) -> None:
    """One mail to each user who may act, with his own print of the document; nobody is told of a state that has passed."""
    if not frappe.db.exists(doctype, name):
        return
    doc, workflow = frappe.get_doc(doctype, name), get_workflow(doctype)
    if doc.get(workflow.workflow_state_field) != state:
        return
    transitions = [entry for entry in workflow.transitions if entry.name in rows]
    template = _template_of(workflow, state)
    for user, open_to_him in _next_users(doc, transitions).items():
        _send_to(user, open_to_him, doc, state, template)


def _send_to(user: str, transitions: list, doc: Any, state: str, template: Any) -> None:
    subject = f"{_('Workflow Action')} {_('on')} {_(doc.doctype)}: {doc.name}"
    message = get_link_to_form(doc.doctype, doc.name, f"{_(doc.doctype)}: {doc.name}")
    if template is not None:
        made = template.get_formatted_email({**doc.as_dict(), "doc": doc})
        subject, message = made["subject"], made["message"]
    frappe.sendmail(
        recipients=[frappe.db.get_value("User", user, "email") or user],
        subject=subject,
        template="workflow_action",
        args={"message": message, "actions": [_action(user, entry, doc, state) for entry in transitions]},
        reference_doctype=doc.doctype,
        reference_name=doc.name,
        attachments=_print_for(user, doc),
    )


def _action(user: str, transition: Any, doc: Any, state: str) -> dict[str, str]:
    params = {
        "doctype": doc.doctype,
        "docname": doc.name,
        "action": transition.action,
        "current_state": state,
        "user": user,
        "last_modified": str(doc.modified),
    }
    return {"label": _(transition.action), "link": get_url(APPLY, params)}


def _next_users(doc: Any, transitions: list) -> dict[str, list]:
    """Enabled people with the transition's role who may see the document and approve it."""
    found: dict[str, list] = {}
    for transition in transitions:
        for user in _with_role(transition.allowed):
            if has_approval_access(user, doc, transition) and frappe.has_permission(
                doc.doctype, "read", doc, user=user
            ):
                entries = found.setdefault(user, [])
                if all(entry.action != transition.action for entry in entries):
                    entries.append(transition)
    return found


def _with_role(role: str) -> list[str]:
    users = frappe.get_all(
        "Has Role", filters={"role": role, "parenttype": "User"}, pluck="parent", distinct=True
    )
    people = {"name": ["in", users], "enabled": 1, "user_type": ["!=", "Website User"]}
    return [
        user
        for user in frappe.get_all("User", filters=people, pluck="name", order_by="name")
        if user not in frappe.STANDARD_USERS
    ]


def _template_of(workflow: Any, state: str) -> Any:
    name = next((row.next_action_email_template for row in workflow.states if row.state == state), None)
    return frappe.get_doc("Email Template", name) if name else None


def _print_for(user: str, doc: Any) -> list[dict]:
    """The document as the receiver may print it; who may not, or where no program makes PDFs, gets the links alone."""
    actor = frappe.session.user
    frappe.set_user(user)
    try:
        if not frappe.has_permission(doc.doctype, "print", doc):
            return []
        return [frappe.attach_print(doc.doctype, doc.name, file_name=doc.name, doc=doc)]
    except OSError:
        frappe.log_error(
            _("The print of a workflow's mail could not be made"),
            reference_doctype=doc.doctype,
            reference_name=doc.name,
        )
        return []
    finally:
        frappe.set_user(actor)
