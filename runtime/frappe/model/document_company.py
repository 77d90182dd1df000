"""What stands beside a document: comments, tags, who has seen it, who has it on his list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import frappe
from frappe.utils import cint

if TYPE_CHECKING:
    from frappe.model.document import Document


class DocumentCompany:
    """Comments, views, tags and assignments of a document."""

    def add_comment(
        self,
        comment_type: str = "Comment",
        text: str | None = None,
        comment_email: str | None = None,
        comment_by: str | None = None,
    ) -> Document:
        """Adds a comment."""
        return frappe.get_doc(
            doctype="Comment", comment_type=comment_type, comment_email=comment_email or frappe.session.user,
            comment_by=comment_by, reference_doctype=self.doctype, reference_name=self.name,
            content=text or comment_type,
        ).insert(ignore_permissions=True)  # fmt: skip

    def add_seen(self, user: str | None = None) -> None:
        """Notes that a user has seen the document."""
        user = user or frappe.session.user
        if not cint(self.meta.get("track_seen")):
            return
        stored = self.get("_seen") if "_seen" in self.__dict__ else self.db_get("_seen")
        seen = json.loads(stored or "[]")
        if user not in seen:
            frappe.db.set_value(
                self.doctype,
                self.name,
                "_seen",
                json.dumps([*seen, user]),
                update_modified=False,
            )

    def add_viewed(self, user: str | None = None, force: bool = False) -> None:
        """Notes that a user has opened the document, where its DocType tracks views."""
        if not force and not cint(self.meta.get("track_views")):
            return
        view = frappe.get_doc(
            doctype="View Log", viewed_by=user or frappe.session.user, reference_doctype=self.doctype, reference_name=self.name,
        )  # fmt: skip
        view.insert(ignore_permissions=True)

    def add_tag(self, tag: str) -> None:
        """Adds a tag."""
        from frappe.desk.doctype.tag.tag import DocTags

        DocTags(self.doctype).add(self.name, tag)

    def remove_tag(self, tag: str) -> None:
        """Takes a tag away."""
        from frappe.desk.doctype.tag.tag import DocTags

        DocTags(self.doctype).remove(self.name, tag)

    def get_tags(self) -> list[str]:
        """The document's tags."""
        from frappe.desk.doctype.tag.tag import DocTags

        return [tag for tag in DocTags(self.doctype).get_tags(self.name).split(",") if tag]

    def get_liked_by(self) -> list[str]:
        """Who likes the document."""
        return frappe.parse_json(self.get("_liked_by") or "[]")

    def log_error(self, title: str | None = None, message: str | None = None) -> Document:
        """Keeps an error of this document as Error Log."""
        return frappe.log_error(
            title=title, message=message, reference_doctype=self.doctype, reference_name=self.name
        )

    def get_assigned_users(self) -> set[str]:
        """Who has the document on his list."""
        return set(frappe.get_all("ToDo", filters={"reference_type": self.doctype, "reference_name": self.name,
                                                   "status": "Open"}, pluck="allocated_to"))  # fmt: skip

    def get_url(self) -> str:
        """The path of the form."""
        from frappe.utils import get_absolute_url

        return get_absolute_url(self.doctype, self.name)

    def queue_action(self, action: str, **kwargs: Any) -> None:
        """Runs a method in the background."""
        frappe.enqueue_doc(self.doctype, self.name, action, **kwargs)

    def is_whitelisted(self, method_name: str) -> None:
        """Refuse a method that is not for callers over HTTP.

        :raises frappe.NotFound: when there is none of this name
        """
        method = getattr(self, method_name, None)
        if method is None:
            raise frappe.DoesNotExistError(f"Method {method_name} not found")
        frappe.is_whitelisted(getattr(method, "__func__", method))
