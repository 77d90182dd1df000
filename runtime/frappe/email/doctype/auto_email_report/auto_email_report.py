"""Reports that come by mail, as often as somebody wants them."""

from __future__ import annotations

import calendar
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, get_first_day, getdate, now_datetime, validate_email_address

FORMATS = ("HTML", "XLSX", "CSV")
MOST_PER_USER = 20
#: What the length of a period is, for `from` dates that move with the day.
_BACK = {"Daily": {"days": -1}, "Weekly": {"days": -7}, "Monthly": {"months": -1}, "Quarterly": {"months": -3},
         "Half Yearly": {"months": -6}, "Yearly": {"years": -1}}  # fmt: skip


class AutoEmailReport(Document):
    """One report, with its filters, for some addresses."""

    def autoname(self) -> None:
        """Named after its report; the second one is numbered."""
        name, count = self.report, 1
        while frappe.db.exists("Auto Email Report", name):
            name, count = f"{self.report}-{count}", count + 1
        self.name = name

    def validate(self) -> None:
        """Refuses what could not be sent.

        :raises frappe.ValidationError: naming it
        """
        self._check_addresses()
        # It is read with this user's rights: nobody borrows those of another.
        if self.user != frappe.session.user and "System Manager" not in frappe.get_roles():
            frappe.throw(
                _("Only a System Manager can send reports for another user."), frappe.PermissionError
            )
        others = {"user": self.user, "enabled": 1, "name": ("!=", self.name)}
        most = cint(frappe.get_system_settings("max_auto_email_report_per_user")) or MOST_PER_USER
        if self.enabled and frappe.db.count("Auto Email Report", others) >= most:
            frappe.throw(_("Only {0} emailed reports are allowed per user.").format(most))
        if self.format not in FORMATS:
            frappe.throw(_("{0} is not a valid report format. Report format should be one of the following {1}").format(
                frappe.bold(self.format), ", ".join(FORMATS)))  # fmt: skip
        self._check_filters()

    def _check_addresses(self) -> None:
        if ("\n" in self.email_to) is False and "," in self.email_to:
            self.email_to = self.email_to.replace(",", "\n")
        valid = []
        for entry in self.email_to.split():
            validate_email_address(entry, True)
            valid.append(entry)
        self.email_to = "\n".join(valid)

    def _check_filters(self) -> None:
        given = frappe.parse_json(self.filters) if self.filters else {}
        meta = frappe.parse_json(self.filter_meta) if self.filter_meta else []
        missing = [row["label"] for row in meta if row.get("reqd") and not given.get(row["fieldname"])]
        if missing:
            frappe.throw(_("Mandatory filters are missing: {0}").format(", ".join(missing)))

    @property
    def sender_email(self) -> str | None:
        """The address of the account that sends it."""
        return frappe.db.get_value("Email Account", self.sender, "email_id") if self.sender else None

    # -- the content

    def get_report_content(self) -> str | bytes | None:
        """The report as its user may see it, in the wanted format; None when it is to be sent with rows only and has none."""
        report = frappe.get_doc("Report", self.report)
        filters = frappe.parse_json(self.filters) if self.filters else {}
        if isinstance(filters, dict):
            filters = frappe._dict(filters)
            if self.dynamic_date_filters_set():
                self.prepare_dynamic_filters(filters)
        if report.report_type == "Report Builder" and cint(self.data_modified_till):
            since = add_to_date(now_datetime(), hours=-cint(self.data_modified_till))
            filters = [*(filters if isinstance(filters, list) else _as_list(report.ref_doctype, filters)),
                       [report.ref_doctype, "modified", ">", since]]  # fmt: skip
        before = frappe.session.user
        frappe.set_user(self.user)
        try:
            columns, rows = report.get_data(
                filters=filters, limit=cint(self.no_of_rows) or 100, user=self.user, as_dict=True, ignore_prepared_report=True,
                are_default_filters=False,
            )  # fmt: skip
        finally:
            frappe.set_user(before)
        if cint(self.send_if_data) and not rows:
            return None
        return self._in_format(columns, rows)

    def _in_format(self, columns: list, rows: list) -> str | bytes:
        shown = [column for column in map(frappe._dict, columns) if not column.get("hidden")]
        table = [[_(column.label or column.fieldname) for column in shown]]
        table += [[_value(row, column) for column in shown] for row in rows]
        if self.format == "HTML":
            return self.get_html_table(shown, rows)
        if self.format == "XLSX":
            from frappe.utils.xlsxutils import make_xlsx

            return make_xlsx(table, "Auto Email Report").getvalue()
        from frappe.utils.csvutils import to_csv

        return to_csv(table)

    def get_html_table(self, columns: list | None = None, data: list | None = None) -> str:
        """The report as a table, with what is said about it."""
        return frappe.get_template("templates/emails/auto_email_report.html").render(
            title=_(self.name), description=self.description, columns=columns or [],
            rows=[[_formatted(row, column) for column in columns or []] for row in data or []],
            link=frappe.utils.get_url_to_report(self.report, self.report_type, self.reference_report),
            edit_link=frappe.utils.get_url_to_form("Auto Email Report", self.name),
        )  # fmt: skip

    def get_file_name(self) -> str:
        """The name of the file that carries it."""
        return f"{self.report.replace(' ', '-').replace('/', '-')}.{self.format.lower()}"

    def dynamic_date_filters_set(self) -> bool:
        """Whether dates of the filters move with the day."""
        return bool(self.dynamic_date_period and self.from_date_field and self.to_date_field)

    def prepare_dynamic_filters(self, filters: dict) -> None:
        """Dates of the period that ends today."""
        today = getdate()
        start = getdate(add_to_date(today, **_BACK[self.dynamic_date_period]))
        if self.use_first_day_of_period:
            start = _first_day(today, self.dynamic_date_period)
        filters[self.from_date_field], filters[self.to_date_field] = str(start), str(today)

    # -- sending

    def send(self) -> None:
        """Puts the report into the mail queue."""
        content = self.get_report_content()
        if content is None:
            return
        attached = self.format != "HTML"
        message = self.get_html_table() if attached else content
        files = [{"fname": self.get_file_name(), "fcontent": content}] if attached else None
        frappe.sendmail(
            recipients=self.email_to.split(), sender=self.sender_email or "", subject=self.name, message=message,
            attachments=files, reference_doctype=self.doctype, reference_name=self.name,
        )  # fmt: skip


