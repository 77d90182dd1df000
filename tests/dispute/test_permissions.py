"""Who sees a case: its reporter, its handlers, those it is circulated to and the leaders; by every door the same."""

from __future__ import annotations

import json

import frappe
import pytest
from dispute.conftest import (
    AUDITOR,
    COLLEAGUE,
    DESK,
    HEAD,
    LEADER,
    MANAGER,
    OFFICE,
    REPORTER,
    ROLES,
    STRANGER,
)
from frappe.desk import query_report, reportview, search
from frappe.desk.form.load import getdoc
from frappe.utils import now_datetime
from support.printing import printed

from medaffairs.dispute import api, rules
from medaffairs.doors import get_count
from medaffairs.face import api as face
from medaffairs.face.listing import api as listing
from medaffairs.face.record import api as record
from medaffairs.organization import api as clock_api

EVERYBODY = tuple(ROLES)
OFFICE_OF_CASES = {DESK, MANAGER, LEADER}


def rows(doctype: str, **filters) -> list[str]:
    try:
        return frappe.get_list(doctype, filters=filters, pluck="name", limit_page_length=0)
    except frappe.PermissionError:
        return []


def may(doctype: str) -> bool:
    return bool(frappe.has_permission(doctype, "read"))


def refused(call, *arguments) -> bool:
    try:
        call(*arguments)
    except frappe.PermissionError:
        return True
    return False


def doors(doc) -> dict[str, bool]:
    """Through which doors the present user sees a case."""
    doctype, name = doc.doctype, doc.name
    filters = json.dumps([[doctype, "name", "=", name]])

    def view() -> bool:
        frappe.local.form_dict = frappe._dict(
            doctype=doctype, filters=filters, fields=json.dumps([f"`tab{doctype}`.`name`"])
        )
        try:
            return bool((reportview.get() or {}).get("values"))
        except frappe.PermissionError:
            return False

    def count() -> bool:
        try:
            return bool(get_count(doctype, filters))
        except frappe.PermissionError:
            return False

    def find() -> bool:
        try:
            found = search.search_link(doctype, doc.subject, page_length=50)
        except frappe.PermissionError:
            return False
        return name in {row["value"] for row in found or frappe.response.get("results") or []}

    return {
        "list": name in rows(doctype, name=name),
        "form": not refused(getdoc, doctype, name),
        "document": frappe.get_doc(doctype, name).has_permission("read"),
        "view": view(),
        "count": count(),
        "link": find(),
        "case": not refused(api.case, doctype, name),
        "steps": not refused(api.possible_steps, doctype, name),
        "clocks": not refused(clock_api.clocks, doctype, name),
        "page": bool(listing.page(doctype, where=[["name", "=", name]])["values"]) if may(doctype) else False,
        "count of the page": bool(listing.count(doctype, where=[["name", "=", name]]))
        if may(doctype)
        else False,
        "standing": not refused(record.standing, doctype, name),
        "glance": not refused(record.glance, doctype, name),
        "title": bool(face.link_titles(doctype, [name])) if may(doctype) else False,
        "deadlines": bool(rows("Deadline", reference_name=name)),
        "opinions": bool(rows("Approval Opinion", reference_name=name)),
        "records": bool(rows("Dispute Record", reference_name=name)),
    }


def shows(user: str, doc, as_user) -> set[bool]:
    as_user(user)
    try:
        found = doors(doc)
        return set(found.values())
    finally:
        as_user("Administrator")


@pytest.fixture
def case(handled, as_user):
    """A complaint with a record and a clock that runs."""
    doc = handled(subject="权限测试投诉")
    as_user(DESK)
    frappe.get_doc(
        doctype=rules.RECORD, reference_doctype=doc.doctype, reference_name=doc.name, kind="Materials", happened_at=now_datetime(),
        content="收到投诉信",
    ).insert()  # fmt: skip
    as_user("Administrator")
    return doc


def test_a_complaint_is_seen_by_handlers_and_leaders_alone_at_every_door(case, as_user):
    for user in EVERYBODY:
        assert shows(user, case, as_user) == {user in OFFICE_OF_CASES}, user


def test_files_versions_and_comments_of_a_case_are_nobody_elses(case, as_user):
    as_user(DESK)
    file = frappe.get_doc(
        doctype="File", file_name="投诉信.txt", content="信", is_private=1, attached_to_doctype=case.doctype, attached_to_name=case.name
    ).insert()  # fmt: skip
    case.reload()
    case.demand = "赔礼道歉"
    case.save()
    case.add_comment("Comment", "请尽快核实")
    for user in EVERYBODY:
        as_user(user)
        assert frappe.get_doc("File", file.name).is_downloadable() == (user in OFFICE_OF_CASES), user
        if user in OFFICE_OF_CASES:
            continue
        assert file.name not in rows("File", attached_to_name=case.name)
        assert rows("Version", docname=case.name) == rows("Comment", reference_name=case.name) == []
        assert refused(printed, case.doctype, case.name, "Complaint Acceptance")


