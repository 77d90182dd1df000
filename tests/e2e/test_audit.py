"""The access log: search, one record, pages, export, verification, seals."""

from __future__ import annotations


def test_what_somebody_looked_at_is_found(visitor, caller) -> None:
    caller("ganshi").read("frappe.client.get", doctype="Committee", name="手术分级授权管理委员会")
    page = visitor.enter("shenji").open("/audit").page
    page.get_by_label("对象包含").fill("手术分级授权管理委员会")
    page.get_by_label("操作").select_option(label="查看")
    page.locator("#page").get_by_role("button", name="检索").click()
    page.wait_for_url(lambda url: "target_name" in url)
    row = page.locator("tbody tr").filter(has_text="ganshi@demo.hospital").first
    row.wait_for()
    visitor.picture("audit")
    row.click()
    page.get_by_role("dialog").get_by_text("127.0.0.1").wait_for()


def test_the_log_has_pages(visitor) -> None:
    page = visitor.enter("shenji").open("/audit").page
    page.locator("tbody tr").first.wait_for()
    newest = page.locator("tbody tr").first.inner_text()
    following = page.get_by_role("button", name="下一页")
    if following.is_enabled():
        following.click()
        page.wait_for_url(lambda url: "start=50" in url)
        visitor.quiet()
        assert page.locator("tbody tr").first.inner_text() != newest


def test_the_log_is_exported(visitor) -> None:
    page = visitor.enter("shenji").open("/audit").page
    page.locator("tbody tr").first.wait_for()
    visitor.button("导出").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV").click()
    assert "序号" in download.value.path().read_text(encoding="utf-8-sig").splitlines()[0]


def test_the_chain_is_verified_and_sealed(visitor) -> None:
    page = visitor.enter("shenji").open("/audit").page
    visitor.button("校验完整性").click()
    page.locator("[data-verdict]").get_by_text("日志完整，未被改动").wait_for()
    page.get_by_role("tab", name="封存记录").click()
    visitor.button("立即封存").click()
    page.locator("li").filter(has_text="第 1 至").first.wait_for()
    visitor.picture("audit-seals")


def test_others_have_no_access_log(visitor) -> None:
    page = visitor.enter("yiwu").open("/").page
    assert page.get_by_role("link", name="审计日志").count() == 0
    visitor.open("/audit")
    page.get_by_role("alert").first.wait_for()
