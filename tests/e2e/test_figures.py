"""Start pages, reports and paper, as people look at them."""

from __future__ import annotations

import re

import pytest

REPORTS = {
    "Title Statistics": "职称统计",
    "Yearly Authorisation Analysis": "年度授权分析",
    "Unauthorised Acts": "越权行为统计",
    "Grants About To Expire": "授权到期预警",
    "Procedure Catalogue Statistics": "手术目录分级统计",
    "Privilege File Summary": "医师技术档案汇总",
    "Approval Progress": "审批进度",
    "Sync Receipts": "同步回执",
}


def test_a_start_page_counts_and_leads_to_what_it_counted(visitor):
    visitor.enter("yiwu").open("/workspace/Privileging")
    visitor.says("有效授权数")
    card = visitor.page.get_by_role("link").filter(has_text="待处理越权").first
    count = int(re.sub(r"\D", "", card.inner_text()))
    assert count > 0
    assert visitor.page.locator("canvas").count() == 4, "four charts are drawn"
    card.click()
    visitor.page.wait_for_url(lambda url: "Unauthorized" in url and "status=Open" in url)


def test_a_card_of_a_method_leads_to_its_report(visitor):
    visitor.enter("yiwu").open("/workspace/Privileging")
    visitor.page.get_by_role("link").filter(has_text="即将到期授权").first.click()
    visitor.page.wait_for_url(lambda url: "Grants" in url and "days=" in url)
    visitor.says("授权到期预警")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_shows_figures_chart_and_rows(name, visitor):
    visitor.enter("yiwu").open(f"/report/{name}")
    visitor.says(REPORTS[name])
    visitor.page.locator("canvas").first.wait_for()
    assert visitor.page.locator("tbody tr").count() > 0
    assert visitor.overflow() == []


def test_figures_lead_to_the_records_behind_them(visitor):
    visitor.enter("yiwu").open("/report/Unauthorised Acts")
    row = visitor.page.locator("tbody tr").first
    acts = int(row.locator("td").nth(1).inner_text())
    row.get_by_title("查看明细记录").click()
    visitor.page.wait_for_url(lambda url: "/list/Unauthorized" in url and "occurred_at" in url)
    visitor.says(f"{acts} / {acts} 条")


def test_filters_stay_in_the_address(visitor):
    visitor.enter("yiwu").open("/report/Unauthorised Acts?group_by=Month")
    visitor.says("越权行为统计（按月份）")
    visitor.page.reload(wait_until="networkidle")
    visitor.says("越权行为统计（按月份）")


def test_a_report_fits_a_phone(on_phone):
    on_phone.enter("zhuren").open("/report/Privilege File Summary")
    on_phone.page.locator("canvas").first.wait_for()
    assert on_phone.overflow() == []


def test_an_application_is_printed_as_the_hospital_files_it(visitor):
    visitor.enter("yiwu").open("/report/Approval Progress?stage=Decided")
    visitor.page.locator("tbody a").first.click()
    visitor.page.wait_for_url(lambda url: "PA-" in url)
    with visitor.context.expect_page() as opened:
        visitor.page.get_by_text("打印").first.click()
    paper = opened.value
    paper.wait_for_load_state()
    text = paper.inner_text("body")
    for words in ("申请审批表", "科室意见", "医务部意见", "科主任签名", "医务部（盖章）"):
        assert words in text
