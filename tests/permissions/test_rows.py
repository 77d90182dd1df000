"""Every door shows a user the same rows: what he may list is what he may open, count, export and find."""

import json

import frappe
import pytest

from medaffairs.permissions import RULES, has_permission, query_conditions

ROLES = (
    "Medical Affairs Manager",
    "Medical Affairs Officer",
    "Department Head",
    "Party Branch Secretary",
    "Team Leader",
    "Practitioner",
    "Nurse",
    "Functional Department",
    "Committee Member",
    "Inspector",
    "Radiation Safety Officer",
    "Exam Administrator",
    "Complaint Officer",
    "Hospital Leader",
    "Auditor",
    "Integration",
    "System Manager",
)
PEOPLE = {"TPOWN": "TD1", "TPMATE": "TD1", "TPELSE": "TD2"}


@pytest.fixture(scope="module")
def hospital(connected_site, make_user):
    """Two departments, three practitioners (himself, a colleague, a stranger), an exam result of each; committed."""
    frappe.set_user("Administrator")
    clean()
    for code in ("TD1", "TD2"):
        values = {"department_code": code, "department_name": code, "department_type": "Clinical"}
        frappe.get_doc({"doctype": "Clinical Department", **values}).insert()
    for name, department in PEOPLE.items():
        values = {"staff_no": name, "practitioner_name": name, "department": department}
        frappe.get_doc({"doctype": "Practitioner", **values, "employment_status": "Active"}).insert()
        exam = {
            "exam": "EXAM-TCM",
            "score": 90,
            "pass_score": 60,
            "exam_date": "2026-01-01",
            "remark": "rows",
        }
        frappe.get_doc({"doctype": "Exam Result", "practitioner": name, **exam}).insert()
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    clean()
    frappe.db.commit()


def clean():
    for name in frappe.get_all("Exam Result", {"practitioner": ("in", list(PEOPLE))}, pluck="name"):
        frappe.delete_doc("Exam Result", name, force=True)
    for name in PEOPLE:
        frappe.delete_doc_if_exists("Practitioner", name, force=True)
    for code in ("TD1", "TD2"):
        frappe.delete_doc_if_exists("Clinical Department", code, force=True)


@pytest.fixture
def reader(hospital, site, make_user, request):
    """A user who has one role and is the practitioner TPOWN."""
    role = request.param
    email, token = make_user("rows-" + frappe.scrub(role).replace("_", "-"), role)
    frappe.db.set_value("Practitioner", {"user": email}, "user", None)
    frappe.db.set_value("Practitioner", "TPOWN", "user", email)
    frappe.db.commit()
    yield role, email, token
    frappe.set_user("Administrator")
    frappe.db.set_value("Practitioner", "TPOWN", "user", None)
    frappe.db.commit()


def ours(doctype):
    field = "name" if doctype == "Practitioner" else "practitioner"
    return {"Practitioner": [["name", "in", list(PEOPLE)]]}.get(
        doctype, [[doctype, field, "in", list(PEOPLE)]]
    )


EXPECTED = {"all": set(PEOPLE), "own department": {"TPOWN", "TPMATE"}, "own": {"TPOWN"}, None: set()}


@pytest.mark.parametrize("reader", ROLES, indirect=True)
@pytest.mark.parametrize("doctype", ["Practitioner", "Exam Result"])
def test_all_doors_agree_over_http(reader, doctype, request_as, site):
    role, _email, token = reader
    person = "name" if doctype == "Practitioner" else "practitioner"
    everything = frappe.get_all(doctype, filters=ours(doctype), fields=["name", person + " as person"])
    expected = EXPECTED[RULES[doctype].scopes.get(role)]
    expected_names = {row.name for row in everything if row.person in expected}
    conditions = json.dumps(ours(doctype))

    assert listed(request_as, token, doctype, conditions) == expected_names
    opened, printed = opened_and_printed(request_as, token, doctype, everything)
    assert opened == expected_names and printed <= expected_names
    assert in_grid(request_as, token, doctype, conditions) == (expected_names, len(expected_names))
    exported = exported_body(request_as, token, doctype, conditions)
    leaked = {row.name for row in everything if row.name.encode() in exported.body}
    assert leaked == expected_names if exported.status == 200 else leaked <= expected_names
    assert found_by_search(request_as, token, doctype, conditions) <= expected_names


def grid_of(doctype: str, conditions: str) -> dict[str, object]:
    """What the report view asks with."""
    return {"doctype": doctype, "filters": conditions, "fields": f'["`tab{doctype}`.`name`"]'}


def listed(request_as, token: str, doctype: str, conditions: str) -> set[str]:
    """The names that the list answers with."""
    path = f"/api/resource/{doctype}"
    answer = request_as(token, "GET", path, filters=conditions, fields='["name"]', limit_page_length=0)
    assert answer.status in (200, 403)
    return {row["name"] for row in answer.json["data"]} if answer.status == 200 else set()


def opened_and_printed(request_as, token: str, doctype: str, rows: list) -> tuple[set[str], set[str]]:
    """The names of those of some records that can be opened, and that can be printed."""
    opened, printed = set(), set()
    for row in rows:
        answer = request_as(token, "GET", f"/api/resource/{doctype}/{row.name}")
        assert answer.status in (200, 403)
        opened |= {row.name} if answer.status == 200 else set()
        page = request_as(token, "GET", "/printview", doctype=doctype, name=row.name)
        printed |= {row.name} if page.status == 200 and row.name.encode() in page.body else set()
    return opened, printed


