"""Threat: a privilege comes into being, grows, or comes back from suspension past the ledger."""

import frappe
import pytest
from security.conftest import PROCEDURES

from medaffairs.privileging import ledger

EVERYBODY = ("applicant", "head", "officer", "manager", "administrator", "auditor")


@pytest.fixture
def grant(hospital) -> str:
    name = ledger.grant(hospital.staff["applicant"], "SURGERY", PROCEDURES[0], valid_to="2099-01-01 00:00:00")
    frappe.db.commit()
    return name


def allowed(hospital, code: str) -> bool:
    question = {"practitioner": hospital.staff["applicant"], "kind": "SURGERY", "code": code}
    answer = hospital.as_("applicant").ask("medaffairs.privileging.api.check", **question)
    return answer.json()["message"]["allowed"]


@pytest.mark.parametrize("who", EVERYBODY)
def test_grants_and_events_are_not_records_to_be_written(hospital, grant, who):
    caller = hospital.as_(who)
    person = {"practitioner": hospital.staff["applicant"], "kind": "SURGERY", "code": PROCEDURES[1]}
    new = {**person, "valid_from": "2020-01-01 00:00:00", "status": "Active"}
    assert not caller.send("POST", "/api/resource/Privilege Grant", json=new).ok
    event = {**person, "sequence": 10**9, "event_type": "Grant", "effective_from": "2020-01-01 00:00:00"}
    assert not caller.send("POST", "/api/resource/Privilege Event", json=event).ok
    assert not caller.send("PUT", f"/api/resource/Privilege Grant/{grant}", json={"valid_to": None}).ok
    assert not caller.send("DELETE", f"/api/resource/Privilege Grant/{grant}").ok
    sequence = frappe.db.get_value("Privilege Event", {"grant": grant}, "name")
    assert not caller.send("DELETE", f"/api/resource/Privilege Event/{sequence}").ok
    assert allowed(hospital, PROCEDURES[0]) and not allowed(hospital, PROCEDURES[1])


@pytest.mark.parametrize("who", ["applicant", "head", "stranger", "auditor", "administrator", "pharmacist"])
def test_the_office_alone_revokes_and_grants_in_an_emergency(hospital, grant, who):
    caller = hospital.as_(who)
    revoked = caller.call("medaffairs.privileging.api.revoke", grant=grant, reason="无权者")
    assert revoked.status_code == 403 and allowed(hospital, PROCEDURES[0])
    urgent = {"practitioner": hospital.staff["applicant"], "kind": "SURGERY", "code": PROCEDURES[1], "hours": 12,
              "reason": "急"}  # fmt: skip
    assert caller.call("medaffairs.privileging.api.grant_emergency", **urgent).status_code == 403
    assert not allowed(hospital, PROCEDURES[1])


@pytest.mark.parametrize("who", ["applicant", "head", "stranger", "administrator"])
def test_a_suspension_is_neither_made_nor_lifted_by_who_may_not(hospital, grant, who):
    made = hospital.as_("officer").send(
        "POST", "/api/resource/Privilege Suspension",
        json={"practitioner": hospital.staff["applicant"], "from_time": "2020-01-01 00:00:00", "remark": "SEC"},
    )  # fmt: skip
    assert made.ok, made.text
    name = made.json()["data"]["name"]
    assert not allowed(hospital, PROCEDURES[0])
    caller = hospital.as_(who)
    for change in ({"status": "Cancelled"}, {"to_time": "2020-01-02 00:00:00"}):
        assert not caller.send("PUT", f"/api/resource/Privilege Suspension/{name}", json=change).ok
    assert not caller.send("DELETE", f"/api/resource/Privilege Suspension/{name}").ok
    assert not allowed(hospital, PROCEDURES[0])
