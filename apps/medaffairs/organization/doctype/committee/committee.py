"""Committee."""

from frappe.model.document import Document
from frappe.utils import getdate

from medaffairs.organization import rules
from medaffairs.organization.validation import rules_apply


class Committee(Document):
    """A committee that votes: its members, quorum and threshold."""

    def validate(self) -> None:
        with rules_apply():
            rules.check_members([self._plain(row) for row in self.members])
            rules.check_percent("Quorum Percent", self.quorum_percent)
            rules.check_percent("Threshold Percent", self.threshold_percent)

    @staticmethod
    def _plain(row) -> dict:
        return {
            "practitioner": row.practitioner,
            "member_role": row.member_role,
            "from_date": getdate(row.from_date) if row.from_date else None,
            "to_date": getdate(row.to_date) if row.to_date else None,
        }
