"""A workflow over a submittable document: who may do what, states set by hand, document status, waiting actions."""

import email.policy
import html
import re
from collections.abc import Callable, Iterator

import frappe
import pytest
import requests
from frappe.model import workflow
from host import kit
from host.kit import CHIEF, CLERK
from host.visits import VISIT


@pytest.fixture
def flow(visit):
    for state in ("Host Draft", "Host Checked", "Host Approved", "Host Refused", "Host Void"):
        if not frappe.db.exists("Workflow State", state):
            frappe.get_doc(doctype="Workflow State", workflow_state_name=state).insert()
    for action in ("Host Check", "Host Approve", "Host Refuse", "Host Cancel it"):
        if not frappe.db.exists("Workflow Action Master", action):
            frappe.get_doc(doctype="Workflow Action Master", workflow_action_name=action).insert()

    def step(state, action, next_state, role, **more):
        return {"state": state, "action": action, "next_state": next_state, "allowed": role, **more}

    frappe.get_doc(
        doctype="Workflow", workflow_name="Host Visits", document_type=VISIT, is_active=1,
        workflow_state_field="workflow_state",
        states=[{"state": "Host Draft", "doc_status": "0", "allow_edit": CLERK},
                {"state": "Host Checked", "doc_status": "0", "allow_edit": CHIEF, "update_field": "status", "update_value": "Late"},
                {"state": "Host Approved", "doc_status": "1", "allow_edit": CHIEF},
                {"state": "Host Refused", "doc_status": "0", "allow_edit": CHIEF},
                {"state": "Host Void", "doc_status": "2", "allow_edit": CHIEF}],
        transitions=[step("Host Draft", "Host Check", "Host Checked", CLERK, allow_self_approval=1),
                     step("Host Checked", "Host Approve", "Host Approved", CHIEF, condition="doc.score > 5", allow_self_approval=0),
                     step("Host Checked", "Host Refuse", "Host Refused", CHIEF, allow_self_approval=1),
                     step("Host Approved", "Host Cancel it", "Host Void", CHIEF, allow_self_approval=1)],
    ).insert()  # fmt: skip
    return visit


def actions(doc):
    return [entry.action for entry in workflow.get_transitions(frappe.get_doc(VISIT, doc.name))]


def take(doc, action):
    return workflow.apply_workflow({"doctype": VISIT, "name": doc.name}, action)


def test_the_whole_way(flow, as_user):
    doc = flow(score=9)
    assert doc.workflow_state == "Host Draft"
    as_user("clerk")
    assert actions(doc) == ["Host Check"]
    checked = take(doc, "Host Check")
    assert (checked.workflow_state, checked.status, checked.docstatus) == ("Host Checked", "Late", 0)
    assert actions(doc) == []
    as_user("chief")
    approved = take(doc, "Host Approve")
    assert (approved.workflow_state, approved.docstatus) == ("Host Approved", 1)
    void = take(doc, "Host Cancel it")
    assert (void.workflow_state, void.docstatus) == ("Host Void", 2)
    comments = frappe.get_all("Comment", filters={"reference_name": doc.name, "comment_type": "Workflow"})
    assert len(comments) == 3


def test_conditions_and_roles(flow, as_user):
    doc = flow(score=2)
    as_user("chief")
    assert actions(doc) == []
    with pytest.raises(workflow.WorkflowTransitionError):
        take(doc, "Host Check")
    as_user("clerk")
    take(doc, "Host Check")
    as_user("chief")
    assert actions(doc) == ["Host Refuse"]
    with pytest.raises(workflow.WorkflowTransitionError):
        take(doc, "Host Approve")


def test_nobody_reads_transitions_of_what_he_may_not_read(flow, as_user):
    doc = flow()
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        workflow.get_transitions({"doctype": VISIT, "name": doc.name})


