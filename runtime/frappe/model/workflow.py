"""Workflows: which actions a user may take on a document, taking one, and refusing states set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.exceptions import WorkflowPermissionError, WorkflowStateError, WorkflowTransitionError
from frappe.utils import cint, cstr
from frappe.utils.caching import kept
from frappe.utils.typing_validations import parsed

if TYPE_CHECKING:
    from frappe.model.document import Document

BULK_LIMIT = 500
BULK_AT_ONCE = 20


def get_workflow_name(doctype: str) -> str | None:
    """The active workflow of a DocType, None when there is none."""
    flags = frappe.local.flags
    if flags.in_install == "frappe" or flags.in_install_db:
        return None
    return kept(
        ("workflow", doctype),
        lambda: frappe.db.get_value(
            "Workflow", {"document_type": doctype, "is_active": 1}, "name", order_by="modified desc"
        ),
    )


def get_workflow(doctype: str) -> Document:
    """The active workflow of a DocType as a document that must not be changed."""
    return frappe.get_cached_doc("Workflow", get_workflow_name(doctype))


@frappe.whitelist()
def get_workflow_state_field(workflow_name: str) -> str:
    """The field in which a workflow keeps the state."""
    return frappe.get_cached_value("Workflow", workflow_name, "workflow_state_field")


def get_document(doc: Any) -> Document:
    """A document from what callers send: a document, a dictionary, or JSON with DocType and name."""
    if isinstance(doc, str):
        doc = frappe.parse_json(doc)
    if isinstance(doc, dict):
        if doc.get("__islocal") or not doc.get("name"):
            return frappe.get_doc(doc)
        return frappe.get_doc(doc.get("doctype"), doc.get("name"))
    if not hasattr(doc, "check_permission"):
        frappe.throw(_("A document needs a doctype"), frappe.DataError)
    return doc


@frappe.whitelist()
def get_transitions(
    doc: Any, workflow: Any = None, raise_exception: bool = False, user: str | None = None
) -> list[dict]:
    """Transitions that the user may take from the document's state.

    :param user: whose roles count; over HTTP always the caller's own
    :raises frappe.PermissionError: when the user may not read the document
    :raises frappe.WorkflowStateError: when the document has no state
    """
    if frappe.request:
        user = None
    doc = get_document(doc)
    if doc.is_new():
        return []
    if not frappe.has_permission(doc.doctype, "read", doc=doc, user=user):
        doc.check_permission("read")
    if not hasattr(workflow, "workflow_state_field"):
        workflow = get_workflow(doc.doctype)
    state = doc.get(workflow.workflow_state_field)
    if not state:
        if raise_exception:
            raise WorkflowStateError
        frappe.throw(_("Workflow State not set"), WorkflowStateError)
    roles = set(frappe.get_roles(user))
    return [
        frappe._dict(transition.as_dict())
        for transition in workflow.transitions
        if transition.state == state
        and transition.allowed in roles
        and is_transition_condition_satisfied(transition, doc)
    ]


def get_workflow_safe_globals() -> dict[str, Any]:
    """What the condition of a transition may use besides `doc`."""
    from frappe.utils import add_to_date, get_datetime, now, now_datetime

    return {
        "frappe": frappe._dict(
            db=frappe._dict(get_value=frappe.db.get_value, get_list=frappe.db.get_list),
            session=frappe.session,
            utils=frappe._dict(
                now_datetime=now_datetime, add_to_date=add_to_date, get_datetime=get_datetime, now=now
            ),
        )
    }


def is_transition_condition_satisfied(transition: Any, doc: Any) -> bool:
    """Whether a transition's condition holds for a document; none always holds."""
    if not transition.condition:
        return True
    return bool(frappe.safe_eval(transition.condition, get_workflow_safe_globals(), {"doc": doc.as_dict()}))


@frappe.whitelist(methods=["POST"])
def apply_workflow(doc: Any, action: str) -> Document:
    """Takes an action on a document, as stored: nothing else that the caller sends is saved.

    :raises frappe.WorkflowTransitionError: when the action is not open to the user in this state
    """
    given = get_document(doc)
    if isinstance(doc, str | dict) and not hasattr(doc, "check_permission"):
        doc = given
    else:
        doc = given
        doc.load_from_db()
    workflow = get_workflow(doc.doctype)
    transition = next((entry for entry in get_transitions(doc, workflow) if entry.action == action), None)
    if transition is None:
        frappe.throw(_("Not a valid Workflow Action"), WorkflowTransitionError)
    if not has_approval_access(frappe.session.user, doc, transition):
        frappe.throw(_("Self approval is not allowed"))
    doc.set(workflow.workflow_state_field, transition.next_state)
    state = _state_row(workflow, transition.next_state)
    if state.update_field:
        doc.set(state.update_field, state.update_value)
    _save_with_docstatus(doc, cint(state.doc_status), state.state)
    doc.add_comment("Workflow", _(state.state))
    return doc


def _state_row(workflow: Any, state: str) -> Any:
    row = next((entry for entry in workflow.states if entry.state == state), None)
    if row is None:
        frappe.throw(
            _("{0} is not a state of workflow {1}").format(frappe.bold(state), workflow.name),
            WorkflowStateError,
        )
    return row


