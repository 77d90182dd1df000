"""A table that is imported with a mapping, and a print format that is written beside its preview."""

from __future__ import annotations

from uuid import uuid4

import pytest
from e2e import trial


@pytest.fixture(scope="session")
def kind(stack) -> str:
    """The kind of record with all types of fields."""
    from e2e.conftest import Caller

    trial.make(Caller(stack.base_url, "Administrator"))
    return trial.KIND


def test_a_table_is_mapped_imported_and_its_progress_survives_a_reload(visitor, caller, kind) -> None:
    mark = uuid4().hex[:6]
    page = visitor.enter("Administrator").open("/import").page
    visitor.choose("reference_doctype", kind, kind)
    visitor.button("下一步").click()
    page.wait_for_url(lambda url: "/import/" in url)
    table = (
        "名称,金额,说明一栏\n"
        + "".join(f"{mark}-{number},{number},说明{number}\n" for number in range(30))
        + ",5,没有名称\n"
    )
    with page.expect_file_chooser() as chooser:
        page.get_by_text("选择文件").first.click()
    chooser.value.set_files({"name": "导入.csv", "mimeType": "text/csv", "buffer": table.encode()})
    page.get_by_label("“说明一栏”列对应的字段").select_option("note")
    visitor.quiet()
    visitor.picture("import-mapping")
    visitor.button("开始导入").click()
    visitor.says("导入已开始")
    page.reload(wait_until="load")
    page.get_by_text("失败 1 条").wait_for(timeout=60_000)
    visitor.picture("import-done")
    rows = caller("Administrator").read("frappe.client.get_list", doctype=kind, filters=f'[["title","like","{mark}-%"]]',
                                        fields='["title","amount","note"]', limit_page_length=0)  # fmt: skip
    assert len(rows) == 30
    assert {row["note"] for row in rows} == {f"说明{number}" for number in range(30)}


def test_a_print_format_is_written_beside_its_preview(visitor, caller, kind) -> None:
    name = f"试验格式{uuid4().hex[:5]}"
    office = caller("Administrator")
    office.write("frappe.client.insert", doc={"doctype": kind, "title": "纸上样本", "amount": 12})
    page = visitor.enter("Administrator").open("/print-format/new").page
    page.locator("input[name=format_name]").fill(name)
    kinds = page.get_by_role("combobox", name="单据类型")
    kinds.click()
    kinds.fill(kind)
    page.get_by_role("option").filter(has_text=kind).first.click()
    paper = page.frame_locator("iframe")
    paper.get_by_text("名称").first.wait_for()
    html = page.locator("textarea[name=html]")
    html.fill("<h1>出入证明 {{ doc.title }}</h1>")
    paper.get_by_text("出入证明").wait_for()
    html.fill("<h1>{{ doc.title </h1>")
    visitor.says("模板有误")
    html.fill("<h1>出入证明 {{ doc.title }}</h1>")
    paper.get_by_text("出入证明").wait_for()
    visitor.picture("print-format")
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/print-format/new" not in url)
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes()[:4] == b"%PDF"
    office.write("frappe.client.delete", doctype="Print Format", name=name)
