"""Views of a list: columns, order, and-or conditions, counts, groups, changes in place and of many, boards, dates, trees."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

LIST = "/list/Practitioner?sort=staff_no asc"


@pytest.fixture
def office(visitor):
    """The office's desk with the list of practitioners."""
    visitor.enter("yiwu").open(LIST)
    visitor.page.locator("tbody tr").first.wait_for()
    return visitor


def query(visitor) -> dict[str, str]:
    """What the address says."""
    return {key: values[0] for key, values in parse_qs(urlsplit(visitor.page.url).query).items()}


def heads(visitor) -> list[str]:
    """The heads of the columns, without their marks."""
    return [
        re.sub(r" [↑↓]\d?$", "", text.strip()) for text in visitor.page.locator("thead th").all_inner_texts()
    ][1:]


def cell(visitor, name: str, field: str):
    """One cell of the table."""
    return visitor.page.locator(f'tr[data-name="{name}"] [data-cell="{field}"]')


def change(visitor, name: str, field: str):
    """Begins to change a cell, by the mark that it shows under the pointer."""
    cell(visitor, name, field).hover()
    cell(visitor, name, field).get_by_role("button").click()


def total(visitor) -> int:
    """How many rows the list says that it has."""
    return int(re.findall(r"\d+", visitor.page.locator("[data-list-footer]").inner_text())[-1])


def test_columns_are_chosen_ordered_and_widened(office) -> None:
    page = office.page
    office.button("列").click()
    page.get_by_label("性别", exact=True).last.click()
    page.wait_for_url(lambda url: "gender" in url)
    page.locator("[data-column]").filter(has_text="性别").get_by_role("button", name="性别 左移").click()
    page.keyboard.press("Escape")
    office.quiet()
    assert heads(office)[-2:] == ["性别", "更新时间"]
    handle = page.get_by_role("separator", name="姓名 的列宽")
    before = int(handle.get_attribute("aria-valuenow"))
    handle.focus()
    page.keyboard.press("ArrowRight")
    assert int(handle.get_attribute("aria-valuenow")) == before + 16
    page.go_back()
    page.go_back()
    office.quiet()
    assert "性别" not in heads(office)


def test_the_order_is_by_several_fields(office) -> None:
    page = office.page
    page.get_by_role("button", name="所在科室").click()
    page.get_by_role("button", name="工号").click(modifiers=["Shift"])
    page.wait_for_url(lambda url: "staff_no" in url and "department" in url)
    page.get_by_role("button", name="工号").click(modifiers=["Shift"])
    office.quiet()
    assert query(office)["sort"] == "department asc,staff_no desc"
    numbers = page.locator("tbody tr td:nth-child(3)").all_inner_texts()[:10]
    assert numbers == sorted(numbers, reverse=True)


def test_conditions_with_or_become_a_view_that_is_kept_and_found_again(office) -> None:
    page = office.page
    whole = total(office)
    office.button("筛选").click()
    office.button("与／或组合…").click()
    dialogue = page.get_by_role("dialog")
    dialogue.get_by_label("条件之间的关系").select_option("any")
    for number, surname in enumerate(("徐", "郑")):
        dialogue.get_by_role("button", name="条件", exact=True).click()
        row = dialogue.locator("[data-condition]").nth(number)
        row.get_by_label("字段").select_option(label="姓名")
        row.get_by_role("textbox").fill(surname)
    office.picture("list-conditions")
    dialogue.get_by_role("button", name="应用").click()
    page.wait_for_url(lambda url: "where=" in url)
    office.says("姓名 包含 徐 或 姓名 包含 郑")
    office.quiet()
    found = total(office)
    assert 0 < found < whole
    page.get_by_role("button", name="视图").first.click()
    page.get_by_role("menuitem", name="另存为新视图…").click()
    page.get_by_role("dialog").locator('[data-fieldname="title"] input').fill("徐郑两姓")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    page.wait_for_url(lambda url: "saved=" in url)
    office.open("/list/Practitioner")
    page.get_by_role("button", name="视图").first.click()
    page.get_by_role("menuitem", name="徐郑两姓").click()
    page.wait_for_url(lambda url: "where=" in url)
    office.quiet()
    assert total(office) == found
    page.get_by_role("button", name="徐郑两姓").click()
    page.get_by_role("menuitem", name="删除此视图").click()
    page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
    page.wait_for_url(lambda url: "saved=" not in url)