def test_nobody_approves_his_own(flow, as_user):
    as_user("chief")
    doc = flow(score=9)
    as_user("clerk")
    take(doc, "Host Check")
    as_user("chief")
    with pytest.raises(frappe.ValidationError, match="Self approval"):
        take(doc, "Host Approve")
    assert frappe.db.get_value(VISIT, doc.name, "workflow_state") == "Host Checked"


def test_states_cannot_be_set_by_hand(flow, as_user):
    doc = flow(score=9)
    as_user("clerk")
    changed = frappe.get_doc(VISIT, doc.name)
    changed.workflow_state = "Host Approved"
    with pytest.raises(workflow.WorkflowPermissionError):
        changed.save()
    with pytest.raises(workflow.WorkflowPermissionError):
        frappe.get_doc(doctype=VISIT, subject="forged", workflow_state="Host Approved").insert()


def test_what_the_caller_sends_besides_is_not_saved(flow, as_user):
    doc = flow(score=2)
    as_user("clerk")
    workflow.apply_workflow(
        {"doctype": VISIT, "name": doc.name, "score": 99, "workflow_state": "Host Checked"}, "Host Check"
    )
    assert frappe.db.get_value(VISIT, doc.name, ["score", "workflow_state"]) == (2, "Host Checked")


def test_submitting_past_the_workflow_moves_the_state(flow):
    doc = flow()
    doc.submit()
    assert doc.workflow_state == "Host Approved"


def test_actions_wait_for_roles(flow, as_user):
    doc = flow(score=9)
    waiting = {"reference_name": doc.name, "status": "Open"}
    first = frappe.get_doc("Workflow Action", waiting)
    assert [row.role for row in first.permitted_roles] == [CLERK]
    as_user("clerk")
    assert frappe.get_list("Workflow Action", pluck="name") == [first.name]
    take(doc, "Host Check")
    assert frappe.db.get_value("Workflow Action", first.name, ["status", "completed_by"]) == (
        "Completed",
        kit.email("clerk"),
    )
    second = frappe.get_doc("Workflow Action", waiting)
    assert [row.role for row in second.permitted_roles] == [CHIEF]
    as_user("Administrator")
    frappe.delete_doc(VISIT, doc.name)
    assert not frappe.get_all("Workflow Action", filters={"reference_name": doc.name})


def test_a_second_workflow_takes_over(flow):
    other = frappe.copy_doc(frappe.get_doc("Workflow", "Host Visits"))
    other.workflow_name = "Host Other Visits"
    other.insert()
    assert workflow.get_workflow_name(VISIT) == "Host Other Visits"
    assert not frappe.db.get_value("Workflow", "Host Visits", "is_active")
    assert not workflow.can_cancel_document(VISIT)


def test_impossible_transitions_are_refused(flow):
    doc = frappe.get_doc("Workflow", "Host Visits")
    doc.append(
        "transitions",
        {"state": "Host Draft", "action": "Host Cancel it", "next_state": "Host Void", "allowed": CLERK},
    )
    with pytest.raises(frappe.ValidationError, match="Cannot cancel before submitting"):
        doc.save()


def _forget_mail() -> None:
    for doctype in (
        "Email Queue Recipient",
        "Email Queue",
        "Workflow Action",
        "Workflow Action Permitted Role",
    ):
        frappe.db.delete(doctype)


