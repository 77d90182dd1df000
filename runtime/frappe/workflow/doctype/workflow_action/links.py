"""What the links in a workflow's mail lead to: a page that asks, and the action when its reader says yes."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.workflow import apply_workflow, get_workflow
from frappe.utils import cstr, escape_html, get_fullname, get_link_to_form
from frappe.utils.verified_command import get_url, verify_request

CONFIRM = "frappe.workflow.doctype.workflow_action.workflow_action.confirm_action"


def ask(
    action: str, doctype: str, docname: str, current_state: str, user: str, last_modified: str | None
) -> None:
    """The page that asks for a confirmation; it says so when the document has changed since, or has left its state.

    A look at the page changes nothing: programs that follow the links of a mail approve nothing.
    """
    if not verify_request():
        return
    doc = frappe.get_doc(doctype, docname)
    state = doc.get(get_workflow(doctype).workflow_state_field)
    if state != current_state:
        _expired(doc, state)
        return
    params = {"action": action, "doctype": doctype, "docname": docname, "user": user}
    name, word = escape_html(docname), escape_html(_(action))
    changed = bool(last_modified) and cstr(doc.modified) != last_modified
    note = _("Note: This document has been modified after the email was sent.") if changed else ""
    frappe.respond_as_web_page(
        title=name,
        html=f"<p>{_('Please confirm your action to {0} this document.').format(f'<b>{word}</b>')}</p><p>{note}</p>"
        f"<p>{get_link_to_form(doctype, docname, _('View document'))}</p>"
        f'<p><a href="{escape_html(get_url(CONFIRM, params))}">{word}</a></p>',
        primary_label=_("Cancel"),
    )


def confirm(doctype: str, docname: str, user: str, action: str) -> None:
    """Takes the action as the user whom the mail was sent to.

    :raises frappe.WorkflowTransitionError: when it is not open to him any longer
    """
    if not verify_request():
        return
    caller = frappe.session.user
    if caller == "Guest":
        frappe.set_user(user)
    doc = frappe.get_doc(doctype, docname)
    done = apply_workflow(doc, action)
    frappe.db.commit()
    state = done.get(get_workflow(doctype).workflow_state_field)
    frappe.respond_as_web_page(
        _("Success"),
        _("{0}: {1} is set to state {2}").format(
            escape_html(_(doctype)), escape_html(docname), f"<b>{escape_html(_(state))}</b>"
        ),
        indicator_color="green",
    )
    if caller == "Guest":
        frappe.set_user(caller)


def _expired(doc: Any, state: str) -> None:
    frappe.respond_as_web_page(
        _("Link Expired"),
        _("Document {0} has been set to state {1} by {2}").format(
            *(
                f"<b>{escape_html(word)}</b>"
                for word in (cstr(doc.name), _(cstr(state)), get_fullname(doc.modified_by))
            )
        ),
        indicator_color="blue",
    )
