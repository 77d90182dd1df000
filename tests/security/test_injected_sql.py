"""Threat: SQL in filters, fields, orders, groups, searches and report filters, on every door that lists."""

import json

import pytest

INJECTIONS = (
    "name; drop table `tabPractitioner`",
    "name` union select password from `__Auth` -- ",
    "(select password from __Auth limit 1)",
    "if(1=1, sleep(5), 0)",
    "1=1) or (1=1",
    "name asc, (select 1 from tabUser)",
    "' or '1'='1",
    '" or ""="',
    "name/**/union/**/select/**/1",
    "tabUser.name",
)
SHEET = "Privilege Application"


@pytest.fixture
def sheet(hospital) -> str:
    return hospital.apply()


def harmless(hospital, answer, sheet: str) -> None:
    """Refused or empty: never somebody's row, and the tables still stand.

    A host may leave the refusal to its database, and then answers with a server error.
    """
    assert sheet not in answer.text and "$pbkdf2" not in answer.text and "argon2" not in answer.text
    assert hospital.as_("applicant").rows(SHEET) != []


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "place", ["fields", "filter key", "filter value", "operator", "order_by", "group_by", "or_filters"]
)
def test_lists(hospital, sheet, text, place):
    asked = {
        "fields": {"fields": json.dumps(["name", text])},
        "filter key": {"filters": json.dumps([[SHEET, text, "=", "x"]])},
        "filter value": {"filters": json.dumps([[SHEET, "practitioner", "=", text]])},
        "operator": {"filters": json.dumps([[SHEET, "practitioner", text, "x"]])},
        "order_by": {"order_by": text},
        "group_by": {"group_by": text, "fields": json.dumps(["name"])},
        "or_filters": {"or_filters": json.dumps([[SHEET, text, "=", "x"]])},
    }[place]
    caller = hospital.as_("stranger")
    harmless(hospital, caller.send("GET", f"/api/resource/{SHEET}", params=asked), sheet)
    harmless(hospital, caller.call("frappe.client.get_list", doctype=SHEET, **_plain(asked)), sheet)
    view = {"doctype": SHEET, "fields": json.dumps(["name"]), **asked}
    harmless(hospital, caller.call("frappe.desk.reportview.get", **view), sheet)


@pytest.mark.parametrize("text", INJECTIONS)
def test_searches_counts_and_values(hospital, sheet, text):
    caller = hospital.as_("stranger")
    harmless(hospital, caller.call("frappe.desk.search.search_link", doctype=SHEET, txt=text), sheet)
    harmless(
        hospital,
        caller.call("frappe.desk.search.search_link", doctype=SHEET, txt="", searchfield=text),
        sheet,
    )
    counted = caller.ask("frappe.client.get_count", doctype=SHEET, filters=json.dumps({text: "x"}))
    harmless(hospital, counted, sheet)
    value = caller.ask(
        "frappe.client.get_value", doctype=SHEET, filters=json.dumps({"name": text}), fieldname=text
    )
    harmless(hospital, value, sheet)
    harmless(hospital, caller.ask("frappe.client.get_count", doctype=text), sheet)


@pytest.mark.parametrize("text", INJECTIONS)
def test_the_apps_own_methods(hospital, sheet, text):
    caller = hospital.as_("stranger")
    sheets = "medaffairs.privileging.sheets"
    harmless(hospital, caller.ask(f"{sheets}.catalogue", kind="SURGERY", text=text), sheet)
    harmless(hospital, caller.ask(f"{sheets}.catalogue", kind=text, level=text), sheet)
    harmless(hospital, caller.ask(f"{sheets}.eligibility", kind="SURGERY", codes=json.dumps([text])), sheet)
    found = hospital.as_("auditor").call("medaffairs.audit.api.search", filters={"user": text, "text": text})
    assert found.ok and found.json()["message"]["total"] == 0


def _plain(asked: dict) -> dict:
    return {key: json.loads(value) if value[:1] in "[{" else value for key, value in asked.items()}
