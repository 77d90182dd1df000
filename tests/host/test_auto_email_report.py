"""Reports that come by mail."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from io import BytesIO

import frappe
import openpyxl
import pytest
from frappe.email.doctype.auto_email_report.auto_email_report import send_daily, send_now
from host import kit

ENTRY, REPORT = "Host Entry", "Host Entries"
CLERK = kit.email("clerk")


@pytest.fixture(scope="module")
def entries(make_doctype: Callable) -> None:
    make_doctype(ENTRY, [kit.field("subject", in_list_view=1), kit.field("amount", "Int", in_list_view=1)],
                 [kit.rule(kit.CLERK, *kit.ALL_RIGHTS)])  # fmt: skip


def _clean() -> None:
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for name in frappe.get_all("Auto Email Report", {"report": REPORT}, pluck="name"):
        frappe.delete_doc("Auto Email Report", name, force=True)
    frappe.delete_doc("Report", REPORT, force=True, ignore_missing=True)
    for doctype in ("Email Queue Recipient", "Email Queue", ENTRY):
        frappe.db.delete(doctype)
    frappe.db.delete("Email Account", {"email_id": ["like", "%host.example"]})
    frappe.db.delete("Deleted Document", {"deleted_doctype": ["in", ("Auto Email Report", "Report")]})
    frappe.db.commit()


@pytest.fixture
def report(site: str, entries: None) -> Iterator[Callable]:
    """Makes an Auto Email Report of a list of entries."""
    _clean()
    frappe.get_doc(
        doctype="Email Account", email_account_name="Host Office", email_id="office@host.example", enable_outgoing=1,
        smtp_server="127.0.0.1", smtp_port=9, default_outgoing=1, awaiting_password=1,
    ).insert()  # fmt: skip
    frappe.local.outgoing_email_account = {}
    fields = [["name", ENTRY], ["subject", ENTRY], ["amount", ENTRY]]
    kept = frappe.as_json({"fields": fields, "filters": [], "order_by": f"`tab{ENTRY}`.`subject` asc"})
    frappe.get_doc(doctype="Report", report_name=REPORT, ref_doctype=ENTRY, report_type="Report Builder",
                   is_standard="No", json=kept).insert()  # fmt: skip

    def make(**values: object):
        given = {"report": REPORT, "user": "Administrator", "enabled": 1, "frequency": "Daily", "format": "HTML",
                 "email_to": "a@x.example", "filters": "[]", **values}  # fmt: skip
        return frappe.get_doc(doctype="Auto Email Report", **given).insert()

    yield make
    _clean()


@pytest.fixture
def three(report) -> None:
    for subject, amount in (("王", 10), ("b", 20), ("c", 30)):
        frappe.get_doc(doctype=ENTRY, subject=subject, amount=amount).insert()


def mails() -> list:
    return [
        email.message_from_string(text, policy=email.policy.default)
        for text in frappe.get_all("Email Queue", {"reference_doctype": "Auto Email Report"}, pluck="message")
    ]


def test_as_a_table_in_the_mail(report, three):
    doc = report(email_to="a@x.example\nb@x.example")
    send_now(doc.name)
    html = mails()[0].get_body(("html",)).get_content()
    assert "<table" in html and "王" in html and ">c<" in html.replace(" ", "").replace("\n", "")
    assert mails()[0]["Subject"] == doc.name
    queued = frappe.get_last_doc("Email Queue")
    assert {row.recipient for row in queued.recipients} == {"a@x.example", "b@x.example"}


def test_as_a_workbook(report, three):
    send_now(report(format="XLSX").name)
    file = next(iter(mails()[0].iter_attachments()))
    rows = list(
        openpyxl.load_workbook(BytesIO(file.get_payload(decode=True))).active.iter_rows(values_only=True)
    )
    assert file.get_filename().endswith(".xlsx")
    found = {subject: row for row in rows for subject in ("b", "c", "王") if subject in row}
    assert {subject: amount for subject, row in found.items() for amount in (10, 20, 30) if amount in row} == {
        "b": 20, "c": 30, "王": 10}  # fmt: skip


def test_as_csv(report, three):
    send_now(report(format="CSV", no_of_rows=2).name)
    file = next(iter(mails()[0].iter_attachments()))
    text = file.get_payload(decode=True).decode()
    assert file.get_filename().endswith(".csv") and '"b"' in text and "王" not in text


def test_nothing_to_say(report):
    send_now(report(send_if_data=1).name)
    assert mails() == []


def test_with_the_users_rights(report, three):
    frappe.get_doc(doctype="User Permission", user=CLERK, allow=ENTRY, apply_to_all_doctypes=1,
                   for_value=frappe.db.get_value(ENTRY, {"subject": "b"})).insert()  # fmt: skip
    send_now(report(format="CSV", user=CLERK).name)
    text = next(iter(mails()[0].iter_attachments())).get_payload(decode=True).decode()
    assert '"b"' in text and '"c"' not in text


def test_what_is_due_today(report, three):
    today = frappe.utils.getdate().strftime("%A")
    other = frappe.utils.getdate(frappe.utils.add_days(None, 1)).strftime("%A")
    wanted = {report().name, report(frequency="Weekly", day_of_week=today).name}
    report(frequency="Weekly", day_of_week=other)
    report(frequency="Monthly")
    report(enabled=0)
    frappe.db.commit()
    send_daily()
    assert {message["Subject"] for message in mails()} == wanted


@pytest.mark.parametrize("values", [{"email_to": "nonsense"}, {"format": "PDF"}])
def test_what_is_refused(report, values):
    with pytest.raises(frappe.ValidationError):
        report(**values)
