"""Filters that a link field brings along: pages are told of them; who searches with them finds what fits."""

from __future__ import annotations

import frappe
import pytest
from frappe.desk.form.load import getdoctype
from frappe.desk.search import search_link
from host import kit

GOOD, ORDER = "Host Good", "Host Good Order"
FILTERS = f'[["{GOOD}","kind","=","Fruit"]]'


@pytest.fixture(scope="module")
def goods_made(make_doctype) -> None:
    make_doctype(
        GOOD,
        [kit.field("title", reqd=1), kit.field("kind", "Select", options="Fruit\nTool")],
        autoname="field:title",
    )
    make_doctype(ORDER, [kit.field("good", "Link", options=GOOD, link_filters=FILTERS)])


@pytest.fixture
def goods(site, goods_made) -> None:
    for title, kind in (("Apple", "Fruit"), ("Pear", "Fruit"), ("Hammer", "Tool")):
        frappe.get_doc(doctype=GOOD, title=title, kind=kind).insert()


def test_pages_are_told_of_them(goods):
    frappe.local.response = frappe._dict(docs=[])
    getdoctype(ORDER)
    told = next(doc for doc in frappe.response.docs if doc.get("name") == ORDER)
    assert [
        entry.get("link_filters") for entry in told.get("fields") if entry.get("fieldname") == "good"
    ] == [FILTERS]


def test_a_search_with_them_finds_what_fits(goods):
    found = {row["value"] for row in search_link(GOOD, "", filters=FILTERS, reference_doctype=ORDER)}
    assert found == {"Apple", "Pear"}


def test_they_help_the_hand_and_bind_no_record(goods):
    assert len(search_link(GOOD, "", reference_doctype=ORDER)) == 3
    assert frappe.get_doc(doctype=ORDER, good="Hammer").insert().good == "Hammer"


def test_a_field_of_the_site_has_them_too(goods):
    frappe.get_doc(
        doctype="Custom Field",
        dt=ORDER,
        fieldname="other",
        label="Other",
        fieldtype="Link",
        options=GOOD,
        link_filters=FILTERS,
    ).insert()
    assert frappe.get_meta(ORDER).get_field("other").link_filters == FILTERS
    frappe.delete_doc("Custom Field", f"{ORDER}-other")
