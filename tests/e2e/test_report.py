"""Reports: chart, drill-down from a bar to its rows, sorting, filters in the address, export."""

from __future__ import annotations

import openpyxl
import pytest


@pytest.fixture
def titles(visitor):
    """The statistics of titles as the office sees them."""
    visitor.enter("yiwu").open("/report/Title%20Statistics")
    visitor.page.locator("canvas").wait_for()
    return visitor


def rows(visitor) -> list[str]:
    return visitor.page.locator("tbody tr").all_inner_texts()


def test_a_bar_opens_the_rows_it_was_counted_from(titles) -> None:
    page = titles.page
    titles.picture("report")
    everything = len(rows(titles))
    box = page.locator("canvas").bounding_box()
    # The first bar is the tallest: its middle is a little above the axis.
    page.mouse.click(box["x"] + 75, box["y"] + box["height"] - 60)
    titles.says("仅显示")
    assert 0 < len(rows(titles)) < everything
    titles.picture("report-drilled")
    titles.button("显示全部").click()
    assert len(rows(titles)) == everything


def test_figures_stand_above_and_rows_sort(titles) -> None:
    page = titles.page
    titles.says("医务人员数")
    page.get_by_role("button", name="合计").click()
    page.get_by_role("button", name="合计").click()
    header = page.locator("thead th").filter(has_text="合计")
    assert header.get_attribute("aria-sort") == "descending"


def test_a_report_is_exported(titles) -> None:
    titles.button("导出").click()
    with titles.page.expect_download() as download:
        titles.page.get_by_role("menuitem", name="Excel").click()
    with download.value.path().open("rb") as file:
        sheet = openpyxl.load_workbook(file, read_only=True).active
        assert sum(1 for _row in sheet.iter_rows()) > 20


def test_filters_stay_in_the_address(visitor) -> None:
    visitor.enter("yiwu").open("/report/Grants%20About%20To%20Expire")
    visitor.page.locator("form").get_by_role("button", name="查询").click()
    visitor.quiet()
    address = visitor.page.url
    visitor.open("/")
    visitor.page.goto(address, wait_until="networkidle")
    visitor.page.locator("tbody tr, [role=status]").first.wait_for()
    visitor.picture("report-expiring")


def test_who_may_not_see_a_report_is_told_so(visitor) -> None:
    visitor.enter("hushi").open("/report/Sync%20Receipts")
    visitor.page.get_by_role("alert").first.wait_for()
