"""What the contract tests share: short ways to write a field, a rule, a DocType; and the end of all that was made.

Everything that these tests make begins with "Host " (people: host.…@host.example), so that it can be found again.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import frappe

PREFIX = "Host "
CLERK, CHIEF, OWN, SELECTOR = "Host Clerk", "Host Chief", "Host Own", "Host Selector"
PASSWORD = "correct-Horse-7-battery"
#: People by the part before the @; `host.` stands before each.
PEOPLE = {"clerk": CLERK, "chief": CHIEF, "own": OWN, "selector": SELECTOR, "nobody": None}
#: Records about other documents, by the field that names the DocType.
TRACES = {
    "Version": "ref_doctype", "Comment": "reference_doctype", "Deleted Document": "deleted_doctype",
    "ToDo": "reference_type", "DocShare": "share_doctype", "View Log": "reference_doctype", "File": "attached_to_doctype",
    "Notification Log": "document_type", "Tag Link": "document_type", "Property Setter": "doc_type", "Custom Field": "dt",
    "Custom DocPerm": "parent", "Workflow Action": "reference_doctype", "User Permission": "allow", "Number Card": "document_type",
    "Dashboard Chart": "document_type",
}  # fmt: skip


def field(fieldname: str, fieldtype: str = "Data", **more: object) -> dict:
    """A field of a DocType."""
    label = fieldname.replace("_", " ").title()
    return {"fieldname": fieldname, "fieldtype": fieldtype, "label": label, **more}


def rule(role: str, *rights: str, **more: object) -> dict:
    """A permission rule. Every right is named: what a new rule does not mention, Frappe grants."""
    named = dict.fromkeys(
        ("read", "write", "create", "delete", "report", "export", "share", "print", "email"), 0
    )
    return {"role": role, **named, **dict.fromkeys(rights, 1), **more}


ALL_RIGHTS = ("select", "read", "write", "create", "delete", "report", "export", "share", "print", "email")


def make_doctype(name: str, fields: list[dict], permissions: list[dict] | None = None, **more: object):
    """A DocType as it is made in the browser."""
    assert name.startswith(PREFIX)
    rules = [rule(CLERK, *ALL_RIGHTS)] if permissions is None else permissions
    values = {"module": "Core", "custom": 1, "name": name, "fields": fields, "permissions": rules, **more}
    return frappe.get_doc({"doctype": "DocType", **values}).insert()


def email(name: str) -> str:
    """The user of a short name."""
    return name if name in {"Guest", "Administrator"} else f"host.{name}@host.example"


def make_people() -> None:
    """Roles and users of the tests, with a password and an API key each."""
    for role in (CLERK, CHIEF, OWN, SELECTOR):
        frappe.get_doc(doctype="Role", role_name=role, desk_access=1).insert()
    for name, role in PEOPLE.items():
        user = frappe.get_doc(
            doctype="User", email=email(name), first_name=name.title(), send_welcome_email=0, user_type="System User",
            api_key=f"host-key-{name}", api_secret=f"host-secret-{name}", new_password=PASSWORD,
            roles=[{"role": role}] if role else [],
        )  # fmt: skip
        user.flags.no_welcome_mail = True
        user.insert()


def run_jobs() -> None:
    """Runs what waits in the queues, by the host's own worker."""
    if importlib.util.find_spec("frappe.utils.bench_helper"):
        command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe"]
    else:
        command = [str(Path(sys.executable).with_name("bench")), "--sites-path", "."]
    command += ["worker", "--burst", "--queue", "short,default,long"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def own_doctypes() -> list[str]:
    """DocTypes of these tests that the site has now."""
    return frappe.get_all("DocType", {"name": ["like", f"{PREFIX}%"]}, pluck="name", order_by="istable asc")


@contextmanager
def users_can_be_deleted() -> Iterator[None]:
    """Frappe deletes no user where nobody but Administrator is a System Manager, unless the role is disabled."""
    disabled = frappe.db.get_value("Role", "System Manager", "disabled")
    frappe.db.set_value("Role", "System Manager", "disabled", 1)
    yield
    frappe.db.set_value("Role", "System Manager", "disabled", disabled)


def remove_doctypes(names: list[str]) -> None:
    """DocTypes with their rows and what is recorded about them; their tables, too."""
    for name in names:
        for trace, about in TRACES.items():
            if frappe.db.table_exists(trace):
                frappe.db.delete(trace, {about: name})
        single = frappe.db.get_value("DocType", name, "issingle")
        frappe.delete_doc("DocType", name, force=True, ignore_permissions=True, ignore_missing=True)
        if not single:
            frappe.db.sql_ddl(f"drop table if exists `tab{name}`")
        frappe.db.delete("Deleted Document", {"deleted_doctype": "DocType", "deleted_name": name})
    frappe.db.commit()


def remove_all() -> None:
    """Whatever these tests, or a run of them that was killed, left behind."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for doctype in ("Workflow", "Workflow State", "Workflow Action Master", "Report"):
        for name in frappe.get_all(doctype, {"name": ["like", f"{PREFIX}%"]}, pluck="name"):
            frappe.delete_doc(doctype, name, force=True)
    remove_doctypes(own_doctypes())
    people = frappe.get_all("User", {"name": ["like", "host.%@host.example"]}, pluck="name")
    with users_can_be_deleted():
        for user in people:
            frappe.delete_doc("User", user, force=True)
    for role in frappe.get_all("Role", {"name": ["like", f"{PREFIX}%"]}, pluck="name"):
        frappe.delete_doc("Role", role, force=True)
    frappe.db.delete("Deleted Document", {"deleted_name": ["like", f"{PREFIX}%"]})
    frappe.db.delete("Deleted Document", {"deleted_name": ["like", "host.%@host.example"]})
    frappe.db.commit()
