"""Improvement actions: who works on them, who looks again, every round kept until the standard is met."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate
from hypothesis import given
from hypothesis import strategies as st
from support import staff

from medaffairs.improvement import api, rules, steps
from medaffairs.improvement.rules import Task
from medaffairs.organization import deadlines

HEAD, DOCTOR, STRANGER, INSPECTOR, OFFICE = (
    f"t-imp-{name}@test.example" for name in ("head", "doctor", "stranger", "inspector", "office")
)
ROLES = {
    HEAD: "Department Head",
    DOCTOR: "Practitioner",
    STRANGER: "Practitioner",
    INSPECTOR: "Inspector",
    OFFICE: "Medical Affairs Officer",
}


@pytest.fixture
def house(site) -> SimpleNamespace:
    """Two departments, the first with a head; rolled back after the test."""
    for code in ("T-IMP", "T-IMP2"):
        staff.department(code)
    for number, (user, role) in enumerate(ROLES.items()):
        place = "T-IMP2" if user in (STRANGER, INSPECTOR, OFFICE) else "T-IMP"
        staff.person(user, role, f"T-IMP{number}", place)
    frappe.db.set_value("Clinical Department", "T-IMP", "head", "T-IMP0")
    return SimpleNamespace(doctor="T-IMP1")


@pytest.fixture
def action(house, as_user):
    """An action that the inspector has opened for the doctor."""
    as_user(INSPECTOR)
    doc = steps.open_action("手卫生执行不到位", "T-IMP", add_days(nowdate(), 5), responsible=house.doctor)
    as_user("Administrator")
    return doc


def told(user: str) -> list[str]:
    return frappe.get_all("Outbound Message", filters={"recipient": user}, pluck="template", order_by="name")


def test_it_loops_until_the_standard_is_met_and_every_round_is_kept(action, as_user):
    assert told(DOCTOR) == told(HEAD) == ["IMPROVEMENT_OPENED"]
    as_user(DOCTOR)
    assert api.log_progress(action.name, "完成培训") == "Improving"
    assert api.take(action.name, "Hand In", "已培训全员") == "Awaiting Re-inspection"
    as_user(INSPECTOR)
    assert told(INSPECTOR) == ["IMPROVEMENT_HANDED_IN"]
    assert api.take(action.name, "Send Back", "抽查仍有两人不合格") == "Improving"
    as_user(HEAD)
    api.take(action.name, "Hand In", "补训并考核")
    as_user(INSPECTOR)
    assert api.take(action.name, "Pass", "抽查合格") == "Improved"
    as_user("Administrator")
    action.reload()
    assert [(row.done, row.verdict, row.opinion) for row in action.rounds] == [
        ("已培训全员", "Sent Back", "抽查仍有两人不合格"), ("补训并考核", "Passed", "抽查合格"),
    ]  # fmt: skip
    assert [row.text for row in action.progress] == ["完成培训", "已培训全员", "补训并考核"]
    assert action.closed_at


@pytest.mark.parametrize(
    ("user", "allowed"),
    [
        (STRANGER, []),
        (DOCTOR, ["Start", "Hand In"]),
        (HEAD, ["Start", "Hand In"]),
        (INSPECTOR, ["Call Off"]),
        (OFFICE, ["Call Off"]),
    ],
)
def test_steps_belong_to_those_concerned(action, as_user, user: str, allowed: list[str]):
    as_user(user)
    assert steps.possible(frappe.get_doc("Improvement Action", action.name), user) == allowed
    if not allowed:
        with pytest.raises(frappe.PermissionError):
            api.take(action.name, "Hand In", "我来")


def test_nobody_passes_his_own_work(house, as_user):
    frappe.get_doc("User", HEAD).add_roles("Medical Affairs Officer", "Inspector")
    as_user(HEAD)
    doc = steps.open_action("自查发现的问题", "T-IMP", add_days(nowdate(), 5))
    api.take(doc.name, "Hand In", "已改")
    with pytest.raises(frappe.PermissionError):
        api.take(doc.name, "Pass")
    as_user(OFFICE)
    assert api.take(doc.name, "Pass") == "Improved"


def test_words_are_needed_where_somebody_has_to_understand(action, as_user):
    as_user(DOCTOR)
    with pytest.raises(frappe.ValidationError, match="give the reason"):
        api.take(action.name, "Hand In", " ")


def test_terms_are_the_openers_and_measures_the_department_s(action, as_user):
    as_user(DOCTOR)
    doc = frappe.get_doc("Improvement Action", action.name)
    doc.measures = "每周抽查"
    doc.save()
    doc.problem = "没什么问题"
    with pytest.raises(frappe.PermissionError):
        doc.save()
    as_user(INSPECTOR)
    doc = frappe.get_doc("Improvement Action", action.name)
    doc.standard = "抽查合格率 ≥ 95%"
    doc.save()
    doc.workflow_state = "Improved"
    with pytest.raises(frappe.PermissionError):
        doc.save()


def test_rows_of_progress_are_not_rewritten(action, as_user):
    as_user(DOCTOR)
    api.log_progress(action.name, "第一步")
    doc = frappe.get_doc("Improvement Action", action.name)
    doc.progress[0].text = "别的"
    doc.measures = "每周抽查"
    doc.save()
    assert frappe.get_doc("Improvement Action", action.name).progress[0].text == "第一步"


def test_another_due_date_needs_a_reason_and_stays_on_record(action, as_user):
    as_user(INSPECTOR)
    with pytest.raises(frappe.ValidationError, match="give the reason"):
        api.change_due_date(action.name, add_days(nowdate(), 9), "")
    with pytest.raises(frappe.ValidationError, match="past"):
        api.change_due_date(action.name, add_days(nowdate(), -1), "早该完成")
    api.change_due_date(action.name, add_days(nowdate(), 9), "等设备到货")
    assert "等设备到货" in frappe.db.get_value("Improvement Action", action.name, "due_changes")
    as_user(DOCTOR)
    with pytest.raises(frappe.PermissionError):
        api.change_due_date(action.name, add_days(nowdate(), 30), "忙")


def test_one_list_has_everything_a_department_owes(action, as_user):
    frappe.db.set_value("Improvement Action", action.name, "due_date", add_days(nowdate(), -1))
    as_user(HEAD)
    rows = api.owed("T-IMP")
    assert [(row["name"], row["late"]) for row in rows] == [(action.name, True)]
    as_user(STRANGER)
    assert api.owed() == []


def test_the_clock_follows_the_due_date_and_rests_with_the_re_inspection(action, as_user):
    def clock():
        return deadlines.clocks_of("Improvement Action", action.name)

    (row,) = clock()
    assert (row.status, getdate(row.due_at)) == ("Not Due", getdate(add_days(action.due_date, 1)))
    as_user(INSPECTOR)
    steps.change_due_date(action.name, nowdate(), "提前验收")
    assert [row.status for row in clock()] == ["Due"]
    as_user(DOCTOR)
    steps.take(action.name, "Hand In", "已完成")
    assert [row.status for row in clock()] == ["Finished"]
    as_user(INSPECTOR)
    steps.take(action.name, "Send Back", "缺培训记录")
    assert [row.status for row in clock()] == ["Due", "Finished"]


def test_the_responsible_person_works_there(house, as_user):
    as_user(INSPECTOR)
    with pytest.raises(frappe.ValidationError, match="does not work in this department"):
        steps.open_action("问题", "T-IMP", add_days(nowdate(), 5), responsible="T-IMP2")


# -- figures

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
TASKS = st.builds(
    Task, st.sampled_from((*rules.OPEN, rules.IMPROVED, rules.CALLED_OFF)), DAYS,
    st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.integers(0, 3),
)  # fmt: skip


@given(st.lists(TASKS), DAYS)
def test_figures_add_up(tasks, today):
    found = rules.standing(tasks, today)
    assert (
        found.total
        == found.owed + found.awaiting + found.improved
        == sum(task.state != rules.CALLED_OFF for task in tasks)
    )
    assert found.late == sum(task.state in rules.OWED and task.due < today for task in tasks) <= found.owed
    for share in (found.in_time, found.first_time):
        assert share is None or 0 <= share <= 100


def test_in_time_counts_the_day_itself():
    assert rules.in_time(Task(rules.AWAITING, getdate("2026-05-01"), datetime(2026, 5, 1, 23, 59))) is True
    assert rules.in_time(Task(rules.AWAITING, getdate("2026-05-01"), datetime(2026, 5, 2))) is False
