"""Forms: every layout and field, links by name and initials, child tables, files, errors, versions, drafts."""

from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
def committee(visitor) -> tuple:
    """A committee that somebody has begun to type."""
    name = f"测试委员会{uuid4().hex[:6]}"
    visitor.enter("yiwu").open("/new/Committee")
    visitor.field("committee_name").fill(name)
    visitor.field("committee_type").select_option(index=1)
    return visitor, name


def add_member(visitor, text: str, title: str, role: str = "委员") -> None:
    """Adds a row and finds its person by what is typed."""
    visitor.button("添加一行").click()
    row = visitor.page.locator('[data-fieldname="members"] tbody tr').last
    row.locator('[data-fieldname="practitioner"] input').click()
    row.locator('[data-fieldname="practitioner"] input').fill(text)
    visitor.page.get_by_role("option").filter(has_text=title).first.click()
    row.locator('[data-fieldname="member_role"] select').select_option(label=role)


def save(visitor) -> None:
    visitor.button("保存").click()
    visitor.page.wait_for_url(lambda url: "/form/" in url)
    visitor.quiet()


def test_what_is_missing_is_named_and_nothing_is_lost(committee) -> None:
    visitor, name = committee
    visitor.button("保存").click()
    visitor.says("请填写")
    assert (
        visitor.page.locator('[data-fieldname="members"]').get_by_role("alert").inner_text() == "请填写成员"
    )
    assert visitor.field("committee_name").input_value() == name
    visitor.picture("form-missing")


def test_a_record_with_rows_is_saved(committee) -> None:
    visitor, name = committee
    add_member(visitor, "zy", "郑洋")
    rows = visitor.page.locator('[data-fieldname="members"] tbody tr')
    rows.filter(has_text="yishi@demo.hospital").first.wait_for()
    add_member(visitor, "徐景", "徐景")
    visitor.picture("form-rows")
    save(visitor)
    visitor.page.get_by_role("heading", name=name).wait_for()
    visitor.says("创建了此记录")
    visitor.field("committee_name")
    visitor.page.locator('[data-fieldname="deadline_hours"] input').fill("24")
    visitor.page.keyboard.press("Control+s")
    visitor.says("已保存")
    visitor.page.locator("li").filter(has_text="表决时限").filter(has_text="24").first.wait_for()
    visitor.picture("form-history")


def test_a_comment_stands_in_the_history(committee) -> None:
    visitor, _name = committee
    add_member(visitor, "zy", "郑洋")
    save(visitor)
    visitor.page.get_by_placeholder("写评论").fill("请核对委员名单")
    visitor.page.get_by_role("region", name="历史").get_by_role("button", name="评论").click()
    visitor.page.locator("li").filter(has_text="请核对委员名单").first.wait_for()


def test_a_file_is_attached_and_shown(committee) -> None:
    visitor, _name = committee
    add_member(visitor, "zy", "郑洋")
    save(visitor)
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.get_by_text("添加附件").click()
    chooser.value.set_files({"name": "名单.txt", "mimeType": "text/plain", "buffer": "委员名单".encode()})
    visitor.page.get_by_role("region", name="附件").get_by_role("button", name="名单").first.wait_for()


def test_what_was_typed_is_offered_again_after_the_page_was_left(committee) -> None:
    visitor, name = committee
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    visitor.open("/new/Committee")
    visitor.says("尚未保存")
    visitor.button("继续填写").click()
    assert visitor.field("committee_name").input_value() == name


def test_somebody_elses_change_is_shown_and_chosen_from(visitor, caller) -> None:
    visitor.enter("yiwu").open("/form/Clinical%20Department/1003")
    visitor.field("department_name").wait_for()
    before = visitor.field("department_name").input_value()
    other = caller("ganshi")
    write = {"doctype": "Clinical Department", "name": "1003", "fieldname": "department_name"}
    other.write("frappe.client.set_value", **write, value=f"{before}乙")
    try:
        visitor.field("department_name").fill(f"{before}丙")
        visitor.button("保存").click()
        dialog = visitor.page.get_by_role("dialog")
        dialog.get_by_text("他人已修改此记录").first.wait_for()
        visitor.picture("form-conflict")
        dialog.get_by_role("radio").first.check()
        dialog.get_by_role("button").last.click()
        visitor.button("保存").click()
        visitor.says("已保存")
        visitor.page.reload(wait_until="networkidle")
        assert visitor.field("department_name").input_value() == f"{before}丙"
    finally:
        other.write("frappe.client.set_value", **write, value=before)


def test_a_date_is_typed_in_any_usual_way(visitor) -> None:
    visitor.enter("yiwu").open("/form/Practitioner/10007")
    born = visitor.field("birth_date")
    born.wait_for()
    before = born.input_value()
    born.fill("19830212")
    born.press("Tab")
    assert born.input_value() == "1983-02-12"
    born.fill("1983-02-30")
    born.press("Tab")
    visitor.says("请按 YYYY-MM-DD 格式填写")
    born.fill(before)
    born.press("Tab")


def test_a_record_that_does_not_exist_is_told_in_words(visitor) -> None:
    visitor.enter("yiwu").open("/form/Committee/没有这个委员会")
    visitor.page.get_by_role("alert").first.wait_for()
    visitor.picture("form-not-found")


def test_who_may_not_write_only_reads(visitor) -> None:
    visitor.enter("hushi").open("/form/Clinical%20Department/1001")
    visitor.page.locator('[data-fieldname="department_name"]').first.wait_for()
    assert visitor.page.get_by_role("button", name="保存").count() == 0
    assert visitor.page.locator('[data-fieldname="department_name"] input').count() == 0
