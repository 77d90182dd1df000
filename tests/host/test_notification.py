"""Notifications: rules about documents, messages inside the system and by mail, mentions, assignments, shares."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.desk.doctype.notification_log import notification_log
from frappe.desk.form import assign_to
from frappe.desk.form.utils import add_comment
from frappe.email.doctype.notification.notification import get_documents_for_today, trigger_daily_alerts
from host import kit

CASE = "Host Case"
CLERK, CHIEF = kit.email("clerk"), kit.email("chief")
TRACES = ("Email Queue Recipient", "Email Queue", "Notification Log", "Error Log")


@pytest.fixture(scope="module")
def case_made(make_doctype: Callable) -> None:
    rights = (*kit.ALL_RIGHTS, "submit", "cancel")
    make_doctype(
        CASE,
        [kit.field("subject"), kit.field("status", "Select", options="Open\nDone", allow_on_submit=1),
         kit.field("due", "Date"), kit.field("at", "Datetime"), kit.field("mail", options="Email"), kit.field("note"),
         kit.field("person", "Link", options="User")],
        [kit.rule(kit.CLERK, *rights), kit.rule(kit.CHIEF, *rights)],
        is_submittable=1,
    )  # fmt: skip


def _clean() -> None:
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for name in frappe.get_all("Notification", {"name": ["like", "Host %"]}, pluck="name"):
        frappe.delete_doc("Notification", name, force=True)
    frappe.db.delete("Email Account", {"email_id": ["like", "%host.example"]})
    frappe.db.delete("Communication", {"reference_doctype": CASE})
    for doctype in TRACES:
        frappe.db.delete(doctype)
    frappe.db.delete("Deleted Document", {"deleted_doctype": "Notification"})
    frappe.db.commit()
    frappe.clear_cache()
    frappe.local.outgoing_email_account = {}


@pytest.fixture
def rule(site: str, case_made: None) -> Iterator[Callable]:
    """Makes a Notification about a case; the user is the clerk afterwards."""
    _clean()
    others = frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name")
    frappe.get_doc(
        doctype="Email Account", email_account_name="Host Office", email_id="office@host.example", enable_outgoing=1,
        smtp_server="127.0.0.1", smtp_port=9, default_outgoing=1, awaiting_password=1,
    ).insert()  # fmt: skip
    frappe.local.outgoing_email_account = {}

    def make(name: str = "Host Rule", **values: object):
        frappe.set_user("Administrator")
        given = {"channel": "Email", "document_type": CASE, "event": "New", "subject": "S {{ doc.subject }}",
                 "message": "<p>M {{ doc.subject }}</p>", "message_type": "HTML",
                 "recipients": [{"receiver_by_document_field": "owner"}], **values}  # fmt: skip
        doc = frappe.get_doc(doctype="Notification", name=name, **given).insert()
        frappe.set_user(CLERK)
        return doc

    yield make
    _clean()
    for name in others:
        frappe.db.set_value("Email Account", name, "default_outgoing", 1)
    frappe.db.commit()


def case(**values: object):
    """A new case."""
    return frappe.get_doc({"doctype": CASE, "subject": "x", **values}).insert()


def mails() -> list[tuple[set[str], str]]:
    """Receivers and subject of what has been queued since this was asked last."""
    found = []
    for name in frappe.get_all("Email Queue", pluck="name", order_by="creation asc"):
        doc = frappe.get_doc("Email Queue", name)
        message = email.message_from_string(doc.message, policy=email.policy.default)
        found.append(({row.recipient for row in doc.recipients}, message["Subject"]))
        frappe.db.delete("Email Queue Recipient", {"parent": name})
        frappe.db.delete("Email Queue", {"name": name})
    return found


def logs(**filters: object) -> list[frappe._dict]:
    fields = ["subject", "for_user", "type", "document_type", "document_name", "email_content", "from_user"]
    return frappe.get_all("Notification Log", filters, fields, order_by="creation asc")


# -- events


def test_a_new_document(rule):
    rule()
    doc = case(subject="王 first")
    assert mails() == [({CLERK}, "S 王 first")]
    doc.note = "y"
    doc.save()
    assert mails() == []


def test_the_mail_is_kept_with_the_document(rule):
    rule()
    doc = case()
    queued = frappe.get_last_doc("Email Queue")
    assert (queued.reference_doctype, queued.reference_name, queued.expose_recipients) == (
        CASE,
        doc.name,
        "header",
    )
    kept = frappe.get_doc("Communication", queued.communication)
    assert (kept.subject, kept.communication_type, kept.recipients) == ("S x", "Automated Message", CLERK)
    assert (kept.sender, kept.sent_or_received, kept.status, kept.content) == (
        CLERK,
        "Sent",
        "Linked",
        "<p>M x</p>",
    )


def test_every_save(rule):
    rule(event="Save", condition="doc.status == 'Open'")
    doc = case(status="Open")
    assert len(mails()) == 1
    doc.save()
    assert len(mails()) == 1
    doc.status = "Done"
    doc.save()
    assert mails() == []


def test_submission_and_cancellation(rule):
    rule(event="Submit", subject="submitted")
    rule("Host Rule 2", event="Cancel", subject="cancelled")
    doc = case()
    assert mails() == []
    doc.submit()
    assert [subject for _to, subject in mails()] == ["submitted"]
    doc.cancel()
    assert [subject for _to, subject in mails()] == ["cancelled"]


def test_a_value_that_changes(rule):
    rule(event="Value Change", value_changed="status")
    doc = case(status="Open")
    assert mails() == []
    doc.status = "Done"
    doc.save()
    assert len(mails()) == 1
    doc.note = "y"
    doc.save()
    doc.submit()
    assert mails() == []
    doc.status = "Open"
    doc.save()
    assert len(mails()) == 1


def test_a_method_of_the_document(rule):
    rule(event="Method", method="on_trash")
    rule("Host Rule 2", event="Method", method="remind", subject="reminded")
    rule("Host Rule 3", event="Custom", subject="never")
    doc = case()
    doc.run_method("remind")
    assert [subject for _to, subject in mails()] == ["reminded"]
    doc.delete()
    assert [subject for _to, subject in mails()] == ["S x"]


def test_a_rule_that_is_switched_off(rule):
    rule(enabled=0)
    case()
    assert mails() == []


def test_days_before_and_after(rule):
    today = frappe.utils.nowdate()
    soon, past = frappe.utils.add_days(today, 2), frappe.utils.add_days(today, -3)
    ahead = rule(event="Days Before", date_changed="due", days_in_advance=2)
    rule("Host Rule 2", event="Days Before", date_changed="at", days_in_advance=2, subject="at")
    rule("Host Rule 3", event="Days After", date_changed="due", days_in_advance=3, subject="late",
         set_property_after_alert="note", property_value="told")  # fmt: skip
    one = case(due=soon, at=f"{soon} 10:00:00")
    two = case(due=past)
    case(due=today)
    frappe.set_user("Administrator")
    assert get_documents_for_today(ahead.name) == [one.name]
    frappe.db.commit()
    trigger_daily_alerts()
    assert sorted(subject for _to, subject in mails()) == ["S x", "at", "late"]
    assert frappe.db.get_value(CASE, two.name, "note") == "told"
    for name in frappe.get_all(CASE, pluck="name"):
        frappe.delete_doc(CASE, name, force=True)


# -- receivers


def test_receivers_by_field_role_and_address(rule):
    rule(
        recipients=[
            {"receiver_by_role": kit.CHIEF}, {"receiver_by_document_field": "mail"},
            {"receiver_by_document_field": "person"},
            {"cc": "c1@x.example\nc2@x.example,c3@x.example", "condition": "doc.note == 'copy'"},
            {"bcc": "b@x.example"}, {"cc": "{{ doc.mail }}"},
        ]
    )  # fmt: skip
    case(note="copy", mail="m@x.example", person=kit.email("nobody"))
    queued = frappe.get_last_doc("Email Queue")
    assert set(queued.show_as_cc.split(",")) == {
        "c1@x.example",
        "c2@x.example",
        "c3@x.example",
        "m@x.example",
    }
    everybody = {
        CHIEF,
        "m@x.example",
        kit.email("nobody"),
        "c1@x.example",
        "c2@x.example",
        "c3@x.example",
        "b@x.example",
    }
    assert mails()[0][0] == everybody
    case(note="none", mail="")
    assert mails()[0][0] == {CHIEF, "b@x.example"}


def test_addresses_in_a_text(rule):
    rule(recipients=[{"receiver_by_document_field": "subject"}])
    case(subject="a1@x.example, a2@x.example")
    assert mails()[0][0] == {"a1@x.example", "a2@x.example"}


def test_everybody_to_whom_it_is_assigned(rule):
    rule(event="Save", send_to_all_assignees=1, recipients=[])
    doc = case()
    assert mails() == []
    frappe.get_doc(doctype="ToDo", allocated_to=CHIEF, reference_type=CASE, reference_name=doc.name, description="x").insert(ignore_permissions=True)  # fmt: skip
    mails()
    frappe.get_doc(CASE, doc.name).save()
    assert mails()[0][0] == {CHIEF}


def test_nobody_to_tell(rule):
    rule(recipients=[])
    case()
    assert mails() == [] and not frappe.db.count("Communication", {"reference_doctype": CASE})


# -- inside the system


def test_a_message_inside_the_system(rule):
    rule(
        channel="System Notification",
        recipients=[{"receiver_by_role": kit.CHIEF}, {"receiver_by_document_field": "mail"}],
    )
    doc = case(subject="first", mail="stranger@x.example")
    assert mails() == []
    assert logs() == [
        {"subject": "S first", "for_user": CHIEF, "type": "Alert", "document_type": CASE, "document_name": doc.name,
         "email_content": "<p>M first</p>", "from_user": CLERK}]  # fmt: skip


def test_both_ways(rule):
    rule(send_system_notification=1)
    case()
    assert len(mails()) == 1 and [row.for_user for row in logs()] == [CLERK]


def test_the_prints_travel_with_the_mail(rule):
    rule(attach_print=1)
    doc = case()
    queued = frappe.get_last_doc("Email Queue")
    wanted = frappe.parse_json(queued.attachments)
    assert [(entry["print_format_attachment"], entry["doctype"], entry["name"]) for entry in wanted] in (
        [(1, CASE, doc.name)], [])  # fmt: skip


# -- what goes wrong


@pytest.mark.parametrize(
    "values",
    [
        {"event": "Days Before"},
        {"event": "Value Change"},
        {"document_type": "Email Queue"},
        {"condition": "doc.status == ("},
        {"condition": "doc.due > 5"},
        {"subject": "{{ doc.x"},
        {"is_standard": 1, "module": "Core"},
    ],
)
def test_a_rule_that_cannot_work_is_refused(rule, values):
    with pytest.raises(frappe.ValidationError):
        rule(**values)


def test_a_rule_that_fails_never_stops_the_document(rule):
    rule(subject="{{ doc.a.b.c }}")
    rule("Host Rule 2", subject="fine")
    doc = case()
    assert frappe.db.exists(CASE, doc.name)
    assert [subject for _to, subject in mails()] == ["fine"]
    failed = frappe.get_all("Error Log", {"reference_doctype": "Notification"}, ["method", "reference_name"])
    assert failed == [{"method": "Failed to send Notification", "reference_name": "Host Rule"}]


def test_ways_that_need_more_never_stop_the_document(rule):
    rule(channel="SMS")
    doc = case()
    assert frappe.db.exists(CASE, doc.name)
    assert (
        frappe.db.count("Error Log", {"reference_doctype": "Notification", "reference_name": "Host Rule"})
        == 1
    )


def test_a_property_set_after_the_message(rule):
    rule(event="Save", set_property_after_alert="note", property_value="told")
    doc = case()
    assert doc.note == "told" and frappe.db.get_value(CASE, doc.name, "note") == "told"
    assert frappe.utils.get_datetime(
        frappe.db.get_value(CASE, doc.name, "modified")
    ) == frappe.utils.get_datetime(doc.modified)
    assert mails()


def test_only_system_managers_make_rules(rule, as_user):
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc(doctype="Notification", name="Host Mine", channel="Email", document_type=CASE, event="New", subject="x", message="x").insert()  # fmt: skip


# -- messages of people


def test_a_comment_that_names_somebody(rule, site):
    frappe.set_user(CLERK)
    doc = case(subject="named")
    text = f'<div>see <span class="mention" data-id="{CHIEF}" data-value="Chief" data-denotation-char="@">@Chief</span></div>'
    add_comment(CASE, doc.name, text, CLERK, "Clerk")
    found = logs()
    assert [(row.for_user, row.type, row.document_name, row.from_user) for row in found] == [
        (CHIEF, "Mention", doc.name, CLERK)]  # fmt: skip
    assert (
        "<strong>Clerk</strong>" in found[0].subject
        and f'<b class="subject-title">{doc.name}</b>' in found[0].subject
    )
    assert "@Chief" in found[0].email_content
    to, subject = mails()[0]
    assert to == {CHIEF} and subject == frappe.utils.strip_html(found[0].subject)


def test_nobody_is_told_what_he_did_himself(rule, site):
    frappe.set_user(CLERK)
    doc = case()
    add_comment(CASE, doc.name, f'<span class="mention" data-id="{CLERK}">@me</span>', CLERK, "Clerk")
    assert not logs() and not mails()


def test_an_assignment_and_its_end(rule, site):
    frappe.set_user(CLERK)
    doc = case()
    assign_to.add({"doctype": CASE, "name": doc.name, "assign_to": [CHIEF], "description": "please"})
    assert [(row.for_user, row.type) for row in logs()] == [(CHIEF, "Assignment")]
    assert "please" in logs()[0].email_content and len(mails()) == 1
    assign_to.remove(CASE, doc.name, CHIEF)
    assert [(row.for_user, row.type) for row in logs()] == [(CHIEF, "Assignment")] * 2
    assert len(mails()) == 1


def test_a_share_with_and_without_a_message(rule, site):
    frappe.set_user(CLERK)
    doc = case()
    frappe.share.add(CASE, doc.name, kit.email("nobody"), write=1)
    assert not logs()
    frappe.share.add(CASE, doc.name, CHIEF, write=1, notify=1)
    assert [(row.for_user, row.type) for row in logs()] == [(CHIEF, "Share")]
    assert [to for to, _subject in mails()] == [{CHIEF}]


def test_what_a_user_wants_to_be_told(rule, site):
    wishes = frappe.get_doc("Notification Settings", CHIEF)
    assert (wishes.enabled, wishes.enable_email_notifications, wishes.enable_email_mention) == (1, 1, 1)
    frappe.set_user(CLERK)
    doc = case()

    def mention(**settings: int) -> tuple[int, int]:
        frappe.db.delete("Notification Log")
        frappe.db.set_value("Notification Settings", CHIEF, settings)
        frappe.clear_document_cache("Notification Settings", CHIEF)
        add_comment(CASE, doc.name, f'<span class="mention" data-id="{CHIEF}">@c</span>', CLERK, "Clerk")
        return len(logs()), len(mails())

    assert mention(enable_email_mention=0) == (1, 0)
    assert mention(enable_email_mention=1, enable_email_notifications=0) == (1, 0)
    assert mention(enabled=0) == (0, 0)


def test_ones_own_messages(rule, site):
    given = {
        "type": "Alert",
        "document_type": "User",
        "document_name": "Guest",
        "subject": "Alert!",
        "from_user": "Administrator",
    }
    notification_log.enqueue_create_notification([CLERK, CHIEF, "nobody@nowhere.example"], given)
    assert {row.for_user for row in logs()} == {CLERK, CHIEF} and mails() == []
    frappe.set_user(CLERK)
    answer = notification_log.get_notification_logs()
    assert [(row.subject, row.for_user, row.read) for row in answer["notification_logs"]] == [
        ("Alert!", CLERK, 0)
    ]
    assert answer["user_info"]["Administrator"]["fullname"] == "Administrator"
    notification_log.mark_as_read(answer["notification_logs"][0].name)
    assert [row.read for row in notification_log.get_notification_logs()["notification_logs"]] == [1]
    frappe.set_user(CHIEF)
    notification_log.mark_all_as_read()
    assert frappe.db.count("Notification Log", {"read": 0}) == 0
    assert frappe.get_list("Notification Log", pluck="for_user") == [CHIEF]
