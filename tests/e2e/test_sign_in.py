"""Signing in and out, and a session that ends while somebody types."""

from __future__ import annotations


def test_a_wrong_password_is_told_in_words(visitor) -> None:
    visitor.open("/login")
    visitor.button("登录").click()
    visitor.says("请输入用户名和密码")
    visitor.page.fill("input[name=usr]", "yiwu@demo.hospital")
    visitor.page.fill("input[name=pwd]", "not the password")
    visitor.page.keyboard.press("Enter")
    visitor.says("用户名或密码错误")
    assert visitor.page.input_value("input[name=usr]") == "yiwu@demo.hospital"
    visitor.picture("sign-in")


def test_the_page_that_was_asked_for_opens_after_signing_in(visitor) -> None:
    visitor.open("/list/Practitioner")
    visitor.page.wait_for_url(lambda url: "/login" in url)
    visitor.page.fill("input[name=usr]", "yiwu@demo.hospital")
    visitor.page.fill("input[name=pwd]", "demo")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(lambda url: "/list/Practitioner" in url)
    visitor.page.locator("tbody tr").first.wait_for()


def test_signing_out_leads_to_the_sign_in_page(visitor) -> None:
    visitor.sign_in("hushi")
    visitor.page.locator("nav").get_by_role("button").last.click()
    visitor.page.get_by_role("menuitem", name="退出登录").click()
    visitor.page.wait_for_url(lambda url: "/login" in url)
    visitor.open("/")
    visitor.page.wait_for_url(lambda url: "/login" in url)


def test_nothing_typed_is_lost_when_the_session_ends(visitor, caller) -> None:
    visitor.enter("yiwu").open("/form/Clinical%20Department/1002")
    name = visitor.field("department_name")
    name.wait_for()
    before = name.input_value()
    name.fill(f"{before}甲")
    visitor.end_session_on_the_server()
    visitor.button("保存").click()
    overlay = visitor.page.get_by_role("dialog")
    overlay.get_by_text("登录已过期").first.wait_for()
    visitor.picture("session-ended")
    assert overlay.locator("input[name=usr]").is_disabled()
    assert name.input_value() == f"{before}甲"
    overlay.locator("input[name=pwd]").fill("demo")
    visitor.page.keyboard.press("Enter")
    overlay.wait_for(state="detached")
    visitor.says("已保存")
    office = caller("yiwu")
    kept = {"doctype": "Clinical Department", "filters": "1002", "fieldname": "department_name"}
    assert office.read("frappe.client.get_value", **kept)["department_name"] == f"{before}甲"
    back = {"doctype": "Clinical Department", "name": "1002", "fieldname": "department_name", "value": before}
    office.write("frappe.client.set_value", **back)


def test_why_a_sign_in_elsewhere_failed_is_shown_as_text(visitor) -> None:
    visitor.open("/login?problem=%3Cimg src=x%3E 该账号在本系统中没有对应的用户")
    problem = visitor.page.locator("[data-problem]")
    assert problem.inner_text() == "<img src=x> 该账号在本系统中没有对应的用户"
    assert problem.locator("img").count() == 0


def test_accounts_of_other_systems_are_offered_when_they_are_set_up(visitor, caller) -> None:
    office = caller("Administrator")
    assert visitor.open("/login").page.locator("[data-provider]").count() == 0
    [found] = office.read(
        "frappe.client.get_list", doctype="Message Channel", filters='{"kind": "WeCom"}', fields='["name"]'
    )
    channel = office.read("frappe.client.get", doctype="Message Channel", name=found["name"])
    before = {name: channel.get(name) for name in ("enabled", "allow_sign_in")}
    given = {"enabled": 1, "allow_sign_in": 1, "corp_id": "ww1", "agent_id": "1", "app_secret": "invented"}
    saved = office.write("frappe.client.save", doc=channel | given)
    try:
        button = visitor.open("/login?next=/list/Penalty").page.locator("[data-provider=WeCom]")
        assert button.inner_text() == "使用企业微信登录"
        address = button.get_attribute("href")
        assert address.startswith("/api/method/medaffairs.messaging.signin.begin?provider=WeCom&to=")
        assert address.endswith("%2Fmedaffairs%2Flist%2FPenalty")
    finally:
        office.write("frappe.client.save", doc=saved | before)
