"""Form Template: a version of a form, fixed once it was in force."""

import frappe
from frappe.model.document import Document
from frappe.utils import cstr

from medaffairs.forms import rules, scoring, templates

QUESTION_FIELDS = (
    *templates.FIELDS.values(), "options", "mandatory", "max_score", "weight",
)  # fmt: skip
STEPS = ("status", "in_force_from", "retired_at")


class FormTemplate(Document):
    """A version of a form."""

    def before_naming(self) -> None:
        """The next number of its form is its own, whatever it was sent with."""
        self.form_code = cstr(self.form_code).strip().upper()
        self.version = templates.next_version(self.form_code)

    def before_insert(self) -> None:
        """A new version begins as a draft; of one form one draft at a time is in the making."""
        self.update({"status": rules.DRAFT, "in_force_from": None, "retired_at": None})
        draft = frappe.db.get_value("Form Template", {"form_code": self.form_code, "status": rules.DRAFT})
        if draft:
            frappe.throw(
                frappe._("There is a draft of this form already: {0}").format(draft),
                frappe.DuplicateEntryError,
            )

    def validate(self) -> None:
        """Questions can be read; a version that was in force keeps them; its state follows from its steps.

        :raises frappe.ValidationError: naming the question
        """
        before = self.get_doc_before_save()
        if before is not None and not self.flags.moving:
            self.update({field: before.get(field) for field in STEPS})
        if before is not None and before.status != rules.DRAFT:
            self._keep_questions(before)
        self.max_score = float(scoring.full_marks(templates.compiled(self)))

    def before_rename(self, *args, **kwargs) -> None:
        """Answers and modules know a form by its code: it is not renamed."""
        frappe.throw(frappe._("Forms are not renamed"))

    def on_trash(self) -> None:
        """Only a draft is deleted.

        :raises frappe.ValidationError: once it was in force
        """
        if self.status != rules.DRAFT:
            frappe.throw(frappe._("A version that was in force stays on record"))

    def _keep_questions(self, before: Document) -> None:
        same_head = all(
            cstr(self.get(field)) == cstr(before.get(field)) for field in ("title", "description")
        )
        if same_head and _rows(self) == _rows(before):
            return
        frappe.throw(frappe._("A version that was in force is not changed: make a new version"))


def _rows(doc: Document) -> list[tuple[str, ...]]:
    return [tuple(cstr(row.get(field)) for field in QUESTION_FIELDS) for row in doc.questions]
