"""Expert Pool."""

from frappe.model.document import Document
from frappe.utils import getdate

from medaffairs.organization import rules
from medaffairs.organization.validation import rules_apply


class ExpertPool(Document):
    """Experts who are asked to judge materials or technologies."""

    def validate(self) -> None:
        with rules_apply():
            rules.check_members([self._plain(row) for row in self.members])

    @staticmethod
    def _plain(row) -> dict:
        return {
            "practitioner": row.practitioner,
            "member_role": row.member_role,
            "from_date": getdate(row.from_date) if row.from_date else None,
            "to_date": getdate(row.to_date) if row.to_date else None,
        }
