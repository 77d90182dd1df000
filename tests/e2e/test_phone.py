"""On a phone nothing sticks out of the window, and what matters can be reached."""

from __future__ import annotations

import pytest

PAGES = {
    "yiwu": [
        "/", "/list/Practitioner", "/list/Privilege%20Grant", "/practitioner/10012", "/form/Procedure/55.0197",
        "/form/Committee/手术分级授权管理委员会", "/new/Practitioner", "/workspace/Privileging", "/report/Title%20Statistics",
        "/integration", "/catalogue-import", "/reevaluation", "/scan", "/outbox", "/build/Practitioner", "/boards",
    ],
    "yishi": ["/", "/apply/SURGERY", "/report-event", "/report-event?near=1", "/my-events"],
    "weiyuan": ["/"],
    "shenji": ["/audit"],
    "Administrator": [
        "/import", "/print-format", "/print-format/new",
        "/admin", "/admin/fields/Expert%20Pool", "/admin/rights/Expert%20Pool", "/admin/workflow/Privilege%20Application",
    ],
}  # fmt: skip


@pytest.mark.parametrize("account", PAGES)
def test_nothing_sticks_out(on_phone, account: str) -> None:
    on_phone.enter(account)
    wide = {path: found for path in PAGES[account] if (found := on_phone.open(path).overflow())}
    assert wide == {}


def test_the_menu_opens_and_leads_on(on_phone) -> None:
    page = on_phone.enter("yiwu").open("/").page
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("link", name="组织与档案").click()
    page.wait_for_url(lambda url: "/workspace/" in url)
    assert page.get_by_role("link", name="资质授权").count() == 0


def test_rows_of_a_table_are_edited_as_cards(on_phone) -> None:
    page = on_phone.enter("yiwu").open("/new/Committee").page
    on_phone.button("添加一行").click()
    dialog = page.get_by_role("dialog")
    dialog.locator('[data-fieldname="practitioner"] input').fill("zy")
    page.get_by_role("option").filter(has_text="郑洋").first.click()
    dialog.get_by_role("button", name="完成").click()
    page.locator('[data-fieldname="members"] li').filter(has_text="郑洋").wait_for()
    on_phone.picture("form-on-a-phone")
