"""Keys of documents: who has one prints the document without an account, until the key ends."""

from __future__ import annotations

import frappe
import pytest
from host import kit

LETTER = "Host Letter"


@pytest.fixture(scope="module")
def letters_made(make_doctype) -> None:
    make_doctype(
        LETTER,
        [kit.field("subject"), kit.field("secret", permlevel=1)],
        [kit.rule(kit.CLERK, *kit.ALL_RIGHTS)],
    )


@pytest.fixture
def letter(site, letters_made):
    doc = frappe.get_doc(doctype=LETTER, subject="To whom it may concern").insert()
    yield doc
    frappe.db.rollback()
    frappe.db.delete("Document Share Key", {"reference_doctype": LETTER})
    frappe.db.delete(LETTER)
    frappe.db.commit()


def printed(door, doc, key: str | None = None, name: str | None = None):
    """The answer to a stranger who asks for the print."""
    frappe.db.commit()
    asked = {"doctype": LETTER, "name": name or doc.name} | ({"key": key} if key else {})
    return door("Guest").get("/printview", params=asked)


def test_each_key_is_a_record_of_its_document(letter):
    first, second = letter.get_document_share_key(), letter.get_document_share_key()
    assert first != second and len(first) >= 20
    kept = frappe.get_all(
        "Document Share Key", {"reference_docname": letter.name}, ["key", "reference_doctype"]
    )
    assert {row.key for row in kept} == {first, second} and {row.reference_doctype for row in kept} == {
        LETTER
    }


def test_keys_end_as_the_settings_say_or_on_a_day_or_never(letter):
    def end(key: str):
        return frappe.db.get_value("Document Share Key", {"key": key}, "expires_on")

    days = frappe.db.get_single_value("System Settings", "document_share_key_expiry") or 90
    today = frappe.utils.getdate()
    assert end(letter.get_document_share_key()) == frappe.utils.add_days(today, days)
    tomorrow = frappe.utils.add_days(today, 1)
    assert end(letter.get_document_share_key(expires_on=tomorrow)) == tomorrow
    assert end(letter.get_document_share_key(no_expiry=True)) is None


def test_a_stranger_with_the_key_sees_the_print(letter, door):
    answer = printed(door, letter, letter.get_document_share_key())
    assert answer.status_code == 200 and "To whom it may concern" in answer.text


def test_a_stranger_without_a_key_does_not(letter, door):
    answer = printed(door, letter)
    assert answer.status_code == 403 and "To whom" not in answer.text


@pytest.mark.parametrize("key", ["0" * 32, "%", "_" * 32])
def test_a_key_that_is_none(letter, door, key):
    letter.get_document_share_key()
    answer = printed(door, letter, key)
    assert answer.status_code == 401 and "To whom" not in answer.text


def test_the_key_of_another_document(letter, door):
    other = frappe.get_doc(doctype=LETTER, subject="Another").insert()
    answer = printed(door, letter, other.get_document_share_key())
    assert answer.status_code == 401 and "To whom" not in answer.text


def test_a_key_that_has_ended(letter, door):
    yesterday = frappe.utils.add_days(frappe.utils.getdate(), -1)
    answer = printed(door, letter, letter.get_document_share_key(expires_on=yesterday))
    assert answer.status_code == 410 and "To whom" not in answer.text


def test_a_key_opens_the_print_alone(letter, door):
    key = letter.get_document_share_key()
    frappe.db.commit()
    assert door("Guest").get(f"/api/resource/{LETTER}/{letter.name}", params={"key": key}).status_code == 403
    listed = door("Guest").get(f"/api/resource/{LETTER}", params={"key": key})
    assert listed.status_code == 403


def test_a_wrong_key_opens_no_pdf(letter, door):
    frappe.db.commit()
    for name, key, status in (
        (letter.name, "0" * 32, 401),
        ("nothing", "0" * 32, None),
        (letter.name, None, 403),
    ):
        asked = {"doctype": LETTER, "name": name} | ({"key": key} if key else {})
        answer = door("Guest").get("/api/method/frappe.utils.print_format.download_pdf", params=asked)
        assert answer.status_code == status if status else answer.status_code in {401, 403, 404}
