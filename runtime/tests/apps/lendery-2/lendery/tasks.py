"""Scheduled work."""

import frappe

from lendery.trace import note


def all():
    note("scheduler", name="all")


def hourly():
    note("scheduler", name="hourly")


def hourly_long():
    note("scheduler", name="hourly_long")


def daily():
    """Late loans get their fine."""
    note("scheduler", name="daily")
    for name in frappe.get_all(
        "Lending Loan", filters={"docstatus": 1, "due_on": ("<", frappe.utils.today())}, pluck="name"
    ):
        frappe.get_doc("Lending Loan", name).charge()


def daily_long():
    note("scheduler", name="daily_long")


def weekly():
    note("scheduler", name="weekly")


def weekly_long():
    note("scheduler", name="weekly_long")


def monthly():
    note("scheduler", name="monthly")


def monthly_long():
    note("scheduler", name="monthly_long")


def yearly():
    note("scheduler", name="yearly")


def quarter():
    note("scheduler", name="quarter")


def night():
    raise RuntimeError("the night job fails on purpose")


def tidy():
    note("scheduler", name="tidy")
