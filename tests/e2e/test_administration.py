"""An administrator sets the system up without code: fields, rights, workflows; each change can be taken back."""

from __future__ import annotations

KIND = "Expert%20Pool"


def test_a_field_is_renamed_added_and_both_are_taken_back(visitor) -> None:
    page = visitor.enter("Administrator").open(f"/admin/fields/{KIND}").page
    visitor.button("新字段").first.click()
    sheet = page.get_by_role("dialog", name="新字段")
    sheet.get_by_label("名称").fill("专家联系方式")
    visitor.picture("admin-new-field")
    sheet.get_by_role("button", name="保存").click()
    page.locator("[data-fields] li").filter(has_text="专家联系方式").wait_for()
    visitor.open("/new/Expert%20Pool")
    page.get_by_text("专家联系方式").first.wait_for()
    visitor.open(f"/admin/fields/{KIND}")
    changes = page.locator("[data-changes]")
    changes.get_by_text("添加字段「专家联系方式」").first.wait_for()
    visitor.picture("admin-fields")
    changes.get_by_role("button", name="撤回").first.click()
    page.locator("[data-fields] li").filter(has_text="专家联系方式").wait_for(state="detached")


def test_a_right_is_given_and_undone(visitor) -> None:
    page = visitor.enter("Administrator").open(f"/admin/rights/{KIND}").page
    box = page.get_by_role("checkbox", name="审计员 · 修改")
    box.click()
    visitor.says("已授予")
    assert box.is_checked()
    page.get_by_role("button", name="撤销").first.click()
    visitor.says("已撤销")
    assert not box.is_checked()


def test_the_matrix_says_what_a_user_sees_and_why(visitor) -> None:
    page = visitor.enter("Administrator").open("/admin/rights/Demerit%20Record").page
    part = page.locator("[data-who-sees]")
    part.get_by_role("combobox").fill("yishi")
    page.get_by_role("option").filter(has_text="yishi").first.click()
    part.get_by_role("button", name="查看").click()
    part.get_by_text("起作用的角色").wait_for()
    visitor.picture("admin-rights")


def test_a_workflow_is_walked_through_without_touching_a_record(visitor) -> None:
    page = visitor.enter("Administrator").open("/admin/workflow").page
    page.get_by_role("main").get_by_role("link").filter(has_text="权限申请").first.click()
    page.locator("[data-canvas] [data-state]").first.wait_for()
    run = page.locator("[data-dry-run]")
    run.get_by_role("checkbox").first.wait_for()
    for box in run.get_by_role("checkbox").all():
        box.check()
    run.get_by_role("button", name="→").first.click()
    run.get_by_role("button", name="从头开始").wait_for()
    page.locator("[data-canvas] [data-state]").first.focus()
    page.keyboard.press("ArrowDown")
    visitor.says("未保存")
    visitor.picture("admin-workflow")


def test_an_officer_is_not_offered_administration(visitor) -> None:
    page = visitor.enter("yiwu").open("/").page
    assert page.get_by_role("link", name="系统管理").count() == 0
    visitor.open("/admin/fields/Practitioner").page.get_by_role("alert").wait_for()
