"""Clocks of documents: started, told once, paused, finished, escalated; seen by those who see the document."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime, nowdate
from support import staff

from medaffairs.improvement import steps
from medaffairs.organization import api, deadlines, events

HEAD, DOCTOR, OFFICE, STRANGER = (
    f"t-clk-{name}@test.example" for name in ("head", "doctor", "office", "stranger")
)
TYPE, CLOCK = "Improvement Action", "T 整改时限"
ROLES = {HEAD: "Department Head", DOCTOR: "Practitioner", OFFICE: "Inspector", STRANGER: "Practitioner"}


@pytest.fixture
def house(site) -> SimpleNamespace:
    """A department with its head, somebody who owes, and one limit of two hours that tells the inspectors."""
    frappe.db.set_value("Handling Time Limit", {"document_type": TYPE}, "disabled", 1)
    for code in ("T-CLK", "T-CLK2"):
        staff.department(code)
    for number, (user, role) in enumerate(ROLES.items()):
        staff.person(user, role, f"T-CLK{number}", "T-CLK2" if user in (STRANGER, OFFICE) else "T-CLK")
    frappe.db.set_value("Clinical Department", "T-CLK", "head", "T-CLK0")
    limit = frappe.get_doc(
        doctype="Handling Time Limit", limit_name=CLOCK, document_type=TYPE, state="To Improve\nImproving", limit_value=2,
        unit="Hour", basis="院内规定", escalate_after=1, escalate_to=[{"role": "Department Head"}, {"role": "Inspector"}],
    ).insert()  # fmt: skip
    return SimpleNamespace(limit=limit)


@pytest.fixture
def action(house, as_user):
    as_user(OFFICE)
    doc = steps.open_action("手卫生", "T-CLK", add_days(nowdate(), 5), responsible="T-CLK1")
    as_user("Administrator")
    return doc


def pass_hours(action, hours: float) -> None:
    """As if the clock had started so much earlier."""
    for row in deadlines.clocks_of(TYPE, action.name):
        moved = {
            key: add_to_date(row[key], hours=-hours)
            for key in ("started_at", "soon_at", "due_from", "due_at", "escalate_at")
        }
        frappe.db.set_value(
            "Deadline", row.name, moved | {"next_at": add_to_date(now_datetime(), minutes=-1)}
        )


def told(user: str) -> list[str]:
    return frappe.get_all(
        "Outbound Message", filters={"recipient": user, "template": ("like", "DEADLINE%")}, pluck="template", order_by="name"
    )  # fmt: skip


def only(action):
    (row,) = deadlines.clocks_of(TYPE, action.name)
    return row


def test_before_at_and_after_the_end_it_is_told_once_and_then_to_those_above(action):
    assert (only(action).status, only(action).basis) == ("Not Due", "院内规定")
    for hours, status in ((1.1, "Due Soon"), (0.5, "Due"), (0.5, "Overdue"), (1, "Overdue")):
        pass_hours(action, hours)
        assert only(action).status == status
        events.watch_deadlines()
        events.watch_deadlines()
    assert told(DOCTOR) == told(HEAD) == ["DEADLINE_SOON", "DEADLINE_DUE", "DEADLINE_OVERDUE"]
    assert told(OFFICE) == ["DEADLINE_ESCALATED"]
    assert frappe.db.get_value("Deadline", only(action).name, ["status", "next_at"]) == ("Overdue", None)


def test_a_scheduler_that_rested_tells_what_counts_now(action):
    pass_hours(action, 9)
    assert deadlines.watch() >= 1
    assert told(DOCTOR) == ["DEADLINE_OVERDUE"] and told(OFFICE) == ["DEADLINE_ESCALATED"]


def test_it_ends_with_the_state_and_begins_anew_when_the_document_comes_back(action, as_user):
    pass_hours(action, 3)
    as_user(DOCTOR)
    steps.take(action.name, "Hand In", "完成")
    assert (only(action).status, only(action).late) == ("Finished", 1)
    as_user(OFFICE)
    steps.take(action.name, "Send Back", "不完整")
    assert [row.status for row in deadlines.clocks_of(TYPE, action.name)] == ["Not Due", "Finished"]


def test_what_is_finished_says_nothing_more(action, as_user):
    as_user(DOCTOR)
    steps.take(action.name, "Hand In", "完成")
    pass_hours(action, 5)
    deadlines.watch()
    assert told(DOCTOR) == []


def test_a_clock_that_rests_does_not_run(house, action, as_user):
    house.limit.update({"state": "To Improve\nImproving", "paused_states": "Improving"}).save()
    as_user(DOCTOR)
    steps.take(action.name, "Start")
    assert only(action).status == "Paused"
    frappe.db.set_value("Deadline", only(action).name, "paused_at", add_to_date(now_datetime(), hours=-3))
    before = get_datetime(only(action).due_at)
    house.limit.update({"paused_states": ""})
    as_user("Administrator")
    house.limit.save()
    assert deadlines.refresh(CLOCK) == 1
    assert get_datetime(only(action).due_at) - before >= timedelta(hours=3)
    assert only(action).status == "Not Due"


def test_a_changed_limit_holds_for_what_runs(house, action):
    house.limit.update({"limit_value": 40}).save()
    deadlines.refresh(CLOCK)
    assert get_datetime(only(action).due_at) > add_to_date(now_datetime(), hours=38)


def test_following_twice_changes_nothing(action):
    before = deadlines.clocks_of(TYPE, action.name)
    deadlines.follow(frappe.get_doc(TYPE, action.name))
    deadlines.follow_all(TYPE, {"name": action.name})
    assert deadlines.clocks_of(TYPE, action.name) == before


def test_whoever_owes_it_finds_it_and_nobody_else_sees_it(action, as_user):
    for user, sees in ((DOCTOR, True), (HEAD, True), (STRANGER, False)):
        as_user(user)
        assert (action.name in {row.reference_name for row in api.owed()}) == sees
        rows = frappe.get_list("Deadline", filters={"reference_name": action.name}, pluck="name")
        assert bool(rows) == sees
        if sees:
            assert [row.clock for row in api.clocks(TYPE, action.name)] == [CLOCK]
        else:
            with pytest.raises(frappe.PermissionError):
                api.clocks(TYPE, action.name)


def test_a_limit_names_fields_that_its_documents_have(house):
    with pytest.raises(frappe.ValidationError, match="has no field no_such_field"):
        house.limit.update({"starts_with": "no_such_field"}).save()
    house.limit.reload()
    with pytest.raises(frappe.ValidationError, match="above zero"):
        house.limit.update({"limit_value": 0}).save()


def test_one_document_that_fails_keeps_no_other(house, action, as_user):
    as_user(OFFICE)
    other = steps.open_action("消毒", "T-CLK", add_days(nowdate(), 5), responsible="T-CLK1")
    as_user("Administrator")
    for doc in (action, other):
        pass_hours(doc, 1.2)
    frappe.db.delete(TYPE, {"name": action.name})
    assert deadlines.watch() >= 1
    assert told(DOCTOR) == ["DEADLINE_SOON"]
