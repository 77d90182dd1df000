"""The three routes: surgery, prescription, drugs. At every step one approves, refuses, returns, takes back, delegates."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from support.ward import MEMBERS

from medaffairs.approval import api, events, rules
from medaffairs.privileging import sheets
from medaffairs.privileging.api import check

ROUTES = {
    "SURGERY": (("T51.2300", "T47.0100"), (("Department Review", "head"), ("Branch Review", "secretary"), ("Office Review", "office"))),
    "PRESCRIPTION": (("RX_GEN", "TCM_PAT"), (("Department Review", "head"), ("Office Review", "office"))),
    "ANTIMICROBIAL": (("ABX_1", "ABX_2"), (("Department Review", "head"), ("Pharmacy Review", "pharmacist"), ("Office Review", "office"))),
    "ANTITUMOUR": (("ONC_1", "ONC_2"), (("Department Review", "head"), ("Pharmacy Review", "pharmacist"), ("Office Review", "office"))),
}  # fmt: skip
STEPS = [(kind, number) for kind, (_codes, steps) in ROUTES.items() for number in range(len(steps))]
DOCTYPE = "Privilege Application"


@pytest.fixture
def house(ward):
    """A hospital in which everybody may apply for everything."""
    ward.without_conditions()
    return ward


def bring_to(house, kind: str, number: int) -> str:
    """An application that has come to the step of that number."""
    codes, steps = ROUTES[kind]
    house.as_("Administrator")
    if kind == "SURGERY" and MEMBERS[0] not in house.users:
        house.committee()
    elif kind.startswith("ANTI") and "pharmacist" not in house.users:
        house.pharmacy()
    name = house.apply(kind, *codes)
    for _state, who in steps[:number]:
        house.step(who, name)
    assert house.state(name) == (steps[number][0] if number < len(steps) else house.state(name))
    return name


def vote(house, name: str, *choices: str, code: str | None = None) -> None:
    ballot = frappe.db.get_value(DOCTYPE, name, "ballot")
    keys = frappe.get_all("Ballot Item", {"parent": ballot}, pluck="item_key")
    for who, choice in zip(MEMBERS, choices, strict=False):
        house.as_(who)
        api.vote(ballot, [{"item_key": key, "vote": choice} for key in keys])
    house.as_("Administrator")


@pytest.mark.parametrize("kind", ROUTES)
def test_the_whole_route_ends_in_privileges_and_every_step_is_on_record(house, kind) -> None:
    codes, steps = ROUTES[kind]
    name = bring_to(house, kind, len(steps))
    if kind == "SURGERY":
        assert house.state(name) == "Committee Vote"
        vote(house, name, *["For"] * 5)
    house.as_("Administrator")
    assert house.state(name) == "Approved"
    person = house.people["surgeon"]
    assert all(check(practitioner=person, kind=kind, code=code)["allowed"] for code in codes)
    path = [(row.workflow_state, row.action) for row in api.opinions(DOCTYPE, name)]
    assert path[:-1] == [("Draft", "Submit"), *((state, "Approve") for state, _ in steps)][: len(path) - 1]
    grants = frappe.db.count("Privilege Grant", {"practitioner": person})
    frappe.get_doc(DOCTYPE, name).run_method("on_approval_step", "Office Review", "Approve")
    assert frappe.db.count("Privilege Grant", {"practitioner": person}) == grants


@pytest.mark.parametrize(("kind", "number"), STEPS)
def test_each_approver_decides_item_by_item(house, kind, number) -> None:
    codes, steps = ROUTES[kind]
    name = bring_to(house, kind, number)
    decisions = [
        {"code": codes[0], "decision": "Agree"},
        {"code": codes[1], "decision": "Refuse", "remark": "例数不足"},
    ]
    house.step(steps[number][1], name, items=decisions)
    for _state, who in steps[number + 1 :]:
        house.step(who, name)
    if kind == "SURGERY":
        vote(house, name, *["For"] * 5)
    house.as_("Administrator")
    allowed = [check(practitioner=house.people["surgeon"], kind=kind, code=code)["allowed"] for code in codes]
    assert house.state(name) == "Approved" and allowed == [True, False]


@pytest.mark.parametrize(("kind", "number"), STEPS)
def test_from_each_step_back_to_every_earlier_one(house, kind, number) -> None:
    _codes, steps = ROUTES[kind]
    earlier = ["Draft", *(state for state, _ in steps[:number])]
    for target in earlier:
        name = bring_to(house, kind, number)
        house.as_(steps[number][1])
        assert sheets.application(name)["return_states"] == earlier
        assert api.return_to(DOCTYPE, name, target, "材料不全") == (
            "Returned" if target == "Draft" else target
        )
        house.as_("Administrator")
        doc = frappe.get_doc(DOCTYPE, name)
        undone = ["Draft", *(state for state, _ in steps)]
        fields = [rules.STEP_FIELDS[s] for s in undone[undone.index(target) :] if s in rules.STEP_FIELDS]
        assert {row.get(field) for row in doc.items for field in fields} == {"Pending"}
        if target == "Draft":
            house.step("surgeon", name, "Submit", "已补充")
        for _state, who in steps[earlier.index(target) - 1 if target != "Draft" else 0 :]:
            house.step(who, name)
        assert house.state(name) in ("Approved", "Committee Vote")
        frappe.db.set_value(DOCTYPE, name, "workflow_state", "Rejected")
        frappe.db.delete("Privilege Grant", {"practitioner": house.people["surgeon"]})


@pytest.mark.parametrize(("kind", "number"), STEPS)
def test_the_last_step_is_taken_back_while_nobody_has_acted(house, kind, number) -> None:
    _codes, steps = ROUTES[kind]
    name = bring_to(house, kind, number)
    last = "surgeon" if number == 0 else steps[number - 1][1]
    before = "Draft" if number == 0 else steps[number - 1][0]
    house.as_(last)
    assert sheets.application(name)["can_withdraw"] is True
    assert api.withdraw(DOCTYPE, name, "写错了") == before
    assert sheets.application(name)["can_withdraw"] is False
    house.step(last, name, "Submit" if number == 0 else "Approve")
    house.step(steps[number][1], name)
    house.as_(last)
    with pytest.raises(frappe.ValidationError):
        api.withdraw(DOCTYPE, name, "太晚")
    house.as_("stranger")
    with pytest.raises(frappe.PermissionError):
        api.withdraw(DOCTYPE, name, "别人的")


@pytest.mark.parametrize(("kind", "number"), STEPS)
def test_a_delegate_decides_each_step_in_its_period_only(house, kind, number) -> None:
    _codes, steps = ROUTES[kind]
    state, owner = steps[number]
    name = bring_to(house, kind, number)
    house.as_(owner)
    late = api.delegate(
        house.users["colleague"], str(add_to_date(None, hours=2)), str(add_to_date(None, hours=4)), "外出"
    )
    assert late["status"] == "Planned"
    with pytest.raises(frappe.PermissionError):
        house.step("colleague", name)
    house.as_(owner)
    api.cancel_delegation(late["name"])
    made = api.delegate(
        house.users["colleague"], str(add_to_date(None, hours=-1)), str(add_to_date(None, hours=4)), "外出"
    )
    assert made["status"] == "Active"
    house.as_("colleague")
    assert name in [row["name"] for row in api.inbox()]
    house.step("colleague", name)
    house.as_("Administrator")
    opinion = next(row for row in reversed(api.opinions(DOCTYPE, name)) if row.workflow_state == state)
    assert (opinion.actor, opinion.on_behalf_of) == (house.users["colleague"], house.users[owner])


def test_a_cancelled_delegation_is_none(house) -> None:
    name = bring_to(house, "PRESCRIPTION", 0)
    house.as_("head")
    made = api.delegate(
        house.users["colleague"], str(add_to_date(None, hours=-1)), str(add_to_date(None, hours=4)), "外出"
    )
    assert api.cancel_delegation(made["name"]) == "Cancelled"
    with pytest.raises(frappe.PermissionError):
        house.step("colleague", name)
    house.as_("head")
    doc = frappe.get_doc("Approval Delegation", made["name"])
    doc.status = "Active"
    with pytest.raises(frappe.ValidationError):
        doc.save()


def test_handing_ones_part_to_the_applicant_gives_him_nothing(house) -> None:
    name = bring_to(house, "PRESCRIPTION", 0)
    house.as_("head")
    api.delegate(
        house.users["surgeon"], str(add_to_date(None, hours=-1)), str(add_to_date(None, hours=4)), "外出"
    )
    with pytest.raises(frappe.PermissionError):
        house.step("surgeon", name)


def test_votes_are_personal_and_cannot_be_handed_over(house) -> None:
    name = bring_to(house, "SURGERY", 3)
    house.as_("member2")
    api.delegate(
        house.users["colleague"], str(add_to_date(None, hours=-1)), str(add_to_date(None, hours=4)), "外出"
    )
    ballot = frappe.db.get_value(DOCTYPE, name, "ballot")
    house.as_("colleague")
    with pytest.raises(frappe.PermissionError):
        api.vote(ballot, [{"item_key": code, "vote": "For"} for code in ROUTES["SURGERY"][0]])


def test_only_the_pharmacy_reviews_drugs(house) -> None:
    name = bring_to(house, "ANTIMICROBIAL", 1)
    with pytest.raises(frappe.PermissionError):
        house.step("transfusionist", name)
    assert house.step("pharmacist", name) == "Office Review"


def test_nobody_decides_two_steps_of_one_round(house) -> None:
    house.as_("Administrator")
    frappe.db.set_value("Clinical Department", "T-GS", "party_secretary", house.people["head"])
    user = frappe.get_doc("User", house.users["head"])
    user.append("roles", {"role": "Party Branch Secretary"})
    user.save()
    name = bring_to(house, "SURGERY", 1)
    house.as_("head")
    assert api.actions(DOCTYPE, name) == []
    with pytest.raises(frappe.PermissionError):
        house.step("head", name)
    api.delegate(
        house.users["secretary"], str(add_to_date(None, hours=-1)), str(add_to_date(None, hours=4)), "回避"
    )
    assert house.step("secretary", name) == "Office Review"


def test_a_return_lets_the_same_person_decide_again(house) -> None:
    name = bring_to(house, "SURGERY", 2)
    house.as_("office")
    api.return_to(DOCTYPE, name, "Department Review", "请复核")
    assert house.step("head", name) == "Branch Review"
    assert house.step("secretary", name) == "Office Review"


def test_a_vote_is_called_off_when_the_sheet_leaves_the_committee(house) -> None:
    name = bring_to(house, "SURGERY", 3)
    ballot = frappe.db.get_value(DOCTYPE, name, "ballot")
    house.as_("manager")
    api.return_to(DOCTYPE, name, "Office Review", "材料有误")
    assert frappe.db.get_value("Ballot", ballot, "status") == "Cancelled"
    house.as_("member1")
    with pytest.raises(frappe.ValidationError):
        api.vote(ballot, [{"item_key": code, "vote": "For"} for code in ROUTES["SURGERY"][0]])
    house.step("office", name)
    assert frappe.db.get_value(DOCTYPE, name, "ballot") != ballot


def test_the_office_takes_a_vote_back_until_the_first_vote(house) -> None:
    name = bring_to(house, "SURGERY", 3)
    house.as_("office")
    assert api.withdraw(DOCTYPE, name, "漏了材料") == "Office Review"
    house.step("office", name)
    vote(house, name, "For")
    house.as_("office")
    with pytest.raises(frappe.ValidationError):
        api.withdraw(DOCTYPE, name, "太晚")


@pytest.mark.parametrize(("kind", "number"), STEPS)
def test_a_late_step_is_told_once_a_working_day(house, kind, number) -> None:
    _codes, steps = ROUTES[kind]
    name = bring_to(house, kind, number)
    due = frappe.db.get_value(DOCTYPE, name, "due_at")
    assert due and due > now_datetime()
    house.as_("Administrator")
    frappe.get_doc(
        doctype="Working Day Override", date=frappe.utils.nowdate(), is_working_day=1, reason="测试"
    ).insert()
    assert events.escalate_overdue() == 0
    frappe.db.set_value(DOCTYPE, name, "due_at", add_to_date(None, hours=-1))
    before = {
        who: frappe.db.count("Notification Log", {"for_user": house.users[who], "document_name": name})
        for who in (steps[number][1], "manager", "surgeon")
    }
    assert events.escalate_overdue() == 1
    assert events.escalate_overdue() == 0
    after = {
        who: frappe.db.count("Notification Log", {"for_user": house.users[who], "document_name": name})
        for who in before
    }
    assert {who: after[who] - before[who] for who in before} == {
        steps[number][1]: 1,
        "manager": 1,
        "surgeon": 0,
    }
    house.as_("surgeon")
    assert sheets.application(name)["late"] is True


def test_an_application_is_born_a_draft(house) -> None:
    house.as_("surgeon")
    doc = frappe.get_doc(
        doctype=DOCTYPE, practitioner=house.people["surgeon"], kind="PRESCRIPTION", workflow_state="Department Review",
        items=[{"item_type": "Drug Privilege", "code": "RX_GEN"}],
    )  # fmt: skip
    with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
        doc.insert()


def test_a_step_without_a_limit_is_never_late(house) -> None:
    frappe.db.set_value("Handling Time Limit", {"document_type": DOCTYPE}, "disabled", 1)
    name = bring_to(house, "PRESCRIPTION", 0)
    assert frappe.db.get_value(DOCTYPE, name, "due_at") is None
    house.as_("Administrator")
    frappe.get_doc(
        doctype="Working Day Override", date=frappe.utils.nowdate(), is_working_day=1, reason="测试"
    ).insert()
    assert events.escalate_overdue() == 0
