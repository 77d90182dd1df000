"""Every report of the app, run for every role with empty, narrow and hostile filters, through the host's own door."""

import json
from pathlib import Path

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import add_to_date, now_datetime

from medaffairs.privileging import ledger

APP = Path(__file__).parents[2] / "apps" / "medaffairs"
REPORTS = {
    record["name"]: record
    for record in (
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(APP.glob("*/report/*/*.json"))
    )
}
ROLES = [row["role_name"] for row in json.loads((APP / "fixtures" / "role.json").read_text(encoding="utf-8"))]
LINKS = {
    "Clinical Department": "TR1",
    "Privilege Kind": "SURGERY",
    "Dictionary Item": "LEVEL_SCHEME-HOSPITAL",
    "HL7 Endpoint": "测试系统",
    "Adverse Event Category": "AE01",
    "Adverse Event Grade": "I",
}
HOSTILE = (
    "' or 1=1 --",
    '"; drop table `tabPrivilege Grant`; --',
    "%",
    "<script>alert(1)</script>",
    "\x00",
    "医" * 500,
    -1,
    1e308,
    [],
    ["like", "%"],
    {"a": 1},
    True,
)


@pytest.fixture
def hospital(site):
    """Two departments under a group; two people in the first, one of whom is the reader, a stranger in the second."""
    for code, parent, group in (("TR0", None, 1), ("TR1", "TR0", 0), ("TR2", "TR0", 0)):
        values = {"department_code": code, "department_name": code, "department_type": "Clinical"}
        frappe.get_doc(
            {
                "doctype": "Clinical Department",
                **values,
                "is_group": group,
                "parent_clinical_department": parent,
            }
        ).insert()
    for number, code in ((1, "TR1"), (2, "TR1"), (3, "TR2")):
        frappe.get_doc(
            doctype="Practitioner", staff_no=f"TR-{number}", practitioner_name=f"陈{number}", department=code,
            profession="Physician", employment_status="Active",
        ).insert()  # fmt: skip


@pytest.fixture
def records(hospital):
    """A privilege, an application, an act and an operation of each of the three."""
    frappe.get_doc(
        doctype="Procedure", procedure_code="TR.1", procedure_name="权限试验术", status="Active"
    ).insert()
    when, soon = now_datetime(), add_to_date(now_datetime(), days=9)
    for number, code in ((1, "TR1"), (2, "TR1"), (3, "TR2")):
        person = f"TR-{number}"
        ledger.grant(person, "PRESCRIPTION", "RX_GEN", valid_to=soon)
        sheet = frappe.get_doc(
            doctype="Privilege Application", practitioner=person, kind="SURGERY", reason="申请"
        )
        sheet.append("items", {"item_type": "Procedure", "code": "TR.1"})
        sheet.insert(ignore_permissions=True)
        state = {"workflow_state": "Department Review", "submitted_at": when}
        frappe.db.set_value("Privilege Application", sheet.name, state)
        act = {
            "kind": "SURGERY",
            "code": "TR.1",
            "occurred_at": when,
            "decision_reason": "NO_GRANT",
            "status": "Open",
        }
        for doctype, values in (
            ("Unauthorized Act", act | {"practitioner": person}),
            ("Operation Record", {"operation_no": f"TR{number}", "surgeon": person, "scheduled_at": when, "status": "Finished"}),
        ):  # fmt: skip
            frappe.get_doc(doctype=doctype, department=code, **values).insert(ignore_permissions=True)


@pytest.fixture
def reader(hospital, as_user):
    """Become somebody who has one role and is the practitioner TR-1."""

    def become(role: str) -> None:
        frappe.set_user("Administrator")
        email = f"{frappe.scrub(role)}@reports.test"
        if not frappe.db.exists("User", email):
            user = frappe.get_doc(
                doctype="User", email=email, first_name=role, enabled=1, send_welcome_email=0
            )
            user.append("roles", {"role": role})
            user.insert(ignore_permissions=True)
        frappe.db.set_value("Practitioner", {"user": email}, "user", None)
        frappe.db.set_value("Practitioner", "TR-1", "user", email)
        as_user(email)

    return become


def narrow(report: dict) -> list[dict]:
    """Filters as a clerk sets them: none, each option of each choice, every other filter with a sensible value."""
    chosen: list[dict] = [{}]
    values = {"Date": "2026-06-30", "Int": "2026", "Data": "陈", "Check": 1}
    everything = {}
    for row in report["filters"]:
        name = row["fieldname"]
        if row["fieldtype"] == "Select":
            options = [option for option in row["options"].split("\n") if option]
            chosen += [{name: option} for option in options]
            everything[name] = options[-1]
        else:
            value = LINKS[row["options"]] if row["fieldtype"] == "Link" else values[row["fieldtype"]]
            value = "30" if name == "days" else value
            chosen.append({name: value})
            everything[name] = value
    return [*chosen, everything]


