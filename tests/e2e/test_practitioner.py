"""A person's privileges: summary, history, the question of then, revoking, extending, ending a suspension."""

from __future__ import annotations

import pytest

PERSON = "10009"


@pytest.fixture
def person(visitor):
    """A surgeon's page, reached from the list."""
    page = visitor.enter("yiwu").open("/list/Practitioner?q=10009").page
    page.locator("tbody tr").filter(has_text=PERSON).first.click()
    page.locator("[data-grant]").first.wait_for()
    return visitor


def menu(visitor, row: int, entry: str) -> None:
    visitor.page.locator("[data-grant]").nth(row).get_by_role("button").click()
    visitor.page.get_by_role("menuitem", name=entry).click()


def test_the_summary_says_what_is_valid(person) -> None:
    assert int(person.page.locator("dl dd").first.inner_text().replace(",", "")) > 0
    person.picture("practitioner")


def test_the_history_of_a_privilege(person) -> None:
    menu(person, 0, "历史")
    person.page.get_by_role("dialog").get_by_text("授权").first.wait_for()


def test_then_and_now(person) -> None:
    page = person.page
    code = page.locator("[data-grant]").nth(12).inner_text().split("\n")[1].split(" · ")[0]
    page.get_by_role("tab", name="当时是否有权").click()
    person.choose("code", code, code)
    person.button("查询").click()
    page.locator("[data-answer]").get_by_text("允许", exact=True).wait_for()
    person.field("at").fill("2001-01-01 08:00")
    person.button("查询").click()
    page.locator("[data-answer]").get_by_text("不允许").wait_for()
    person.picture("practitioner-then")


def test_revoking_needs_a_reason_and_is_seen_at_once(person) -> None:
    page = person.page
    name = page.locator("[data-grant]").last.get_attribute("data-grant")
    menu(person, page.locator("[data-grant]").count() - 1, "撤销")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="确定").click()
    dialog.get_by_text("请填写原因").wait_for()
    dialog.locator('[data-fieldname="reason"] input').click()
    page.get_by_role("option").first.click()
    person.picture("revoke")
    dialog.get_by_role("button", name="确定").click()
    page.locator(f'[data-grant="{name}"]').get_by_text("已撤销").wait_for()


def test_an_act_without_privilege_is_explained_by_the_person_and_judged_by_the_office(
    visitor, caller
) -> None:
    office = caller("yiwu")
    row = office.read(
        "frappe.client.get_list",
        doctype="Unauthorized Act",
        filters='{"status": "Open"}',
        limit_page_length=1,
    )[0]
    visitor.enter("yiwu").open(f"/form/Unauthorized%20Act/{row['name']}")
    bar = visitor.page.locator("[data-record-bar]")
    bar.get_by_role("button", name="确认越权").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.locator("textarea").fill("约谈并扣分")
    visitor.picture("act-confirmed")
    dialog.get_by_role("button", name="确定").click()
    bar.get_by_role("button", name="重新认定").wait_for()


def test_points_of_this_cycle_and_of_the_one_before(visitor, caller) -> None:
    rows = caller("yiwu").read(
        "frappe.client.get_list", doctype="Penalty", filters='{"scope": "Cycle", "status": "Ended"}',
        fields='["practitioner", "rule", "cycle_from"]', order_by="points desc", limit_page_length=1,
    )  # fmt: skip
    page = visitor.enter("yiwu").open(f"/practitioner/{rows[0]['practitioner']}").page
    page.get_by_role("tab", name="不良执业记分").click()
    archive = page.locator("[data-demerits]")
    archive.get_by_text(rows[0]["rule"]).first.wait_for()
    while rows[0]["cycle_from"][:4] not in archive.locator("p").first.inner_text():
        archive.get_by_role("button", name="上一周期").click()
        visitor.quiet()
    assert archive.locator("li").filter(has_text="DR-").count() > 0
    visitor.picture("practitioner-demerits")
    archive.get_by_role("button", name="下一周期").click()
    archive.locator("p").filter(has_text=str(int(rows[0]["cycle_from"][:4]) + 1)).first.wait_for()