def test_whoever_it_is_circulated_to_sees_it_until_it_is_taken_back(case, as_user):
    as_user(DESK)
    (given,) = api.circulate(case.doctype, case.name, ["T-CASE6"], "请阅")
    assert shows(OFFICE, case, as_user) == {True} and shows(COLLEAGUE, case, as_user) == {False}
    as_user(OFFICE)
    assert not case.has_permission("write")
    for call in (
        lambda: api.take(case.doctype, case.name, "Answer", "我来答"),
        lambda: api.circulate(case.doctype, case.name, ["T-CASE2"], "请阅"),
        lambda: frappe.get_doc(
            doctype=rules.RECORD, reference_doctype=case.doctype, reference_name=case.name, kind="Materials",
            happened_at=now_datetime(), content="x",
        ).insert(),
        lambda: api.viewers(case.doctype, case.name),
    ):  # fmt: skip
        with pytest.raises(frappe.PermissionError):
            call()
    as_user(DESK)
    api.take_back(given)
    assert shows(OFFICE, case, as_user) == {False}


def test_whoever_it_was_handed_to_sees_and_handles_it(case, take, as_user):
    take(DESK, case, "Hand Over", "请办理", to="T-CASE6")
    assert shows(OFFICE, case, as_user) == {True}
    as_user(OFFICE)
    assert case.has_permission("write") and "Answer" in api.possible_steps(case.doctype, case.name)


def test_a_department_sees_its_own_warnings(warning, take, as_user):
    doc = warning(subject="权限测试预警")
    take(REPORTER, doc, "Submit")
    seen = {user for user in EVERYBODY if _reads(user, doc, as_user)}
    assert seen == OFFICE_OF_CASES | {REPORTER, HEAD}


def _reads(user: str, doc, as_user) -> bool:
    as_user(user)
    found = {
        doc.name in rows(doc.doctype, name=doc.name),
        frappe.get_doc(doc.doctype, doc.name).has_permission("read"),
    }
    as_user("Administrator")
    assert len(found) == 1
    return found.pop()


def test_steps_of_a_wrong_role_are_refused_and_change_nothing(case, warning, take, as_user):
    doc = warning(subject="他人预警")
    take(REPORTER, doc, "Submit")
    for user in (HEAD, COLLEAGUE, STRANGER, OFFICE, AUDITOR, LEADER):
        as_user(user)
        with pytest.raises(frappe.PermissionError):
            api.take(doc.doctype, doc.name, "Take Up")
    as_user("Administrator")
    doc.reload()
    assert doc.workflow_state == "Submitted"


def test_circulations_are_seen_by_reader_and_handlers_and_written_by_nobody(case, as_user):
    as_user(DESK)
    (given,) = api.circulate(case.doctype, case.name, ["T-CASE2"], "请阅")
    for user in EVERYBODY:
        as_user(user)
        assert (given in rows("Dispute Circulation", name=given)) == (
            user in OFFICE_OF_CASES | {COLLEAGUE}
        ), user
    as_user(COLLEAGUE)
    row = frappe.get_doc("Dispute Circulation", given)
    row.update({"status": "Replied", "reply": "伪造"})
    with pytest.raises(frappe.PermissionError):
        row.save()


def test_reports_count_only_what_their_reader_may_see(case, as_user):
    for user in (DESK, LEADER, OFFICE, HEAD):
        as_user(user)
        names = set()
        for report in ("Complaint Query", "Complaint Statistics"):
            try:
                answer = query_report.run(
                    report, filters={"from_date": "2020-01-01"}, ignore_prepared_report=True
                )
            except frappe.PermissionError:
                continue
            names |= {row.get("name") for row in answer["result"] if isinstance(row, dict)}
        assert (case.name in names) == (user in OFFICE_OF_CASES), user


def test_who_has_looked_at_a_case_is_told_to_its_owner_and_handlers(case, as_user):
    frappe.get_doc(
        doctype="Data Access Log", occurred_at=now_datetime(), user=LEADER, door="Web", action="Read", outcome="Success",
        target_type=case.doctype, target_name=case.name, row_count=1, duration_ms=1, ip="10.0.0.1", prev_hash="0" * 64, row_hash="1" * 64,
        name=10**9,
    ).db_insert()  # fmt: skip
    as_user(DESK)
    (row,) = api.viewers(case.doctype, case.name)
    assert (row["user"], row["action"], row["times"]) == (LEADER, "Read", 1)
    for user in (COLLEAGUE, HEAD, OFFICE):
        as_user(user)
        with pytest.raises(frappe.PermissionError):
            api.viewers(case.doctype, case.name)
