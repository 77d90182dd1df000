"""Threat: the applicant decides his own application, whatever offices he holds."""

import frappe
import pytest
from security.conftest import DEPARTMENT

SHEET = "Privilege Application"


@pytest.fixture
def offices(hospital):
    """The applicant leads his department, keeps its party branch and works in the medical-affairs office."""
    leaders = {"head": hospital.staff["applicant"], "party_secretary": hospital.staff["applicant"]}
    before = frappe.db.get_value("Clinical Department", DEPARTMENT, list(leaders), as_dict=True)
    frappe.db.set_value("Clinical Department", DEPARTMENT, leaders)
    user = frappe.get_doc("User", hospital.users["applicant"])
    roles = ("Department Head", "Party Branch Secretary", "Medical Affairs Manager", "Functional Department")
    user.add_roles(*roles)
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.set_value("Clinical Department", DEPARTMENT, before)
    frappe.get_doc("User", hospital.users["applicant"]).remove_roles(*roles)
    frappe.db.commit()


def test_his_offices_do_not_help_him(hospital, offices):
    name = hospital.apply()
    for action in ("Approve", "Reject"):
        assert hospital.step("applicant", name, action).status_code == 403
    assert hospital.value(SHEET, name, "workflow_state") == "Department Review"


def test_nor_in_any_later_step(hospital, offices):
    name = hospital.apply()
    for state in ("Branch Review", "Office Review", "Committee Vote", "Pharmacy Review"):
        frappe.db.set_value(SHEET, name, "workflow_state", state)
        frappe.db.commit()
        assert hospital.step("applicant", name).status_code == 403, state


def test_nor_through_the_hosts_own_workflow_door(hospital, offices):
    name = hospital.apply()
    doc = frappe.as_json({"doctype": SHEET, "name": name})
    hospital.as_("applicant").call("frappe.model.workflow.apply_workflow", doc=doc, action="Approve")
    assert hospital.value(SHEET, name, "workflow_state") == "Department Review"


def test_nor_by_handing_his_part_to_himself(hospital):
    name = hospital.apply()
    hospital.as_("applicant").send(
        "POST", "/api/resource/Approval Delegation",
        json={"from_user": hospital.users["head"], "to_user": hospital.users["applicant"], "reason": "SEC",
              "from_time": "2020-01-01 00:00:00", "to_time": "2099-01-01 00:00:00"},
    )  # fmt: skip
    assert hospital.step("applicant", name).status_code == 403


def test_and_a_delegation_that_is_real_does_not_let_him_either(hospital):
    name = hospital.apply()
    frappe.get_doc(
        doctype="Approval Delegation", from_user=hospital.users["head"], to_user=hospital.users["applicant"],
        from_time="2020-01-01 00:00:00", to_time="2099-01-01 00:00:00", reason="SEC",
    ).insert()  # fmt: skip
    frappe.db.commit()
    assert hospital.step("applicant", name).status_code == 403