def _save_with_docstatus(doc: Document, wanted: int, state: str) -> None:
    current = cint(doc.docstatus)
    if (current, wanted) in {(0, 0), (1, 1)}:
        doc.save()
    elif (current, wanted) == (0, 1):
        doc.submit()
    elif (current, wanted) == (1, 2):
        doc.cancel()
    else:
        frappe.throw(_("Illegal Document Status for {0}").format(state))


def has_approval_access(user: str, doc: Any, transition: Any) -> bool:
    """Whether a user may approve: his own documents only where the transition lets him."""
    return (
        user == "Administrator"
        or bool(cint(transition.get("allow_self_approval")))
        or user != doc.get("owner")
    )


@frappe.whitelist()
def can_cancel_document(doctype: str) -> bool:
    """Whether documents may be cancelled outside the workflow: not when it has a way to a cancelled state."""
    workflow = get_workflow(doctype)
    cancelled = {row.state for row in workflow.states if cint(row.doc_status) == 2}
    return not any(transition.next_state in cancelled for transition in workflow.transitions)


def validate_workflow(doc: Document) -> None:
    """Gives a new document its first state, and refuses a state that the user may not move to.

    :raises frappe.WorkflowPermissionError: when the state was changed past the workflow
    """
    workflow = get_workflow(doc.doctype)
    field = workflow.workflow_state_field
    before = doc.get_doc_before_save()
    initial = workflow.states[0].state
    current = (before.get(field) if before else None) or initial
    target = doc.get(field)
    if not target:
        target = initial
        doc.set(field, target)
    if not any(row.state == current for row in workflow.states):
        frappe.throw(
            _("{0} is not a valid Workflow State. Please update your Workflow and try again.").format(
                frappe.bold(current)
            )
        )
    if current == target:
        return
    reachable = {entry.next_state for entry in get_transitions(before)} if before else set()
    if target not in reachable:
        frappe.throw(
            _("Workflow State transition not allowed from {0} to {1}").format(
                frappe.bold(_(current)), frappe.bold(_(target))
            ),
            WorkflowPermissionError,
            title=_("Workflow State"),
        )


def set_workflow_state_on_action(doc: Document, workflow_name: str, action: str) -> None:
    """After a submit or cancel without a workflow action, the state follows the document status."""
    workflow = frappe.get_cached_doc("Workflow", workflow_name)
    field = workflow.workflow_state_field
    status = {"update_after_submit": 1, "submit": 1, "cancel": 2}.get(action)
    if status is None:
        return
    rows = [row for row in workflow.states if cint(row.doc_status) == status]
    if any(row.state == doc.get(field) and cint(doc.docstatus) == status for row in rows):
        return
    if rows:
        doc.set(field, rows[0].state)


@frappe.whitelist(methods=["POST"])
def bulk_workflow_approval(docnames: Any, doctype: str, action: str) -> dict[str, list]:
    """Takes one action on many documents; those that fail do not stop the others.

    Up to 20 at once, up to 500 in the background.

    :returns: `{"completed": [names], "failed": [{"name", "message"}]}`; empty lists when a job was queued
    """
    names = [cstr(name)[:140] for name in parsed(docnames, list, "docnames")]
    if len(names) > BULK_LIMIT:
        frappe.throw(_("Bulk approval only support up to {0} documents.").format(BULK_LIMIT))
    if len(names) <= BULK_AT_ONCE:
        return apply_to_many(names, doctype, action)
    frappe.enqueue(
        "frappe.model.workflow.apply_to_many", docnames=names, doctype=doctype, action=action, queue="short"
    )
    frappe.msgprint(_("Bulk {0} is enqueued in background.").format(action), alert=True)
    return {"completed": [], "failed": []}


def apply_to_many(docnames: list[str], doctype: str, action: str) -> dict[str, list]:
    """Takes one action on each document, each in a savepoint of its own."""
    completed: list[str] = []
    failed: list[dict[str, str]] = []
    for name in docnames:
        frappe.db.savepoint("bulk_workflow")
        try:
            apply_workflow(frappe.get_doc(doctype, name), action)
            completed.append(name)
        except (frappe.ValidationError, frappe.PermissionError) as error:
            frappe.db.rollback(save_point="bulk_workflow")
            frappe.clear_last_message()
            failed.append({"name": name, "message": str(error)})
    if failed:
        lines = [f"{frappe.bold(row['name'])}: {row['message']}" for row in failed]
        frappe.msgprint(lines, title=_("Failed Transactions"), indicator="red", as_list=True)
    return {"completed": completed, "failed": failed}


@frappe.whitelist()
def get_common_transition_actions(docs: Any, doctype: str) -> list[str]:
    """Actions that the user may take on every one of the documents."""
    entries = parsed(docs, list, "docs")
    common: set[str] | None = None
    for entry in entries:
        entry = {**entry, "doctype": doctype} if isinstance(entry, dict) else entry
        document = get_document(entry)
        actions = {
            transition.action
            for transition in get_transitions(document)
            if has_approval_access(frappe.session.user, document, transition)
        }
        common = actions if common is None else common & actions
        if not common:
            return []
    return sorted(common or [])


def get_workflow_field_value(workflow_name: str, field: str) -> Any:
    """A value of a workflow."""
    return frappe.get_cached_value("Workflow", workflow_name, field)
