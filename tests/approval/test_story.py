"""An application for a procedure on its whole way: department, party branch, office, committee, grant."""

from __future__ import annotations

import json
from collections.abc import Callable

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from medaffairs.approval import api, ballots, engine
from medaffairs.privileging import sheets
from medaffairs.privileging.api import check

CODES = ("T51.2300", "T47.0100")
MEMBERS = ("member1", "member2", "member3")


def _user(name: str, *roles: str) -> str:
    user = frappe.get_doc(
        doctype="User", email=f"{name}@story.test", first_name=name, enabled=1, send_welcome_email=0
    )
    for role in roles:
        user.append("roles", {"role": role})
    return user.insert(ignore_permissions=True).name


def _person(number: int, name: str, user: str) -> str:
    return frappe.get_doc(
        doctype="Practitioner", staff_no=f"TS{number:03d}", practitioner_name=name, department="T-GS", profession="Physician",
        employment_status="Active", gender="Male", user=user,
    ).insert().name  # fmt: skip


@pytest.fixture
def hospital(site: str) -> dict[str, str]:
    """A department with its people, two procedures, a committee of three."""
    frappe.get_doc(
        doctype="Clinical Department",
        department_code="T-GS",
        department_name="普外科",
        department_type="Clinical",
    ).insert()
    for code, name in zip(CODES, ("腹腔镜胆囊切除术", "腹腔镜阑尾切除术"), strict=True):
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=name).insert()
    users = {
        "applicant": _user("applicant", "Practitioner"),
        "head": _user("head", "Practitioner", "Department Head"),
        "secretary": _user("secretary", "Practitioner", "Party Branch Secretary"),
        "office": _user("office", "Medical Affairs Officer"),
        "stranger": _user("stranger", "Practitioner", "Department Head"),
    }
    users |= {name: _user(name, "Practitioner", "Committee Member") for name in MEMBERS}
    people = {role: _person(number, role, user) for number, (role, user) in enumerate(users.items())}
    frappe.db.set_value(
        "Clinical Department", "T-GS", {"head": people["head"], "party_secretary": people["secretary"]}
    )
    committee = frappe.get_doc(
        doctype="Committee", committee_name="测试授权委员会", committee_type="Surgery Authorization", quorum_percent=66,
        threshold_percent=60, deadline_hours=48,
    )  # fmt: skip
    for number, name in enumerate(MEMBERS):
        committee.append(
            "members",
            {
                "practitioner": people[name],
                "user": users[name],
                "member_role": "Member" if number else "Chair",
            },
        )
    committee.insert()
    frappe.db.set_value("Privilege Kind", "SURGERY", "committee", committee.name)
    frappe.db.delete("Eligibility Rule", {"kind": "SURGERY"})
    frappe.db.set_value("Privilege Kind", "SURGERY", "requires_exam", 0)
    yield users | {"person": people["applicant"]}


@pytest.fixture
def applied(hospital: dict[str, str], as_user: Callable[[str], None]) -> str:
    """An application for both procedures that has been handed in."""
    as_user(hospital["applicant"])
    return sheets.apply(kind="SURGERY", codes=list(CODES), reason="已独立完成")["name"]


def step(become: Callable, user: str, name: str, action: str = "Approve", items: list | None = None) -> str:
    become(user)
    return api.act("Privilege Application", name, action, "同意", items)


def test_the_whole_way_ends_in_a_privilege(hospital, applied, as_user) -> None:
    refused = [
        {"code": CODES[0], "decision": "Agree"},
        {"code": CODES[1], "decision": "Refuse", "remark": "例数不足"},
    ]
    assert step(as_user, hospital["head"], applied, items=refused) == "Branch Review"
    assert step(as_user, hospital["secretary"], applied) == "Office Review"
    assert step(as_user, hospital["office"], applied) == "Committee Vote"
    ballot = frappe.db.get_value("Privilege Application", applied, "ballot")
    for voter, choice in zip(MEMBERS, ("For", "For", "Against"), strict=True):
        as_user(hospital[voter])
        assert [row["name"] for row in api.my_ballots()] == [ballot]
        api.vote(ballot, [{"item_key": CODES[0], "vote": choice}])
    as_user("Administrator")
    doc = frappe.get_doc("Privilege Application", applied)
    assert doc.workflow_state == "Approved"
    assert frappe.db.get_value("Ballot", ballot, "status") == "Passed"
    answers = [check(practitioner=hospital["person"], kind="SURGERY", code=code) for code in CODES]
    assert [answer["allowed"] for answer in answers] == [True, False]
    assert doc.items[0].grant == answers[0]["grant"]
    assert [row.action for row in api.opinions(doc.doctype, applied)] == [
        "Submit",
        "Approve",
        "Approve",
        "Approve",
        "Approve",
    ]


def test_the_head_of_another_department_decides_nothing(hospital, applied, as_user) -> None:
    with pytest.raises(frappe.PermissionError):
        step(as_user, hospital["stranger"], applied)
    assert api.inbox() == []


