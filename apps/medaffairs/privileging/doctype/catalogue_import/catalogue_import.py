"""Catalogue Import: its rules live in the module, not here."""

from frappe.model.document import Document


class CatalogueImport(Document):
    """A record without behaviour of its own."""
