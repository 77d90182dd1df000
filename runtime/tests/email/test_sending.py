"""Mail that goes out while things go wrong: refused receivers, dead servers, killed senders."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from host import mailbox

#: `KILLS=200` kills the sender that often.
KILLS = int(os.environ.get("KILLS", "3"))


@pytest.fixture
def box(site: str) -> Iterator[mailbox.Mailbox]:
    """A mail server, and the site's only account at it; mail really goes out."""
    import frappe

    frappe.flags.update(in_test=False, mute_emails=False)
    with mailbox.serve() as (found, port):
        frappe.get_doc(
            doctype="Email Account", email_account_name="Office", email_id="office@host.test", smtp_server="127.0.0.1",
            smtp_port=port, enable_outgoing=1, default_outgoing=1, no_smtp_authentication=1,
        ).insert()  # fmt: skip
        frappe.db.commit()
        yield found
    frappe.db.rollback()
    for doctype in ("Email Queue Recipient", "Email Queue", "Email Account", "Notification Log", "Error Log"):
        frappe.db.delete(doctype)
    frappe.db.commit()


@pytest.fixture
def queue(box: mailbox.Mailbox) -> Callable:
    """Puts a mail into the queue."""
    import frappe

    def add(*recipients: str, **values: object):
        record = frappe.sendmail(recipients=list(recipients), subject="Subject", message="Text", **values)
        frappe.db.commit()
        return record

    return add


def flush() -> None:
    from frappe.email.queue import flush

    flush()


def test_one_receiver_who_is_refused_does_not_keep_it_from_the_others(queue, box):
    import frappe

    box.answers["b@x.example"] = "550 no such person"
    record = queue("a@x.example", "b@x.example", "c@x.example")
    flush()
    assert sorted(box.receivers()) == ["a@x.example", "c@x.example"]
    record.reload()
    assert record.status == "Partially Sent"
    assert {row.recipient: (row.status, bool(row.error)) for row in record.recipients} == {
        "a@x.example": ("Sent", False), "b@x.example": ("Not Sent", True), "c@x.example": ("Sent", False)}  # fmt: skip
    box.answers.clear()
    frappe.db.set_value("Email Queue", record.name, "modified", "2020-01-01 00:00:00", update_modified=False)
    flush()
    assert sorted(box.receivers()) == ["a@x.example", "b@x.example", "c@x.example"]


def test_a_failed_mail_waits_longer_each_time(queue, box):
    import frappe
    from frappe.email.queue import get_queue

    box.answers["a@x.example"] = "451 later"
    record = queue("a@x.example")
    for minutes in (1, 5, 15):
        flush()
        for past, due in ((minutes - 0.5, False), (minutes + 0.5, True)):
            moment = frappe.utils.add_to_date(None, seconds=int(-past * 60))
            frappe.db.set_value("Email Queue", record.name, "modified", moment, update_modified=False)
            assert bool(get_queue()) is due


def test_a_dead_server_is_not_asked_for_every_mail(queue, box):
    import frappe

    frappe.db.set_value("Email Account", "Office", "smtp_port", 9)
    frappe.clear_document_cache("Email Account", "Office")
    for person in "abc":
        queue(f"{person}@x.example")
    flush()
    assert sorted(frappe.get_all("Email Queue", pluck="retry")) == [0, 0, 1]


def test_two_senders_do_not_send_the_same_mail(queue, box, host_site):
    box.delay = 0.02
    for number in range(10):
        queue(f"p{number}@x.example", f"q{number}@x.example")
    senders = [_sender(host_site) for _ in range(2)]
    assert [sender.wait(60) for sender in senders] == [0, 0]
    assert sorted(Counter(box.receivers()).values()) == [1] * 20


def test_each_receiver_has_a_record_of_his_own(queue, box):
    import frappe

    assert queue("a@x.example", "b@x.example", queue_separately=True) is None
    assert frappe.db.count("Email Queue") == frappe.db.count("Email Queue Recipient") == 2


def test_pictures_in_the_text(queue, box):
    picture = bytes.fromhex("89504e470d0a1a0a") + b"0" * 40
    given = [{"filename": "images/logo.png", "filecontent": picture}]
    import frappe

    frappe.sendmail(
        recipients="a@x.example", message='<img embed="images/logo.png">', inline_images=given, now=True
    )
    inline = next(part for part in box.last().walk() if part.get_content_type() == "image/png")
    assert inline.get_payload(decode=True) == picture
    assert f"cid:{inline['Content-Id'].strip('<>')}" in box.last().get_body(("html",)).get_content()


def test_a_dead_link_says_so_and_a_signed_one_unsubscribes(queue, box):
    import frappe

    queue("a@x.example", reference_doctype="User", reference_name="Guest", unsubscribe_message="Stop")
    flush()
    text = box.last().get_body(("plain",)).get_content()
    path = text.partition("Stop: http://")[2].partition("/")[2].strip()
    for address, gone in (
        (f"/{path.replace('x.example', 'y.example')}", 0),
        (f"/{path}", 1),
        (f"/{path}", 1),
    ):
        _get(address)
        frappe.db.rollback()
        assert frappe.db.count("Email Unsubscribe", {"email": ("like", "a@%")}) == gone
    frappe.db.delete("Email Unsubscribe")
    frappe.db.delete("Comment", {"reference_doctype": "User", "reference_name": "Guest"})
    frappe.db.commit()


def _get(address: str) -> None:
    """What the web server does with a link that somebody follows."""
    import frappe
    from frappe.email.queue import unsubscribe
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    frappe.local.request = Request(EnvironBuilder(path=address).get_environ())
    try:
        unsubscribe(**{key: frappe.local.request.args[key] for key in ("doctype", "name", "email")})
        frappe.db.commit()
    finally:
        frappe.local.request = None


def test_a_sender_that_is_killed_loses_nothing(queue, box, host_site):
    """Every receiver gets his mail; a kill costs one repetition at most, for SMTP cannot be asked what it took."""
    import frappe

    box.delay = 0.01
    count = 8 * KILLS
    for number in range(0, count, 4):
        queue(*(f"p{number + index}@x.example" for index in range(4)))
    kills = sum(_kill_one(host_site, box, after=number % 3) for number in range(KILLS))
    assert kills
    assert _sender(host_site).wait(60) == 0
    frappe.db.rollback()
    assert set(frappe.get_all("Email Queue", pluck="status")) == {"Sent"}
    got = Counter(box.receivers())
    assert len(got) == count
    assert sum(got.values()) - count <= kills and max(got.values()) <= 1 + kills


def _kill_one(host_site: tuple[str, str], box: mailbox.Mailbox, after: int) -> bool:
    """Whether a sender was killed before it had sent everything."""
    sender, seen = _sender(host_site), len(box.taken)
    _wait(lambda: len(box.taken) > seen + after or sender.poll() is not None)
    alive = sender.poll() is None
    os.kill(sender.pid, signal.SIGKILL) if alive else None
    sender.wait()
    return alive


def _wait(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.002)


_FLUSH = """
import sys, frappe
frappe.init(sys.argv[2], sites_path=sys.argv[1]); frappe.connect()
from frappe.email.queue import flush
flush(); frappe.db.commit()
"""


def _sender(host_site: tuple[str, str]) -> subprocess.Popen:
    """A process that sends what waits."""
    return subprocess.Popen([sys.executable, "-c", _FLUSH, *host_site])
