"""The hospital's quality report: blanks that are filled and never run, numbers that match the reports, a Word file and PDF."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import frappe
import pytest
from docx import Document
from frappe.desk import query_report
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from medaffairs.adverse_event.quality import api, blanks, charts, generation
from medaffairs.adverse_event.quality.content import content

from .conftest import CHIEF, NURSE, OFFICER, WARD, hours_ago

TODAY = date.today()
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
PERIOD = {"from_date": str(TODAY - timedelta(29)), "to_date": str(TODAY), "department": WARD}


@given(
    st.dictionaries(st.sampled_from(blanks.NAMES), st.text(max_size=20)),
    st.lists(st.sampled_from(blanks.NAMES), max_size=5),
)
def test_a_value_is_taken_as_it_is(values, used):
    text = "—".join(f"{{{name}}}" for name in used)
    assert blanks.fill(text, values) == "—".join(values.get(name, f"{{{name}}}") for name in used)


@pytest.mark.parametrize(
    "hostile", ["{{ frappe.session.user }}", "{% for x in y %}", "{events.__class__}", "{0}", "${events}x"]
)
def test_a_template_is_filled_and_never_run(hostile):
    filled = blanks.fill(hostile, {"events": "7"})
    assert filled == hostile.replace("{events}", "7")


@given(DAYS, st.sampled_from(list(blanks.MONTHS)))
def test_the_ended_period_is_whole_and_just_over(today, cycle):
    first, last = blanks.ended(today, cycle)
    assert first.day == 1 and (last + timedelta(1)).day == 1 and last < today
    assert (last.year - first.year) * 12 + last.month - first.month + 1 == blanks.MONTHS[cycle]
    assert (today - last).days <= 92
    assert blanks.ended(first, cycle) == blanks.before(first, last)


@given(DAYS, st.integers(0, 400))
def test_the_period_before_ends_where_this_one_begins(first, days):
    last = first + timedelta(days)
    earlier, end = blanks.before(first, last)
    assert end == first - timedelta(1) and earlier <= end


def test_periods_have_names():
    assert blanks.spoken(date(2026, 10, 1), date(2026, 10, 31)) == "2026年10月"
    assert blanks.spoken(date(2026, 7, 1), date(2026, 9, 30)) == "2026年第3季度"
    assert blanks.spoken(date(2026, 1, 1), date(2026, 12, 31)) == "2026年"
    assert blanks.spoken(date(2026, 1, 2), date(2026, 1, 31)) == "2026-01-02—2026-01-31"


@pytest.mark.parametrize("kind", ["bar", "line", "pie", "axis-mixed"])
def test_a_chart_becomes_a_picture(kind):
    labels = [f"重症医学科第{number}病区" for number in range(12)]
    values = [
        {"name": "例数", "values": list(range(1, 13))},
        {"name": "累计", "values": list(range(12)), "chartType": "line"},
    ]
    image = Image.open(io.BytesIO(charts.png({"type": kind, "data": {"labels": labels, "datasets": values}})))
    assert image.size[0] > 1000 and len(image.convert("RGB").getcolors(2_000_000)) > 10


@pytest.fixture
def quality(report, as_user):
    """Four events of the ward and a report about them, in the language of its readers."""
    report()
    report(occurred_at=str(hours_ago(5)), place="EVENT_PLACE-WARD")
    report(occurred_at=str(hours_ago(30)), harm_level="G")
    report(near_miss=1, harm_level="B", occurred_at=str(hours_ago(3)))
    as_user(OFFICER)
    frappe.local.lang = "zh"
    template = frappe.get_all("Quality Report Template", {"cycle": "Monthly"}, pluck="name")[0]
    doc = frappe.get_doc(
        doctype="Quality Report", template=template, assessment="跌倒仍是重点。{events}", **PERIOD
    )
    return doc.insert()


def words_of(file_url: str) -> str:
    path = frappe.get_doc("File", {"file_url": file_url}).get_full_path()
    document = Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_both_files_hold_the_numbers_of_the_reports(quality):
    first = api.take(quality.name, "Generate")
    answer = api.take(quality.name, "Generate")
    files = frappe.get_all(
        "File", {"attached_to_doctype": "Quality Report", "attached_to_name": quality.name}, pluck="file_url"
    )
    assert {answer["docx_file"], answer["pdf_file"]} == set(files) and first["pdf_file"] not in files
    words = words_of(answer["docx_file"])
    cards = {
        name: {card["label"]: card["value"] for card in query_report.run(f"Adverse Event {name}", filters=PERIOD)["report_summary"]}
        for name in ("Trend", "Report Quality", "Handling Quality")
    }  # fmt: skip
    assert cards["Trend"]["事件数"] == 4
    assert "共上报医疗质量安全不良事件 4 例" in words and "隐患（临界错误）1 例，占 25.0%" in words
    assert f"上报及时率 {cards['Report Quality']['上报及时率（%）']}%" in words
    assert f"归档率 {cards['Handling Quality']['归档率（%）']}%" in words
    assert "Ⅰ级 1 例" in words and "{" not in words.replace("{events}", "")
    assert "跌倒仍是重点。{events}" in words, "what the office writes is no template"
    with ZipFile(frappe.get_doc("File", {"file_url": answer["docx_file"]}).get_full_path()) as package:
        assert len([name for name in package.namelist() if name.startswith("word/media/")]) >= 4
    pdf = Path(frappe.get_doc("File", {"file_url": answer["pdf_file"]}).get_full_path()).read_bytes()
    assert pdf.startswith(b"%PDF") and len(pdf) > 50_000


def test_tables_of_the_file_are_those_of_the_reports(quality):
    blocks = {block.heading: block for block in content(quality).blocks}
    rows = query_report.run("Adverse Event Analysis", filters=PERIOD | {"group_by": "Category"})["result"]
    assert [line[:2] for line in blocks["三、事件类别"].table.rows] == [
        [row["group"], str(row["events"])] for row in rows
    ]
    tracked = blocks["九、Ⅰ、Ⅱ级事件追踪"].table
    assert len(tracked.rows) == 1 and "测试患者" not in str(blocks)


def test_results_are_written_by_the_generation_alone(quality):
    quality.update({"status": "Generated", "docx_file": "/private/files/x.docx"})
    quality.save()
    quality.reload()
    assert (quality.status, quality.docx_file) == ("Draft", None)


def test_who_may_not_write_may_not_generate(quality, as_user):
    as_user(NURSE)
    with pytest.raises(frappe.PermissionError):
        api.take(quality.name, "Generate")
    with pytest.raises(frappe.PermissionError):
        api.possible_steps(quality.name)


def test_a_template_names_what_it_cannot_fill(ward, as_user):
    as_user(CHIEF)
    doc = frappe.get_doc(doctype="Quality Report Template", template_name="T", title="{period}", sections=[
        {"heading": "一", "kind": "Text", "text": "{event_count}"},
    ])  # fmt: skip
    with pytest.raises(frappe.ValidationError, match=re.escape("Row 1: There is no blank {event_count}")):
        doc.insert()
    doc.sections[0].update({"text": "", "kind": "Table"})
    with pytest.raises(frappe.ValidationError, match="choose the report"):
        doc.insert()


def test_the_guide_names_every_blank_and_no_other():
    guide = (Path(__file__).parents[2] / "docs" / "user" / "forms.md").read_text(encoding="utf-8")
    assert set(blanks.BLANK.findall(guide)) == set(blanks.NAMES)


def test_the_month_that_has_ended_is_reported_once(ward):
    second = date(2026, 11, 2)
    frappe.db.delete("Quality Report", {"from_date": "2026-10-01"})
    assert generation.generate_due(second) == 1
    assert generation.generate_due(second) == 0
    made = frappe.get_last_doc("Quality Report", {"from_date": "2026-10-01"})
    assert (str(made.to_date), made.status) == ("2026-10-31", "Generated") and "2026年10月" in made.title
    assert generation.generate_due(date(2027, 1, 20)) == 0
