"""A site whose every corner holds a text that only some may read: where it turns up elsewhere, something leaks."""

from __future__ import annotations

from typing import Any

#: Texts by what they stand for; which of them a person must never see.
LEVEL, ROW, LOG, PASSWORD, SECRET = (
    f"canary-{word}-7f31" for word in ("level", "row", "log", "pwd", "secret")
)
NEVER = (PASSWORD, SECRET, "$argon2", "encryption_key")
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "Guest": (LEVEL, ROW, LOG, *NEVER),
    "nobody@host.test": (LEVEL, ROW, LOG, *NEVER),
    "own@host.test": (LEVEL, ROW, LOG, *NEVER),
    "clerk@host.test": (LEVEL, LOG, *NEVER),
    "manager@host.test": (LOG, *NEVER),
    "system@host.test": NEVER,
}
#: What generated requests name.
DOCTYPES = ["Test Visit", "Test Visit Line", "Test Ward", "User", "Role", "DocType", "File", "Error Log", "System Settings", "Has Role",
            "Version", "Comment", "ToDo", "Notification Log", "Activity Log", "Access Log", "DocShare", "Deleted Document", "Report",
            "Communication", "Email Queue", "Custom Field", "Property Setter", "Workflow", "Number Card", "Dashboard Chart", "Data Import",
            "Print Format", "Translation", "DefaultValue", "Scheduled Job Log", "Tag Link", "Nope", ""]  # fmt: skip


def plant() -> dict[str, list[str]]:
    """Fills the connected site; names by DocType, for requests that ask for what is really there."""
    import frappe

    frappe.get_doc(doctype="User", email="system@host.test", first_name="system", send_welcome_email=0,
                   roles=[{"role": "System Manager"}]).insert()  # fmt: skip
    for user in FORBIDDEN:
        if user != "Guest":
            doc = frappe.get_doc("User", user)
            doc.update(
                {"api_key": f"key-{user}", "api_secret": f"{SECRET}-{user}", "new_password": f"{PASSWORD}-9X"}
            )
            doc.flags.ignore_password_policy = True
            doc.save()
    frappe.get_doc(doctype="Test Ward", code="w1", ward_name="Ward one", pinyin="w1").insert()
    frappe.set_user("manager@host.test")
    visits = [_visit(number) for number in range(4)]
    file = frappe.get_doc(doctype="File", file_name="note.txt", is_private=1, content=ROW.encode(),
                          attached_to_doctype="Test Visit", attached_to_name=visits[0]).insert()  # fmt: skip
    _beside(visits[1])
    frappe.set_user("own@host.test")
    own = frappe.get_doc(doctype="Test Visit", subject="mine", status="Open").insert().name
    frappe.set_user("Administrator")
    for doctype, field in (("Error Log", "error"), ("Activity Log", "subject")):
        frappe.get_doc({"doctype": doctype, field: LOG}).insert(ignore_permissions=True)
    frappe.db.commit()
    return {"Test Visit": [*visits, own], "Test Ward": ["w1"], "User": list(FORBIDDEN), "File": [file.name],
            "file_url": [file.file_url], **_names()}  # fmt: skip


def _visit(number: int) -> str:
    import frappe

    return frappe.get_doc(
        doctype="Test Visit", subject=f"{ROW} {number}", status="Open", score=number, price=number, id_no=LEVEL, ward="w1",
        seen_on="2026-01-01", lines=[{"item": f"{ROW} item", "amount": 1, "secret_note": LEVEL}],
    ).insert().name  # fmt: skip


def _beside(name: str) -> None:
    """A remark, a change, a task and a deleted document that all quote the row."""
    import frappe

    doc: Any = frappe.get_doc("Test Visit", name)
    doc.add_comment("Comment", f"{ROW} remark")
    frappe.set_user("Administrator")
    frappe.get_doc(doctype="ToDo", description=f"{ROW} task", allocated_to="manager@host.test",
                   reference_type="Test Visit", reference_name=name).insert()  # fmt: skip
    frappe.get_doc(doctype="Version", ref_doctype="Test Visit", docname=name,
                   data=f'{{"changed": [["subject", "a", "{ROW}"]]}}').insert(ignore_permissions=True)  # fmt: skip
    frappe.get_doc(doctype="Deleted Document", deleted_doctype="Test Visit", deleted_name="gone",
                   data=f'{{"doctype": "Test Visit", "subject": "{ROW}"}}').insert(ignore_permissions=True)  # fmt: skip


def _names() -> dict[str, list[str]]:
    import frappe

    wanted = ("Comment", "ToDo", "Version", "Deleted Document", "Error Log", "Activity Log", "Role")
    return {doctype: frappe.get_all(doctype, pluck="name", limit=6) for doctype in wanted}
