"""Documents shared with a user beyond his roles."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint
from frappe.utils.caching import kept


def get_shared(
    doctype: str,
    user: str | None = None,
    rights: list[str] | None = None,
    *,
    filters: list | None = None,
    limit: int | None = None,
) -> list[str]:
    """Names of documents shared with the user, or with everyone, with all the rights asked for."""
    user = user or frappe.session.user
    if not sharing_exists():
        return []
    conditions = [
        ["share_doctype", "=", doctype],
        *([right, "=", 1] for right in rights or ["read"]),
        *(filters or []),
    ]
    either = [["user", "=", user]]
    if user != "Guest":
        either.append(["everyone", "=", 1])
    names = frappe.get_all(
        "DocShare",
        fields=["share_name"],
        filters=conditions,
        or_filters=either,
        order_by=None,
        limit_page_length=limit or 0,
        pluck="share_name",
    )
    return names


def sharing_exists() -> bool:
    """Whether the site shares anything: many do not, and are spared a query per DocType and request."""
    return kept("sharing_exists", lambda: bool(frappe.db.exists("DocShare", {"read": 1})))


@frappe.whitelist(methods=["POST"])
def add(
    doctype: str,
    name: str,
    user: str | None = None,
    read: int = 1,
    write: int = 0,
    submit: int = 0,
    share: int = 0,
    everyone: int = 0,
    notify: int = 0,
) -> Any:
    """Shares a document; the sharer needs the right to share it and every right that he gives."""
    return add_docshare(
        doctype,
        name,
        user,
        read=read,
        write=write,
        submit=submit,
        share=share,
        everyone=everyone,
        notify=notify,
    )


def add_docshare(
    doctype: str,
    name: str,
    user: str | None = None,
    read: int = 1,
    write: int = 0,
    submit: int = 0,
    share: int = 0,
    everyone: int = 0,
    flags: dict | None = None,
    notify: int = 0,
) -> Any:
    """Shares a document from code; `flags={"ignore_share_permission": True}` spares the check."""
    if not (flags or {}).get("ignore_share_permission"):
        check_share_permission(doctype, name)
    user = user or (None if everyone else frappe.session.user)
    known = frappe.db.get_value(
        "DocShare",
        {"share_doctype": doctype, "share_name": name, "user": user or "", "everyone": cint(everyone)},
    )
    share_doc = frappe.get_doc("DocShare", known) if known else frappe.new_doc("DocShare")
    share_doc.update(
        {
            "share_doctype": doctype,
            "share_name": name,
            "user": user,
            "read": 1,
            "write": cint(write),
            "submit": cint(submit),
            "share": cint(share),
            "everyone": cint(everyone),
        }
    )
    share_doc.flags.update(flags or {})
    share_doc.save(ignore_permissions=True)
    frappe.local.request_cache.pop("sharing_exists", None)
    if cint(notify) and user:
        from frappe.desk.form.assign_to import notify as tell

        text = frappe._("{0} shared a document {1} {2} with you")
        tell(frappe.get_doc(doctype, name), user, text, "Share")
    if user:
        from frappe.desk.form.document_follow import follow_by

        follow_by("shared", doctype, name, user)
    return share_doc


@frappe.whitelist(methods=["POST"])
def remove(doctype: str, name: str, user: str, flags: dict | None = None) -> None:
    """Takes a share back."""
    check_share_permission(doctype, name)
    share_name = frappe.db.get_value("DocShare", {"user": user, "share_name": name, "share_doctype": doctype})
    if share_name:
        frappe.delete_doc("DocShare", share_name, ignore_permissions=True)


@frappe.whitelist(methods=["POST"])
def set_permission(
    doctype: str, name: str, user: str, permission_to: str, value: int = 1, everyone: int = 0
) -> Any:
    """Changes one right of a share; without any right the share goes."""
    check_share_permission(doctype, name)
    if permission_to not in {"read", "write", "submit", "share"}:
        frappe.throw(frappe._("Invalid permission: {0}").format(permission_to))
    filters = {"share_doctype": doctype, "share_name": name}
    filters |= {"everyone": 1} if cint(everyone) else {"user": user}
    known = frappe.db.get_value("DocShare", filters)
    if not known:
        return add(doctype, name, user, everyone=everyone, **{permission_to: 1}) if cint(value) else None
    share = frappe.get_doc("DocShare", known)
    share.set(permission_to, cint(value))
    if permission_to == "read" and not cint(value):
        # Who may not read can do nothing else either.
        share.update({"write": 0, "submit": 0, "share": 0})
    if not any(cint(share.get(right)) for right in ("read", "write", "submit", "share")):
        share.delete(ignore_permissions=True)
        return {}
    share.save(ignore_permissions=True)
    return share


@frappe.whitelist()
def get_users(doctype: str, name: str) -> list:
    """With whom a document is shared."""
    frappe.get_doc(doctype, name).check_permission("read")
    return _get_users(frappe.get_doc(doctype, name))


def _get_users(doc: Any) -> list:
    return frappe.get_all(
        "DocShare",
        fields=["name", "user", "read", "write", "submit", "share", "everyone", "owner", "creation"],
        filters={"share_doctype": doc.doctype, "share_name": doc.name},
    )


def check_share_permission(doctype: str, name: str) -> None:
    """Refuse whoever may not share a document.

    :raises frappe.PermissionError: when he may not
    """
    if not frappe.has_permission(doctype, ptype="share", doc=name):
        frappe.throw(
            frappe._("No permission to {0} {1} {2}").format("share", doctype, name), frappe.PermissionError
        )
