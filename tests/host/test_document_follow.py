"""Following documents: by hand and by itself, and the mail about what others have done with them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator

import frappe
import pytest
from frappe.desk.form import assign_to, document_follow
from frappe.desk.form.utils import add_comment
from frappe.desk.like import toggle_like
from host import kit

CASE, PLAIN = "Host Followed", "Host Not Followed"
CLERK, CHIEF = kit.email("clerk"), kit.email("chief")
WISHES = ("created", "commented", "liked", "assigned", "shared")


@pytest.fixture(scope="module")
def cases_made(make_doctype) -> None:
    rules = [kit.rule(role, *kit.ALL_RIGHTS) for role in (kit.CLERK, kit.CHIEF)]
    make_doctype(CASE, [kit.field("subject"), kit.field("secret", permlevel=1)], rules, track_changes=1)
    make_doctype(PLAIN, [kit.field("subject")], rules)


@pytest.fixture
def reader(site, cases_made) -> Iterator[str]:
    """The clerk, who wants to be told of documents; the chief makes and changes them."""
    _wish(document_follow_notify=1, document_follow_frequency="Hourly")
    frappe.set_user(CLERK)
    yield CLERK
    frappe.db.rollback()
    frappe.clear_cache()


def _wish(**values: object) -> None:
    frappe.db.set_value("User", CLERK, values)
    frappe.clear_cache()


def case(by: str = CHIEF, doctype: str = CASE, **values: object):
    """A document of somebody."""
    frappe.set_user(by)
    doc = frappe.get_doc({"doctype": doctype, "subject": "x", **values}).insert()
    frappe.set_user(CLERK)
    return doc


def followers(doc) -> list[str]:
    return [row["user"] for row in document_follow.get_follow_users(doc.doctype, doc.name)]


def test_a_document_is_followed_and_no_longer(reader):
    doc = case()
    follow = document_follow.follow_document(CASE, doc.name, reader)
    assert (follow.ref_doctype, follow.ref_docname, follow.user) == (CASE, doc.name, reader)
    assert followers(doc) == [reader] and document_follow.is_document_followed(CASE, doc.name, reader)
    assert document_follow.follow_document(CASE, doc.name, reader) is None
    assert document_follow.unfollow_document(CASE, doc.name, reader) == 1
    assert document_follow.unfollow_document(CASE, doc.name, reader) == 0
    assert followers(doc) == []


def test_by_the_switch_of_a_form(reader):
    doc = case()
    document_follow.update_follow(CASE, doc.name, True)
    assert followers(doc) == [reader]
    document_follow.update_follow(CASE, doc.name, False)
    assert followers(doc) == []


def test_who_does_not_want_to_be_told_follows_nothing(reader):
    doc = case()
    frappe.set_user(CHIEF)
    assert document_follow.follow_document(CASE, doc.name, CHIEF) is None
    assert followers(doc) == []


def test_only_documents_that_keep_their_versions(reader):
    doc = case(doctype=PLAIN)
    assert document_follow.follow_document(PLAIN, doc.name, reader) is None


def test_a_document_that_is_not_there(reader):
    with pytest.raises(frappe.LinkValidationError):
        document_follow.follow_document(CASE, "nothing", reader)


def test_deleted_documents_are_followed_by_nobody(reader):
    doc = case()
    document_follow.follow_document(CASE, doc.name, reader)
    frappe.set_user(CHIEF)
    doc.delete()
    assert not frappe.db.exists("Document Follow", {"ref_docname": doc.name})


@pytest.mark.parametrize("wish", WISHES)
def test_documents_follow_by_themselves_as_their_reader_wishes(reader, wish):
    from frappe import share

    occasions = {
        "created": lambda doc: None,
        "commented": lambda doc: add_comment(CASE, doc.name, "hello", reader, reader),
        "liked": lambda doc: toggle_like(CASE, doc.name, "Yes"),
        "assigned": lambda doc: assign_to.add(
            {"doctype": CASE, "name": doc.name, "assign_to": [reader], "description": "x"}
        ),
        "shared": lambda doc: share.add(CASE, doc.name, reader, read=1),
    }
    by = CLERK if wish == "created" else CHIEF
    doc = case(by)
    frappe.set_user(CHIEF if wish in {"assigned", "shared"} else CLERK)
    occasions[wish](doc)
    assert followers(doc) == []
    _wish(**{f"follow_{wish}_documents": 1})
    doc = case(by)
    frappe.set_user(CHIEF if wish in {"assigned", "shared"} else CLERK)
    occasions[wish](doc)
    assert followers(doc) == [reader]


@pytest.fixture
def mailed(reader) -> None:
    """An account that mail goes out from; the queue is empty."""
    frappe.db.delete("Email Account", {"default_outgoing": 1})
    frappe.db.delete("Email Queue")
    frappe.db.delete("Email Queue Recipient")
    frappe.db.delete("Document Follow")
    frappe.set_user("Administrator")
    frappe.get_doc(
        doctype="Email Account", email_account_name="Host Office", email_id="office@host.example", enable_outgoing=1,
        smtp_server="127.0.0.1", smtp_port=9, default_outgoing=1, awaiting_password=1,
    ).insert()  # fmt: skip
    frappe.local.outgoing_email_account = {}
    frappe.set_user(CLERK)


def digest(frequency: str = "Hourly") -> str | None:
    """The text of the mail to the reader, None when there was none."""
    frappe.set_user("Administrator")
    document_follow.send_document_follow_mails(frequency)
    queued = frappe.get_all("Email Queue", ["name", "message"])
    assert len(queued) <= 1
    if not queued:
        return None
    assert frappe.get_all("Email Queue Recipient", pluck="recipient") == [CLERK]
    message = email.message_from_string(queued[0].message, policy=email.policy.default)
    assert message["Subject"] == "Document Follow Notification"
    return message.get_body(("html",)).get_content()


def test_the_digest_tells_what_others_have_written(mailed):
    doc = case()
    document_follow.follow_document(CASE, doc.name, CLERK)
    add_comment(CASE, doc.name, "his own word", CLERK, CLERK)
    assert digest() is None
    frappe.set_user(CHIEF)
    add_comment(CASE, doc.name, "another word", CHIEF, CHIEF)
    text = digest()
    assert "another word" in text and "his own word" not in text and doc.name in text


@pytest.mark.parametrize(
    ("frequency", "ago", "told"),
    [("Hourly", {"minutes": -50}, True), ("Hourly", {"hours": -2}, False), ("Daily", {"minutes": 0}, False),
     ("Daily", {"days": -1}, True), ("Daily", {"days": -2}, False), ("Weekly", {"minutes": 0}, False),
     ("Weekly", {"days": -1}, True), ("Weekly", {"days": -7}, True), ("Weekly", {"days": -8}, False)],
)  # fmt: skip
def test_each_frequency_has_its_time(mailed, frequency, ago, told):
    _wish(document_follow_frequency=frequency)
    doc = case()
    document_follow.follow_document(CASE, doc.name, CLERK)
    frappe.set_user(CHIEF)
    comment = add_comment(CASE, doc.name, "a word", CHIEF, CHIEF)
    when = frappe.utils.add_to_date(frappe.utils.now_datetime(), **ago)
    frappe.db.set_value("Comment", comment.name, {"creation": when, "modified": when}, update_modified=False)
    others = {"Hourly", "Daily", "Weekly"} - {frequency}
    assert (digest(frequency) is not None) == told
    frappe.db.delete("Email Queue")
    assert all(digest(other) is None for other in others)


def test_the_digests_are_scheduled(site):
    methods = frappe.get_all(
        "Scheduled Job Type", {"method": ["like", "%document_follow%"]}, ["method", "frequency"]
    )
    by = {row.method.rpartition(".")[2]: row.frequency for row in methods}
    assert by == {
        "send_hourly_updates": "Hourly",
        "send_daily_updates": "Daily",
        "send_weekly_updates": "Weekly Long",
    }
