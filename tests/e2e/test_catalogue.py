"""A catalogue is imported whole or not at all, and each mistake is told with its row."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest


@pytest.fixture
def template(visitor) -> list[list]:
    """The rows of the template that the page offers."""
    page = visitor.enter("yiwu").open("/catalogue-import").page
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板").click()
    with download.value.path().open("rb") as file:
        return [list(row) for row in openpyxl.load_workbook(file).active.iter_rows(values_only=True)]


def workbook(rows: list[list]) -> bytes:
    book, file = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def choose(visitor, rows: list[list]) -> None:
    """Picks a scheme and a file with these rows, and has it checked."""
    visitor.field("scheme").click()
    visitor.page.get_by_role("option").first.click()
    visitor.page.locator('[data-fieldname="file"] input[type=file]').first.set_input_files(
        {"name": "目录.xlsx", "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "buffer": workbook(rows)}
    )  # fmt: skip
    visitor.page.locator('[data-fieldname="file"] a').wait_for()
    visitor.button("校验文件").click()
    visitor.page.locator("[data-import]").wait_for()


def test_a_mistake_is_named_with_its_row(visitor, template) -> None:
    wrong = list(template[1])
    wrong[2] = "9"
    choose(visitor, [template[0], wrong])
    visitor.says("目录未改变")
    assert visitor.page.locator("tbody tr td").first.inner_text() == "2"
    visitor.picture("catalogue-errors")
    assert visitor.page.get_by_role("button", name="开始导入").count() == 0


def test_a_valid_file_may_be_imported(visitor, template) -> None:
    choose(visitor, template[:2])
    visitor.says("全部 1 行校验通过")
    visitor.button("开始导入").wait_for()
    visitor.picture("catalogue-checked")


def test_a_mended_file_is_imported_and_a_second_time_changes_nothing(visitor, template) -> None:
    wrong = list(template[1])
    wrong[2] = "9"
    choose(visitor, [template[0], wrong])
    visitor.says("目录未改变")
    for unchanged in (None, "1"):
        visitor.page.get_by_role("link", name="导入其他文件").click()
        choose(visitor, template[:2])
        visitor.says("全部 1 行校验通过")
        visitor.button("开始导入").click()
        visitor.says("目录已导入")
        counts = dict(
            zip(
                visitor.page.locator("dl dt").all_inner_texts(),
                visitor.page.locator("dl dd").all_inner_texts(),
                strict=True,
            )
        )
        if unchanged:
            assert (counts["新增行数"], counts["变更行数"], counts["未变行数"]) == ("0", "0", unchanged)
    visitor.picture("catalogue-imported")
