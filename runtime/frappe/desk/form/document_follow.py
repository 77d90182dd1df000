"""Following documents: who does, which documents follow by themselves, and the digests by mail."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.form import _follow_digest
from frappe.utils import cint
from frappe.utils.caching import kept

#: Records about other documents, and rows of queues: nobody follows them.
_NEVER = frozenset(
    {"Communication", "ToDo", "Email Unsubscribe", "View Log", "Version", "Comment", "File", "DocShare", "Document Follow",
     "Error Log", "Email Queue", "Activity Log", "Access Log", "Notification Log", "Deleted Document", "Scheduled Job Log"}
)  # fmt: skip
_OCCASIONS = ("created", "commented", "liked", "assigned", "shared")


@frappe.whitelist()
def update_follow(doctype: str, doc_name: str, following: bool) -> Any:
    """The user follows a document from now on, or no longer."""
    if following:
        return follow_document(doctype, doc_name, frappe.session.user)
    return unfollow_document(doctype, doc_name, frappe.session.user)


@frappe.whitelist()
def follow_document(doctype: str, doc_name: str, user: str) -> Any:
    """A user who wants to be told of documents follows this one; without that wish, nothing happens.

    :returns: the Document Follow, None when there is none or was one before
    :raises frappe.PermissionError: for who may not read it, or in another's name
    """
    if user != frappe.session.user:
        frappe.only_for("System Manager")
    there = frappe.db.exists(doctype, doc_name)
    if there and not frappe.has_permission(doctype, "read", doc_name, user=user):
        raise frappe.PermissionError
    return _follow(doctype, doc_name, user)


@frappe.whitelist()
def unfollow_document(doctype: str, doc_name: str, user: str) -> int:
    """Ends following a document; 1 when it was followed."""
    if user != frappe.session.user:
        frappe.only_for("System Manager")
    name = is_document_followed(doctype, doc_name, user)
    if not name:
        return 0
    frappe.delete_doc("Document Follow", name, ignore_permissions=True, force=True)
    return 1


def is_document_followed(doctype: str, doc_name: str, user: str | None = None) -> str | None:
    """The Document Follow of a user, None when he does not follow the document."""
    return frappe.db.exists(
        "Document Follow",
        {"ref_doctype": doctype, "ref_docname": str(doc_name), "user": user or frappe.session.user},
    )


def follows(doctype: str, doc_name: str) -> bool:
    """Whether the user follows a document; who follows nothing costs no statement."""
    user = frappe.session.user
    return user in _wishes() and bool(is_document_followed(doctype, doc_name, user))


@frappe.whitelist()
def get_follow_users(doctype: str, doc_name: str) -> list[dict]:
    """Who follows a document that the user may read."""
    frappe.get_doc(doctype, doc_name).check_permission("read")
    return frappe.get_all("Document Follow", {"ref_doctype": doctype, "ref_docname": doc_name}, ["user"])


def _follow(doctype: str, name: str, user: str) -> Any:
    if doctype in _NEVER or user in frappe.STANDARD_USERS:
        return None
    meta = frappe.get_meta(doctype)
    if not cint(meta.track_changes) or cint(meta.istable):
        return None
    if user not in _wishes():
        return None
    if is_document_followed(doctype, name, user):
        return None
    follow = frappe.get_doc(doctype="Document Follow", ref_doctype=doctype, ref_docname=str(name), user=user)
    return follow.insert(ignore_permissions=True)


def follow_by(occasion: str, doctype: str, name: Any, user: str | None) -> None:
    """Follows a document that a user has created, commented, liked or was given, as far as he wants that."""
    if occasion in _wishes().get(user or "", ()):
        _follow(doctype, name, user)


def _wishes() -> dict[str, set[str]]:
    """Users who want to be told of documents, with the occasions by which they follow one; kept until a user is saved."""
    return kept("who follows", _query_wishes)


def _query_wishes() -> dict[str, set[str]]:
    fields = [f"follow_{occasion}_documents" for occasion in _OCCASIONS]
    users = frappe.get_all("User", {"document_follow_notify": 1, "enabled": 1}, ["name", *fields])
    return {
        user.name: {occasion for occasion in _OCCASIONS if cint(user[f"follow_{occasion}_documents"])}
        for user in users
    }


def follow_created(doc: Any, method: str | None = None) -> None:
    """After an insert: its author may want to follow it."""
    if _wishes() and cint(doc.meta.track_changes):
        follow_by("created", doc.doctype, doc.name, frappe.session.user)


def send_document_follow_mails(frequency: str) -> None:
    """The digests of everybody who wants them "Hourly", "Daily" or "Weekly"."""
    _follow_digest.send(frequency)


def send_hourly_updates() -> None:
    """What has happened in the last hour."""
    send_document_follow_mails("Hourly")


def send_daily_updates() -> None:
    """What has happened since yesterday."""
    send_document_follow_mails("Daily")


def send_weekly_updates() -> None:
    """What has happened in the last week."""
    send_document_follow_mails("Weekly")
