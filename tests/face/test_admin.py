"""Administration without code: fields, their order, rights; who sees what; every change can be taken back."""

import json

import frappe
import pytest

from medaffairs.face import admin

KIND = "Working Day Override"


@pytest.fixture
def kind(site):
    """A kind of record as delivered, and again so at the end: changing a table commits by itself."""
    frappe.db.delete(KIND, {"date": ("between", ("2049-01-01", "2049-01-31"))})
    yield KIND
    frappe.db.delete(KIND, {"date": ("between", ("2049-01-01", "2049-01-31"))})
    frappe.set_user("Administrator")
    for doctype, column in (
        ("Custom Field", "dt"),
        ("Property Setter", "doc_type"),
        ("Custom DocPerm", "parent"),
    ):
        frappe.db.delete(doctype, {column: KIND})
    frappe.db.delete("Version", {"ref_doctype": "DocType", "docname": KIND})
    frappe.db.commit()
    frappe.clear_cache(doctype=KIND)


def field(name: str) -> dict:
    return next(row for row in admin.fields(KIND) if row["fieldname"] == name)


def newest() -> str:
    return admin.history(KIND)[0]["name"]


def test_a_delivered_field_is_changed_and_the_change_taken_back(kind):
    before = field("reason")
    admin.change_field(KIND, "reason", {"label": "调休原因", "reqd": 0, "default": "节假日"})
    assert (field("reason")["label"], field("reason")["reqd"]) == ("调休原因", 0)
    assert frappe.get_meta(KIND).get_field("reason").label == "调休原因"
    admin.take_back(newest())
    assert field("reason") == before
    assert admin.history(KIND)[1]["undone"]


def test_a_field_is_added_used_removed_and_brought_back_with_its_values(kind):
    name = admin.add_field(KIND, {"label": "依据文件", "fieldtype": "Data", "insert_after": "reason"})
    doc = frappe.get_doc({"doctype": KIND, "date": "2049-01-03", "reason": "x", name: "国办发"}).insert()
    admin.remove_field(KIND, name)
    assert name not in {row["fieldname"] for row in admin.fields(KIND)}
    admin.take_back(newest())
    assert frappe.get_doc(KIND, doc.name).get(name) == "国办发"
    frappe.delete_doc(KIND, doc.name)


def test_the_order_of_fields_is_changed_and_taken_back(kind):
    before = [row["fieldname"] for row in admin.fields(KIND)]
    after = admin.move_field(KIND, "reason", -2)
    assert [row["fieldname"] for row in admin.fields(KIND)] == after != before
    admin.take_back(newest())
    assert [row["fieldname"] for row in admin.fields(KIND)] == before


def test_what_was_changed_again_is_not_taken_back_over_it(kind):
    admin.change_field(KIND, "reason", {"label": "甲"})
    first = newest()
    admin.change_field(KIND, "reason", {"label": "乙"})
    with pytest.raises(frappe.ValidationError):
        admin.take_back(first)
    assert field("reason")["label"] == "乙"


@pytest.mark.parametrize(
    "values",
    [{"fieldtype": "Int"}, {"label": " "}, {"hidden": 1}, {"permlevel": 1}],
)  # fmt: skip
def test_what_could_not_be_used_is_refused(kind, values):
    with pytest.raises(frappe.ValidationError):
        admin.change_field(KIND, "reason", values)
    assert admin.history(KIND) == []


def test_a_right_is_given_counts_and_is_taken_back(kind, make_user, as_user):
    email, _token = make_user("admin-auditor", "Auditor")
    admin.set_right(KIND, "Auditor", 0, "write", 1)
    assert frappe.has_permission(KIND, "write", user=email)
    assert admin.explain(email, KIND)["rights"]["write"] == [
        {"role": "Auditor", "permlevel": 0, "if_owner": 0}
    ]
    admin.take_back(newest())
    assert not frappe.has_permission(KIND, "write", user=email)


def test_a_rule_is_removed_and_comes_back_as_it_was(kind):
    rule = next(row for row in admin.rules(KIND) if row["role"] == "Medical Affairs Officer")
    assert rule not in admin.remove_rule(KIND, "Medical Affairs Officer")
    admin.take_back(newest())
    assert rule in admin.rules(KIND)


def test_who_sees_what_and_why(kind, make_user):
    doctor, _token = make_user("admin-doctor", "Practitioner")
    nobody, _token = make_user("admin-nobody")
    doc = frappe.get_doc({"doctype": KIND, "date": "2049-01-04", "reason": "x"}).insert()
    seen = admin.explain(doctor, KIND, doc.name)
    assert (seen["record"], seen["roles"]) == ({"seen": True, "because": "role"}, ["Practitioner"])
    assert seen["rows"]["seen"] == seen["rows"]["all"] >= 1
    assert seen["rights"]["write"] == []
    assert admin.explain(nobody, KIND, doc.name)["record"] == {"seen": False, "because": "no role"}
    practitioner = frappe.get_all("Practitioner", limit=1, pluck="name")
    if practitioner:
        assert admin.explain(doctor, "Demerit Record")["rows"]["seen"] == 0


def test_only_administrators_come_in(request_as, make_user):
    _email, token = make_user("admin-officer", "Medical Affairs Officer")
    path = "/api/method/medaffairs.face.admin."
    assert request_as(token, "GET", f"{path}fields", doctype=KIND).status == 403
    values = json.dumps({"label": "x"})
    answer = request_as(token, "POST", f"{path}change_field", doctype=KIND, fieldname="reason", values=values)
    assert answer.status == 403
    assert request_as(token, "GET", f"{path}explain", user="Administrator", doctype=KIND).status == 403


def test_a_kind_of_record_is_made_used_and_removed_while_it_is_empty(kind):
    name = admin.add_kind("Expert Visit Trial", "专家来访试验", "来访主题")
    try:
        doc = frappe.get_doc({"doctype": name, "title": "首次来访"}).insert()
        assert frappe.get_list(name, pluck="title") == ["首次来访"]
        version = admin.history(name)[0]["name"]
        with pytest.raises(frappe.ValidationError):
            admin.take_back(version)
        frappe.delete_doc(name, doc.name)
        admin.take_back(version)
        assert not frappe.db.exists("DocType", name)
    finally:
        frappe.db.delete("Translation", {"source_text": name})
        frappe.db.delete("Version", {"docname": name})
        frappe.db.commit()


@pytest.mark.parametrize("name", ["专家", "expert", "Expert_Visit", "", "Practitioner"])
def test_a_name_that_is_none_or_taken_is_refused(kind, name):
    with pytest.raises(frappe.ValidationError):
        admin.add_kind(name, "名称", "标题")
