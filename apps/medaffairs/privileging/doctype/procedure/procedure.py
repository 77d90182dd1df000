"""Items of the catalogue."""

from frappe.model.document import Document

from medaffairs.organization.rules import initials
from medaffairs.privileging.index import forget


class Procedure(Document):
    """Something that a practitioner can be privileged to do."""

    def validate(self) -> None:
        """Initials for searching."""
        self.pinyin_initials = initials(self.procedure_name)

    def on_update(self) -> None:
        """Decisions know the new item."""
        forget()
