"""Reports by mail and boards: who may arrange what, and who sees it."""

import frappe
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import staff

from medaffairs.face import boards
from medaffairs.face.reports import api, rules

MANAGER, OFFICE, DOCTOR = "rep-manager@test.example", "rep-office@test.example", "rep-doctor@test.example"
REPORT = "Title Statistics"


@pytest.fixture
def people(site):
    """A manager, an officer and a doctor."""
    staff.department("RP1")
    for number, (user, role) in enumerate(
        {
            MANAGER: "Medical Affairs Manager",
            OFFICE: "Medical Affairs Officer",
            DOCTOR: "Practitioner",
        }.items()
    ):
        staff.person(user, role, f"RP0{number}", "RP1")


@given(
    st.lists(st.from_regex(r"[a-z]{1,4}@[a-z]{1,4}\.cn", fullmatch=True)),
    st.sampled_from([",", "；", "\n", " , "]),
)
def test_addresses_are_read_however_they_are_separated(wanted, mark):
    assert rules.addresses(mark.join(wanted)) == list(dict.fromkeys(wanted))


@given(st.lists(st.text("ab@.", min_size=1)), st.lists(st.text("ab@.", min_size=1)))
def test_who_has_no_account_is_an_outsider(wanted, known):
    assert set(rules.outsiders(wanted, known)) == set(wanted) - set(known)


def test_a_pair_of_dates_is_found_where_there_is_exactly_one():
    pair = [{"fieldname": "from_date", "fieldtype": "Date"}, {"fieldname": "to_date", "fieldtype": "Date"}]
    assert rules.date_pair(pair) == ("from_date", "to_date")
    assert rules.date_pair(pair[:1]) is None
    assert rules.date_pair([*pair, {"fieldname": "to_day", "fieldtype": "Date"}]) is None


def test_a_report_is_mailed_to_people_of_the_house_only(people, as_user):
    as_user(OFFICE)
    name = api.schedule(REPORT, f"{DOCTOR}; {MANAGER}", "Weekly", filters={"department": "RP1"})
    assert [(row.name, row.email_to.split("\n")) for row in api.schedules(REPORT)] == [
        (name, [DOCTOR, MANAGER])
    ]
    for text in ("stranger@elsewhere.example", " "):
        with pytest.raises(frappe.ValidationError):
            api.schedule(REPORT, text, "Weekly")
    with pytest.raises(frappe.ValidationError):
        api.schedule(REPORT, DOCTOR, "Hourly")


def test_arrangements_are_their_makers_own(people, as_user):
    as_user(OFFICE)
    name = api.schedule(REPORT, MANAGER, "Daily")
    as_user(MANAGER)
    assert api.schedules(REPORT) == []
    with pytest.raises(frappe.PermissionError):
        api.unschedule(name)
    as_user(OFFICE)
    api.unschedule(name)
    assert api.schedules(REPORT) == []


def test_who_may_not_run_a_report_learns_nothing_of_it(people, as_user):
    as_user(DOCTOR)
    for ask in (api.describe, api.schedules):
        with pytest.raises(frappe.PermissionError):
            ask("Sync Receipts")
    as_user(MANAGER)
    assert api.describe(REPORT)["ref_doctype"]
    assert api.describe(REPORT)["may_change"] is False


ITEMS = [{"kind": "report", "name": REPORT, "width": 2, "script": "x"}]


def test_a_board_keeps_what_an_item_has_and_nothing_else(people, as_user):
    as_user(DOCTOR)
    name = boards.keep("我的看板", ITEMS, is_default=1)
    assert [(row["name"], row["items"], row["mine"]) for row in boards.mine()] == [
        (name, [{"kind": "report", "name": REPORT, "width": 2}], True)
    ]
    other = boards.keep("另一块", [], is_default=1)
    assert [row["name"] for row in boards.mine() if row["is_default"]] == [other]
    for wrong in (
        [{"kind": "page", "name": "x", "width": 1}],
        [{"kind": "card", "name": "x", "width": 9}],
        ITEMS * 41,
        {},
    ):
        with pytest.raises(frappe.ValidationError):
            boards.keep("坏的", wrong)


def test_boards_are_shared_by_managers_and_changed_by_their_owner(people, as_user):
    as_user(DOCTOR)
    with pytest.raises(frappe.PermissionError):
        boards.keep("给大家", ITEMS, shared_with="Everybody")
    as_user(MANAGER)
    name = boards.keep("给大家", ITEMS, shared_with="Everybody")
    own = boards.keep("只给我", ITEMS)
    as_user(OFFICE)
    seen = {row["name"]: row["mine"] for row in boards.mine()}
    assert (seen.get(name), own in seen) == (False, False)
    with pytest.raises(frappe.PermissionError):
        boards.keep("改掉", ITEMS, name=name)
    with pytest.raises(frappe.PermissionError):
        boards.forget(name)


def test_only_reports_that_a_person_may_run_are_offered(people, as_user):
    as_user(DOCTOR)
    offered = {row["name"] for row in boards.choices()["report"]}
    as_user(MANAGER)
    assert offered < {row["name"] for row in boards.choices()["report"]}
