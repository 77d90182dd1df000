"""A document shared beyond the roles."""

from frappe.model.document import Document
from frappe.share import sharing_exists
from frappe.utils.caching import invalidate


class DocShare(Document):
    """The first share of a site tells every process to look for shares from now on."""

    def on_update(self) -> None:
        if not sharing_exists():
            invalidate()
