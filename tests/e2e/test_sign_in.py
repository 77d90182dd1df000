"""Signing in and out, and a session that ends while somebody types."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from host.mailbox import Mailbox, serve


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


PASSWORD, NEW_PASSWORD = "old-Horse-7-battery", "new-Horse-8-battery"
SETTINGS = {"doctype": "System Settings", "name": "System Settings"}


@pytest.fixture
def newcomer(caller) -> Iterator[str]:
    """An account of this test alone."""
    office = caller("Administrator")
    account = {
        "doctype": "User",
        "email": "xinren@demo.hospital",
        "first_name": "新人",
        "send_welcome_email": 0,
    }
    given = {"new_password": PASSWORD, "roles": [{"role": "Practitioner"}], "language": "zh"}
    office.write("frappe.client.insert", doc=account | given)
    yield "xinren"
    office.write("frappe.client.delete", doctype="User", name="xinren@demo.hospital")


@pytest.fixture
def post(caller) -> Iterator[Mailbox]:
    """A mail server that the system sends through."""
    office = caller("Administrator")
    with serve() as (box, port):
        account = {"doctype": "Email Account", "email_account_name": "E2E", "email_id": "yiwu@demo.hospital"}
        server = {"enable_outgoing": 1, "default_outgoing": 1, "smtp_server": "127.0.0.1", "smtp_port": port,
                  "no_smtp_authentication": 1, "awaiting_password": 1}  # fmt: skip
        office.write("frappe.client.insert", doc=account | server)
        yield box
        office.write("frappe.client.delete", doctype="Email Account", name="E2E")


def arrived(box: Mailbox) -> str:
    """The text of the newest message, once it is there."""
    deadline = time.monotonic() + 20
    while not box.taken and time.monotonic() < deadline:
        time.sleep(0.2)
    return box.last().get_body(("html", "plain")).get_content()


def test_a_second_factor_is_asked_for(visitor, caller, newcomer, post) -> None:
    office = caller("Administrator")
    asked = {"enable_two_factor_auth": 1, "two_factor_method": "Email"}
    office.write("frappe.client.set_value", **SETTINGS, fieldname=asked)
    try:
        visitor.open("/login")
        visitor.page.fill("input[name=usr]", "xinren@demo.hospital")
        visitor.page.fill("input[name=pwd]", PASSWORD)
        visitor.page.keyboard.press("Enter")
        code = visitor.page.locator("input[name=otp]")
        code.wait_for()
        visitor.picture("second-factor")
        visitor.button("验证").click()
        visitor.says("请输入验证码")
        code.fill("000000")
        visitor.page.keyboard.press("Enter")
        visitor.page.locator("[role=alert]").first.wait_for()
        text = arrived(post)
        code.fill(re.search(r"\b\d{6}\b", re.sub(r"<[^>]+>|#\d{6}", " ", text))[0])
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(lambda url: "/login" not in url)
    finally:
        office.write("frappe.client.set_value", **SETTINGS, fieldname={"enable_two_factor_auth": 0})


def test_a_password_that_has_ended_is_changed_on_the_way_in(visitor, caller, newcomer) -> None:
    office = caller("Administrator")
    before = office.read(
        "frappe.client.get_single_value", doctype="System Settings", field="force_user_to_reset_password"
    )
    office.write("frappe.client.set_value", **SETTINGS, fieldname={"force_user_to_reset_password": 30})
    old = {"doctype": "User", "name": "xinren@demo.hospital", "fieldname": "last_password_reset_date"}
    office.write("frappe.client.set_value", **old, value="2020-01-01")
    try:
        visitor.open("/login")
        visitor.page.fill("input[name=usr]", "xinren@demo.hospital")
        visitor.page.fill("input[name=pwd]", PASSWORD)
        visitor.page.keyboard.press("Enter")
        password = visitor.page.locator("input[name=new_password]")
        password.wait_for()
        visitor.picture("new-password")
        password.fill(NEW_PASSWORD)
        visitor.page.fill("input[name=repeated_password]", "something else")
        visitor.button("修改密码").click()
        visitor.says("两次输入的密码不一致")
        visitor.page.fill("input[name=repeated_password]", NEW_PASSWORD)
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url(lambda url: "/login" not in url)
    finally:
        office.write(
            "frappe.client.set_value", **SETTINGS, fieldname={"force_user_to_reset_password": before or 0}
        )


def test_a_forgotten_password_is_answered_by_a_mail_with_a_link(visitor, newcomer, post) -> None:
    visitor.open("/login")
    visitor.button("忘记密码？").click()
    visitor.says("请先输入用户名")
    visitor.page.fill("input[name=usr]", "xinren@demo.hospital")
    visitor.button("忘记密码？").click()
    visitor.says("如果该账号存在")
    assert "/update-password?key=" in arrived(post)
