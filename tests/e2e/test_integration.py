"""The monitor of gate and messages."""

from __future__ import annotations


def test_the_gate_is_well_and_known_to_be(visitor) -> None:
    visitor.enter("jicheng").open("/integration")
    visitor.page.locator("[data-gate]").get_by_text("实时校验服务正常").wait_for()
    visitor.picture("monitor")


def test_refused_messages_are_found_read_and_sent_again(visitor) -> None:
    page = visitor.enter("yiwu").open("/integration").page
    card = page.locator("[data-endpoint]").filter(has=page.locator("text=被拒收")).filter(has_text="手术麻醉")
    card.get_by_text("条被拒收").click()
    page.locator("[data-message]").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("消息头").first.wait_for()
    visitor.picture("monitor-message")
    dialog.get_by_role("tab", name="原文").click()
    dialog.get_by_text("MSH|^~\\&|").wait_for()
    dialog.get_by_role("button", name="重新发送").click()
    asking = page.get_by_role("dialog").last
    asking.get_by_role("button", name="确定").click()
    asking.get_by_text("请填写原因").wait_for()
    asking.locator("textarea").fill("对方已修正工号")
    asking.get_by_role("button", name="确定").click()
    visitor.says("已重新排队")


def test_received_messages_are_filtered(visitor) -> None:
    page = visitor.enter("jicheng").open("/integration").page
    page.get_by_role("tab", name="收到的消息").click()
    page.locator("[data-message]").first.wait_for()
    page.get_by_label("消息类型").fill("SIU^S12")
    page.get_by_role("button", name="检索").click()
    visitor.quiet()
    kinds = {text.split("\n")[0] for text in page.locator("[data-message]").all_inner_texts()}
    assert kinds == {"SIU^S12"}
    visitor.picture("monitor-received")


def test_an_endpoint_that_does_not_listen_is_told_in_words(visitor) -> None:
    page = visitor.enter("jicheng").open("/integration").page
    page.locator("[data-endpoint]").first.get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name="测试连接").click()
    visitor.says("连接失败")
