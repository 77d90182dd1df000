"""A near miss from the phone to the change that was made; a grave event through analysis; a report without a name."""

from __future__ import annotations

import time

NURSE, OFFICE = "hushi", "ganshi"
STORY = "治疗车抽屉内两支氯化钾与葡萄糖混放，摆药时发现并分开。"
CHANGE = "高警示药品改为专柜加锁，全院病区已完成。"


def report_near_miss(visitor, words: str, identity: str = "") -> float:
    """Fills in a near miss as a thumb does; how many seconds it took."""
    page = visitor.open("/report-event?near=1").page
    begun = time.monotonic()
    if identity:
        page.locator(f'[data-identity="{identity}"]').click()
    page.locator('[data-category="AE03"]').click()
    visitor.field("description").press_sequentially(words, delay=40)
    visitor.field("measures").press_sequentially("已分开放置", delay=40)
    visitor.quiet()
    asked = page.locator("form [data-fieldname]").evaluate_all(
        "nodes => nodes.map((node) => node.dataset.fieldname)"
    )
    assert len(asked) == 6, asked
    page.locator("[data-send]").click()
    page.locator("[data-sent]").wait_for()
    return time.monotonic() - begun


def test_a_near_miss_goes_from_the_phone_to_the_change_that_was_made(on_phone, visitor) -> None:
    on_phone.enter(NURSE)
    seconds = report_near_miss(on_phone, STORY)
    print(f"a near miss on a phone: {seconds:.0f} s, 6 fields")
    on_phone.picture("event-sent")
    on_phone.open("/my-events")
    row = on_phone.page.locator("[data-report]").first
    number = row.get_attribute("data-report")
    assert row.get_by_text(STORY[:12]).count() and row.get_by_text("已上报").count()
    assert on_phone.overflow() == []

    page = visitor.enter(OFFICE).open(f"/event/{number}").page
    visitor.says(STORY)
    visitor.button("归档").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill(CHANGE)
    dialog.get_by_role("button", name="归档", exact=True).click()
    dialog.wait_for(state="detached")
    visitor.quiet()
    visitor.says(CHANGE)
    visitor.picture("event-archived")

    notice = on_phone.page.locator("#notices").get_by_role("link").filter(has_text="您上报的不良事件有进展")
    on_phone.open_until("/", notice.first)
    notice.first.click()
    on_phone.page.wait_for_url(lambda url: url.endswith("/my-events"))
    on_phone.quiet()
    on_phone.page.locator(f'[data-report="{number}"] button').first.click()
    on_phone.page.locator("[data-change]").get_by_text(CHANGE).wait_for()
    on_phone.picture("my-events")


def test_a_report_without_a_name_is_followed_by_its_code(on_phone) -> None:
    page = on_phone.enter(NURSE).page
    with page.expect_request("**/*anonymous.submit") as sent:
        report_near_miss(on_phone, "交班时未交代患者青霉素过敏，次日发现。", "Anonymous")
    headers = sent.value.all_headers()
    assert "cookie" not in headers and not headers.get("x-frappe-csrf-token")
    code = page.locator("[data-code]").inner_text()
    on_phone.picture("event-anonymous")
    on_phone.open("/my-events")
    page.locator("[data-track]").fill(code)
    on_phone.button("查询").click()
    page.locator("[data-tracked]").get_by_text("已上报").first.wait_for()
    assert page.evaluate("Object.values(localStorage).join().includes('青霉素')") is False


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(visitor) -> None:
    page = visitor.enter(NURSE).open("/report-event").page
    page.locator('[data-category="AE11"]').click()
    visitor.field("description").fill("电梯停运")
    visitor.field("occurred_at").fill("2099-01-01 08:00")
    page.locator("[data-send]").click()
    page.locator('[data-fieldname="occurred_at"]').get_by_text("不能晚于现在").wait_for()
    page.locator("[data-refusal]").wait_for()
    visitor.open("/report-event")
    assert visitor.field("description").input_value() == "电梯停运"
    visitor.picture("event-report")


def test_a_fall_is_analysed_with_fishbone_and_5_whys(visitor) -> None:
    page = visitor.enter(OFFICE).open("/list/Adverse Event Report?workflow_state=Analysis").page
    page.locator("tbody tr").filter(has_text="患者凌晨如厕").first.click()
    page.wait_for_url(lambda url: "/event/" in url)
    page.locator("[data-fishbone]").get_by_text("卫生间门口积水").wait_for()
    page.locator("[data-add-cause]").click()
    cause = page.locator("[data-cause]").last
    cause.locator("select").first.select_option("CAUSE_KIND-METHOD")
    cause.locator("input:not([type=checkbox])").fill("地面保洁时段无警示牌")
    page.locator("[data-fishbone]").get_by_text("地面保洁时段无警示牌").wait_for()
    page.locator("[data-save-analysis]").click()
    visitor.says("已保存")
    visitor.picture("event-analysis")
    page.locator("[data-history]").get_by_text("受理").first.wait_for()