def permitted(report: dict, role: str) -> bool:
    named = role in [row["role"] for row in report["roles"]]
    entries = frappe.get_meta(report["ref_doctype"]).permissions
    return named and any(row.role == role and row.report and not row.permlevel for row in entries)


def assert_well_formed(answer: dict) -> None:
    columns, rows, chart = answer["columns"], answer["result"], answer["chart"]
    names = [column["fieldname"] for column in columns]
    assert len(names) == len(set(names))
    assert all(column["label"] for column in columns)
    assert all(set(names) <= row.keys() for row in rows)
    assert rows or answer["message"], "an empty report must say what to do"
    assert answer["report_summary"]
    assert all(card["label"] and card["value"] is not None for card in answer["report_summary"])
    if chart:
        assert chart["title"]
        labels = chart["data"]["labels"]
        assert labels
        assert all(len(dataset["values"]) == len(labels) for dataset in chart["data"]["datasets"])
    json.dumps(answer, default=str)


def run(name: str, filters: dict) -> dict:
    return query_report.run(name, filters=json.dumps(filters))


@pytest.mark.parametrize("name", REPORTS)
def test_every_role_gets_all_parts_or_a_refusal(name, reader):
    report = REPORTS[name]
    readers = 0
    for role in ROLES:
        reader(role)
        if permitted(report, role):
            readers += 1
            for filters in narrow(report):
                assert_well_formed(run(name, filters))
        else:
            with pytest.raises(frappe.PermissionError):
                run(name, {})
    assert readers, "nobody may run this report"


def assert_readable(answer: dict) -> None:
    """Every record that a row names may be opened; every list behind a row may be asked for."""
    links = [column for column in answer["columns"] if column["fieldtype"] == "Link"]
    for row in answer["result"]:
        for column in links:
            named = row[column["fieldname"]]
            if named:
                assert frappe.has_permission(column["options"], "read", named), (column["options"], named)
        if row.get("drill"):
            frappe.get_list(row["drill"]["doctype"], filters=row["drill"]["filters"], limit_page_length=1)


@pytest.mark.parametrize("name", REPORTS)
def test_no_row_names_what_the_reader_may_not_open(name, records, reader):
    report = REPORTS[name]
    for role in [row["role"] for row in report["roles"]]:
        reader(role)
        for filters in narrow(report):
            assert_readable(run(name, filters))


PERSONAL = {
    "Practitioner Query": "name",
    "Privilege Query": "practitioner",
    "Privilege File Summary": "practitioner",
    "Grants About To Expire": "practitioner",
}


@pytest.mark.parametrize("name", PERSONAL)
def test_a_head_sees_his_department_and_the_office_everybody(name, records, reader):
    people = {"TR-1", "TR-2", "TR-3"}
    for role, expected in (("Department Head", {"TR-1", "TR-2"}), ("Medical Affairs Officer", people)):
        reader(role)
        assert {
            row[PERSONAL[name]] for row in run(name, {"name_or_pinyin": "陈"})["result"]
        } & people == expected


@pytest.mark.parametrize("name", REPORTS)
def test_every_named_role_may_run_it(name, site):
    report = REPORTS[name]
    idle = [row["role"] for row in report["roles"] if not permitted(report, row["role"])]
    assert not idle, f"the report names roles that may not run it: {idle}"


@pytest.mark.parametrize("name", REPORTS)
def test_hostile_filters_find_nothing_or_are_refused_in_words(name, reader):
    report = REPORTS[name]
    reader("Medical Affairs Manager")
    for row in report["filters"]:
        for value in HOSTILE:
            try:
                answer = run(name, {row["fieldname"]: value})
            except frappe.ValidationError as error:
                assert str(error), "a refusal must say why"
            else:
                assert_well_formed(answer)
    assert run(name, {"no_such_filter": "x", "name": ["like", "%"]})["columns"] == run(name, {})["columns"]


@pytest.mark.parametrize("name", REPORTS)
def test_filters_can_be_shown(name, site):
    fields = [row["fieldname"] for row in REPORTS[name]["filters"]]
    assert len(fields) == len(set(fields))
    shown = query_report.get_script(name)["filters"]
    assert [row.get("fieldname") for row in shown] == fields
    for row in REPORTS[name]["filters"]:
        if row["fieldtype"] == "Link":
            assert frappe.db.exists("DocType", row["options"])


@pytest.mark.parametrize("name", REPORTS)
def test_it_can_be_exported(name, make_user, request_as):
    _email, token = make_user("report-export", "Medical Affairs Manager")
    path = "/api/method/frappe.desk.query_report.export_query"
    answer = request_as(
        token, "POST", path, report_name=name, file_format_type="CSV", filters="{}", visible_idx="[]"
    )
    assert answer.status == 200
    assert answer.body.strip()
