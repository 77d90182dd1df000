"""One search over records: names, numbers, pinyin and initials; nothing that the user may not read."""

import json

import frappe
import pytest

from medaffairs.face.api import places, search, set_favourites
from medaffairs.face.favourites import get_favourites


@pytest.fixture
def nobody(make_user):
    """A user without any role of the hospital; made first, because making one commits."""
    return make_user("search-nobody")[0]


@pytest.fixture
def department(site, nobody):
    """A department as a clerk makes it."""
    return frappe.get_doc(
        {
            "doctype": "Clinical Department",
            "department_code": "SRCH1",
            "department_name": "试验神经外科",
            "department_type": "Clinical",
        }
    ).insert()


@pytest.mark.parametrize(
    "text", ["试验神经", "神经外科", "syshenjing", "sysjwk", "shiyanshenjingwaike", "SRCH1", "srch"]
)
def test_a_department_is_found_by_name_number_pinyin_and_initials(department, text):
    found = [(row["doctype"], row["name"]) for row in search(text)]
    assert (("Clinical Department", department.name) in found) == (text != "syshenjing")


@pytest.mark.parametrize("text", ["", " ", "a", "%", "_", "%%%"])
def test_nothing_is_found_by_nothing(site, text):
    assert search(text) == []


def test_what_answers_exactly_stands_first(department):
    rows = search("试验神经外科")
    assert (rows[0]["title"], rows[0]["score"]) == ("试验神经外科", 4)


def test_records_of_others_are_not_found(nobody, department, as_user):
    from medaffairs.face.search import searched_doctypes

    as_user(nobody)
    readable = {doctype for doctype in searched_doctypes() if frappe.has_permission(doctype, "read")}
    assert {row["doctype"] for row in search("试验神经外科")} <= readable
    assert "Demerit Record" not in readable


def test_a_guest_searches_nothing(request_as):
    answer = request_as(None, "GET", "/api/method/medaffairs.face.api.search", text="张")
    assert answer.status == 403


def test_places_are_those_that_the_user_may_open(site, as_user, make_user):
    email, _token = make_user("search-doctor", "Practitioner")
    everything = {kind["name"] for kind in places()["doctypes"]}
    as_user(email)
    mine = places()
    names = {kind["name"] for kind in mine["doctypes"]}
    assert "Privilege Application" in names < everything
    assert all(frappe.has_permission(name, "read") for name in names)
    assert all(frappe.has_permission(report["doctype"], "report") for report in mine["reports"])


def test_favourites_stay_with_the_user(site, as_user, make_user):
    email, _token = make_user("search-keeper", "Practitioner")
    as_user(email)
    kept = set_favourites(json.dumps([{"path": "/list/Practitioner", "label": "医师档案"}]))
    assert kept == get_favourites() == [{"path": "/list/Practitioner", "label": "医师档案"}]


@pytest.mark.parametrize(
    "items", ['[{"path": "//elsewhere.example", "label": "x"}]', '[{"path": "/list/A"}]', '["/list/A"]']
)
def test_what_is_no_favourite_is_refused(site, items):
    with pytest.raises(frappe.ValidationError):
        set_favourites(items)
