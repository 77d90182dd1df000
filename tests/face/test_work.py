"""Long work of a user, as its own records say: imports and prepared reports."""

import frappe
import pytest

from medaffairs.face.api import work


@pytest.fixture
def importing(site):
    """An import of four rows, two of them handled."""
    doc = frappe.get_doc(
        {"doctype": "Data Import", "reference_doctype": "Expert Pool", "import_type": "Insert New Records"}
    )
    doc.flags.ignore_validate = True
    doc.insert()
    frappe.db.set_value("Data Import", doc.name, "payload_count", 4)
    for number in range(2):
        frappe.get_doc(
            {"doctype": "Data Import Log", "data_import": doc.name, "success": 1, "log_index": number}
        ).insert()
    return doc.name


def mine(name: str) -> list[dict]:
    return [row for row in work() if row["name"] == name]


def test_an_import_says_how_far_it_is_and_how_it_ended(importing):
    assert [(row["state"], row["percent"], row["title"]) for row in mine(importing)] == [
        ("running", 50, "Expert Pool")
    ]
    frappe.db.set_value("Data Import", importing, "status", "Partial Success")
    assert [row["state"] for row in mine(importing)] == ["done"]
    frappe.db.set_value("Data Import", importing, "status", "Error")
    assert [row["state"] for row in mine(importing)] == ["failed"]


def test_an_import_that_was_not_begun_is_no_work(importing):
    frappe.db.delete("Data Import Log", {"data_import": importing})
    assert mine(importing) == []


def test_the_work_of_others_is_not_shown(importing, as_user, make_user):
    email, _token = make_user("work-other", "System Manager")
    as_user(email)
    assert mine(importing) == []
