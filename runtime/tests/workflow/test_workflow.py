"""A workflow over a submittable document: who may do what, states set by hand, document status, waiting actions."""

import frappe
import pytest
from frappe.model import workflow

VISIT = "Test Visit"


@pytest.fixture
def flow(visit):
    for state in ("Draft", "Checked", "Approved", "Refused", "Void"):
        if not frappe.db.exists("Workflow State", state):
            frappe.get_doc(doctype="Workflow State", workflow_state_name=state).insert()
    for action in ("Check", "Approve", "Refuse", "Cancel it"):
        if not frappe.db.exists("Workflow Action Master", action):
            frappe.get_doc(doctype="Workflow Action Master", workflow_action_name=action).insert()

    def step(state, action, next_state, role, **more):
        return {"state": state, "action": action, "next_state": next_state, "allowed": role, **more}

    frappe.get_doc(
        doctype="Workflow", workflow_name="Visit flow", document_type=VISIT, is_active=1,
        workflow_state_field="workflow_state",
        states=[{"state": "Draft", "doc_status": "0", "allow_edit": "Test Clerk"},
                {"state": "Checked", "doc_status": "0", "allow_edit": "Test Manager", "update_field": "status", "update_value": "Late"},
                {"state": "Approved", "doc_status": "1", "allow_edit": "Test Manager"},
                {"state": "Refused", "doc_status": "0", "allow_edit": "Test Manager"},
                {"state": "Void", "doc_status": "2", "allow_edit": "Test Manager"}],
        transitions=[step("Draft", "Check", "Checked", "Test Clerk", allow_self_approval=1),
                     step("Checked", "Approve", "Approved", "Test Manager", condition="doc.score > 5", allow_self_approval=0),
                     step("Checked", "Refuse", "Refused", "Test Manager", allow_self_approval=1),
                     step("Approved", "Cancel it", "Void", "Test Manager", allow_self_approval=1)],
    ).insert()  # fmt: skip
    return visit


def actions(doc):
    return [entry.action for entry in workflow.get_transitions(frappe.get_doc(VISIT, doc.name))]


def take(doc, action):
    return workflow.apply_workflow({"doctype": VISIT, "name": doc.name}, action)


def test_the_whole_way(flow, as_user):
    doc = flow(score=9)
    assert doc.workflow_state == "Draft"
    as_user("clerk")
    assert actions(doc) == ["Check"]
    checked = take(doc, "Check")
    assert (checked.workflow_state, checked.status, checked.docstatus) == ("Checked", "Late", 0)
    assert actions(doc) == []
    as_user("manager")
    approved = take(doc, "Approve")
    assert (approved.workflow_state, approved.docstatus) == ("Approved", 1)
    void = take(doc, "Cancel it")
    assert (void.workflow_state, void.docstatus) == ("Void", 2)
    comments = frappe.get_all("Comment", filters={"reference_name": doc.name, "comment_type": "Workflow"})
    assert len(comments) == 3


def test_conditions_and_roles(flow, as_user):
    doc = flow(score=2)
    as_user("manager")
    assert actions(doc) == []
    with pytest.raises(frappe.WorkflowTransitionError):
        take(doc, "Check")
    as_user("clerk")
    take(doc, "Check")
    as_user("manager")
    assert actions(doc) == ["Refuse"]
    with pytest.raises(frappe.WorkflowTransitionError):
        take(doc, "Approve")


def test_nobody_reads_transitions_of_what_he_may_not_read(flow, as_user):
    doc = flow()
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        workflow.get_transitions({"doctype": VISIT, "name": doc.name})


def test_nobody_approves_his_own(flow, as_user):
    as_user("manager")
    doc = flow(score=9)
    as_user("clerk")
    take(doc, "Check")
    as_user("manager")
    with pytest.raises(frappe.ValidationError, match="Self approval"):
        take(doc, "Approve")
    assert frappe.db.get_value(VISIT, doc.name, "workflow_state") == "Checked"


def test_states_cannot_be_set_by_hand(flow, as_user):
    doc = flow(score=9)
    as_user("clerk")
    changed = frappe.get_doc(VISIT, doc.name)
    changed.workflow_state = "Approved"
    with pytest.raises(frappe.WorkflowPermissionError):
        changed.save()
    with pytest.raises(frappe.WorkflowPermissionError):
        frappe.get_doc(doctype=VISIT, subject="forged", workflow_state="Approved").insert()


def test_what_the_caller_sends_besides_is_not_saved(flow, as_user):
    doc = flow(score=2)
    as_user("clerk")
    workflow.apply_workflow(
        {"doctype": VISIT, "name": doc.name, "score": 99, "workflow_state": "Checked"}, "Check"
    )
    assert frappe.db.get_value(VISIT, doc.name, ["score", "workflow_state"]) == (2, "Checked")


def test_submitting_past_the_workflow_moves_the_state(flow):
    doc = flow()
    doc.submit()
    assert doc.workflow_state == "Approved"


def test_actions_wait_for_roles(flow, as_user):
    doc = flow(score=9)
    waiting = {"reference_name": doc.name, "status": "Open"}
    first = frappe.get_doc("Workflow Action", waiting)
    assert [row.role for row in first.permitted_roles] == ["Test Clerk"]
    as_user("clerk")
    assert frappe.get_list("Workflow Action", pluck="name") == [first.name]
    take(doc, "Check")
    assert frappe.db.get_value("Workflow Action", first.name, ["status", "completed_by"]) == (
        "Completed",
        "clerk@host.test",
    )
    second = frappe.get_doc("Workflow Action", waiting)
    assert [row.role for row in second.permitted_roles] == ["Test Manager"]
    as_user("Administrator")
    frappe.delete_doc(VISIT, doc.name)
    assert not frappe.get_all("Workflow Action", filters={"reference_name": doc.name})


def test_many_at_once(flow, as_user):
    docs = [flow(score=score) for score in (1, 9)]
    as_user("clerk")
    names = [{"name": doc.name} for doc in docs]
    assert workflow.get_common_transition_actions(names, VISIT) == ["Check"]
    workflow.bulk_workflow_approval([doc.name for doc in docs], VISIT, "Check")
    as_user("manager")
    assert workflow.get_common_transition_actions(names, VISIT) == ["Refuse"]
    result = workflow.bulk_workflow_approval([doc.name for doc in docs], VISIT, "Approve")
    assert result["completed"] == [docs[1].name] and [row["name"] for row in result["failed"]] == [
        docs[0].name
    ]


def test_a_second_workflow_takes_over(flow):
    other = frappe.copy_doc(frappe.get_doc("Workflow", "Visit flow"))
    other.workflow_name = "Other flow"
    other.insert()
    assert workflow.get_workflow_name(VISIT) == "Other flow"
    assert not frappe.db.get_value("Workflow", "Visit flow", "is_active")
    assert not workflow.can_cancel_document(VISIT)


def test_impossible_transitions_are_refused(flow):
    doc = frappe.get_doc("Workflow", "Visit flow")
    doc.append(
        "transitions",
        {"state": "Draft", "action": "Cancel it", "next_state": "Void", "allowed": "Test Clerk"},
    )
    with pytest.raises(frappe.ValidationError, match="Cannot cancel before submitting"):
        doc.save()
