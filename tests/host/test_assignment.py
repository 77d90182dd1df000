"""Assignment rules: documents that are given to people by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest
from host import kit

TASK = "Host Task"
CLERK, CHIEF = kit.email("clerk"), kit.email("chief")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@pytest.fixture(scope="module")
def task_made(make_doctype: Callable) -> None:
    make_doctype(
        TASK,
        [kit.field("subject"), kit.field("status", "Select", options="Open\nHeld\nDone"), kit.field("due", "Date"),
         kit.field("person", "Link", options="User")],
        [kit.rule(kit.CLERK, *kit.ALL_RIGHTS), kit.rule(kit.CHIEF, *kit.ALL_RIGHTS)],
    )  # fmt: skip


@pytest.fixture
def rule(site: str, task_made: None) -> Iterator[Callable]:
    """Makes an Assignment Rule for tasks."""
    # No mail account is needed: the two want no mail of assignments.
    for user in (CLERK, CHIEF):
        frappe.db.set_value("Notification Settings", user, "enable_email_assignment", 0)
        frappe.clear_document_cache("Notification Settings", user)

    def make(name: str = "Host Rule", **values: object):
        given = {
            "document_type": TASK, "description": "Do {{ subject }}", "rule": "Round Robin",
            "assign_condition": "status == 'Open'", "unassign_condition": "status == 'Held'",
            "close_condition": "status == 'Done'", "users": [{"user": CLERK}, {"user": CHIEF}],
            "assignment_days": [{"day": day} for day in DAYS], **values,
        }  # fmt: skip
        return frappe.get_doc(doctype="Assignment Rule", name=name, **given).insert()

    yield make
    frappe.db.rollback()
    frappe.clear_cache()


def task(**values: object):
    return frappe.get_doc({"doctype": TASK, "subject": "x", "status": "Open", **values}).insert()


def given(doc) -> list[tuple[str, str]]:
    """To whom a task was given, and how that stands."""
    known = {"reference_type": TASK, "reference_name": doc.name}
    rows = frappe.get_all("ToDo", known, ["allocated_to", "status"], order_by="creation asc")
    return [(row.allocated_to, row.status) for row in rows]


def test_everybody_in_turn(rule):
    rule()
    assert [given(task()) for _ in range(3)] == [[(CLERK, "Open")], [(CHIEF, "Open")], [(CLERK, "Open")]]


def test_who_has_least_to_do(rule):
    rule(rule="Load Balancing")
    first, second = task(), task()
    assert {given(first)[0][0], given(second)[0][0]} == {CLERK, CHIEF}
    free = given(first)[0][0]
    first.status = "Done"
    first.save()
    assert given(task()) == [(free, "Open")]


def test_whom_the_document_names(rule):
    rule(rule="Based on Field", field="person", users=[])
    assert given(task(person=CHIEF)) == [(CHIEF, "Open")]
    assert given(task()) == []


def test_what_the_assignment_says(rule):
    made = rule(due_date_based_on="due")
    doc = task(subject="rounds", due="2030-05-06")
    todo = frappe.get_last_doc("ToDo", {"reference_type": TASK, "reference_name": doc.name})
    assert "Do rounds" in todo.description and todo.assignment_rule == made.name
    assert str(todo.date) == "2030-05-06"
    doc.due = "2030-05-07"
    doc.save()
    assert str(frappe.db.get_value("ToDo", todo.name, "date")) == "2030-05-07"


def test_only_while_the_condition_holds(rule):
    rule()
    doc = task(status="Held")
    assert given(doc) == []
    doc.status = "Open"
    doc.save()
    assert given(doc) == [(CLERK, "Open")]
    doc.save()
    assert given(doc) == [(CLERK, "Open")]


def test_taken_back_and_closed(rule):
    rule()
    held, done = task(), task()
    held.status, done.status = "Held", "Done"
    held.save()
    done.save()
    assert given(held) == [(CLERK, "Cancelled")] and given(done) == [(CHIEF, "Closed")]


def test_the_stronger_rule(rule):
    rule("Host Weak", priority=1, users=[{"user": CLERK}])
    rule("Host Strong", priority=5, users=[{"user": CHIEF}])
    assert given(task()) == [(CHIEF, "Open")]


@pytest.mark.parametrize("values", [{"disabled": 1}, {"assign_condition": "status == 'Never'"}])
def test_rules_that_rest(rule, values):
    rule(**values)
    assert given(task()) == []


def test_a_day_on_which_the_rule_rests(rule):
    tomorrow = frappe.utils.getdate(frappe.utils.add_days(None, 1)).strftime("%A")
    rule(assignment_days=[{"day": tomorrow}])
    assert given(task()) == []


@pytest.mark.parametrize(
    "values",
    [{"document_type": "ToDo"}, {"assignment_days": [{"day": "Monday"}, {"day": "Monday"}]}],
)
def test_rules_that_are_refused(rule, values):
    with pytest.raises(frappe.ValidationError):
        rule(**values)


def test_documents_that_were_there_before(rule):
    from frappe.automation.doctype.assignment_rule.assignment_rule import bulk_apply

    docs = [task(), task()]
    assert [given(doc) for doc in docs] == [[], []]
    rule()
    bulk_apply(TASK, frappe.as_json([doc.name for doc in docs]))
    assert [given(doc) for doc in docs] == [[(CLERK, "Open")], [(CHIEF, "Open")]]
