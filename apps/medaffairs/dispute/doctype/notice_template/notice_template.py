"""Notice Template: its blanks are filled by name, so that nothing that people typed is ever run (F56)."""

from frappe.model.document import Document
from frappe.utils import cstr

from medaffairs.dispute import rules
from medaffairs.dispute.cases import check_file_type
from medaffairs.organization.validation import rules_apply


class NoticeTemplate(Document):
    """The wording of a notice."""

    def validate(self) -> None:
        """It has no blanks but those that a complaint fills."""
        with rules_apply():
            rules.check_lengths([("Text", cstr(self.body), rules.LONGEST_TEXT)])
            for text in (self.title, self.body):
                rules.check_blanks(text)
        check_file_type(self.attachment, "File")
