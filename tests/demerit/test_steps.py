"""A record's way: who takes which step, what it needs, what nobody can do past it."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from demerit.conftest import COLLEAGUE, CULPRIT, MANAGER, OFFICE, PHARMACY, SECOND_OFFICE
from frappe.model.workflow import apply_workflow
from frappe.utils import now_datetime

from medaffairs.demerit import api, events, steps


def take(as_user, user: str, doc, action: str, **more: object) -> str:
    as_user(user)
    try:
        return api.take(doc.name, action, **more)["workflow_state"]
    finally:
        as_user("Administrator")


def told(user: str) -> list[str]:
    return frappe.get_all("Outbound Message", filters={"recipient": user}, pluck="template", order_by="name")


def test_the_whole_way_with_an_appeal_that_is_turned_down(record, as_user):
    doc = record("B")
    assert take(as_user, PHARMACY, doc, "Issue Notice") == "Notice Issued"
    assert told(CULPRIT) == ["DEMERIT_NOTICE"]
    assert take(as_user, CULPRIT, doc, "Appeal", words="当时在抢救") == "Under Review"
    assert set(told(OFFICE)) == {"DEMERIT_APPEAL"}
    assert take(as_user, OFFICE, doc, "Uphold", words="维持") == "Confirmed"
    doc.reload()
    assert (doc.docstatus, doc.appeal, doc.review_opinion) == (1, "当时在抢救", "维持")
    opinions = frappe.get_all(
        "Approval Opinion",
        filters={"reference_name": doc.name},
        fields=["action", "actor"],
        order_by="creation",
    )
    assert [(row.action, row.actor) for row in opinions] == [
        ("Issue Notice", PHARMACY), ("Appeal", CULPRIT), ("Uphold", OFFICE),
    ]  # fmt: skip


def test_a_notice_that_is_accepted_is_confirmed_at_once(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    assert take(as_user, CULPRIT, doc, "Accept") == "Confirmed"


def test_the_time_for_an_appeal_is_five_working_days(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    doc.reload()
    assert timedelta(days=5) <= doc.appeal_until - doc.issued_at <= timedelta(days=16)
    as_user(PHARMACY)
    with pytest.raises(frappe.ValidationError, match="only the person concerned"):
        steps.take(doc.name, "Confirm")


def test_nobody_answers_and_it_is_confirmed_when_the_time_is_over(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    assert steps.confirm_unanswered() == 0
    doc.db_set("appeal_until", now_datetime() - timedelta(minutes=1))
    as_user(CULPRIT)
    with pytest.raises(frappe.ValidationError, match="The time for an appeal ended"):
        steps.take(doc.name, "Appeal", words="晚了")
    as_user("Administrator")
    assert take(as_user, PHARMACY, doc, "Confirm") == "Confirmed"


def test_a_review_may_set_other_points_with_its_reason(record, as_user):
    doc = record("C")
    take(as_user, PHARMACY, doc, "Issue Notice")
    take(as_user, CULPRIT, doc, "Appeal", words="情节轻微")
    take(as_user, OFFICE, doc, "Uphold", words="酌情减为 2 分", points=2)
    doc.reload()
    assert (doc.points, doc.points_reason) == (2, "酌情减为 2 分")


@pytest.mark.parametrize("action", ["Appeal", "Dismiss"])
def test_words_are_needed(record, as_user, action: str):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    as_user(CULPRIT if action == "Appeal" else PHARMACY)
    with pytest.raises(frappe.ValidationError, match="Please give the reason"):
        steps.take(doc.name, action, words="  ")


def test_the_person_concerned_decides_nothing_even_with_a_role(record, as_user):
    frappe.get_doc("User", CULPRIT).add_roles("Medical Affairs Officer", "Medical Affairs Manager")
    doc = record()
    for action in ("Issue Notice", "Dismiss"):
        as_user(CULPRIT)
        with pytest.raises(frappe.PermissionError):
            steps.take(doc.name, action, words="算了")
    take(as_user, PHARMACY, doc, "Issue Notice")
    take(as_user, CULPRIT, doc, "Appeal", words="不服")
    for action in ("Uphold", "Dismiss"):
        as_user(CULPRIT)
        with pytest.raises(frappe.PermissionError):
            steps.take(doc.name, action, words="算了")


def test_who_entered_a_record_does_not_review_its_appeal(record, as_user):
    doc = record(by=OFFICE)
    take(as_user, OFFICE, doc, "Issue Notice")
    take(as_user, CULPRIT, doc, "Appeal", words="不服")
    as_user(OFFICE)
    with pytest.raises(frappe.PermissionError):
        steps.take(doc.name, "Uphold", words="维持")
    assert take(as_user, SECOND_OFFICE, doc, "Uphold", words="维持") == "Confirmed"


@pytest.mark.parametrize("user", [COLLEAGUE, CULPRIT])
def test_strangers_take_no_step(record, as_user, user: str):
    doc = record()
    as_user(user)
    with pytest.raises(frappe.PermissionError):
        api.take(doc.name, "Issue Notice")


def test_only_the_manager_overturns_later(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    take(as_user, CULPRIT, doc, "Accept")
    as_user(OFFICE)
    with pytest.raises(frappe.PermissionError):
        steps.take(doc.name, "Overturn", words="查明不是他")
    assert take(as_user, MANAGER, doc, "Overturn", words="查明不是他") == "Overturned"
    assert frappe.db.get_value("Demerit Record", doc.name, "docstatus") == 2


def test_steps_are_not_taken_past_their_door(record, as_user):
    doc = record()
    as_user(PHARMACY)
    with pytest.raises(frappe.PermissionError):
        apply_workflow(frappe.get_doc("Demerit Record", doc.name), "Issue Notice")
    fresh = frappe.get_doc("Demerit Record", doc.name)
    fresh.workflow_state = "Confirmed"
    with pytest.raises(frappe.PermissionError):
        fresh.save()


def test_a_record_whose_notice_is_out_is_not_rewritten_nor_deleted(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    as_user(PHARMACY)
    fresh = frappe.get_doc("Demerit Record", doc.name)
    fresh.description = "另一种经过"
    with pytest.raises(frappe.PermissionError):
        fresh.save()
    as_user(MANAGER)
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc("Demerit Record", doc.name)


def test_results_are_not_sent_with_a_new_record(record, as_user):
    doc = record(workflow_state="Confirmed", confirmed_at=now_datetime(), review_opinion="维持")
    assert (doc.workflow_state, doc.confirmed_at, doc.review_opinion) == ("Draft", None, None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"day": "2999-01-01"}, "future"),
        ({"points": 3}, "reason for other points"),
        ({"day": "2019-12-31"}, "was not in force"),
    ],
)
def test_a_record_that_cannot_be_is_refused(record, values: dict, words: str):
    with pytest.raises(frappe.ValidationError, match=words):
        record(**values)


def test_rows_belong_to_the_person_his_department_and_the_office(record, as_user):
    own, other = record(), record(who="T-DEM1")
    for user, seen in ((CULPRIT, {own.name}), (COLLEAGUE, {other.name}), (OFFICE, {own.name, other.name})):
        as_user(user)
        rows = frappe.get_list("Demerit Record", filters={"department": "T-DEM"}, pluck="name")
        assert set(rows) == seen, user


def test_a_notice_is_withdrawn_from_the_outbox_when_the_record_goes_on(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    take(as_user, PHARMACY, doc, "Dismiss", words="录错人")
    notices = frappe.get_all(
        "Outbound Message", filters={"reference_name": doc.name, "template": "DEMERIT_NOTICE"}, pluck="status"
    )
    assert notices == ["Cancelled"]


def upload(as_user, user: str) -> str:
    as_user(user)
    file = frappe.get_doc(doctype="File", file_name="说明.txt", content=f"当时在抢救 {user}", is_private=1)
    file.insert()
    as_user("Administrator")
    return file.file_url


def test_the_reviewers_can_open_the_papers_of_an_appeal(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    paper = upload(as_user, CULPRIT)
    take(as_user, CULPRIT, doc, "Appeal", words="不服", evidence=paper)
    doc.reload()
    assert doc.appeal_evidence == paper
    as_user(OFFICE)
    assert frappe.get_doc("File", {"file_url": paper}).is_downloadable()


@pytest.mark.parametrize("paper", ["another's", "javascript:alert(1)"])
def test_a_paper_is_a_file_of_whoever_hands_it_in(record, as_user, paper):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    paper = upload(as_user, COLLEAGUE) if paper == "another's" else paper
    with pytest.raises(frappe.ValidationError, match="Please upload the file again"):
        take(as_user, CULPRIT, doc, "Appeal", words="不服", evidence=paper)


def test_the_first_receipt_of_a_notice_is_noted_on_its_record(record, as_user):
    doc = record()
    take(as_user, PHARMACY, doc, "Issue Notice")
    events.note_read()
    assert not frappe.db.get_value("Demerit Record", doc.name, "read_at")
    name = frappe.get_all(
        "Outbound Message", filters={"reference_name": doc.name, "recipient": CULPRIT}, pluck="name"
    )[0]
    frappe.db.set_value("Outbound Message", name, {"status": "Read", "read_at": "2026-03-02 08:00:00"})
    events.note_read()
    frappe.db.set_value("Outbound Message", name, "read_at", "2026-03-05 08:00:00")
    events.note_read()
    assert str(frappe.db.get_value("Demerit Record", doc.name, "read_at")) == "2026-03-02 08:00:00"
