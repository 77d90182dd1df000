"""E-mail: the queue, what a message looks like, and how it goes out over SMTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parseaddr

import frappe
import pytest
from frappe.email.doctype.email_queue.email_queue import send_now, toggle_sending
from frappe.email.queue import flush
from host import mailbox

ACCOUNT = "Host Office"
ADDRESS = "office@host.example"


def _forget_mail() -> None:
    frappe.db.rollback()
    frappe.set_user("Administrator")
    names = frappe.get_all("Email Queue", {"sender": ["like", "%host.example%"]}, pluck="name")
    for name in names:
        frappe.db.delete("Email Queue Recipient", {"parent": name})
        frappe.db.delete("Email Queue", {"name": name})
        frappe.db.delete("Notification Log", {"document_name": name})
        frappe.db.delete("Error Log", {"reference_name": name})
    frappe.db.delete("Error Log", {"method": "Invalid email address"})
    frappe.db.delete("Email Unsubscribe", {"email": ["like", "%host.example"]})
    for name in frappe.get_all("Email Account", {"email_id": ["like", "%host.example"]}, pluck="name"):
        frappe.delete_doc("Email Account", name, force=True)
    frappe.db.delete("Deleted Document", {"deleted_doctype": ["like", "Email%"]})
    frappe.db.commit()
    frappe.clear_cache()


def account(port: int, **values: object):
    """An account at the test's own server."""
    given = {
        "email_account_name": ACCOUNT,
        "email_id": ADDRESS,
        "no_smtp_authentication": 1,
        "default_outgoing": 1,
    }
    return frappe.get_doc(
        {"doctype": "Email Account", "smtp_server": "127.0.0.1", "smtp_port": port, "enable_outgoing": 1, **given, **values}
    ).insert()  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[mailbox.Mailbox, int]]:
    with mailbox.serve(authenticator=mailbox._sign_in, auth_require_tls=False) as found:
        yield found


@pytest.fixture
def box(site: str, server: tuple[mailbox.Mailbox, int]) -> Iterator[mailbox.Mailbox]:
    """The mailbox, empty, with the site's default account leading to it; mail really goes out."""
    _forget_mail()
    others = frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name")
    box, port = server
    box.__init__()
    before = {name: frappe.flags.get(name) for name in ("in_test", "mute_emails")}
    muted = frappe.local.conf.pop("mute_emails", None)
    account(port)
    frappe.db.commit()
    frappe.flags.update(in_test=False, mute_emails=False)
    look_for_accounts_anew()
    yield box
    frappe.flags.update(before)
    if muted:
        frappe.local.conf["mute_emails"] = muted
    _forget_mail()
    for name in others:
        frappe.db.set_value("Email Account", name, "default_outgoing", 1)
    frappe.db.commit()


@pytest.fixture
def send(box: mailbox.Mailbox) -> Callable:
    """`frappe.sendmail` with short defaults."""

    def sendmail(recipients: object = "a@x.example", **values: object):
        given = {"subject": "Subject", "message": "<p>Text</p>", **values}
        record = frappe.sendmail(recipients=recipients, **given)
        frappe.db.commit()
        return record

    return sendmail


def rows(record) -> dict[str, str]:
    """How far each receiver is."""
    found = frappe.get_all("Email Queue Recipient", {"parent": record.name}, ["recipient", "status"])
    return {row.recipient: row.status for row in found}


def status(record) -> str:
    return frappe.db.get_value("Email Queue", record.name, "status")


def look_for_accounts_anew() -> None:
    """Which account sends is remembered for a request."""
    frappe.clear_cache()
    frappe.local.outgoing_email_account = {}


def let_time_pass(record) -> None:
    """A failed message waits for a while before it is tried again."""
    frappe.db.set_value(
        "Email Queue",
        record.name,
        "modified",
        frappe.utils.add_to_date(None, hours=-2),
        update_modified=False,
    )
    frappe.db.commit()


# -- the queue


def test_a_mail_waits_until_the_queue_is_flushed(send, box):
    record = send(["a@x.example", "b@x.example"], reference_doctype="User", reference_name="Guest")
    assert (record.doctype, record.status, record.sender) == (
        "Email Queue",
        "Not Sent",
        f"{ACCOUNT} <{ADDRESS}>",
    )
    assert rows(record) == {"a@x.example": "Not Sent", "b@x.example": "Not Sent"}
    assert (record.reference_doctype, record.reference_name, record.email_account) == (
        "User",
        "Guest",
        ACCOUNT,
    )
    assert not box.taken
    flush()
    assert sorted(box.receivers()) == ["a@x.example", "b@x.example"]
    assert status(record) == "Sent" and set(rows(record).values()) == {"Sent"}
    flush()
    assert len(box.taken) == 2


