"""Start pages: the workbench and the modules' own pages with figures, charts and ways on."""

from __future__ import annotations

import re


def test_the_workbench_shows_what_waits_and_leads_there(visitor) -> None:
    visitor.sign_in("yiwu")
    page = visitor.page
    visitor.says("待我审批")
    page.locator("#approvals li").first.wait_for()
    visitor.picture("workbench")
    page.locator("#approvals a").first.click()
    page.locator("[data-item]").first.wait_for()


def test_a_figure_of_the_workbench_opens_its_rows(visitor) -> None:
    visitor.enter("yiwu").open("/")
    visitor.page.get_by_role("link", name="待处理越权").first.click()
    visitor.page.wait_for_url(lambda url: "Unauthorized" in url and "status=Open" in url)
    visitor.page.locator("tbody tr").first.wait_for()


def test_a_modules_page_has_figures_charts_and_ways_on(visitor) -> None:
    visitor.enter("yiwu").open("/workspace/Privileging")
    page = visitor.page
    page.locator("canvas").first.wait_for()
    visitor.quiet()
    visitor.picture("workspace")
    page.get_by_role("link", name="有效授权数").click()
    page.wait_for_url(lambda url: "/list/" in url or "/report/" in url)


def test_each_module_of_the_menu_opens(visitor) -> None:
    visitor.enter("yiwu").open("/")
    links = visitor.page.locator('nav a[href*="/workspace/"]')
    links.first.wait_for()
    for index in range(links.count()):
        links.nth(index).click()
        visitor.quiet()
        visitor.page.get_by_role("main").get_by_role("link").first.wait_for()
        assert visitor.page.get_by_role("alert").count() == 0


def test_workbench_and_monitor_count_the_same_messages(visitor) -> None:
    visitor.enter("yiwu").open("/")
    visitor.quiet()
    told = visitor.page.get_by_role("link", name="未确认消息").first.inner_text()
    visitor.open("/integration").page.get_by_role("tab", name="发出的消息").wait_for()
    visitor.quiet()
    badge = visitor.page.get_by_role("tab", name="发出的消息").inner_text()
    assert re.findall(r"\d+", told) == re.findall(r"\d+", badge) != []
