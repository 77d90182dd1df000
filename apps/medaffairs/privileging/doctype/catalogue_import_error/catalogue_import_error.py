"""Catalogue Import Error: its rules live in the module, not here."""

from frappe.model.document import Document


class CatalogueImportError(Document):
    """A record without behaviour of its own."""
