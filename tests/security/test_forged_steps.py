"""Threat: somebody moves an application, or decides its items, past the door that takes steps."""

import json

import pytest
from security.conftest import PROCEDURES

DECISIONS = ("department_decision", "branch_decision", "office_decision", "committee_decision")
SHEET = "Privilege Application"


@pytest.fixture
def sheet(hospital) -> str:
    return hospital.apply()


def state(hospital, sheet: str) -> str:
    return hospital.value(SHEET, sheet, "workflow_state")


@pytest.mark.parametrize(
    "who", ["applicant", "colleague", "other_head", "secretary", "pharmacist", "officer", "manager"]
)
def test_the_next_step_is_not_taken_by_who_is_not_asked(hospital, sheet, who):
    answer = hospital.step(who, sheet)
    assert answer.status_code in {403, 417}, answer.text
    assert state(hospital, sheet) == "Department Review"


@pytest.mark.parametrize(
    "who", ["applicant", "colleague", "other_head", "officer", "manager", "head", "administrator"]
)
@pytest.mark.parametrize("door", ["resource", "client", "form", "bulk"])
def test_the_state_is_not_a_field_to_be_written(hospital, sheet, who, door):
    caller = hospital.as_(who)
    if door == "resource":
        answer = caller.send("PUT", f"/api/resource/{SHEET}/{sheet}", json={"workflow_state": "Approved"})
    elif door == "client":
        answer = caller.call(
            "frappe.client.set_value", doctype=SHEET, name=sheet, fieldname="workflow_state", value="Approved"
        )
    elif door == "form":
        known = hospital.as_("head").send("GET", f"/api/resource/{SHEET}/{sheet}").json()["data"]
        known["workflow_state"] = "Approved"
        answer = caller.call("frappe.desk.form.save.savedocs", doc=json.dumps(known), action="Save")
    else:
        docs = json.dumps([{"doctype": SHEET, "docname": sheet, "workflow_state": "Approved"}])
        answer = caller.call("frappe.client.bulk_update", docs=docs)
    assert state(hospital, sheet) == "Department Review", answer.text
    assert hospital.value("Privilege Grant", {"practitioner": hospital.staff["applicant"]}, "name") is None


@pytest.mark.parametrize("who", ["applicant", "colleague", "other_head", "manager", "officer", "head"])
def test_the_workflow_has_no_second_door(hospital, sheet, who):
    doc = json.dumps({"doctype": SHEET, "name": sheet})
    for action in ("Approve", "Reject", "Return"):
        hospital.as_(who).call("frappe.model.workflow.apply_workflow", doc=doc, action=action)
        hospital.as_(who).call(
            "frappe.model.workflow.bulk_workflow_approval",
            docnames=json.dumps([sheet]),
            doctype=SHEET,
            action=action,
        )
    assert state(hospital, sheet) == "Department Review"


@pytest.mark.parametrize("who", ["applicant", "head", "manager"])
def test_decisions_on_items_are_made_in_the_step_alone(hospital, sheet, who):
    known = hospital.as_("head").send("GET", f"/api/resource/{SHEET}/{sheet}").json()["data"]
    for row in known["items"]:
        row.update(dict.fromkeys(DECISIONS, "Agree"))
    hospital.as_(who).send("PUT", f"/api/resource/{SHEET}/{sheet}", json={"items": known["items"]})
    for row in known["items"]:
        hospital.as_(who).call(
            "frappe.client.set_value", doctype="Privilege Application Item", name=row["name"],
            fieldname="department_decision", value="Agree",
        )  # fmt: skip
    stored = hospital.as_("head").send("GET", f"/api/resource/{SHEET}/{sheet}").json()["data"]["items"]
    assert {row.get(name) or "Pending" for row in stored for name in DECISIONS} == {"Pending"}


def test_the_sheet_does_not_change_under_its_approvers(hospital, sheet):
    known = hospital.as_("head").send("GET", f"/api/resource/{SHEET}/{sheet}").json()["data"]
    fewer = {"items": known["items"][:1], "practitioner": hospital.staff["colleague"], "reason": "改了"}
    hospital.as_("applicant").send("PUT", f"/api/resource/{SHEET}/{sheet}", json=fewer)
    hospital.as_("applicant").send("DELETE", f"/api/resource/{SHEET}/{sheet}")
    stored = hospital.as_("head").send("GET", f"/api/resource/{SHEET}/{sheet}").json()["data"]
    assert len(stored["items"]) == len(PROCEDURES) and stored["practitioner"] == hospital.staff["applicant"]


def test_an_application_is_not_born_approved(hospital):
    row = {"item_type": "Procedure", "code": PROCEDURES[0], **dict.fromkeys(DECISIONS, "Agree")}
    hospital.as_("applicant").send(
        "POST", f"/api/resource/{SHEET}",
        json={"practitioner": hospital.staff["applicant"], "kind": "SURGERY", "workflow_state": "Approved",
              "docstatus": 1, "items": [row]},
    )  # fmt: skip
    born = hospital.as_("manager").rows(
        SHEET,
        filters=json.dumps({"practitioner": hospital.staff["applicant"]}),
        fields=json.dumps(["workflow_state", "docstatus"]),
    )
    assert all(row["workflow_state"] == "Draft" and row["docstatus"] == 0 for row in born)
    assert hospital.value("Privilege Grant", {"practitioner": hospital.staff["applicant"]}, "name") is None


def test_opinions_are_neither_invented_nor_rewritten(hospital, sheet):
    assert hospital.step("head", sheet).ok
    name = hospital.value("Approval Opinion", {"reference_name": sheet, "action": "Approve"}, "name")
    for who in ("head", "applicant", "manager", "administrator"):
        caller = hospital.as_(who)
        assert not caller.send("PUT", f"/api/resource/Approval Opinion/{name}", json={"opinion": "不同意"}).ok
        assert not caller.send("DELETE", f"/api/resource/Approval Opinion/{name}").ok
        forged = {
            "reference_doctype": SHEET,
            "reference_name": sheet,
            "action": "Approve",
            "actor": "x@x.example",
        }
        assert not caller.send("POST", "/api/resource/Approval Opinion", json=forged).ok
    assert hospital.value("Approval Opinion", name, "opinion") == "同意"
