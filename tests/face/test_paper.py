"""Print formats in the making: seen with a record before they are kept, by who may keep them."""

import frappe
import pytest
from support import staff

from medaffairs.face import paper

DOCTOR = "paper-doctor@test.example"


@pytest.fixture
def person(site):
    """A practitioner whose record is shown."""
    staff.department("PP1")
    staff.person(DOCTOR, "Practitioner", "PP00", "PP1")
    return "PP00"


def test_a_template_is_seen_with_a_record_and_kept_nowhere(person, as_user):
    as_user("Administrator")
    before = frappe.db.count("Print Format")
    page = paper.preview("Practitioner", person, "<b>{{ doc.name }}</b>", "b{color:red}</style><script>")
    assert "<b>PP00</b>" in page
    assert "<script>" not in page
    assert frappe.db.count("Print Format") == before


def test_a_fault_of_the_template_is_told(person, as_user):
    as_user("Administrator")
    for wrong in ("{{ doc.name", "{% for %}", "{{ nobody.name.more }}"):
        with pytest.raises(frappe.ValidationError):
            paper.preview("Practitioner", person, wrong)


def test_a_template_reaches_nothing_of_the_machine(person, as_user):
    as_user("Administrator")
    try:
        page = paper.preview("Practitioner", person, "{{ doc.__class__.__mro__[1].__subclasses__() }}")
    except frappe.ValidationError:
        page = ""
    assert "subprocess" not in page


def test_others_see_no_template(person, as_user):
    as_user(DOCTOR)
    with pytest.raises(frappe.PermissionError):
        paper.preview("Practitioner", person, "<b>{{ doc.name }}</b>")
