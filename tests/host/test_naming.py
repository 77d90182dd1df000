"""Names of new documents, by every rule."""

from __future__ import annotations

import re

import frappe
import pytest
from host.orders import CUSTOMER, ORDER


def new(doctype: str, **values: object):
    return frappe.get_doc({"doctype": doctype, **values}).insert()


def test_by_a_series(life):
    year = frappe.utils.nowdate()[:4]
    first, second = new(ORDER, subject="x").name, new(ORDER, subject="x").name
    assert re.fullmatch(rf"LO-{year}-\d{{3}}", first) and int(second[-3:]) == int(first[-3:]) + 1
    assert new(ORDER, subject="x", naming_series="LX-.####").name == "LX-0001"


def test_a_series_gives_the_last_number_back(life):
    doc = new(ORDER, subject="x", naming_series="LX-.####")
    doc.delete()
    assert new(ORDER, subject="x", naming_series="LX-.####").name == doc.name


def test_by_a_field(life):
    assert new(CUSTOMER, code=" C1 ").name == "C1"
    with pytest.raises(frappe.DuplicateEntryError):
        new(CUSTOMER, code="C1")
    with pytest.raises(frappe.ValidationError):
        new(CUSTOMER, code="")


def test_by_a_format(life):
    assert new("Host Format", subject="abc").name == "F-abc-01"
    assert new("Host Format", subject="abc").name == "F-abc-02"
    assert new("Host Format", subject="xyz").name in {"F-xyz-01", "F-xyz-03"}


def test_by_an_expression(life):
    year = frappe.utils.nowdate()[2:4]
    assert new("Host Expression").name == f"EX-{year}-01"


def test_by_numbers(life):
    first = new("Host Number").name
    assert isinstance(first, int) and new("Host Number").name == first + 1
    assert frappe.get_doc("Host Number", first).name == first


def test_by_the_user(life):
    assert new("Host Prompt", name="chosen", subject="x").name == "chosen"
    assert new("Host Prompt", __newname="typed", subject="x").name == "typed"
    with pytest.raises(frappe.ValidationError):
        new("Host Prompt", subject="x")


def test_by_chance(life):
    names = {new("Host Plain").name for _ in range(20)}
    assert len(names) == 20 and {len(name) for name in names} == {10}


def test_by_the_caller(life):
    doc = frappe.get_doc(doctype="Host Plain", subject="x")
    doc.insert(set_name="mine")
    assert doc.name == "mine"


def test_what_cannot_be_a_name(life):
    with pytest.raises(frappe.NameError):
        new("Host Prompt", name="a<b", subject="x")