@pytest.mark.parametrize("values", [{"now": True}, {"delayed": False}])
def test_a_mail_that_goes_at_once(send, box, values):
    assert status(send(**values)) == "Sent"
    assert box.receivers() == ["a@x.example"]


def test_a_mail_for_later(send, box):
    record = send(send_after=frappe.utils.add_days(None, 1))
    flush()
    assert status(record) == "Not Sent" and not box.taken
    send_now(record.name)
    assert status(record) == "Sent" and box.receivers() == ["a@x.example"]


def test_urgent_mail_goes_first(send, box):
    send("later@x.example", send_priority=0)
    send("usual@x.example")
    send("urgent@x.example", send_priority=5)
    flush()
    assert box.receivers() == ["urgent@x.example", "usual@x.example", "later@x.example"]


def test_muted_mail_stays_in_the_queue(send, box):
    frappe.flags.mute_emails = True
    record = send(now=True)
    flush()
    assert status(record) == "Not Sent" and not box.taken


def test_a_queue_that_is_held(send, box):
    toggle_sending(False)
    try:
        record = send(now=True)
        flush()
        assert status(record) == "Not Sent" and not box.taken
    finally:
        toggle_sending(True)
    flush()
    assert status(record) == "Sent"


def test_only_system_managers_hold_the_queue(box, as_user):
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        toggle_sending(False)


def test_in_tests_nothing_leaves_the_house(send, box):
    frappe.flags.in_test = True
    record = send(now=True)
    assert status(record) == "Sent" and not box.taken
    assert b"Subject: Subject" in frappe.flags.sent_mail


# -- receivers


def test_receivers_as_text_with_names_and_copies(send, box):
    record = send(
        "a@x.example, 王小明 <b@x.example>",
        cc=["c@x.example"],
        bcc=["d@x.example"],
        expose_recipients="header",
        now=True,
    )
    assert set(rows(record)) == {"a@x.example", "王小明 <b@x.example>", "c@x.example", "d@x.example"}
    assert sorted(box.receivers()) == ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]
    message = box.last()
    assert {(a.display_name, a.addr_spec) for a in message["To"].addresses} == {
        ("", "a@x.example"),
        ("王小明", "b@x.example"),
    }
    assert message["CC"] == "c@x.example" and "d@x.example" not in message.as_string()


def test_receivers_do_not_see_each_other_unless_told(send, box):
    send(["a@x.example", "b@x.example"], now=True)
    assert {str(message["To"]): receiver for _sender, receiver, message in box.taken} == {
        "a@x.example": "a@x.example", "b@x.example": "b@x.example"}  # fmt: skip


def test_nobody_gets_a_mail_twice(send, box):
    send(["a@x.example", "a@x.example"], cc=["a@x.example"], now=True)
    assert box.receivers() == ["a@x.example"]


@pytest.mark.parametrize(
    "values",
    [
        {"recipients": "no address"},
        {"recipients": ["a@x.example\nBcc: evil@x.example"]},
        {"sender": "nobody"},
    ],
)
def test_a_wrong_address_stops_the_mail_and_not_its_author(send, box, values):
    assert send(**values) == []
    assert any("not a valid Email Address" in str(entry) for entry in frappe.get_message_log())
    assert not frappe.get_all("Email Queue", {"sender": ["like", "%host.example%"]})


def test_nobody_to_write_to(send):
    assert send([]) == []


def test_who_wants_no_mail(send, box):
    frappe.get_doc(doctype="Email Unsubscribe", email="gone@host.example", global_unsubscribe=1).insert()
    frappe.get_doc(
        doctype="Email Unsubscribe",
        email="left@host.example",
        reference_doctype="User",
        reference_name="Guest",
    ).insert()
    everybody = ["gone@host.example", "left@host.example", "a@x.example"]
    record = send(everybody, reference_doctype="User", reference_name="Guest")
    assert set(rows(record)) == {"a@x.example"}
    assert set(rows(send(everybody))) == {"left@host.example", "a@x.example"}
    assert send("gone@host.example") == []
    frappe.db.delete("Comment", {"reference_doctype": "User", "reference_name": "Guest"})


