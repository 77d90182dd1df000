"""The demo hospital is the same for the same seed, and building it twice changes nothing."""

from random import Random

import frappe

from medaffairs.setup import demo
from medaffairs.setup.demo import catalogue


def test_the_catalogue_follows_from_the_seed():
    first, second = catalogue.compose(Random(7)), catalogue.compose(Random(7))
    assert first == second
    assert first != catalogue.compose(Random(8))
    assert len(first) == len({item.code for item in first}) == len({item.name for item in first}) == 10_000
    assert {item.level for item in first} == {1, 2, 3, 4}


def test_there_is_one_account_per_role():
    rows = demo.logins()
    assert len({row["user"] for row in rows}) == len(rows) == 16
    assert all(row["password"] == "demo" and row["hint"] for row in rows)


def test_a_site_that_has_the_demo_is_left_alone(site):
    frappe.db.set_default(demo.MADE, "1")
    before = frappe.db.count("Practitioner")
    assert demo.make() is False
    assert frappe.db.count("Practitioner") == before
