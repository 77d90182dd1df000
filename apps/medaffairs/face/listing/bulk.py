"""Changes of many rows at once, each in a savepoint of its own: what fails is named, the others stay done.

A page sends some rows at a time, so that it can show how far it is, stop, and go on after a reload. Whatever is done
here goes through the document itself: its rights, its checks, its version history.
"""

from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.desk.form import assign_to
from frappe.model.workflow import apply_workflow, get_workflow_name, get_workflow_state_field
from frappe.utils import add_to_date, cint, get_datetime, now_datetime

from medaffairs.approval import engine

MOST_AT_ONCE = 100
#: What the approval engine decides; all others are moved by the host's workflow.
ENGINE_DOCTYPES = frozenset({"Privilege Application"})
UNDO_MINUTES = 60
#: What nobody types into a list: texts of whole pages, tables, files, secrets.
NOT_IN_A_LIST = frozenset(
    {"Table", "Table MultiSelect", "Password", "Text Editor", "Code", "HTML Editor", "Attach", "Attach Image"}
)


@frappe.whitelist(methods=["POST"])
def change(
    doctype: str, names: str | list, values: str | dict, seen: str | dict | None = None
) -> dict[str, Any]:
    """Sets fields of records: `{"done": {name: {"before", "values", "modified"}}, "failed": {name: why}}`.

    :param values: fields and values for all, or by name when the first value is a dictionary
    :param seen: `modified` by name as the page knows it; a record that somebody changed since is not touched
    """
    given, known = frappe.parse_json(values) or {}, frappe.parse_json(seen) or {}
    by_name = any(isinstance(value, dict) for value in given.values())

    def one(name: str) -> dict[str, Any]:
        doc = frappe.get_doc(doctype, name)
        return _set(doc, given.get(name, {}) if by_name else given, known.get(name))

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def remove(doctype: str, names: str | list) -> dict[str, Any]:
    """Deletes records; who deleted them can take that back for an hour. What is gone already counts as done."""

    def one(name: str) -> bool:
        if frappe.db.exists(doctype, name):
            frappe.delete_doc(doctype, name)
        return True

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def bring_back(doctype: str, names: str | list) -> dict[str, Any]:
    """Takes back what the user himself deleted within the last hour, under the same names."""

    def one(name: str) -> bool:
        kept = frappe.get_all(
            "Deleted Document",
            filters={
                "deleted_doctype": doctype,
                "deleted_name": name,
                "owner": frappe.session.user,
                "restored": 0,
                "creation": (">", add_to_date(now_datetime(), minutes=-UNDO_MINUTES)),
            },
            fields=["name", "data"],
            order_by="creation desc",
            limit_page_length=1,
        )
        if not kept:
            frappe.throw(_("This can no longer be undone"))
        values = frappe.parse_json(kept[0].data) | {"docstatus": 0}
        frappe.get_doc(values).insert(set_name=name)
        frappe.db.set_value("Deleted Document", kept[0].name, {"restored": 1, "new_name": name})
        return True

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def assign(
    doctype: str, names: str | list, users: str | list, description: str = "", date: str | None = None
) -> dict[str, Any]:
    """Assigns records to people; who has one already keeps it."""
    people = [str(user) for user in frappe.parse_json(users) or []]
    if not people:
        frappe.throw(_("Please choose who is to do it"))

    def one(name: str) -> bool:
        asked = {
            "assign_to": people,
            "doctype": doctype,
            "name": name,
            "description": description,
            "date": date,
        }
        assign_to.add(asked)
        return True

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def unassign(doctype: str, names: str | list, users: str | list) -> dict[str, Any]:
    """Takes assignments back."""

    def one(name: str) -> bool:
        for user in frappe.parse_json(users) or []:
            assign_to.remove(doctype, name, str(user))
        return True

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def submit(doctype: str, names: str | list) -> dict[str, Any]:
    """Submits drafts; what is submitted already counts as done."""

    def one(name: str) -> bool:
        doc = frappe.get_doc(doctype, name)
        if cint(doc.docstatus) == 0:
            doc.submit()
        return True

    return _each(names, one)


@frappe.whitelist(methods=["POST"])
def step(doctype: str, names: str | list, action: str) -> dict[str, Any]:
    """Takes a step of the workflow with each; who may take it is decided record by record."""

    def one(name: str) -> bool:
        if doctype in ENGINE_DOCTYPES:
            engine.act(doctype, name, action)
        else:
            doc = frappe.get_doc(doctype, name)
            doc.check_permission("write")
            apply_workflow(doc, action)
        return True

    return _each(names, one)


def _each(names: str | list, work: Callable[[str], Any]) -> dict[str, Any]:
    asked = frappe.parse_json(names) or []
    if len(asked) > MOST_AT_ONCE:
        frappe.throw(_("At most {0} records at once").format(MOST_AT_ONCE))
    done: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name in asked:
        frappe.db.savepoint("one_of_many")
        try:
            done[str(name)] = work(name)
        except (frappe.ValidationError, frappe.PermissionError, frappe.DoesNotExistError) as error:
            frappe.db.rollback(save_point="one_of_many")
            failed[str(name)] = _words(error)
    # What was said to each is in the answer.
    frappe.clear_messages()
    return {"done": done, "failed": failed}


def _words(error: Exception) -> str:
    said = [
        frappe.utils.strip_html(str(message.get("message", ""))) for message in frappe.get_message_log()[-1:]
    ]
    return (said and said[0]) or str(error) or _("You are not permitted to do this.")


def _set(doc: Any, values: dict[str, Any], modified: str | None) -> dict[str, Any]:
    doc.check_permission("write")
    if modified and get_datetime(doc.modified) != get_datetime(modified):
        frappe.throw(_("Somebody else changed this record meanwhile."), frappe.TimestampMismatchError)
    _check_state(doc)
    for fieldname in values:
        _check_field(doc, fieldname)
    before = {fieldname: doc.get(fieldname) for fieldname in values}
    doc.update(values)
    doc.save()
    return {
        "before": before,
        "values": {fieldname: doc.get(fieldname) for fieldname in values},
        "modified": str(doc.modified),
    }


def _check_state(doc: Any) -> None:
    """A state of a workflow may leave a record to one role alone, as its form shows it."""
    workflow = get_workflow_name(doc.doctype)
    if not workflow or frappe.session.user == "Administrator":
        return
    state = doc.get(get_workflow_state_field(workflow))
    keepers = {
        row.allow_edit for row in frappe.get_cached_doc("Workflow", workflow).states if row.state == state
    } - {None, "", "All"}
    if keepers and not keepers & set(frappe.get_roles()):
        frappe.throw(
            _("In the state {0} this is changed by {1}").format(_(state), ", ".join(map(_, keepers)))
        )


def _check_field(doc: Any, fieldname: str) -> None:
    """A field that its form would not let the user change is not changed from a list either."""
    field = doc.meta.get_field(fieldname)
    if field is None or field.fieldtype in NOT_IN_A_LIST or field.read_only or field.hidden:
        frappe.throw(_("{0} cannot be changed here").format(_(field.label if field else fieldname)))
    if field.set_only_once and doc.get(fieldname) not in (None, ""):
        frappe.throw(_("{0} cannot be changed here").format(_(field.label)))
    if cint(doc.docstatus) == 1 and not field.allow_on_submit:
        frappe.throw(_("{0} cannot be changed after submission").format(_(field.label)))
    if cint(field.permlevel) and not doc.has_permlevel_access_to(fieldname, permission_type="write"):
        frappe.throw(_("{0} cannot be changed here").format(_(field.label)), frappe.PermissionError)
