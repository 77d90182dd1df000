"""What the face asks of demerits: steps, penalties, a person's points."""

from typing import Any

import frappe
from frappe.utils import flt, getdate, nowdate

from medaffairs.demerit import penalties, rules, scoring, steps


@frappe.whitelist()
def possible_steps(name: str) -> list[str]:
    """The steps that the asking user may take on a record."""
    doc = frappe.get_doc(steps.DOCTYPE, name)
    doc.check_permission("read")
    return steps.possible(doc, frappe.session.user)


@frappe.whitelist(methods=["POST"])
def take(
    name: str, action: str, words: str = "", evidence: str = "", points: float | None = None
) -> dict[str, Any]:
    """Takes a step on a record: its new state."""
    frappe.get_doc(steps.DOCTYPE, name).check_permission("read")
    doc = steps.take(name, action, words, evidence, points)
    return {"name": doc.name, "workflow_state": doc.workflow_state}


@frappe.whitelist(methods=["POST"])
def issue_penalty(name: str) -> str:
    """Issues a penalty: its new state."""
    return penalties.issue(name).status


@frappe.whitelist(methods=["POST"])
def end_penalty(name: str, words: str = "") -> str:
    """Notes that a penalty was carried out: its new state."""
    return penalties.end(name, words).status


@frappe.whitelist(methods=["POST"])
def handle_otherwise(name: str, words: str) -> str:
    """Notes that something else was done: the new state."""
    return penalties.handle_otherwise(name, words).status


@frappe.whitelist()
def points_of(practitioner: str, day: str = "") -> dict[str, Any]:
    """A person's points in the cycle of a day (today if none is named), with records and penalties, as far as the user may see them."""
    frappe.get_doc("Practitioner", practitioner).check_permission("read")
    cycle = rules.cycle_of(getdate(day or nowdate()), *scoring.cycle_settings())
    records = frappe.get_list(
        steps.DOCTYPE,
        filters={"practitioner": practitioner, "docstatus": 1, "occurred_on": ("between", [cycle.first, cycle.last])},
        fields=["name", "occurred_on", "behaviour", "points", "workflow_state"], order_by="occurred_on", limit_page_length=0,
    )  # fmt: skip
    made = frappe.get_list(
        "Penalty", filters={"practitioner": practitioner},
        fields=["name", "rule", "points", "status", "consequence", "cycle_from", "cycle_to"], limit_page_length=0,
    )  # fmt: skip
    return {
        "from": str(cycle.first), "to": str(cycle.last), "points": round(sum(flt(row.points) for row in records), 1),
        "records": records, "penalties": made,
    }  # fmt: skip