@pytest.fixture
def mailed(flow, connected_site) -> Iterator[Callable]:
    """The workflow writes to whom it waits for. Jobs run in a process of their own, so all of it is stored."""
    frappe.db.set_value("Workflow", "Host Visits", "send_email_alert", 1)
    frappe.clear_cache()
    # As HTML: a PDF would need a web server and wkhtmltopdf.
    before = frappe.db.get_single_value("Print Settings", "send_print_as_pdf")
    frappe.db.set_single_value("Print Settings", "send_print_as_pdf", 0)
    others = frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name")
    frappe.db.delete("Email Account", {"email_id": ["like", "%host.example"]})
    frappe.get_doc(
        doctype="Email Account", email_account_name="Host Office", email_id="office@host.example", enable_outgoing=1,
        smtp_server="127.0.0.1", smtp_port=9, default_outgoing=1, awaiting_password=1,
    ).insert()  # fmt: skip
    frappe.flags.in_test = False
    frappe.db.commit()
    # On Frappe jobs of tests that were undone wait in the queue all the same.
    kit.run_jobs()
    frappe.db.rollback()
    _forget_mail()
    frappe.db.commit()
    yield flow
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.set_single_value("Print Settings", "send_print_as_pdf", before)
    frappe.db.delete("Email Account", {"email_id": ["like", "%host.example"]})
    for name in others:
        frappe.db.set_value("Email Account", name, "default_outgoing", 1)
    for doctype in ("Host Visit Line", VISIT, "Host Ward"):
        frappe.db.delete(doctype)
    frappe.delete_doc("Workflow", "Host Visits", force=True)
    for name in frappe.get_all("Email Template", {"name": ["like", "Host %"]}, pluck="name"):
        frappe.delete_doc("Email Template", name, force=True)
    _forget_mail()
    frappe.db.commit()


def mails() -> dict[str, tuple[str, list[str], str]]:
    """What was queued since the last look, by receiver: subject, addresses of links, text."""
    frappe.db.commit()
    kit.run_jobs()
    frappe.db.rollback()
    found = {}
    for queued in frappe.get_all("Email Queue", ["name", "message"]):
        message = email.message_from_string(queued.message, policy=email.policy.default)
        text = message.get_body(("html",)).get_content()
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+apply_action[^"]+)"', text)]
        for receiver in frappe.get_all("Email Queue Recipient", {"parent": queued.name}, pluck="recipient"):
            found[receiver] = (message["Subject"], links, text)
    for doctype in ("Email Queue Recipient", "Email Queue"):
        frappe.db.delete(doctype)
    frappe.db.commit()
    return found


def visited(web: str, address: str) -> requests.Response:
    """The page behind a link of a mail; the site's own name stands in it, the test's server answers."""
    path = "/" + address.split("://", 1)[-1].partition("/")[2]
    headers = {"Host": frappe.local.site, "X-Frappe-Site-Name": frappe.local.site}
    return requests.get(web + path, headers=headers, timeout=30)


def waiting_visit(flow, **values):
    """A visit that the chief's approval is asked for."""
    frappe.set_user(kit.email("clerk"))
    doc = frappe.get_doc({"doctype": VISIT, "subject": "a visit", **values}).insert()
    take(doc, "Host Check")
    return doc


def test_who_may_act_next_is_written_to(mailed):
    doc = waiting_visit(mailed, score=9)
    found = mails()
    assert kit.email("chief") in found, found.keys()
    subject, links, _text = found[kit.email("chief")]
    assert not {kit.email("own"), kit.email("nobody"), "Administrator"} & set(found)
    assert subject == f"Workflow Action on {VISIT}: {doc.name}"
    actions = [re.search("action=([^&]+)", link.split("?")[1])[1] for link in links]
    assert actions == ["Host+Approve", "Host+Refuse"]
    take_back = frappe.get_all(
        "Workflow Action", {"reference_name": doc.name, "status": "Open"}, pluck="workflow_state"
    )
    assert take_back == ["Host Checked"]


def test_conditions_and_self_approval_hold_in_mails_too(mailed):
    waiting_visit(mailed, score=1)
    assert len(mails()[kit.email("chief")][1]) == 1
    frappe.set_user(kit.email("chief"))
    doc = frappe.get_doc({"doctype": VISIT, "subject": "his own", "score": 9}).insert()
    frappe.set_user(kit.email("clerk"))
    take(doc, "Host Check")
    links = mails()[kit.email("chief")][1]
    assert len(links) == 1 and "Host+Refuse" in links[0]


def test_without_the_setting_nobody_is_written_to(mailed):
    frappe.db.set_value("Workflow", "Host Visits", "send_email_alert", 0)
    frappe.clear_cache()
    doc = waiting_visit(mailed, score=9)
    assert mails() == {}
    assert frappe.db.exists("Workflow Action", {"reference_name": doc.name, "status": "Open"})


def test_a_state_that_may_be_left_out_asks_nobody(mailed):
    frappe.db.set_value(
        "Workflow Document State", {"parent": "Host Visits", "state": "Host Checked"}, "is_optional_state", 1
    )
    frappe.clear_cache()
    frappe.set_user(kit.email("clerk"))
    doc = frappe.get_doc({"doctype": VISIT, "subject": "a visit"}).insert()
    assert mails() == {} and not frappe.db.exists("Workflow Action", {"reference_name": doc.name})


def test_the_template_of_a_state(mailed):
    frappe.get_doc(
        doctype="Email Template",
        name="Host Look",
        subject="Look at {{ subject }}",
        response="Score {{ score }}",
    ).insert()
    frappe.db.set_value("Workflow Document State", {"parent": "Host Visits", "state": "Host Checked"}, "next_action_email_template", "Host Look")  # fmt: skip
    frappe.clear_cache()
    waiting_visit(mailed, score=9)
    subject, links, text = mails()[kit.email("chief")]
    assert subject == "Look at a visit" and "Score 9" in text and len(links) == 2


def test_a_link_asks_and_a_second_one_acts(mailed, web):
    doc = waiting_visit(mailed, score=9)
    approve, refuse = mails()[kit.email("chief")][1]
    page = visited(web, approve)
    assert page.status_code == 200 and "Please confirm" in page.text
    assert frappe.db.get_value(VISIT, doc.name, "workflow_state") == "Host Checked"
    confirm = next(
        html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text) if "confirm_action" in link
    )
    assert "Success" in visited(web, confirm).text
    frappe.db.rollback()
    assert frappe.db.get_value(VISIT, doc.name, ["workflow_state", "modified_by"]) == (
        "Host Approved",
        kit.email("chief"),
    )
    assert visited(web, confirm).status_code == 417
    assert "Link Expired" in visited(web, refuse).text


