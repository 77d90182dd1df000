"""Threat: somebody asks for records of people he has nothing to do with, by their names (IDOR)."""

import json

import pytest
from security.conftest import PROCEDURES

SECRET_FIELDS = ("mobile", "id_no")


@pytest.fixture
def sheet(hospital) -> str:
    return hospital.apply()


@pytest.fixture
def grant(hospital) -> str:
    import frappe

    from medaffairs.privileging import ledger

    name = ledger.grant(hospital.staff["applicant"], "SURGERY", PROCEDURES[0])
    frappe.db.commit()
    return name


DOORS = {
    "resource": lambda doctype, name: ("GET", f"/api/resource/{doctype}/{name}", {}),
    "form": lambda doctype, name: (
        "GET", "/api/method/frappe.desk.form.load.getdoc", {"params": {"doctype": doctype, "name": name}},
    ),
    "client": lambda doctype, name: (
        "GET", "/api/method/frappe.client.get", {"params": {"doctype": doctype, "name": name}},
    ),
    "value": lambda doctype, name: (
        "GET", "/api/method/frappe.client.get_value",
        {"params": {"doctype": doctype, "filters": name, "fieldname": "practitioner"}},
    ),
    "print": lambda doctype, name: ("GET", "/printview", {"params": {"doctype": doctype, "name": name}}),
    "pdf": lambda doctype, name: (
        "GET", "/api/method/frappe.utils.print_format.download_pdf", {"params": {"doctype": doctype, "name": name}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("who", ["colleague", "stranger", "other_head", None])
def test_an_application_is_closed_to_who_has_no_part_in_it(hospital, sheet, door, who):
    verb, path, options = DOORS[door]("Privilege Application", sheet)
    answer = hospital.as_(who).send(verb, path, **options)
    assert answer.status_code in {301, 302, 401, 403, 404} or not _tells(answer, hospital.staff["applicant"])
    assert hospital.staff["applicant"] not in answer.text


@pytest.mark.parametrize("who", ["colleague", "stranger", "other_head"])
def test_lists_counts_and_searches_do_not_know_it(hospital, sheet, grant, who):
    caller = hospital.as_(who)
    by_person = json.dumps({"practitioner": hospital.staff["applicant"]})
    for doctype in ("Privilege Application", "Privilege Grant", "Privilege Event", "Approval Opinion"):
        filters = by_person if doctype != "Approval Opinion" else json.dumps({"reference_name": sheet})
        assert caller.rows(doctype, filters=filters) == []
        counted = caller.ask("frappe.client.get_count", doctype=doctype, filters=filters)
        assert not counted.ok or counted.json()["message"] == 0
    found = caller.call("frappe.desk.search.search_link", doctype="Privilege Application", txt=sheet)
    assert sheet not in found.text.replace(f"txt={sheet}", "")


def test_the_applicant_and_those_who_decide_do_see_it(hospital, sheet):
    for who in ("applicant", "head", "secretary", "officer", "manager", "auditor"):
        answer = hospital.as_(who).send("GET", f"/api/resource/Privilege Application/{sheet}")
        assert answer.ok and answer.json()["data"]["practitioner"] == hospital.staff["applicant"], who


@pytest.mark.parametrize("who", ["head", "colleague", "officer"])
def test_personal_numbers_are_for_those_with_the_level(hospital, who):
    name = hospital.staff["applicant"]
    answer = hospital.as_(who).send("GET", f"/api/resource/Practitioner/{name}")
    values = answer.json().get("data", {}) if answer.ok else {}
    listed = hospital.as_(who).rows(
        "Practitioner", filters=json.dumps({"name": name}), fields=json.dumps(["name", "mobile"])
    )
    seen = {values.get("mobile"), *(row.get("mobile") for row in listed)}
    may = who == "officer"
    assert ("13900000001" in seen) == may


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_nobody_asks_about_the_privileges_of_others(hospital, grant, who):
    question = {"practitioner": hospital.staff["applicant"], "kind": "SURGERY", "code": PROCEDURES[0]}
    assert hospital.as_(who).ask("medaffairs.privileging.api.check", **question).status_code == 403
    several = hospital.as_(who).call("medaffairs.privileging.api.check_many", checks=[question])
    assert several.status_code == 403
    history = hospital.as_(who).ask("medaffairs.privileging.api.grant_history", grant=grant)
    assert history.status_code == 403


def _tells(answer, secret: str) -> bool:
    return answer.ok and secret in answer.text
