"""What warnings, complaints, disputes and claims have in common as documents: who writes what when, what is refused."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, cstr, get_datetime, getdate, now_datetime

from medaffairs.approval import guard
from medaffairs.dispute import rules
from medaffairs.organization import deadlines
from medaffairs.organization.validation import rules_apply

#: Roles whose people handle cases, beside whoever a case was handed to.
HANDLERS = ("Complaint Officer", "Medical Affairs Manager")
# What steps decide, and nobody writes by hand.
RESULTS = (
    "handler", "submitted_at", "taken_at", "closed_at", "archived_at", "closing_reason", "due_at", "answered_at", "answered_late",
    "answer", "refusal_ground", "satisfaction",
)  # fmt: skip
# Dates that a case may name beforehand.
MAY_LIE_AHEAD = {"due_at", "agreed_on"}
SECONDS_OF_A_DOUBLE_CLICK = 30


def is_concerned(doc: Any, user: str) -> bool:
    """Whether a user is one of the persons whom a case concerns: nobody handles his own."""
    person = frappe.db.get_value("Practitioner", {"user": user}) if doc.get("staff") else None
    return bool(person) and any(row.practitioner == person for row in doc.staff)


def handles(doc: Any, user: str) -> bool:
    """Whether a user handles a case: by his role, or because it was handed to him."""
    if user == "Administrator":
        return True
    if is_concerned(doc, user):
        return False
    return doc.handler == user or bool(set(frappe.get_roles(user)) & set(HANDLERS))


class Case(Document):
    """A document of the chain from a warning to the payment of a claim."""

    def before_insert(self) -> None:
        """A new case begins as a draft, whatever it was sent with."""
        self.workflow_state = rules.DRAFT
        for field in RESULTS:
            if self.meta.has_field(field):
                self.set(field, None)
        self._refuse_double()

    def validate(self) -> None:
        """Its dates, texts and files are possible; only its steps change what steps decide."""
        self._check_steps()
        self._fill_from_stay()
        with rules_apply():
            rules.check_moments(self._moments(), now_datetime())
            rules.check_lengths(self._texts())
            rules.check_representatives(self.get("representatives"))
        self._check_stay()
        check_file_type(self.get("evidence"), self.meta.get_label("evidence"))

    def on_update(self) -> None:
        """The clock follows state and dates."""
        deadlines.follow(self)

    def on_trash(self) -> None:
        """A case that was submitted stays.

        :raises frappe.PermissionError: for what is no draft any more
        """
        if self.workflow_state != rules.DRAFT or self.submitted_at:
            frappe.throw(frappe._("A case that was submitted stays on record"), frappe.PermissionError)
        deadlines.forget(self)

    def deadline_people(self, clock: str) -> list[str]:
        """Who owes the next step: its reporter, its handler, or all who handle cases."""
        from medaffairs.approval.engine import users_with

        if self.workflow_state in rules.OWN:
            return [self.owner]
        return [self.handler] if self.handler else users_with(HANDLERS[:1])

    def _moments(self) -> list[tuple[str, Any]]:
        """Label and value of every date that must lie in the past; moments as moments."""
        found = []
        for field in self.meta.get("fields", {"fieldtype": ("in", ("Date", "Datetime"))}):
            value = self.get(field.fieldname)
            if value and field.fieldname not in MAY_LIE_AHEAD:
                found.append(
                    (field.label, get_datetime(value) if field.fieldtype == "Datetime" else getdate(value))
                )
        return found

    def _texts(self) -> list[tuple[str, str, int]]:
        longest = {"Text": rules.LONGEST_TEXT, "Small Text": rules.LONGEST_LINE}
        return [
            (field.label, cstr(self.get(field.fieldname)), longest[field.fieldtype])
            for field in self.meta.get("fields")
            if field.fieldtype in longest
        ]

    def _fill_from_stay(self) -> None:
        if not self.get("stay"):
            return
        stay = frappe.db.get_value("Hospital Stay", self.stay, ["patient", "department"], as_dict=True)
        if not stay:
            return
        self.patient = stay.patient or self.patient
        self.patient_name = self.patient_name or frappe.db.get_value(
            "Patient Index", stay.patient, "patient_name"
        )
        self.patient_no = self.patient_no or stay.patient
        self.department = self.department or stay.department

    def _check_stay(self) -> None:
        if (
            not self.get("stay")
            or not self.meta.has_field("occurred_at")
            or not self.has_value_changed("occurred_at")
        ):
            return
        stay = frappe.db.get_value("Hospital Stay", self.stay, ["admitted_at", "discharged_at"], as_dict=True)
        if not stay or not self.occurred_at:
            return
        with rules_apply():
            rules.check_within_stay(
                self.meta.get_label("occurred_at"), get_datetime(self.occurred_at),
                get_datetime(stay.admitted_at) if stay.admitted_at else None,
                get_datetime(stay.discharged_at) if stay.discharged_at else None,
            )  # fmt: skip

    def _refuse_double(self) -> None:
        """The same text from the same person within seconds is a second click, and no second case."""
        same = {"owner": frappe.session.user, "subject": self.subject, "department": self.department}
        if self.meta.has_field("patient_name"):
            same["patient_name"] = self.patient_name
        moment = add_to_date(now_datetime(), seconds=-SECONDS_OF_A_DOUBLE_CLICK)
        known = frappe.db.get_value(self.doctype, same | {"creation": (">", moment)})
        if known and not self.flags.from_chain:
            frappe.throw(frappe._("{0} was saved already: {1}").format(frappe._(self.doctype), known))

    def _check_steps(self) -> None:
        """Reporters write their drafts, handlers what they find out; steps alone decide.

        :raises frappe.PermissionError: for everybody else, and for a case that is over
        """
        if guard.is_stepping(self):
            return
        before = self.get_doc_before_save()
        if before is None:
            return
        if before.workflow_state != self.workflow_state:
            frappe.throw(frappe._("Steps are taken on the page of the case"), frappe.PermissionError)
        user = frappe.session.user
        own = before.workflow_state in rules.OWN and user == before.owner
        if not own and not (before.workflow_state in rules.OPEN and handles(before, user)):
            frappe.throw(
                frappe._("{0} is not changed any more in the state {1}: its handlers take steps").format(
                    self.name, frappe._(before.workflow_state, context=self.doctype)
                ),
                frappe.PermissionError,
            )
        for field in RESULTS:
            if self.meta.has_field(field):
                self.set(field, before.get(field))


def check_file_type(address: str | None, label: str) -> None:
    """Refuses a file whose type a case does not take, naming field and type.

    :raises frappe.ValidationError: for such a file
    """
    if not address:
        return
    fault = rules.file_fault(address.rsplit("/", 1)[-1])
    if fault:
        frappe.throw(frappe._("{0}: files of the type {1} are not taken").format(frappe._(label), fault))
