"""Reports looked at in other ways, built without code, mailed, on paper; boards arranged by hand."""

from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
def titles(visitor):
    visitor.enter("yiwu").open("/report/Title%20Statistics")
    visitor.page.locator("canvas").first.wait_for()
    return visitor


def test_rows_are_turned_into_a_pivot_that_stays_in_the_address(titles) -> None:
    page = titles.page
    titles.button("透视与图表").click()
    page.locator("[data-look] select[name=row]").select_option(index=1)
    page.wait_for_url(lambda url: "_row=" in url)
    page.locator("[data-look] select[name=value]").select_option(index=1)
    page.locator("[data-look] select[name=x]").select_option(index=1)
    page.locator("[data-look] select[name=type]").select_option("pie")
    page.wait_for_url(lambda url: "_type=pie" in url)
    titles.picture("report-pivot")
    head = page.locator("thead th").all_inner_texts()
    page.reload(wait_until="load")
    page.locator("canvas").first.wait_for()
    assert page.locator("thead th").all_inner_texts() == head
    titles.button("恢复报表原样").click()
    page.wait_for_url(lambda url: "_row=" not in url)


def test_a_report_is_kept_as_a_pdf(titles) -> None:
    titles.button("导出").click()
    with titles.page.expect_download() as download:
        titles.page.get_by_role("menuitem", name="PDF").click()
    assert download.value.path().read_bytes()[:4] == b"%PDF"


def test_a_report_is_mailed_at_fixed_times(titles) -> None:
    titles.button("更多").click()
    titles.page.get_by_role("menuitem", name="定期邮件发送").click()
    dialog = titles.page.get_by_role("dialog")
    dialog.locator("textarea[name=email_to]").fill("somebody@elsewhere.example")
    dialog.get_by_role("button", name="设置").or_(dialog.get_by_role("button", name="编排")).first.click()
    dialog.get_by_role("alert").wait_for()
    dialog.locator("textarea[name=email_to]").fill("ganshi@demo.hospital")
    dialog.locator("select[name=frequency]").select_option("Monthly")
    dialog.get_by_role("button", name="编排").first.click()
    dialog.get_by_text("ganshi@demo.hospital").wait_for()
    titles.picture("report-mail")
    dialog.get_by_role("button", name="结束").first.click()
    dialog.get_by_text("ganshi@demo.hospital").wait_for(state="detached")


def test_a_report_is_built_without_code(visitor, caller) -> None:
    name = f"人员构成{uuid4().hex[:6]}"
    page = visitor.enter("yiwu").open("/build/Practitioner").page
    page.locator("tbody tr").first.wait_for()
    visitor.picture("report-builder")
    page.locator("select[name=group]").select_option("profession")
    visitor.button("查询").click()
    page.locator("canvas").wait_for()
    page.locator("input[name=report_name]").fill(name)
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/report/" in url)
    page.locator("canvas").wait_for()
    visitor.picture("report-built")
    figure = page.locator("tbody tr").first.locator("td").nth(1).inner_text()
    page.locator("tbody tr").first.get_by_role("link", name="查看明细记录").click()
    page.wait_for_url(lambda url: "/list/Practitioner" in url and "profession=" in url)
    assert int(figure.replace(",", "")) > 0
    caller("yiwu").write("frappe.desk.reportview.delete_report", name=name)


def test_a_board_is_arranged_by_hand_and_by_keyboard(visitor, caller) -> None:
    title = f"我的看板{uuid4().hex[:4]}"
    page = visitor.enter("yiwu").open("/boards").page
    visitor.button("新建看板").or_(visitor.button("看板")).first.click()
    if page.get_by_role("menuitem", name="新建看板").is_visible():
        page.get_by_role("menuitem", name="新建看板").click()
    page.locator("input[name=title]").fill(title)
    visitor.button("添加指标").click()
    dialog = page.get_by_role("dialog")
    for kind in ("指标", "指标", "图表", "报表"):
        section = dialog.locator("section").filter(has=page.get_by_role("heading", name=kind, exact=True))
        section.get_by_role("button").first.click()
    dialog.get_by_role("button", name="完成").click()
    items = page.locator("[data-item]")
    before = [items.nth(index).get_attribute("data-item") for index in range(4)]
    visitor.quiet()
    handle = items.nth(0).get_by_role("button", name="拖动").bounding_box()
    goal = items.nth(1).bounding_box()
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + goal["width"] - 20, goal["y"] + 20, steps=12)
    page.wait_for_timeout(250)
    page.mouse.up()
    page.wait_for_timeout(250)
    items.nth(3).get_by_role("button", name="上移").click()
    visitor.picture("board-arranging")
    after = [items.nth(index).get_attribute("data-item") for index in range(4)]
    assert after == [before[1], before[0], before[3], before[2]]
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/boards/" in url)
    page.get_by_role("heading", name=title).wait_for()
    visitor.quiet()
    visitor.picture("board")
    assert [items.nth(index).get_attribute("data-item") for index in range(4)] == after
    board = next(row for row in caller("yiwu").read("medaffairs.face.boards.mine") if row["title"] == title)
    caller("yiwu").write("medaffairs.face.boards.forget", name=board["name"])


def test_a_board_fits_on_a_phone(on_phone, caller) -> None:
    items = [{"kind": "report", "name": "Title Statistics", "width": 4}]
    name = caller("yiwu").write("medaffairs.face.boards.keep", title="手机看板", items=items)
    on_phone.enter("yiwu").open(f"/boards/{name}")
    on_phone.page.locator("[data-item] canvas, [data-item] dl").first.wait_for()
    assert on_phone.overflow() == []
    caller("yiwu").write("medaffairs.face.boards.forget", name=name)
