"""Mails that are written once and filled with a document's values."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils.jinja import validate_template


class EmailTemplate(Document):
    """Subject and text, both Jinja."""

    @property
    def response_(self) -> str:
        """The text, in whichever of the two fields it was written."""
        return (self.response_html if self.use_html else self.response) or ""

    def validate(self) -> None:
        """Refuses what is no template."""
        validate_template(self.subject)
        validate_template(self.response_)

    def get_formatted_subject(self, doc: Any) -> str:
        """The subject for a document."""
        return frappe.render_template(self.subject, _values(doc))

    def get_formatted_response(self, doc: Any) -> str:
        """The text for a document."""
        return frappe.render_template(self.response_, _values(doc))

    def get_formatted_email(self, doc: Any) -> dict[str, str]:
        """`{"subject": …, "message": …}` for a document."""
        values = _values(doc)
        return {
            "subject": self.get_formatted_subject(values),
            "message": self.get_formatted_response(values),
        }


def _values(doc: Any) -> dict:
    if isinstance(doc, str):
        return frappe.parse_json(doc)
    return doc if isinstance(doc, dict) else doc.as_dict()


@frappe.whitelist()
def get_email_template(template_name: str, doc: Any) -> dict[str, str]:
    """A template that the user may read, filled with a document's values."""
    template = frappe.get_doc("Email Template", template_name)
    template.check_permission("read")
    return template.get_formatted_email(doc)
