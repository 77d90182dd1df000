"""Exam Result."""

from frappe.model.document import Document
from frappe.utils import flt, getdate

from medaffairs.archive import rules
from medaffairs.organization.validation import rules_apply


class ExamResult(Document):
    """The score of one exam; applications for privileges refer to it."""

    def validate(self) -> None:
        taken = getdate(self.exam_date)
        ends = getdate(self.valid_to) if self.valid_to else None
        with rules_apply():
            rules.check_exam(flt(self.score), flt(self.pass_score), taken, ends, getdate())
        self.passed = int(rules.passed(flt(self.score), flt(self.pass_score)))