def test_nobody_decides_his_own_application(hospital, applied, as_user) -> None:
    frappe.db.set_value("Clinical Department", "T-GS", "head", hospital["person"])
    with pytest.raises(frappe.PermissionError):
        step(as_user, hospital["applicant"], applied)


def test_a_delegate_decides_in_the_heads_name(hospital, applied, as_user) -> None:
    as_user("Administrator")
    frappe.get_doc(
        doctype="Approval Delegation", from_user=hospital["head"], to_user=hospital["stranger"], reason="外出进修",
        from_time=add_to_date(now_datetime(), hours=-1), to_time=add_to_date(now_datetime(), hours=1),
    ).insert()  # fmt: skip
    assert step(as_user, hospital["stranger"], applied) == "Branch Review"
    as_user("Administrator")
    last = api.opinions("Privilege Application", applied)[-1]
    assert (last.actor, last.on_behalf_of) == (hospital["stranger"], hospital["head"])


def test_all_items_refused_ends_the_application(hospital, applied, as_user) -> None:
    items = [{"code": code, "decision": "Refuse"} for code in CODES]
    assert step(as_user, hospital["head"], applied, items=items) == "Rejected"


def test_a_return_needs_a_reason_and_lets_decide_anew(hospital, applied, as_user) -> None:
    step(as_user, hospital["head"], applied)
    as_user(hospital["secretary"])
    with pytest.raises(frappe.ValidationError):
        api.return_to("Privilege Application", applied, "Department Review", " ")
    assert (
        api.return_to("Privilege Application", applied, "Department Review", "请补充例数")
        == "Department Review"
    )
    as_user("Administrator")
    doc = frappe.get_doc("Privilege Application", applied)
    assert {row.department_decision for row in doc.items} == {"Pending"}
    assert step(as_user, hospital["head"], applied) == "Branch Review"


def test_withdrawing_is_possible_until_somebody_has_acted(hospital, applied, as_user) -> None:
    as_user(hospital["applicant"])
    assert api.withdraw("Privilege Application", applied, "写错了") == "Draft"
    assert step(as_user, hospital["applicant"], applied, "Submit") == "Department Review"
    step(as_user, hospital["head"], applied)
    as_user(hospital["applicant"])
    with pytest.raises(frappe.ValidationError):
        api.withdraw("Privilege Application", applied, "太晚")


def test_nobody_votes_twice_or_without_a_seat(hospital, applied, as_user) -> None:
    for user in ("head", "secretary", "office"):
        step(as_user, hospital[user], applied)
    ballot = frappe.db.get_value("Privilege Application", applied, "ballot")
    votes = [{"item_key": code, "vote": "For"} for code in CODES]
    as_user(hospital["member1"])
    with pytest.raises(frappe.ValidationError):
        api.vote(ballot, votes[:1])
    api.vote(ballot, votes)
    with pytest.raises(frappe.ValidationError):
        api.vote(ballot, votes)
    as_user(hospital["stranger"])
    with pytest.raises(frappe.PermissionError):
        api.vote(ballot, votes)


def test_a_ballot_without_quorum_fails_and_moves_nothing(hospital, applied, as_user) -> None:
    for user in ("head", "secretary", "office"):
        step(as_user, hospital[user], applied)
    ballot = frappe.db.get_value("Privilege Application", applied, "ballot")
    as_user("Administrator")
    frappe.db.set_value("Ballot", ballot, "deadline", add_to_date(now_datetime(), minutes=-1))
    assert ballots.close_overdue() == 1
    assert frappe.db.get_value("Ballot", ballot, "status") == "Failed"
    assert frappe.db.get_value("Privilege Application", applied, "workflow_state") == "Committee Vote"


def test_a_missing_condition_keeps_the_sheet_at_home(hospital, as_user) -> None:
    frappe.get_doc(
        doctype="Eligibility Rule", kind="SURGERY", rule_type="Title Level", title_level="Senior", mandatory=1, enabled=1,
        message="主任医师",
    ).insert()  # fmt: skip
    as_user(hospital["applicant"])
    verdict = sheets.eligibility(kind="SURGERY", codes=[CODES[0]])[0]
    assert verdict["eligible"] is False
    with pytest.raises(frappe.ValidationError):
        sheets.apply(kind="SURGERY", codes=[CODES[0]])


def test_acting_for_somebody_leaves_the_request_as_it_was(site):
    frappe.session.update(sid="a-session", data=frappe._dict(csrf_token="a-token"))
    frappe.local.form_dict = arguments = frappe._dict(name="PA-1")
    with engine.acting_as("Guest"):
        assert frappe.session.user == "Guest"
    assert (frappe.session.user, frappe.session.sid) == ("Administrator", "a-session")
    assert frappe.session.data.csrf_token == "a-token"
    assert frappe.local.form_dict is arguments


def test_items_may_be_asked_for_as_json(hospital, as_user):
    as_user(hospital["applicant"])
    answers = sheets.eligibility("SURGERY", json.dumps(CODES))
    assert answers == sheets.eligibility("SURGERY", list(CODES))
    assert [answer["code"] for answer in answers] == list(CODES)