def test_an_unsubscription_is_complete_and_single(box):
    frappe.get_doc(doctype="Email Unsubscribe", email="gone@host.example", global_unsubscribe=1).insert()
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(doctype="Email Unsubscribe", email="gone@host.example", global_unsubscribe=1).insert()
    with pytest.raises(frappe.MandatoryError):
        frappe.get_doc(doctype="Email Unsubscribe", email="gone@host.example").insert()


# -- the message


def test_a_message_has_text_and_html(send, box):
    send(
        subject="手术授权到期提醒",
        message="<p>您好 <b>王医生</b></p><p><a href='/app/user'>Open</a></p>",
        now=True,
    )
    message = box.last()
    assert message["Subject"] == "手术授权到期提醒"
    assert [part.get_content_type() for part in message.walk()][:4] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html"]  # fmt: skip
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "您好 **王医生**" in text
    assert "<b>王医生</b>" in html and 'style="' in html and "<title>手术授权到期提醒</title>" in html
    assert frappe.utils.get_url("/app/user") in html
    assert message["From"] == f"{ACCOUNT} <{ADDRESS}>" and message["Message-Id"] and message["Date"]
    assert parseaddr(message["Reply-To"])[1] == ADDRESS


def test_a_subject_is_one_line(send, box):
    send(subject="Harmless\r\nBcc: evil@x.example", now=True)
    assert box.last()["Subject"] == "HarmlessBcc: evil@x.example"
    assert box.last()["Bcc"] is None and box.receivers() == ["a@x.example"]


def test_markdown(send, box):
    send(message=None, content="# Title\n\nSome *words*", as_markdown=True, now=True)
    assert "<em>words</em>" in box.last().get_body(("html",)).get_content()


def test_a_header_above_the_text(send, box):
    send(header=["Heading", "green"], now=True)
    html = box.last().get_body(("html",)).get_content()
    assert "Heading" in html and "indicator-green" in html


def test_who_answers_goes_elsewhere(send, box):
    send(
        reply_to="answers@x.example",
        in_reply_to="earlier@x.example",
        message_id="mine@x.example",
        read_receipt=1,
        now=True,
    )
    message = box.last()
    assert (
        message["Reply-To"] == "answers@x.example"
        and message["In-Reply-To"].strip("<>") == "earlier@x.example"
    )
    assert message["Message-Id"] == "<mine@x.example>"