def test_a_shared_view_reaches_the_others(visit, caller) -> None:
    manager = caller("yiwu")
    definition = json.dumps({"query": {"employment_status": "Active"}})
    name = manager.write(
        "medaffairs.face.listing.views.keep", doctype="Practitioner", title="全院在岗", definition=definition, shared_with="Everybody"
    )  # fmt: skip
    clerk = visit()
    clerk.enter("ganshi").open("/list/Practitioner")
    clerk.page.get_by_role("button", name="视图").first.click()
    clerk.page.get_by_role("menuitem", name="全院在岗（共享）").click()
    clerk.page.wait_for_url(lambda url: "employment_status=Active" in url)
    manager.write("medaffairs.face.listing.views.forget", name=name)


def test_counts_beside_the_list_narrow_it_and_groups_fold_it(office) -> None:
    page = office.page
    office.button("统计").click()
    facet = page.locator('[data-facet="employment_status"]')
    choice = facet.get_by_role("button").nth(1)
    choice.wait_for()
    number = int(choice.inner_text().split()[-1])
    choice.click()
    page.wait_for_url(lambda url: "employment_status=" in url)
    office.quiet()
    assert total(office) == number
    page.get_by_label("分组").select_option(label="按所在科室")
    page.locator("tbody tr[aria-expanded]").first.wait_for()
    office.picture("list-groups")
    groups = page.locator("tbody tr[aria-expanded]")
    assert groups.first.get_attribute("aria-expanded") == "true"
    groups.first.click()
    assert groups.first.get_attribute("aria-expanded") == "false"
    sizes = [int(text.split()[-1]) for text in groups.all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == number


def test_a_cell_is_changed_in_place_and_back(office) -> None:
    page = office.page
    row = page.locator("tbody tr").nth(2)
    name = row.get_attribute("data-name")
    status = cell(office, name, "employment_status")
    before = status.inner_text()
    change(office, name, "employment_status")
    page.locator("[data-cell-editor] select").select_option(label="离岗")
    office.says("在职状态已修改")
    assert status.inner_text() == "离岗"
    page.get_by_role("button", name="撤销").last.click()
    status.filter(has_text=before).wait_for()
    assert cell(office, name, "staff_no").locator("button").count() == 0


def test_what_the_server_refuses_goes_back_with_the_reason(office) -> None:
    page = office.page
    name = page.locator("tbody tr").nth(3).get_attribute("data-name")
    title = cell(office, name, "practitioner_name")
    before = title.inner_text()
    change(office, name, "practitioner_name")
    page.locator("[data-cell-editor] input").fill("")
    page.keyboard.press("Enter")
    page.locator('[role="alert"], [role="status"]').filter(has_text=before).first.wait_for()
    title.filter(has_text=before).wait_for()


def test_many_rows_are_changed_assigned_and_changed_back(office, caller) -> None:
    page = office.page
    office.open(f"{LIST}&cols=practitioner_name,staff_no,profession,_assign")
    names = [page.locator("tbody tr").nth(number).get_attribute("data-name") for number in (4, 5, 6, 7)]
    before = [cell(office, name, "profession").inner_text() for name in names]
    page.locator("tbody tr").nth(4).focus()
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("Shift+ArrowDown")
    office.says("已选 4 条")
    office.button("操作").click()
    page.get_by_role("menuitem", name="修改字段…").click()
    dialogue = page.get_by_role("dialog")
    dialogue.locator("[data-bulk-field]").select_option(label="人员类别")
    dialogue.locator('[data-fieldname="profession"] select').select_option(label="管理人员")
    dialogue.get_by_role("button", name="修改 4 条").click()
    office.says("已修改 4 条")
    office.quiet()
    assert {cell(office, name, "profession").inner_text() for name in names} == {"管理人员"}
    page.get_by_role("button", name="撤销").last.click()
    office.says("已撤销 4 条")
    office.quiet()
    assert [cell(office, name, "profession").inner_text() for name in names] == before
    answer = caller("yiwu").write(
        "medaffairs.face.listing.bulk.assign", doctype="Practitioner", names=names[:2], users=["zhuren@demo.hospital"]
    )  # fmt: skip
    assert set(answer["done"]) == set(names[:2])
    office.button("刷新").click()
    cell(office, names[0], "_assign").filter(has_text=re.compile(".")).wait_for()
    caller("yiwu").write(
        "medaffairs.face.listing.bulk.unassign", doctype="Practitioner", names=names[:2], users=["zhuren@demo.hospital"]
    )  # fmt: skip


def test_what_was_deleted_comes_back(visit, caller) -> None:
    desk = caller("yiwu")
    day = {"doctype": "Working Day Override", "date": "2031-10-01", "is_working_day": 0, "reason": "列表测试"}
    desk.write("frappe.client.insert", doc=day)
    visitor = visit()
    visitor.enter("yiwu").open("/list/Working Day Override?reason=列表测试")
    page = visitor.page
    page.locator("tbody tr").first.get_by_role("checkbox").check()
    visitor.button("操作").click()
    page.get_by_role("menuitem", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
    visitor.says("已删除 1 条")
    visitor.says("没有符合条件的记录")
    page.get_by_role("button", name="撤销").last.click()
    page.locator("tbody tr").first.wait_for()
    row = page.locator("tbody tr").first
    assert "2031-10-01" in row.inner_text()
    desk.write("frappe.client.delete", doctype="Working Day Override", name=row.get_attribute("data-name"))


def test_all_rows_of_conditions_with_groups_are_exported(office) -> None:
    inner = {"any": True, "parts": [["practitioner_name", "like", "徐"], ["practitioner_name", "like", "郑"]]}
    tree = {"any": False, "parts": [inner, {"any": True, "parts": [["employment_status", "=", "Active"]]}]}
    office.open(f"{LIST}&where={json.dumps(tree)}")
    found = total(office)
    office.button("导出").click()
    with office.page.expect_download() as download:
        office.page.get_by_role("menuitem", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(lines) == found + 1
    assert all("徐" in line or "郑" in line for line in lines[1:])


def test_a_list_follows_what_others_change(office, caller) -> None:
    page = office.page
    name = page.locator("tbody tr").nth(8).get_attribute("data-name")
    other = caller("ganshi")
    before = other.read(
        "frappe.client.get_value", doctype="Practitioner", filters=name, fieldname="licence_no"
    )
    office.open(f"{LIST}&cols=practitioner_name,licence_no&q={name}")
    value = {"doctype": "Practitioner", "name": name, "fieldname": "licence_no"}
    other.write("frappe.client.set_value", **value, value="LIVE-0001")
    # Looking at the page again asks at once what an open page asks every few seconds.
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    cell(office, name, "licence_no").filter(has_text="LIVE-0001").wait_for()
    other.write("frappe.client.set_value", **value, value=before["licence_no"])


def test_a_card_is_dragged_to_where_a_step_leads(visit) -> None:
    visitor = visit()
    visitor.enter("yiwu").open("/list/Improvement Action?as=board")
    page = visitor.page
    lists = page.locator("[data-board-list]")
    card = page.locator('[data-board-list="Awaiting Re-inspection"] li').first
    card.wait_for()
    name = card.get_attribute("data-name")
    target = page.locator('[data-board-list="Improved"]')
    visitor.picture("list-board")
    begin, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(begin["x"] + 30, begin["y"] + begin["height"] - 8)
    page.mouse.down()
    for part in range(1, 9):
        page.mouse.move(
            begin["x"] + 30 + (end["x"] + 80 - begin["x"] - 30) * part / 8, begin["y"] + 40 + (end["y"] + 60 - begin["y"] - 40) * part / 8
        )  # fmt: skip
        page.wait_for_timeout(30)
    page.mouse.up()
    dialogue = page.get_by_role("dialog")
    dialogue.wait_for()
    assert page.locator(f'[data-board-list="Awaiting Re-inspection"] li[data-name="{name}"]').count() == 1
    dialogue.get_by_role("button", name="取消").click()
    assert lists.count() >= 4


def test_a_choice_is_dragged_on_a_phone_by_its_menu_and_taken_back(on_phone) -> None:
    on_phone.enter("yiwu").open("/list/Practitioner?as=board&by=employment_status&q=10020")
    page = on_phone.page
    card = page.locator("[data-board-list] li").first
    card.wait_for()
    name = card.get_attribute("data-name")
    assert on_phone.overflow() == []
    card.get_by_role("button").click()
    page.get_by_role("menuitem", name="离岗").click()
    page.locator(f'[data-board-list="On Leave"] li[data-name="{name}"]').wait_for(state="attached")
    page.get_by_role("button", name="撤销").last.click()
    page.locator(f'[data-board-list="Active"] li[data-name="{name}"]').wait_for(state="attached")


def test_records_stand_in_a_calendar_and_on_a_plan(visit) -> None:
    visitor = visit()
    visitor.enter("yiwu").open("/list/Improvement Action?as=calendar&by=due_date")
    page = visitor.page
    page.locator("[data-calendar]").wait_for()
    month = page.locator("h2").first.inner_text()
    page.get_by_role("button", name="下一月").click()
    page.wait_for_url(lambda url: "at=" in url)
    visitor.quiet()
    seen = page.locator("[data-calendar] a[data-name]").count()
    page.go_back()
    visitor.quiet()
    assert page.locator("h2").first.inner_text() == month
    assert seen + page.locator("[data-calendar] a[data-name]").count() > 0
    visitor.picture("list-calendar")
    page.locator("[data-kind]").click()
    page.get_by_role("menuitem", name="甘特图").click()
    page.locator("[data-bar]").first.wait_for()
    visitor.picture("list-plan")
    widths = page.locator("[data-bar]").evaluate_all(
        "bars => bars.map((bar) => bar.getBoundingClientRect().width)"
    )
    assert all(width >= 4 for width in widths)


def test_a_tree_is_walked_with_the_keyboard(visit) -> None:
    visitor = visit()
    visitor.enter("yiwu").open("/list/Clinical Department?as=tree")
    page = visitor.page
    first = page.get_by_role("treeitem").first
    first.focus()
    closed = page.get_by_role("treeitem").count()
    page.keyboard.press("ArrowRight")
    page.locator('[role="treeitem"][aria-level="2"]').first.wait_for()
    assert page.get_by_role("treeitem").count() > closed
    visitor.picture("list-tree")
    page.keyboard.press("ArrowRight")
    page.locator('[role="treeitem"][aria-level="2"]:focus').wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.locator('[role="treeitem"][aria-level="2"]').first.wait_for(state="detached")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/form/" in unquote(url))


def test_on_a_phone_rows_are_cards_that_are_chosen_and_filtered(on_phone) -> None:
    on_phone.enter("yiwu").open(LIST)
    page = on_phone.page
    page.locator("li[data-name]").nth(2).wait_for()
    assert page.locator("table").count() == 0
    assert on_phone.overflow() == []
    on_phone.button("多选").click()
    page.locator("li[data-name] input[type=checkbox]").nth(0).check()
    page.locator("li[data-name] a").nth(1).click()
    on_phone.says("已选 2 条")
    on_phone.picture("list-cards")
    on_phone.button("统计").click()
    page.locator('[data-facet="employment_status"] button').nth(1).click()
    page.wait_for_url(lambda url: "employment_status=" in url)
    assert on_phone.overflow() == []


def test_work_on_many_rows_goes_on_after_a_reload(office) -> None:
    page = office.page
    names = [page.locator("tbody tr").nth(number).get_attribute("data-name") for number in (10, 11)]
    before = [cell(office, name, "employment_status").inner_text() for name in names]
    job = {
        "doctype": "Practitioner", "method": "change", "given": {"values": {"employment_status": "On Leave"}}, "left": names, "total": 5,
        "done": [], "failed": {}, "before": {}, "seen": {}, "said": "{0} changed", "user": "yiwu@demo.hospital",
    }  # fmt: skip
    page.evaluate("job => sessionStorage.setItem('list-job', JSON.stringify(job))", job)
    page.reload(wait_until="load")
    office.says("此项工作被中断。")
    assert page.get_by_role("progressbar").get_attribute("aria-valuenow") == "3"
    office.button("继续").click()
    office.says("已修改 2 条")
    office.quiet()
    assert {cell(office, name, "employment_status").inner_text() for name in names} == {"离岗"}
    page.get_by_role("button", name="撤销").last.click()
    office.says("已撤销 2 条")
    office.quiet()
    assert [cell(office, name, "employment_status").inner_text() for name in names] == before


def test_all_rows_that_fit_are_chosen_also_those_not_loaded(office) -> None:
    page = office.page
    page.get_by_label("全选", exact=True).check()
    office.says("已选 100 条")
    page.get_by_role("button", name=re.compile(r"^全选 \d+ 条$")).click()
    page.get_by_text(f"已选 {total(office)} 条").wait_for()


def test_a_card_is_dragged_by_touch_after_a_long_press(on_phone) -> None:
    page = on_phone.page
    finger = on_phone.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind: str, *points: tuple[float, float]) -> None:
        finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    on_phone.enter("yiwu").open("/list/Practitioner?as=board&by=employment_status&q=10021")
    card = page.locator("[data-board-list] li[data-name]").first
    card.wait_for()
    name, box = card.get_attribute("data-name"), card.bounding_box()
    x, y = box["x"] + 60, box["y"] + box["height"] - 10
    touch("touchStart", (x, y))
    page.wait_for_timeout(500)
    for part in range(1, 9):
        touch("touchMove", (x + (370 - x) * part / 8, y + 5 * part))
        page.wait_for_timeout(30)
    touch("touchEnd")
    page.locator(f'[data-board-list="On Leave"] li[data-name="{name}"]').wait_for(state="attached")
    page.get_by_role("button", name="撤销").last.click()
    page.locator(f'[data-board-list="Active"] li[data-name="{name}"]').wait_for(state="attached")