def in_grid(request_as, token: str, doctype: str, conditions: str) -> tuple[set[str], int]:
    """The names in the report view, and how many it counts."""
    method, asked = "/api/method/frappe.desk.reportview.", grid_of(doctype, conditions)
    grid = request_as(token, "GET", method + "get", **asked, page_length=100)
    values = (grid.json.get("message") or {}).get("values", []) if grid.status == 200 else []
    counted = request_as(token, "GET", method + "get_count", **asked | {"fields": "[]"}, distinct="false")
    return {row[0] for row in values}, counted.json["message"] if counted.status == 200 else 0


def exported_body(request_as, token: str, doctype: str, conditions: str):
    """The answer with the exported file."""
    path = "/api/method/frappe.desk.reportview.export_query"
    return request_as(
        token, "POST", path, **grid_of(doctype, conditions), file_format_type="CSV", title=doctype
    )


def found_by_search(request_as, token: str, doctype: str, conditions: str) -> set[str]:
    """The names that the search of a link field offers."""
    text = "TP" if doctype == "Practitioner" else "EXR"
    path = "/api/method/frappe.desk.search.search_link"
    found = request_as(token, "GET", path, doctype=doctype, txt=text, filters=conditions, page_length=50)
    rows = found.json.get("results") or found.json.get("message") or [] if found.status == 200 else []
    return {row["value"] for row in rows}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("doctype", sorted(RULES))
def test_list_and_form_agree_for_every_restricted_doctype(site, hospital, make_user, as_user, role, doctype):
    """Rows of himself, a colleague and a stranger, written past the controllers: both hooks must agree."""
    if not frappe.db.exists("DocType", doctype):
        pytest.fail(f"{doctype} is in the table of row rules but not on the site")
    rule = RULES[doctype]
    email, _token = make_user("rows-" + frappe.scrub(role).replace("_", "-"), role)
    frappe.db.set_value("Practitioner", "TPOWN", "user", email)
    if doctype == "Practitioner":
        rows = {name: name for name in PEOPLE}
    else:
        rows = {write_row(doctype, rule, person, email): person for person in PEOPLE}
    as_user(email)
    condition = query_conditions(email, doctype)
    names = ", ".join(["%s"] * len(rows))
    where = f" and {condition}" if condition else ""
    table = f"`tab{doctype}`"
    listed = frappe.db.sql(f"select name from {table} where name in ({names}){where}", tuple(rows))
    opened = {name for name in rows if has_permission(frappe.get_doc(doctype, name), "read", email)}
    assert {type(next(iter(rows)))(row[0]) for row in listed} == opened
    if role not in rule.scopes:
        assert opened == set()
    elif rule.scopes[role] == "all" and permitted(doctype, role):
        assert opened == set(rows)


def permitted(doctype, role):
    return any(
        row.role == role and row.read and not row.permlevel for row in frappe.get_meta(doctype).permissions
    )


def write_row(doctype, rule, person, email):
    meta = frappe.get_meta(doctype)
    name = f"row-{person}"
    if meta.autoname == "autoincrement":
        name = 900_000_000 + list(PEOPLE).index(person)
    values = {"name": name, "owner": "Administrator"}
    if rule.practitioner:
        values[rule.practitioner] = person
    for fieldname in filter(None, rule.department.split(",")):
        values[fieldname] = PEOPLE[person]
    for fieldname in filter(None, rule.user.split(",")):
        values[fieldname] = email if person == "TPOWN" else "Administrator"
    for field in meta.fields:
        if field.unique and field.fieldname not in values:
            number = list(PEOPLE).index(person)
            values[field.fieldname] = (
                f"2099-01-0{number + 1}" if field.fieldtype == "Date" else 900_000_000 + number
            )
    values = {key: value for key, value in values.items() if key in ("name", "owner") or meta.has_field(key)}
    frappe.db.bulk_insert(doctype, list(values), [list(values.values())])
    return name


def test_a_name_that_would_end_the_condition_is_only_text(site, as_user, make_user, hospital):
    email, _token = make_user("rows-quote", "Practitioner")
    evil = "x') or 1=1 or ('"
    values = {"department_code": evil, "department_name": evil, "department_type": "Clinical"}
    frappe.get_doc({"doctype": "Clinical Department", **values}).insert()
    frappe.db.set_value("Practitioner", "TPOWN", {"user": email, "department": evil})
    email_head, _token = make_user("rows-department-head", "Department Head")
    frappe.db.set_value("Practitioner", "TPOWN", "user", email_head)
    as_user(email_head)
    visible = frappe.get_list("Practitioner", filters=ours("Practitioner"), pluck="name")
    assert visible == ["TPOWN"]


def test_the_table_names_only_roles_of_the_app(site):
    known = set(frappe.get_all("Role", pluck="name"))
    assert {role for rule in RULES.values() for role in rule.scopes} <= known


def test_system_manager_configures_without_reading_records(site):
    for doctype in ("Operation Record", "Hospital Stay", "Patient Index", "HL7 Message", "Data Access Log"):
        assert "System Manager" not in RULES[doctype].scopes
        if frappe.db.exists("DocType", doctype):
            assert not permitted(doctype, "System Manager")


@pytest.mark.parametrize("reader", ["Practitioner", "Medical Affairs Manager"], indirect=True)
def test_who_reads_a_row_gets_all_his_rights_when_a_form_asks_for_them(reader):
    _role, email, _token = reader
    own, foreign = (frappe.get_doc("Practitioner", name) for name in ("TPOWN", "TPELSE"))
    assert has_permission(own, None, email)
    assert has_permission(foreign, None, email) == has_permission(foreign, "read", email)