def test_a_sender_of_ones_own(send, box):
    record = send(sender="张三 <z@other.example>", now=True)
    assert record.sender == "张三 <z@other.example>"
    sender = box.last()["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("张三", "z@other.example")
    assert box.taken[-1][0] == "z@other.example"
    frappe.db.set_value("Email Queue", record.name, "sender", ADDRESS)


def test_an_account_that_speaks_in_its_own_name(send, box):
    doc = frappe.get_doc("Email Account", ACCOUNT)
    doc.update(
        {"always_use_account_email_id_as_sender": 1, "always_use_account_name_as_sender_name": 1}
    ).save()
    look_for_accounts_anew()
    record = send(sender="张三 <z@other.example>", now=True)
    assert box.last()["From"] == f"{ACCOUNT} <{ADDRESS}>"
    assert "z@other.example" in box.last()["X-Original-From"]
    frappe.db.set_value("Email Queue", record.name, "sender", ADDRESS)


def test_files_travel_with_the_mail(send, box):
    file = frappe.get_doc(doctype="File", file_name="报告.txt", content="abc", is_private=1).insert()
    given = [
        {"fname": "名单.csv", "fcontent": "姓名\n王".encode()},
        {"fid": file.name},
        {"file_url": file.file_url},
    ]
    send(attachments=given, now=True)
    files = {part.get_filename(): part.get_payload(decode=True) for part in box.last().iter_attachments()}
    assert files["名单.csv"].decode().split() == ["姓名", "王"]
    assert next(content.strip() for name, content in files.items() if name != "名单.csv") == b"abc"
    assert len(list(box.last().iter_attachments())) == 3
    file.delete()
    frappe.db.commit()


def test_a_line_by_which_the_reader_stops_it(send, box):
    send(reference_doctype="User", reference_name="Guest", unsubscribe_message="Stop this", now=True)
    text = box.last().get_body(("plain",)).get_content()
    html = box.last().get_body(("html",)).get_content()
    assert "Stop this: http" in text and "Stop this</a>" in html and "_signature=" in text
    assert "email=a%40x.example" in text and "<!--" not in text


# -- what goes wrong


def test_one_receiver_who_is_refused(send, box):
    box.answers["bad@x.example"] = "550 no such person"
    record = send(["bad@x.example"])
    for _attempt in range(6):
        let_time_pass(record)
        flush()
    assert not box.taken and rows(record) == {"bad@x.example": "Not Sent"} and status(record) == "Error"
    assert "no such person" in frappe.db.get_value("Email Queue", record.name, "error")


def test_a_message_is_given_up_and_its_author_told(send, box):
    box.answers["a@x.example"] = "451 later"
    record = send()
    seen = []
    for _attempt in range(5):
        let_time_pass(record)
        flush()
        seen.append((status(record), frappe.db.get_value("Email Queue", record.name, "retry")))
    assert seen == [("Not Sent", 1), ("Not Sent", 2), ("Not Sent", 3), ("Error", 3), ("Error", 3)]
    assert (
        frappe.db.count("Error Log", {"reference_doctype": "Email Queue", "reference_name": record.name}) == 4
    )
    record.reload()
    record.retry_sending()
    box.answers.clear()
    frappe.db.commit()
    flush()
    assert status(record) == "Sent" and box.receivers() == ["a@x.example"]


def test_a_server_that_hangs_up(send, box):
    box.hang_up = True
    record = send()
    flush()
    assert status(record) == "Not Sent" and frappe.db.get_value("Email Queue", record.name, "retry") == 1
    box.hang_up = False
    let_time_pass(record)
    flush()
    assert status(record) == "Sent" and box.receivers() == ["a@x.example"]


def test_a_server_that_is_not_there(send, box):
    frappe.db.set_value("Email Account", ACCOUNT, "smtp_port", 9)
    look_for_accounts_anew()
    with pytest.raises(frappe.ValidationError, match="Invalid Outgoing Mail Server or Port"):
        send(now=True)
    frappe.db.rollback()
    record = frappe.get_last_doc("Email Queue")
    assert (record.status, record.retry) == ("Not Sent", 1)


def test_sending_what_is_sent_does_nothing(send, box):
    record = send(now=True)
    send_now(record.name)
    flush()
    assert len(box.taken) == 1


def test_only_the_administrator_deletes_what_was_sent(send):
    record = send()
    record.delete()
    assert not frappe.db.exists("Email Queue", record.name)


# -- accounts


def test_no_account(box):
    frappe.delete_doc("Email Account", ACCOUNT, force=True)
    look_for_accounts_anew()
    if frappe.db.exists("Email Account", {"default_outgoing": 1}) or frappe.local.conf.get("mail_server"):
        pytest.skip("the site has an account of its own")
    with pytest.raises(frappe.OutgoingEmailError, match="Email Account"):
        frappe.sendmail(recipients="a@x.example", subject="x", message="x", sender="b@x.example")


def test_a_password_is_stored_encrypted(box, server):
    doc = account(server[1], email_account_name="Host Second", email_id="second@host.example",
                  password=mailbox.PASSWORD, no_smtp_authentication=0, default_outgoing=0)  # fmt: skip
    assert set(frappe.db.get_value("Email Account", doc.name, "password")) == {"*"}
    assert frappe.get_doc("Email Account", doc.name).get_password() == mailbox.PASSWORD
    assert mailbox.PASSWORD not in frappe.as_json(frappe.get_doc("Email Account", doc.name))
    stored = frappe.db.sql(
        "select `password` from `__Auth` where `doctype` = 'Email Account' and `name` = %s", doc.name
    )
    assert mailbox.PASSWORD not in str(stored)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"email_id": "nonsense"}, frappe.InvalidEmailAddressError, "nonsense"),
        ({"smtp_port": 9}, frappe.ValidationError, "Invalid Outgoing Mail Server or Port"),
        ({"no_smtp_authentication": 0}, Exception, "Password"),
        ({"login_id_is_different": 1}, frappe.ValidationError, "Login Id"),
        ({"email_id": ADDRESS}, frappe.ValidationError, ""),
    ],
)  # fmt: skip
def test_an_account_that_cannot_send_is_refused(box, server, values, error, words):
    given = {
        "email_account_name": "Host Second",
        "email_id": "second@host.example",
        "default_outgoing": 0,
        **values,
    }
    port = given.pop("smtp_port", server[1])
    with pytest.raises(error, match=words):
        account(port, **given)


