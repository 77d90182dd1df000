"""Going anywhere: the palette, the keyboard, favourites, the way back."""

from __future__ import annotations

import re

#: What is typed → what is found.
FOUND = {
    "郑洋": "郑洋", "zhengyang": "郑洋", "zy": "郑洋",
    "授权综合": "授权综合查询", "sqzhcx": "授权综合查询", "zizhishouquan": "资质授权",
}  # fmt: skip


def palette(visitor):
    visitor.page.keyboard.press("Control+k")
    field = visitor.page.get_by_role("combobox", name="检索")
    field.wait_for()
    return field


def options(visitor, text: str):
    return visitor.page.get_by_role("option").filter(has_text=text)


def test_people_pages_and_reports_are_found_in_chinese_pinyin_and_initials(visitor) -> None:
    visitor.enter("yiwu").open("/")
    field = palette(visitor)
    for typed, shown in FOUND.items():
        field.fill(typed)
        options(visitor, shown).first.wait_for()
    field.fill("10012")
    options(visitor, "郑洋").filter(has_text="普通外科").first.click()
    visitor.page.wait_for_url("**/practitioner/10012")


def test_the_palette_shows_what_was_open_and_begins_new_records(visitor) -> None:
    visitor.enter("yiwu").open("/practitioner/10012")
    palette(visitor)
    options(visitor, "郑洋").first.wait_for()
    visitor.page.keyboard.type("xinjianweiyuanhui")
    options(visitor, "新建委员会").first.wait_for()
    visitor.picture("palette")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/new/Committee")


def test_a_favourite_follows_to_the_phone(visitor, on_phone) -> None:
    page = visitor.enter("yiwu").open("/list/Committee").page
    star = page.locator("[data-star]")
    if star.get_attribute("aria-pressed") == "true":
        star.click()
        visitor.quiet()
    star.click()
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="委员会", exact=True).wait_for()
    visitor.quiet()
    on_phone.enter("yiwu").open("/")
    on_phone.button("菜单").click()
    on_phone.page.get_by_role("link", name="委员会", exact=True).click()
    on_phone.page.wait_for_url("**/list/Committee")
    star.click()
    visitor.quiet()


def test_keys_lead_on_and_the_table_of_keys_says_which(visitor) -> None:
    page = visitor.enter("yiwu").open("/list/Committee").page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/form/Committee/**")
    visitor.quiet()
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/list/Committee")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    dialog.get_by_text("到工作台").wait_for()
    visitor.picture("keys")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url(re.compile(r"/medaffairs/$"))


def test_typing_is_never_taken_for_a_command(visitor) -> None:
    page = visitor.enter("yiwu").open("/new/Committee").page
    visitor.field("committee_name").fill("")
    visitor.field("committee_name").press_sequentially("gwn?jk")
    assert visitor.field("committee_name").input_value() == "gwn?jk"
    assert page.url.endswith("/new/Committee")


def test_back_closes_what_is_open_then_returns_to_where_the_page_was(visitor) -> None:
    page = visitor.enter("yiwu").open("/workspace/Privileging").page
    visitor.quiet()
    page.locator("main").evaluate("(element) => element.scrollTo(0, 400)")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="组织与档案").click()
    page.wait_for_url(lambda url: "/workspace/" in url and "Privileging" not in url)
    palette(visitor)
    page.evaluate("history.back()")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.wait_for_timeout(300)
    assert "Privileging" not in page.url
    page.evaluate("history.back()")
    page.wait_for_url("**/workspace/Privileging")
    page.wait_for_function("() => document.querySelector('main').scrollTop > 300")


def test_the_way_to_a_record_is_shown(visitor) -> None:
    page = visitor.enter("yiwu").open("/form/Procedure/55.0197").page
    way = page.get_by_role("navigation", name="当前位置")
    way.get_by_role("link", name="资质授权").wait_for()
    way.get_by_role("link").last.click()
    page.wait_for_url("**/list/Procedure")


def test_help_speaks_of_the_page(visitor) -> None:
    page = visitor.enter("yiwu").open("/list/Committee").page
    page.keyboard.press("F1")
    dialog = page.get_by_role("dialog", name="帮助")
    dialog.get_by_role("heading", name="列表").wait_for()
    visitor.picture("help")
