"""Forms on the screen: designed and put in force at a desk, filled in on a phone with and without a network, read, changed."""

from __future__ import annotations

import json
import re
import secrets
from datetime import date, timedelta
from pathlib import Path

import pytest

QUESTIONS = [
    ("place", "经过", "发生地点", "Select", {"options": "病房|0\n走廊|5", "mandatory": 1}),
    ("corridor", "经过", "走廊名称", "Text", {"depends_on": "eval:doc.place=='走廊'", "mandatory": 1}),
    ("seen", "经过", "目击情况", "Multi Select", {"options": "护士在场\n家属在场\n无人在场"}),
    ("rail", "经过", "床栏是否拉起", "Yes/No", {"options": "是|0\n否|5"}),
    ("drugs", "用药", "在用药品", "Table", {}),
    ("name", "用药", "药名", "Text", {"in_table": "drugs", "mandatory": 1}),
    ("dose", "用药", "剂量", "Number", {"in_table": "drugs", "unit": "mg", "minimum": "0"}),
    ("standard", "评分", "达标情况", "Score", {"max_score": 5}),
    ("photos", "评分", "现场照片", "File", {}),
]


@pytest.fixture
def code(caller) -> str:
    """A form in force that nobody else uses."""
    office, code = caller("yiwu"), f"E2E_{secrets.token_hex(3).upper()}"
    rows = [
        {"question_code": code_, "section": section, "label": label, "question_type": kind, **more}
        for code_, section, label, kind, more in QUESTIONS
    ]
    doc = {"doctype": "Form Template", "form_code": code, "title": "跌倒复查", "questions": rows}
    made = office.write("frappe.client.insert", doc=doc)
    office.write("medaffairs.forms.api.put_in_force", template=made["name"])
    return code


@pytest.fixture
def response(caller, code: str) -> str:
    """The form begun on a task of improvement."""
    office = caller("yiwu")
    place = office.read("frappe.client.get_list", doctype="Clinical Department", filters=json.dumps({"is_group": 0}), limit_page_length=1)[0]["name"]  # fmt: skip
    due = str(date.today() + timedelta(days=7))
    task = {"doctype": "Improvement Action", "problem": "病区地面湿滑", "department": place, "due_date": due}
    name = office.write("frappe.client.insert", doc=task)["name"]
    return office.write("medaffairs.forms.api.begin", code=code, doctype="Improvement Action", name=name)


def question(page, code: str):
    return page.locator(f'[data-question="{code}"]').first


def pick(page, code: str, text: str) -> None:
    question(page, code).get_by_text(text, exact=True).click()


def saved(page) -> None:
    page.get_by_role("status").filter(has_text=re.compile("^已保存$")).wait_for()


def test_a_form_is_filled_in_on_a_phone_in_parts(on_phone, caller, response: str, tmp_path: Path) -> None:
    page = on_phone.enter("yiwu").open(f"/forms/response/{response}").page
    assert not question(page, "corridor").is_visible()
    pick(page, "place", "走廊")
    question(page, "corridor").locator("input").fill("三楼东")
    pick(page, "seen", "护士在场")
    pick(page, "rail", "否")
    assert page.locator("[data-score]").inner_text() == "得分 10 / 15"
    saved(page)

    on_phone.context.set_offline(True)
    pick(page, "standard", "4")
    page.get_by_text("网络不通").wait_for()
    on_phone.context.set_offline(False)
    saved(page)
    assert page.locator("[data-score]").inner_text() == "得分 14 / 15"

    on_phone.button("添加一行").click()
    question(page, "dose").locator("input").fill("2.5")
    saved(page)
    photo = tmp_path / "现场.png"
    page.screenshot(path=photo)
    question(page, "photos").locator("input[type=file]").last.set_input_files(photo)
    question(page, "photos").locator("img").wait_for()
    saved(page)
    assert on_phone.overflow() == []

    page.reload()
    on_phone.quiet()
    assert question(page, "corridor").locator("input").input_value() == "三楼东"
    on_phone.button("完成填报").click()
    question(page, "name").get_by_text("请填写此项").wait_for()
    question(page, "name").locator("input").fill("地西泮")
    on_phone.picture("forms-response")
    on_phone.button("完成填报").click()
    on_phone.says("已完成")
    kept = caller("yiwu").read("medaffairs.forms.api.definition", response=response)
    assert (kept["status"], kept["score"], kept["max_score"]) == ("Completed", 14, 15)
    assert kept["answers"]["drugs"] == [{"name": "地西泮", "dose": 2.5}]
    assert len(kept["answers"]["photos"]) == 1
    paper = on_phone.context.new_page()
    paper.goto(f"{on_phone.base_url}/printview?doctype=Form Response&name={response}&format=Filled-in Form")
    for text in ("跌倒复查", "走廊名称", "地西泮", "14 / 15"):
        assert text in paper.content()


def test_what_was_typed_without_a_network_is_there_after_a_restart(on_phone, response: str) -> None:
    page = on_phone.enter("yiwu").open(f"/forms/response/{response}").page
    page.route("**/medaffairs.forms.api.save", lambda route: route.abort())
    pick(page, "place", "走廊")
    question(page, "corridor").locator("input").fill("二楼西")
    page.get_by_text("已存本机").wait_for()
    page.unroute("**/medaffairs.forms.api.save")
    page.reload()
    on_phone.says("已恢复您上次未提交的内容。")
    assert question(page, "corridor").locator("input").input_value() == "二楼西"
    on_phone.button("保存").click()
    saved(page)


def test_a_form_is_designed_put_in_force_and_compared(visitor, code: str) -> None:
    page = visitor.enter("yiwu").open(f"/forms/template/{code}-v1").page
    visitor.says("此版本启用过")
    visitor.button("新建版本").click()
    page.wait_for_url(lambda url: url.endswith(f"{code}-v2"))
    visitor.quiet()
    rows = page.locator("[data-row]")
    rows.nth(3).get_by_role("button", name="在下方添加题目").click()
    visitor.field("label").fill("呼叫铃是否可及")
    visitor.field("question_type").select_option("Yes/No")
    visitor.field("question_code").fill("bell")
    visitor.field("depends_on").fill("eval:doc.nothing=='x'")
    preview = page.locator("[data-preview]")
    assert not preview.get_by_text("呼叫铃是否可及").is_visible()
    visitor.button("保存").click()
    visitor.says("显示条件引用的 nothing 不在本题之前")
    visitor.field("depends_on").fill("eval:doc.place=='病房'")
    preview.get_by_text("病房", exact=True).click()
    preview.get_by_text("呼叫铃是否可及").wait_for()
    rows.nth(4).get_by_role("button", name="上移").click()
    rows.nth(0).get_by_role("button", name="下移").click()
    rows.nth(1).get_by_role("button", name="上移").click()
    visitor.button("保存").click()
    page.locator("[data-changes]").get_by_text("新增：呼叫铃是否可及").wait_for()
    visitor.picture("forms-template")
    visitor.button("启用").click()
    page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
    visitor.says("此版本启用过")
    assert visitor.overflow() == []
