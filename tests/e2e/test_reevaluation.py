"""The yearly re-evaluation: lists are made, judged row by row, put into force, and the grants say so."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest


def rows(office, doctype: str, fields: list[str], **filters) -> list[dict]:
    """All records of a kind that the office sees."""
    return office.read(
        "frappe.client.get_list", doctype=doctype, filters=json.dumps(filters), fields=json.dumps(fields), limit_page_length=0
    )  # fmt: skip


@pytest.fixture
def department(caller) -> str:
    """A department that has no list yet, with at least three grants of which one ends soon, and few in all."""
    office = caller("yiwu")
    held = rows(
        office,
        "Privilege Grant",
        ["practitioner", "valid_to"],
        kind="SURGERY",
        status="Active",
        grant_type="Regular",
    )
    home = {row["name"]: row["department"] for row in rows(office, "Practitioner", ["name", "department"])}
    done = {
        row["department"] for row in rows(office, "Privilege Reevaluation", ["department"], kind="SURGERY")
    }
    soon = str(datetime.now() + timedelta(days=60))
    counts = Counter(home[row["practitioner"]] for row in held)
    ending = {home[row["practitioner"]] for row in held if row["valid_to"] and row["valid_to"] < soon}
    return min((name for name in ending - done if counts[name] >= 3), key=counts.__getitem__)


def grant(office, name: str) -> dict:
    """How a grant stands."""
    return office.read("frappe.client.get", doctype="Privilege Grant", name=name)


def judge(page, name: str, decision: str) -> None:
    """Decides one row."""
    button = page.locator(f'[data-grant="{name}"]').get_by_role("button", name=decision, exact=True)
    if button.get_attribute("aria-pressed") != "true":
        button.click()


def test_decisions_come_into_force(visitor, caller, department: str) -> None:
    office = caller("yiwu")
    title = office.read(
        "frappe.client.get_value",
        doctype="Clinical Department",
        filters=department,
        fieldname="department_name",
    )["department_name"]
    page = visitor.enter("yiwu").open("/reevaluation").page
    visitor.choose("department", title, title)
    visitor.button("生成名单").click()
    page.wait_for_url(lambda url: "/reevaluation/" in url)
    page.locator("[data-grant]").first.wait_for()
    shown = [row.get_attribute("data-grant") for row in page.locator("[data-grant]").all()]
    ends = rows(office, "Privilege Grant", ["name", "valid_to"], name=["in", shown])
    before = {row["name"]: row["valid_to"] for row in ends if row["valid_to"]}
    names = sorted(before, key=before.__getitem__)[:3]
    for name, decision in zip(names, ("继续授权", "暂停", "撤销"), strict=True):
        judge(page, name, decision)
        visitor.quiet()
    if page.get_by_role("button", name="按建议处理").count():
        visitor.button("按建议处理").click()
        page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
        visitor.quiet()
    visitor.button("完成评价").click()
    page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
    visitor.says("已完成")
    assert page.get_by_role("button", name="完成评价").count() == 0
    visitor.picture("reevaluation-completed")

    kept, rested, ended = (grant(office, name) for name in names)
    assert kept["status"] == "Active"
    assert kept["valid_to"] > before[names[0]]
    assert rested["status"] == "Suspended"
    assert ended["status"] == "Revoked"
    visitor.open(f"/form/Privilege Grant/{names[2]}")
    visitor.says("已撤销")
