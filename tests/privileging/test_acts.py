"""Acts without a privilege: kept once, explained by the person, judged by the office."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from medaffairs.privileging import api as privileges
from medaffairs.privileging import ledger, unauthorized
from medaffairs.privileging.acts import api, notices
from medaffairs.privileging.acts.rules import step_fault


@pytest.fixture
def act(ward) -> str:
    """A refused act of the surgeon."""
    ward.as_("Administrator")
    privileges.check(
        practitioner=ward.people["surgeon"], kind="SURGERY", code="T51.2300", record=1, source="手麻"
    )
    return frappe.get_all("Unauthorized Act", {"practitioner": ward.people["surgeon"]}, pluck="name")[0]


def told(ward, who: str) -> int:
    return frappe.db.count(
        "Notification Log", {"for_user": ward.users[who], "document_type": "Unauthorized Act"}
    )


def test_an_act_is_kept_once_and_person_and_head_are_told(ward, act) -> None:
    privileges.check(
        practitioner=ward.people["surgeon"], kind="SURGERY", code="T51.2300", record=1, source="手麻"
    )
    acts = frappe.get_all("Unauthorized Act", {"practitioner": ward.people["surgeon"]}, ["occurred_at"])
    assert len({f"{row.occurred_at:%H%M}" for row in acts}) == len(acts)
    assert told(ward, "surgeon") == told(ward, "head") == len(acts)


def test_the_same_message_makes_one_act(ward) -> None:
    moment = now_datetime()
    decision = privileges.rules.decide(
        privileges.current_index(), ward.people["surgeon"], "SURGERY", "T51.2300", moment
    )
    names = {
        unauthorized.record_denial(
            ward.people["surgeon"],
            "SURGERY",
            "T51.2300",
            decision,
            moment + timedelta(hours=n),
            source_key="HIS/MSG1",
        )
        for n in (0, -2)
    }
    assert len(names) == 1


def test_the_person_explains_and_the_office_judges(ward, act) -> None:
    ward.as_("surgeon")
    assert [row["name"] for row in api.waiting_for_me()] == [act]
    assert api.explain(act, "急诊抢救，现场无其他人")["status"] == "Explained"
    assert api.waiting_for_me() == []
    ward.as_("office")
    assert told(ward, "office") == 1
    judged = api.dismiss(act, "情况属实，补办授权")
    assert (judged["status"], judged["handled_by"]) == ("Dismissed", ward.users["office"])
    assert told(ward, "surgeon") == 2
    with pytest.raises(frappe.PermissionError):
        api.confirm(act, "再判")
    assert api.reopen(act, "有新情况")["status"] == "Open"
    assert api.confirm(act, "无正当理由，记分")["status"] == "Confirmed"


def test_nobody_judges_his_own_act(ward, act) -> None:
    frappe.db.set_value("Practitioner", ward.people["surgeon"], "user", None)
    frappe.db.set_value("Practitioner", ward.people["office"], "user", None)
    frappe.db.set_value("Practitioner", ward.people["surgeon"], "user", ward.users["office"])
    ward.as_("office")
    with pytest.raises(frappe.PermissionError):
        api.dismiss(act, "没问题")


@pytest.mark.parametrize("who", ["colleague", "head", "secretary", "stranger"])
def test_others_neither_explain_nor_judge(ward, act, who) -> None:
    ward.as_(who)
    for forbidden in (
        lambda: api.explain(act, "x"),
        lambda: api.confirm(act, "x"),
        lambda: api.remind([act]),
    ):
        with pytest.raises(frappe.PermissionError):
            forbidden()


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("surgeon", {"status": "Dismissed"}),
        ("surgeon", {"handling": "没问题"}),
        ("surgeon", {"occurred_at": "2020-01-01 00:00:00"}),
        ("surgeon", {"practitioner": "somebody"}),
        ("head", {"explanation": "代写"}),
        ("office", {"explanation": "代写"}),
        ("office", {"item_name": "别的手术"}),
    ],
)
def test_a_record_is_not_rewritten_past_its_steps(ward, act, who, changes) -> None:
    ward.as_(who)
    doc = frappe.get_doc("Unauthorized Act", act)
    doc.update(changes)
    with pytest.raises(frappe.PermissionError):
        doc.save()
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc("Unauthorized Act", act)


def test_the_office_registers_what_it_finds_but_not_what_was_permitted(ward) -> None:
    ward.as_("office")
    at = str(add_to_date(now_datetime(), hours=-3))
    person = ward.people["surgeon"]
    first = api.register(person, "SURGERY", "T51.2300", at, "手术登记本发现")
    assert api.register(person, "SURGERY", "T51.2300", at, "再次登记")["name"] == first["name"]
    ward.as_("Administrator")
    ledger.grant(person, "SURGERY", "T47.0100", valid_from=add_to_date(now_datetime(), days=-1))
    ward.as_("office")
    with pytest.raises(frappe.ValidationError):
        api.register(person, "SURGERY", "T47.0100", at, "误记")


def test_reminders_come_again_when_the_time_is_over_and_not_before(ward, act) -> None:
    before = told(ward, "surgeon")
    notices.remind_of_unexplained()
    assert told(ward, "surgeon") == before
    frappe.db.set_value("Unauthorized Act", act, "reminded_at", add_to_date(now_datetime(), days=-30))
    notices.remind_of_unexplained()
    assert told(ward, "surgeon") == before + 1
    notices.remind_of_unexplained()
    assert told(ward, "surgeon") == before + 1


@pytest.mark.parametrize("before", ["Open", "Explained", "Confirmed", "Dismissed"])
@pytest.mark.parametrize("after", ["Open", "Explained", "Confirmed", "Dismissed"])
@pytest.mark.parametrize("is_person", [True, False])
@pytest.mark.parametrize("is_office", [True, False])
def test_the_table_of_steps(before, after, is_person, is_office) -> None:
    possible = not step_fault(before, after, is_person, is_office)
    if after == "Explained":
        assert possible == (is_person and before in ("Open", "Explained"))
    elif before != after:
        judging = after in ("Confirmed", "Dismissed") and before in ("Open", "Explained")
        reopening = after == "Open" and before in ("Confirmed", "Dismissed")
        assert possible == ((judging or reopening) and is_office and not is_person)