def _first_day(today: Any, period: str) -> Any:
    if period == "Daily":
        return today
    if period == "Weekly":
        return frappe.utils.get_first_day_of_week(today)
    if period == "Monthly":
        return get_first_day(today)
    months = {"Quarterly": 3, "Half Yearly": 6, "Yearly": 12}[period]
    return today.replace(month=(today.month - 1) // months * months + 1, day=1)


def _as_list(doctype: str, filters: dict) -> list:
    return [
        [doctype, key, *(value if isinstance(value, list) else ["=", value])]
        for key, value in filters.items()
    ]


def _value(row: Any, column: Any) -> Any:
    value = row.get(column.fieldname) if isinstance(row, dict) else None
    return "" if value is None else value


def _formatted(row: Any, column: Any) -> str:
    value = _value(row, column)
    return frappe.format_value(value, column, row) if value not in ("", None) else ""


@frappe.whitelist()
def download(name: str) -> None:
    """The report as a file, for who may read its record."""
    report = frappe.get_doc("Auto Email Report", name)
    report.check_permission()
    content = report.get_report_content()
    if content is None:
        frappe.msgprint(_("No Data"))
        return
    frappe.local.response.filename = report.get_file_name()
    frappe.local.response.filecontent = content
    frappe.local.response.type = "download"


@frappe.whitelist(methods=["POST"])
def send_now(name: str) -> None:
    """Sends the report at once, for who may read its record."""
    report = frappe.get_doc("Auto Email Report", name)
    report.check_permission()
    report.send()


def send_daily() -> None:
    """Sends what is due today, but for what comes by the month."""
    today = calendar.day_name[getdate().weekday()]
    due = frappe.get_all(
        "Auto Email Report", {"enabled": 1, "frequency": ("in", ("Daily", "Weekdays", "Weekly"))}, ["name", "frequency", "day_of_week"]
    )  # fmt: skip
    for row in due:
        if row.frequency == "Weekdays" and today in ("Saturday", "Sunday"):
            continue
        if row.frequency == "Weekly" and row.day_of_week != today:
            continue
        _send_or_log(row.name)


def send_monthly() -> None:
    """Sends what comes by the month."""
    for name in frappe.get_all("Auto Email Report", {"enabled": 1, "frequency": "Monthly"}, pluck="name"):
        _send_or_log(name)


def _send_or_log(name: str) -> None:
    """One report that fails does not keep the others back."""
    try:
        frappe.get_doc("Auto Email Report", name).send()
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title="Failed to send Auto Email Report", reference_doctype="Auto Email Report", reference_name=name)  # fmt: skip
        frappe.db.commit()
