"""Items of the catalogue."""

from frappe.model.document import Document

from medaffairs.organization.rules import initials


class DrugPrivilege(Document):
    """Something that a practitioner can be privileged to do."""

    def validate(self) -> None:
        """Initials for searching."""
        self.pinyin_initials = initials(self.privilege_name)
