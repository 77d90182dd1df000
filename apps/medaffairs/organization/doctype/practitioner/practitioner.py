"""Practitioner."""

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from medaffairs.organization import rules
from medaffairs.organization.validation import rules_apply


class Practitioner(Document):
    """A health worker: who he is, where he works, which titles, licence and certificates he holds."""

    def validate(self) -> None:
        self._fill_search_keys()
        self._check_dates()
        self._take_title_from_history()
        self._refuse_shared_user()

    def on_update(self) -> None:
        self._forget_scope()

    def on_trash(self) -> None:
        self._forget_scope()

    def _fill_search_keys(self) -> None:
        self.pinyin = rules.pinyin(self.practitioner_name)
        self.pinyin_initials = rules.initials(self.practitioner_name)

    def _check_dates(self) -> None:
        born, began = _date(self.birth_date), _date(self.work_start_date)
        with rules_apply():
            rules.check_not_future([("Date of Birth", born), ("Work Start Date", began)], getdate())
            rules.check_order(("Date of Birth", born), ("Work Start Date", began))
            for row in self.qualifications:
                rules.check_order(("Obtained On", _date(row.obtained_on)), ("Valid To", _date(row.valid_to)))

    def _take_title_from_history(self) -> None:
        history = [
            {"title": row.title, "from_date": getdate(row.from_date), "to_date": _date(row.to_date)}
            for row in self.title_history
        ]
        with rules_apply():
            rules.check_title_history(history)
        held = rules.current_title(history, getdate())
        self.title = held["title"] if held else None
        self.title_date = held["from_date"] if held else None
        self.title_level = title_level(self.title)

    def _refuse_shared_user(self) -> None:
        self.user = self.user or None
        if not self.user:
            return
        other = frappe.db.get_value(
            "Practitioner", {"user": self.user, "name": ("!=", self.name)}, "practitioner_name"
        )
        if other:
            frappe.throw(_("The account {0} already belongs to {1}").format(self.user, other))

    def _forget_scope(self) -> None:
        from medaffairs.permissions import forget_scopes

        forget_scopes()


def _date(value):
    return getdate(value) if value else None


def title_level(title: str | None) -> str | None:
    """The level of a title, kept in the attributes of its dictionary item; none without a title."""
    if not title:
        return None
    attributes = frappe.db.get_value("Dictionary Item", title, "attributes")
    return json.loads(attributes or "{}").get("title_level")
