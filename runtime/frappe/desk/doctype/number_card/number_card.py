"""One figure: counted or summed over a DocType's rows, taken from a report, or given by a method."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, flt, now_datetime
from frappe.utils.typing_validations import parsed

FUNCTIONS = {"Count": "count", "Sum": "sum", "Average": "avg", "Minimum": "min", "Maximum": "max"}
INTERVALS = {
    "Daily": {"days": -1},
    "Weekly": {"weeks": -1},
    "Monthly": {"months": -1},
    "Yearly": {"years": -1},
}


class NumberCard(Document):
    """A figure on a start page."""

    def autoname(self) -> None:
        if not self.name:
            self.name = self.label
        if frappe.db.exists("Number Card", self.name):
            self.name = f"{self.label}-{frappe.generate_hash(length=5)}"

    def validate(self) -> None:
        self.type = self.type or "Document Type"
        needed = {
            "Document Type": ("document_type", "function"),
            "Report": ("report_name", "report_field", "report_function"),
            "Custom": ("method",),
        }[self.type]
        for fieldname in needed:
            if not self.get(fieldname):
                frappe.throw(
                    _("{0} is required").format(_(self.meta.get_label(fieldname))), frappe.MandatoryError
                )
        if self.type == "Document Type":
            if self.function != "Count" and not self.aggregate_function_based_on:
                frappe.throw(_("Aggregate Field is required to create a number card"))
            if frappe.get_meta(self.document_type).istable and not self.parent_document_type:
                frappe.throw(_("Parent Document Type is required to create a number card"))


def get_permission_query_conditions(user: str | None = None) -> str:
    """Cards of DocTypes and reports that the user may read."""
    user = user or frappe.session.user
    if user == "Administrator" or "System Manager" in frappe.get_roles(user):
        return ""
    from frappe.utils.user import UserPermissions, get_allowed_report_names

    doctypes = UserPermissions(user).get_can_read()
    readable = frappe.db.literal(tuple(doctypes) or ("",))
    reports = frappe.db.literal(tuple(get_allowed_report_names(user)) or ("",))
    table = "`tabNumber Card`"
    return f"({table}.`document_type` in {readable} or {table}.`report_name` in {reports})"


def has_permission(doc: Any, ptype: str, user: str) -> bool:
    """Whether a user may see a card: whoever may read what it counts; one of a method names a DocType for that."""
    if user == "Administrator" or "System Manager" in frappe.get_roles(user):
        return True
    if doc.type == "Report":
        from frappe.utils.user import get_allowed_report_names

        return doc.report_name in get_allowed_report_names(user)
    return bool(doc.document_type) and frappe.has_permission(
        doc.document_type, "read", user=user, parent_doctype=doc.parent_document_type
    )


@frappe.whitelist()
def get_result(doc: Any, filters: Any, to_date: str | None = None) -> float:
    """The figure of a card over the rows that the user may see.

    :param filters: conditions instead of the card's own, as JSON or list
    :param to_date: only what was created before
    """
    card = frappe._dict(parsed(doc, dict, "doc"))
    function = FUNCTIONS.get(card.get("function") or "Count")
    if function is None or not card.document_type:
        frappe.throw(_("This number card has no document type or function"))
    rows = frappe.parse_json(filters) if isinstance(filters, str) else filters
    rows = _as_rows(card.document_type, rows)
    if to_date:
        rows.append([card.document_type, "creation", "<", to_date])
    field = card.aggregate_function_based_on if function != "count" else None
    column = f"`tab{card.document_type}`.`{field}`" if field else "*"
    answer = frappe.get_list(
        card.document_type,
        fields=[f"{function}({column}) as result"],
        filters=rows,
        order_by=None,
        parent_doctype=card.parent_document_type,
    )
    return flt(answer[0].result if answer else 0)


def _as_rows(doctype: str, filters: Any) -> list:
    """Conditions of a card as rows; a card's filters may have a fifth part, which means nothing here."""
    if not filters:
        return []
    if not isinstance(filters, dict):
        filters = parsed(filters, list, "filters")
    if isinstance(filters, dict):
        return [
            [doctype, key, *(value if isinstance(value, list) else ["=", value])]
            for key, value in filters.items()
        ]
    return [list(row)[:4] if isinstance(row, list | tuple) else row for row in filters]


@frappe.whitelist()
def get_percentage_difference(doc: Any, filters: Any, result: Any) -> float | None:
    """By how many per cent the figure differs from that of one interval ago; None when that was zero."""
    card = frappe._dict(parsed(doc, dict, "doc"))
    if not card.name:
        return None
    stored = frappe.get_doc("Number Card", card.name)
    stored.check_permission("read")
    if not cint(stored.show_percentage_stats):
        return None
    earlier = add_to_date(now_datetime(), **INTERVALS.get(stored.stats_time_interval, {"days": -1}))
    previous = get_result(stored.as_dict(), filters, str(earlier))
    if not previous:
        return None
    return (flt(result) / previous - 1) * 100


@frappe.whitelist(methods=["POST"])
def create_number_card(args: Any) -> Document:
    """Makes a card from a page."""
    args = parsed(args, dict, "args")
    card = frappe.new_doc("Number Card")
    card.update({key: value for key, value in args.items() if key not in {"doctype", "owner", "name"}})
    card.insert()
    return card


@frappe.whitelist(methods=["POST"])
def create_report_number_card(args: Any) -> None:
    """Makes a card of a report's column, and puts it on a dashboard when one is named."""
    given = parsed(args, dict, "args")
    card = create_number_card(given)
    if given.get("dashboard"):
        add_card_to_dashboard({"name": card.name, "dashboard": given["dashboard"]})


@frappe.whitelist(methods=["POST"])
def add_card_to_dashboard(args: Any) -> None:
    """Puts a card on a dashboard."""
    from frappe.desk.doctype.dashboard.dashboard import put_on

    given = parsed(args, dict, "args")
    put_on(given.get("dashboard"), "cards", "card", given.get("name"), given.get("set_standard"))


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def get_cards_for_user(
    doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: Any
) -> list[list]:
    """Cards that the user may put on a dashboard, for link fields."""
    return frappe.get_list(
        "Number Card", filters=filters, or_filters=[["name", "like", f"%{txt}%"], ["label", "like", f"%{txt}%"]],
        fields=["name", "label", "document_type"], as_list=True, limit_start=start, limit_page_length=page_len,
    )  # fmt: skip
