"""What a site changes without code: fields, properties, DocTypes of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import frappe
import pytest
from host.kit import field, make_doctype
from host.orders import CUSTOMER


@pytest.fixture
def own_doctype(life) -> Iterator[str]:
    """A DocType that goes again: tables are not rolled back."""
    name = f"Host Own {uuid.uuid4().hex[:6]}"
    make_doctype(
        name, autoname="field:code", fields=[field("code", reqd=1, unique=1), field("amount", "Int")]
    )
    yield name
    frappe.db.rollback()
    frappe.delete_doc("DocType", name, force=True, ignore_permissions=True)
    frappe.db.commit()


def test_a_doctype_made_in_the_browser(own_doctype):
    doc = frappe.get_doc(doctype=own_doctype, code="a", amount="3").insert()
    assert doc.name == "a" and frappe.get_meta(own_doctype).get_field("amount").fieldtype == "Int"
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(doctype=own_doctype, code="a").insert()


def test_its_fields_can_be_added_and_its_rows_stay(own_doctype):
    frappe.get_doc(doctype=own_doctype, code="a", amount=3).insert()
    definition = frappe.get_doc("DocType", own_doctype)
    definition.append("fields", field("colour"))
    definition.save()
    assert frappe.get_doc(own_doctype, "a").amount == 3
    frappe.get_doc(doctype=own_doctype, code="b", colour="red").insert()
    assert frappe.get_all(own_doctype, {"colour": "red"}, pluck="name") == ["b"]


@pytest.mark.parametrize(
    "wrong",
    [field("code"), field("link", "Link"), field("x" * 70), field("name"), field("select", "Select", options="a\nb", default="c")],
)  # fmt: skip
def test_definitions_that_cannot_be_are_refused(own_doctype, wrong):
    definition = frappe.get_doc("DocType", own_doctype)
    definition.append("fields", wrong)
    with pytest.raises(frappe.ValidationError):
        definition.save()


def test_a_custom_field_is_a_field(own_doctype):
    frappe.get_doc(
        doctype="Custom Field",
        dt=own_doctype,
        fieldname="extra",
        label="Extra",
        fieldtype="Data",
        insert_after="code",
    ).insert()
    names = [entry.fieldname for entry in frappe.get_meta(own_doctype).fields]
    assert names.index("extra") == names.index("code") + 1
    frappe.get_doc(doctype=own_doctype, code="a", extra="more").insert()
    assert frappe.db.get_value(own_doctype, "a", "extra") == "more"
    assert frappe.get_all(own_doctype, {"extra": "more"}, pluck="name") == ["a"]
    frappe.delete_doc("Custom Field", f"{own_doctype}-extra")
    assert frappe.get_meta(own_doctype).get_field("extra") is None


def test_a_property_setter_changes_a_field(own_doctype):
    values = {
        "doctype_or_field": "DocField",
        "doc_type": own_doctype,
        "field_name": "amount",
        "property": "reqd",
        "value": "1",
        "property_type": "Check",
    }
    frappe.get_doc(doctype="Property Setter", **values).insert()
    frappe.clear_cache(doctype=own_doctype)
    assert int(frappe.get_meta(own_doctype).get_field("amount").reqd) == 1
    label = {**values, "property": "label", "value": "How Many", "property_type": "Data"}
    frappe.get_doc(doctype="Property Setter", **label).insert()
    frappe.clear_cache(doctype=own_doctype)
    assert frappe.get_meta(own_doctype).get_label("amount") == "How Many"


def test_metadata_answers_questions(life):
    meta = frappe.get_meta(CUSTOMER)
    assert meta.get_title_field() == "full_name" and meta.has_field("city") and not meta.has_field("nothing")
    assert [entry.fieldname for entry in meta.get_link_fields()] == ["parent_customer"]
    assert meta.get("fields", {"fieldtype": "Check"})[0].fieldname == "disabled"
    assert meta.get_field("city").default == "Linjiang" and meta.get_label("full_name") == "Full Name"


def test_documents_are_cached_until_they_change(customer):
    customer("C1", city="Linjiang")
    assert frappe.get_cached_value(CUSTOMER, "C1", "city") == "Linjiang"
    frappe.db.set_value(CUSTOMER, "C1", "city", "Donghai")
    assert frappe.get_cached_value(CUSTOMER, "C1", "city") == "Donghai"
    doc = frappe.get_doc(CUSTOMER, "C1")
    doc.city = "Xinan"
    doc.save()
    assert frappe.get_cached_doc(CUSTOMER, "C1").city == "Xinan"
    doc.delete()
    assert frappe.get_cached_value(CUSTOMER, "C1", "city") is None