def test_there_is_one_default(box, server):
    account(server[1], email_account_name="Host Second", email_id="second@host.example")
    assert frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name") == ["Host Second"]


def test_mail_of_an_address_goes_by_its_account(send, box, server):
    account(server[1], email_account_name="Host Second", email_id="second@host.example", default_outgoing=0)
    look_for_accounts_anew()
    assert send(sender="Second <second@host.example>").email_account == "Host Second"
    assert send().email_account == ACCOUNT


def test_signing_in_over_tls(box, tmp_path_factory):
    context = mailbox.certificate(tmp_path_factory.mktemp("certificate"))
    settings = {"authenticator": mailbox._sign_in, "auth_required": True}
    with mailbox.serve(tls_context=context, require_starttls=True, **settings) as (inner, port):
        given = {
            "email_account_name": "Host Tls",
            "email_id": "tls@host.example",
            "no_smtp_authentication": 0,
            "use_tls": 1,
        }
        with pytest.raises(frappe.ValidationError):
            account(port, **{**given, "password": mailbox.PASSWORD, "use_tls": 0})
        account(port, **given, password=mailbox.PASSWORD)
        frappe.db.commit()
        look_for_accounts_anew()
        frappe.sendmail(recipients="a@x.example", subject="x", message="x", now=True)
        assert inner.receivers() == ["a@x.example"] and not box.taken


def test_signing_in_over_ssl(box, tmp_path_factory):
    context = mailbox.certificate(tmp_path_factory.mktemp("certificate"))
    settings = {"authenticator": mailbox._sign_in, "auth_required": True, "auth_require_tls": False}
    with mailbox.serve(ssl_context=context, **settings) as (inner, port):
        account(port, email_account_name="Host Ssl", email_id="ssl@host.example", no_smtp_authentication=0,
                use_ssl_for_outgoing=1, password=mailbox.PASSWORD)  # fmt: skip
        frappe.db.commit()
        look_for_accounts_anew()
        frappe.sendmail(recipients="a@x.example", subject="x", message="x", now=True)
        assert inner.receivers() == ["a@x.example"] and not box.taken


# -- templates and communication


def test_a_template_is_filled_with_a_documents_values(box):
    from frappe.email.doctype.email_template.email_template import get_email_template

    doc = frappe.get_doc(doctype="Email Template", name="Host Letter", subject="Re {{ first_name }}", response="<p>Dear {{ first_name }}</p>").insert()  # fmt: skip
    filled = get_email_template("Host Letter", frappe.as_json({"first_name": "Ada"}))
    assert filled == {"subject": "Re Ada", "message": "<p>Dear Ada</p>"}
    with pytest.raises(frappe.ValidationError):
        doc.update({"subject": "{{ broken"}).save()
    frappe.db.rollback()


def test_a_communication_is_kept_and_sent(box):
    from frappe.core.doctype.communication.email import make

    answer = make(doctype="User", name="Guest", recipients="a@x.example, 王 <b@x.example>", cc="c@x.example",
                  subject="主题", content="<p>Words</p>", sender=f"Office <{ADDRESS}>", send_email=True)  # fmt: skip
    doc = frappe.get_doc("Communication", answer["name"])
    assert (doc.communication_type, doc.sent_or_received, doc.status) == ("Communication", "Sent", "Linked")
    assert (doc.subject, doc.content, doc.reference_doctype, doc.reference_name) == (
        "主题",
        "<p>Words</p>",
        "User",
        "Guest",
    )
    queued = frappe.get_last_doc("Email Queue", {"communication": doc.name})
    assert {parseaddr(row.recipient)[1] for row in queued.recipients} == {
        "a@x.example",
        "b@x.example",
        "c@x.example",
    }
    assert queued.show_as_cc == "c@x.example" and queued.expose_recipients == "header"
    doc.delete()
    frappe.db.commit()


def test_a_communication_needs_the_right_to_mail(box, as_user):
    from frappe.core.doctype.communication.email import make

    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        make(
            doctype="User",
            name="Administrator",
            recipients="a@x.example",
            subject="x",
            content="x",
            send_email=True,
        )