def test_links_that_the_site_did_not_make(mailed, web):
    doc = waiting_visit(mailed, score=9)
    approve = mails()[kit.email("chief")][1][0]
    for address in (approve.replace("Host+Approve", "Host+Refuse"), approve.split("&_signature")[0]):
        assert "Invalid Link" in visited(web, address).text
        assert "Invalid Link" in visited(web, address.replace("apply_action", "confirm_action")).text
    frappe.db.rollback()
    assert frappe.db.get_value(VISIT, doc.name, "workflow_state") == "Host Checked"


def test_the_page_says_when_the_document_has_changed_since(mailed, web):
    doc = waiting_visit(mailed, score=9)
    approve = mails()[kit.email("chief")][1][0]
    frappe.set_user(kit.email("chief"))
    changed = frappe.get_doc(VISIT, doc.name)
    changed.subject = "another subject"
    changed.save()
    frappe.db.commit()
    assert "has been modified after the email" in visited(web, approve).text


def test_many_at_once(mailed):
    docs = [mailed(score=score) for score in (1, 9)]
    names = frappe.as_json([doc.name for doc in docs])
    rows = frappe.as_json([{"doctype": VISIT, "name": doc.name} for doc in docs])
    frappe.set_user(kit.email("clerk"))
    assert workflow.get_common_transition_actions(rows, VISIT) == ["Host Check"]
    workflow.bulk_workflow_approval(names, VISIT, "Host Check")
    frappe.set_user(kit.email("chief"))
    assert workflow.get_common_transition_actions(rows, VISIT) == ["Host Refuse"]
    workflow.bulk_workflow_approval(names, VISIT, "Host Approve")
    states = [frappe.db.get_value(VISIT, doc.name, "workflow_state") for doc in docs]
    assert states == ["Host Checked", "Host Approved"]
