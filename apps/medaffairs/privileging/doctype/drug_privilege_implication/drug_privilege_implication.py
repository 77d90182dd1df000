"""Drug Privilege Implication."""

from frappe.model.document import Document


class DrugPrivilegeImplication(Document):
    """A lower privilege that a higher one includes."""
