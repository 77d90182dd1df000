"""Catalogue Import Error."""

from frappe.model.document import Document


class CatalogueImportError(Document):
    """What is wrong with one cell of an import file."""
