"""What stands beside a record: its way, who is next, mails and prints, a glance, people."""

from itertools import pairwise

import frappe
import pytest
from frappe.utils import add_days, nowdate
from hypothesis import given
from hypothesis import strategies as st
from support import staff

from medaffairs.face.record import api, rules
from medaffairs.improvement import steps

NAMES = [f"S{number}" for number in range(7)]
FLOWS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20).map(
    lambda pairs: [{"state": before, "next_state": after} for before, after in pairs]
)


@given(flow=FLOWS, current=st.sampled_from(NAMES))
def test_a_way_passes_each_state_once_and_stands_in_one(flow, current):
    way = rules.way(NAMES, flow, current)
    states = [step["state"] for step in way]
    assert len(states) == len(set(states))
    assert [step["state"] for step in way if step["status"] == "current"] == [current]
    order = [step["status"] for step in way]
    assert order == sorted(order, key=["done", "current", "open"].index)


@given(flow=FLOWS, current=st.sampled_from(NAMES))
def test_a_way_follows_the_steps_of_the_workflow(flow, current):
    allowed = {(step["state"], step["next_state"]) for step in flow}
    states = [step["state"] for step in rules.way(NAMES, flow, current)]
    assert all(pair in allowed for pair in pairwise(states))


def test_a_way_takes_the_first_step_forward_and_none_back():
    flow = [("S0", "S1"), ("S1", "S0"), ("S1", "S2"), ("S1", "S6"), ("S2", "S3")]
    steps = [{"state": before, "next_state": after} for before, after in flow]
    assert [step["state"] for step in rules.way(NAMES, steps, "S1")] == ["S0", "S1", "S2", "S3"]
    assert [step["state"] for step in rules.way(NAMES, steps, "S6")] == ["S0", "S1", "S6"]
    assert rules.way(NAMES, steps, "elsewhere") == []


def test_a_glance_shows_what_is_marked_for_it_else_what_lists_show():
    fields = [
        {"fieldname": "text", "fieldtype": "Text Editor", "in_list_view": 1},
        {"fieldname": "a", "fieldtype": "Data", "in_list_view": 1},
        {"fieldname": "b", "fieldtype": "Date", "in_preview": 1},
        {"fieldname": "c", "fieldtype": "Data", "hidden": 1, "in_preview": 1},
    ]
    assert rules.glance_fields(fields) == ["b"]
    assert rules.glance_fields([row | {"in_preview": 0} for row in fields]) == ["a"]


OFFICE, HEAD, OTHER = "beside-office@test.example", "beside-head@test.example", "beside-other@test.example"


@pytest.fixture
def people(site):
    for code in ("BR1", "BR2"):
        staff.department(code)
    staff.person(OFFICE, "Medical Affairs Officer", "BR00", "BR2")
    staff.person(HEAD, "Department Head", "BR01", "BR1")
    staff.person(OTHER, "Practitioner", "BR02", "BR2")


def test_a_glance_is_for_those_who_may_read_the_record(people, as_user):
    as_user(OFFICE)
    seen = api.glance("Practitioner", "BR01")
    assert seen["title"]
    assert {field["fieldname"] for field in seen["fields"]} <= {
        field.fieldname for field in frappe.get_meta("Practitioner").fields
    }
    as_user(OTHER)
    with pytest.raises(frappe.PermissionError):
        api.glance("Practitioner", "BR01")


def test_people_are_found_by_name_account_and_initials(people, as_user):
    as_user(OTHER)
    for text in ("beside-head", frappe.db.get_value("Practitioner", "BR01", "practitioner_name")):
        assert HEAD in [row["value"] for row in api.people(text)]
    assert len(api.people("", limit=2)) <= 2
    assert api.full_names(frappe.as_json([HEAD]))[HEAD] == frappe.utils.get_fullname(HEAD)


def test_mails_and_prints_stand_beside_a_record(people, as_user):
    frappe.get_doc(
        doctype="Communication", subject="请核对", content="正文", sender=OFFICE, recipients=HEAD, reference_doctype="Practitioner",
        reference_name="BR01", communication_medium="Email", sent_or_received="Sent",
    ).insert(ignore_permissions=True)  # fmt: skip
    frappe.get_doc(
        doctype="Access Log", user=OFFICE, export_from="Practitioner", reference_document="BR01", method="Print", file_type="PDF",
    ).insert(ignore_permissions=True)  # fmt: skip
    as_user(OFFICE)
    found = api.correspondence("Practitioner", "BR01")
    assert [row.subject for row in found["mails"]] == ["请核对"]
    assert [row["user"] for row in found["prints"]] == [OFFICE]
    as_user(OTHER)
    with pytest.raises(frappe.PermissionError):
        api.correspondence("Practitioner", "BR01")


def test_where_a_record_stands_who_is_next_and_until_when(people, as_user):
    frappe.db.set_value("Clinical Department", "BR1", "head", "BR01")
    as_user(OFFICE)
    action = steps.open_action("核对交接班", "BR1", add_days(nowdate(), 5), responsible="BR01")
    standing = api.standing("Improvement Action", action.name)
    current = [step["state"] for step in standing["steps"] if step["status"] == "current"]
    assert current == [action.workflow_state]
    assert standing["next"] == [frappe.utils.get_fullname(HEAD)]
    assert [str(row["due_at"])[:10] for row in standing["clocks"]] == [add_days(nowdate(), 6)]
    as_user(OTHER)
    with pytest.raises(frappe.PermissionError):
        api.standing("Improvement Action", action.name)


def test_a_record_without_a_workflow_has_no_way(people, as_user):
    as_user(OFFICE)
    assert api.standing("Practitioner", "BR01")["steps"] == []
