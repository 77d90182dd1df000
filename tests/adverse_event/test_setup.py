"""What a hospital starts with, and that its own changes stay; clocks and messages that start by themselves."""

from __future__ import annotations

import frappe
from adverse_event.conftest import HEAD, told

from medaffairs.adverse_event import notices, reporting
from medaffairs.organization import deadlines
from medaffairs.setup.adverse_event import find_managing_departments, sync_adverse_events


def test_there_are_19_categories_each_with_a_form_in_force(site):
    rows = frappe.get_all(
        "Adverse Event Category", fields=["name", "category_name", "route", "form_code", "basis"]
    )
    assert len(rows) == 19 and {row.route for row in rows} == {"Stepwise", "Direct"}
    assert all(row.category_name and row.basis for row in rows)
    in_force = set(frappe.get_all("Form Template", filters={"status": "In Force"}, pluck="form_code"))
    assert {row.form_code for row in rows} <= in_force


def test_grades_harm_and_factors_are_those_of_the_nation(site):
    grades = dict(frappe.get_all("Adverse Event Grade", fields=["name", "fast_track"], as_list=True))
    assert grades == {"I": 1, "II": 1, "III": 0, "IV": 0}
    harm = dict(frappe.get_all("Harm Level", fields=["name", "grade"], as_list=True))
    assert "".join(harm[letter] + " " for letter in "ABCDEFGHI").split() == [
        "IV",
        "IV",
        "III",
        "III",
        "II",
        "II",
        "I",
        "I",
        "I",
    ]
    kinds = set(frappe.get_all("Contributing Factor", pluck="kind"))
    assert kinds == {
        f"CAUSE_KIND-{word}"
        for word in ("MAN", "MACHINE", "MATERIAL", "METHOD", "ENVIRONMENT", "MEASUREMENT")
    }


def test_every_limit_says_on_what_it_rests(site):
    rows = frappe.get_all(
        "Handling Time Limit",
        filters={"document_type": reporting.DOCTYPE},
        fields=["name", "basis", "limit_value"],
    )
    assert len(rows) >= 14 and all(row.basis and row.limit_value > 0 for row in rows)


def test_setup_may_run_again_and_what_the_hospital_changed_stays(site):
    frappe.db.set_value(
        "Adverse Event Category", "AE02", {"category_name": "护理安全事件", "route": "Direct"}
    )
    frappe.db.set_value("Harm Level", "D", "grade", "II")
    frappe.delete_doc("Contributing Factor", "照明不足")
    assert sync_adverse_events() == 0
    assert frappe.db.get_value("Adverse Event Category", "AE02", ["category_name", "route"]) == (
        "护理安全事件",
        "Direct",
    )
    assert frappe.db.get_value("Harm Level", "D", "grade") == "II"
    assert not frappe.db.exists("Contributing Factor", "照明不足")


def test_a_managing_department_is_found_by_its_usual_name_unless_one_is_chosen(ward):
    frappe.db.set_value(
        "Adverse Event Category", "AE11", {"managing_department": None, "managing_name": "测试科 T-AEQ"}
    )
    find_managing_departments()
    assert frappe.db.get_value("Adverse Event Category", "AE11", "managing_department") == "T-AEQ"
    assert frappe.db.get_value("Adverse Event Category", "AE03", "managing_department") == "T-AEP"


def test_a_report_whose_job_was_lost_is_told_of_all_the_same(report):
    doc = report()
    frappe.db.delete("Outbound Message", {"recipient": HEAD})
    frappe.db.set_value(
        reporting.DOCTYPE,
        doc.name,
        {"announced_at": None, "reported_at": "2026-01-01 00:00:00"},
        update_modified=False,
    )
    assert notices.announce_forgotten() >= 1 and told(HEAD) == ["EVENT_REPORTED"]
    assert notices.announce_forgotten() == 0


def test_the_clock_of_whoever_has_the_turn_runs_and_tells_when_it_is_over(report):
    doc = report()
    (row,) = frappe.get_all(
        "Deadline",
        filters={"reference_doctype": reporting.DOCTYPE, "reference_name": doc.name},
        fields=["name", "clock", "due_at"],
    )
    assert row.clock == "不良事件·受理" and [found["name"] for found in deadlines.owed_by(HEAD)] == [row.name]
    past = frappe.utils.add_days(None, -1)
    marks = dict.fromkeys(("soon_at", "due_from", "due_at", "next_at"), past) | {
        "escalate_at": frappe.utils.add_days(None, 9)
    }
    frappe.db.set_value("Deadline", row.name, marks)
    deadlines.watch()
    assert "DEADLINE_OVERDUE" in told(HEAD)
