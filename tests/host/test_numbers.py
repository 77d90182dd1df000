"""Numbers with decimals: how they are rounded, how many decimals are kept, and which of them may be empty."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import flt, fmt_money, rounded
from host.kit import field

DOCTYPE = "Host Decimal"
LEGACY, BANKERS, COMMERCIAL = "Banker's Rounding (legacy)", "Banker's Rounding", "Commercial Rounding"


@pytest.fixture(scope="module")
def made(make_doctype):
    kinds = ("Float", "Currency", "Percent", "Duration", "Rating")
    make_doctype(DOCTYPE, [field(kind.lower(), kind) for kind in kinds], autoname="hash")
    frappe.db.commit()


@pytest.fixture
def stored(made, site):
    """What the database holds of a new document."""

    def store(kind: str, value: object) -> object:
        doc = frappe.get_doc({"doctype": DOCTYPE, kind: value}).insert()
        return frappe.db.get_value(DOCTYPE, doc.name, kind)

    return store


@pytest.fixture
def rounding(site):
    """Says how to round; afterwards it is as before."""

    def forget() -> None:
        frappe.clear_cache()
        frappe.clear_document_cache("System Settings", "System Settings")

    def choose(method: str) -> None:
        frappe.db.set_single_value("System Settings", "rounding_method", method)
        forget()

    yield choose
    frappe.db.rollback()
    forget()


ROUNDED = [
    (LEGACY, 5.12345, 4, 5.1235), (BANKERS, 5.12345, 4, 5.1234), (COMMERCIAL, 5.12345, 4, 5.1235),
    (LEGACY, 5.12355, 4, 5.1236), (BANKERS, 5.12355, 4, 5.1236), (COMMERCIAL, 5.12355, 4, 5.1236),
    (LEGACY, 2.675, 2, 2.68), (BANKERS, 2.675, 2, 2.68), (COMMERCIAL, 2.675, 2, 2.68),
    (LEGACY, 0.125, 2, 0.13), (BANKERS, 0.125, 2, 0.12), (COMMERCIAL, 0.125, 2, 0.13),
    (LEGACY, -325.195, 2, -325.19), (BANKERS, -325.195, 2, -325.2), (COMMERCIAL, -325.195, 2, -325.2),
    (LEGACY, 2.5, 0, 2), (BANKERS, 2.5, 0, 2), (COMMERCIAL, 2.5, 0, 3),
    (LEGACY, -1.5, 0, -2), (BANKERS, -1.5, 0, -2), (COMMERCIAL, -1.5, 0, -2),
]  # fmt: skip


@pytest.mark.parametrize(("method", "number", "decimals", "expected"), ROUNDED)
def test_halves_go_where_the_method_says(site, method, number, decimals, expected):
    assert flt(number, decimals, method) == rounded(number, decimals, method) == expected


@pytest.mark.parametrize("method", [LEGACY, BANKERS, COMMERCIAL])
def test_the_settings_say_the_method(rounding, method):
    rounding(method)
    expected = {LEGACY: 5.1235, BANKERS: 5.1234, COMMERCIAL: 5.1235}[method]
    assert flt(5.12345, 4) == flt("5.12345", 4) == expected


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (2.675, 2, "2.67"),
        (1234.565, 2, "1,234.57"),
        (-0.004, 2, "0.00"),
        (-0.4, 0, "0"),
        (-1234567.891, 2, "-1,234,567.89"),
        (7.5, 3, "7.50"),
    ],
)
def test_money_is_shown_as_the_number_is(site, amount, decimals, shown):
    """Whatever the settings say: 2.675 is a little less than it looks."""
    assert fmt_money(amount, decimals) == shown


@pytest.mark.parametrize("kind", ["float", "currency", "percent", "duration"])
@pytest.mark.parametrize(
    ("given", "kept"),
    [(5.12345, 5.12345), (5.123456789012, 5.123456789), (100 / 3, 33.333333333), (5e-10, 1e-9)],
)
def test_nine_decimals_are_kept(stored, kind, given, kept):
    assert stored(kind, given) == kept


def test_nine_decimals_are_kept_past_the_document(stored):
    stored("float", 1)
    name = frappe.get_all(DOCTYPE, pluck="name", limit=1)[0]
    frappe.db.set_value(DOCTYPE, name, "float", 1.23456789012)
    assert frappe.db.get_value(DOCTYPE, name, "float") == 1.23456789


@pytest.mark.parametrize(("given", "kept"), [(0.345, 0.35), (3, 1.0), (-2, 0.0), ("0.5", 0.5), (None, 0.0)])
def test_a_rating_is_between_nothing_and_all(stored, given, kept):
    assert stored("rating", given) == kept


@pytest.mark.parametrize(("given", "kept"), [(None, None), (0, 0.0), (90, 90.0), ("60", 60.0)])
def test_a_duration_may_be_empty(stored, given, kept):
    assert stored("duration", given) == kept


def test_a_duration_is_emptied_again(stored):
    stored("duration", 90)
    doc = frappe.get_last_doc(DOCTYPE)
    doc.duration = None
    doc.save()
    assert frappe.get_doc(DOCTYPE, doc.name).duration is None
    assert stored("float", None) == 0.0, "other numbers are never empty"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("is", "set"), [60.0]), (("is", "not set"), [None]), (0, [None, 0.0]), (("<", 10), [None, 0.0]),
        (("!=", 60), [None, 0.0]), (("in", [0, 60]), [0.0, 60.0]),
    ],
)  # fmt: skip
def test_an_empty_duration_counts_as_nought_but_is_not_set(stored, wanted, found):
    for value in (None, 0, 60):
        stored("duration", value)
    values = frappe.get_all(DOCTYPE, filters={"duration": wanted}, pluck="duration")
    assert sorted(values, key=lambda value: -1 if value is None else value) == found


def test_a_nought_is_neither_set_nor_missing(stored):
    stored("float", 0)
    stored("float", 2)
    assert frappe.get_all(DOCTYPE, filters={"float": ("is", "set")}, pluck="float") == [2.0]
    assert frappe.get_all(DOCTYPE, filters={"float": ("is", "not set")}) == []
