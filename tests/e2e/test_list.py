"""Lists: columns, search by initials, filters, sorting, paging, several rows at once, export."""

from __future__ import annotations

import re

import openpyxl
import pytest


@pytest.fixture
def practitioners(visitor):
    """The list of practitioners as the office sees it."""
    visitor.enter("yiwu").open("/list/Practitioner")
    visitor.page.locator("tbody tr").first.wait_for()
    return visitor


def titles(visitor) -> list[str]:
    """The first column of what is shown."""
    return [cell.strip() for cell in visitor.page.locator("tbody tr td:nth-child(2)").all_inner_texts()]


def test_columns_come_from_the_record_type(practitioners) -> None:
    heads = [text.strip(" ↑↓") for text in practitioners.page.locator("thead th").all_inner_texts()]
    assert heads[1:] == ["姓名", "工号", "所在科室", "在职状态", "专业技术职称", "更新时间"]
    practitioners.picture("list")


def test_pinyin_initials_find_a_person(practitioners) -> None:
    practitioners.page.get_by_role("searchbox").fill("zy")
    practitioners.page.wait_for_url(lambda url: "q=zy" in url)
    practitioners.page.locator("tbody tr").filter(has_text="郑洋").first.wait_for()


def test_a_standard_filter_narrows_the_list_and_stays_in_the_address(practitioners) -> None:
    practitioners.choose("department", "1009", "神经外科")
    practitioners.page.wait_for_url(lambda url: "department=1009" in url)
    practitioners.quiet()
    departments = set(practitioners.page.locator("tbody tr td:nth-child(4)").all_inner_texts())
    assert departments == {"神经外科"}
    practitioners.page.reload(wait_until="networkidle")
    assert set(practitioners.page.locator("tbody tr td:nth-child(4)").all_inner_texts()) == {"神经外科"}


def test_any_field_can_be_filtered(practitioners) -> None:
    page = practitioners.page
    practitioners.button("筛选").click()
    page.select_option("#filter-field", label="姓名")
    page.locator("form").get_by_label("值").fill("徐")
    practitioners.button("应用").click()
    page.wait_for_url(lambda url: "practitioner_name" in url)
    practitioners.says("姓名 包含 徐")
    practitioners.quiet()
    assert all("徐" in title for title in titles(practitioners))
    page.get_by_role("button", name="移除筛选").click()
    page.wait_for_url(lambda url: "practitioner_name" not in url)


def test_a_column_sorts_both_ways(practitioners) -> None:
    page = practitioners.page
    page.get_by_role("button", name="工号").click()
    page.wait_for_url(lambda url: "sort=staff_no" in url)
    practitioners.quiet()
    numbers = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert numbers == sorted(numbers)
    page.get_by_role("button", name="工号").click()
    page.wait_for_url(lambda url: "desc" in url)
    practitioners.quiet()
    numbers = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert numbers == sorted(numbers, reverse=True)


def frame(visitor):
    """The part of the page that scrolls."""
    return visitor.page.locator("[data-list-frame]")


def test_rows_come_in_as_one_scrolls_and_only_those_in_sight_are_drawn(practitioners) -> None:
    page = practitioners.page
    footer = page.locator("[data-list-footer]")
    for _turn in range(6):
        frame(practitioners).evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
        practitioners.quiet()
    shown, total = map(int, re.findall(r"\d+", footer.inner_text())[:2])
    assert shown == total > 500
    assert page.locator("tbody tr").count() < 60
    numbers = page.locator("tbody tr[data-name] td:nth-child(3)").all_inner_texts()
    assert numbers == sorted(numbers)


def test_the_way_back_leads_to_the_place_that_was_left(practitioners) -> None:
    page = practitioners.page
    frame(practitioners).evaluate("frame => frame.scrollTo(0, 1500)")
    practitioners.quiet()
    row = page.locator("tbody tr[data-name]").nth(20)
    name = row.get_attribute("data-name")
    row.click()
    page.wait_for_url(lambda url: "/practitioner/" in url)
    page.go_back()
    page.locator(f'tr[data-name="{name}"]').wait_for()
    assert frame(practitioners).evaluate("frame => frame.scrollTop") > 1000


def test_chosen_rows_are_exported_as_a_workbook(practitioners) -> None:
    page = practitioners.page
    for row in range(3):
        page.locator("tbody tr").nth(row).get_by_role("checkbox").check()
    practitioners.says("已选 3 条")
    practitioners.picture("list-chosen")
    wanted = titles(practitioners)[:3]
    practitioners.button("操作").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="导出 Excel").click()
    with download.value.path().open("rb") as file:
        sheet = openpyxl.load_workbook(file, read_only=True).active
        rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 4
    assert all(any(name in row for row in rows) for name in wanted)


def test_the_keyboard_walks_and_opens(practitioners) -> None:
    page = practitioners.page
    page.locator("tbody tr").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    practitioners.says("已选 1 条")
    name = page.locator("tbody tr").nth(1).get_attribute("data-name")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"/practitioner/{name}"))


def test_an_empty_result_says_so(practitioners) -> None:
    practitioners.page.get_by_role("searchbox").fill("没有这样的人")
    practitioners.says("没有符合条件的记录")
