"""The catalogue of procedures: levels by scheme and year, files in, files out, nothing half-imported."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import frappe
import pytest
from openpyxl import Workbook, load_workbook

from medaffairs.privileging.catalogue import api, importing, levels

HOSPITAL, NATIONAL, FOUR = "LEVEL_SCHEME-HOSPITAL", "LEVEL_SCHEME-NATIONAL", "LEVEL_SCHEME-NATIONAL_EXAM_L4"
HEADINGS = ("手术编码*", "手术名称*", "手术级别*", "手术类别", "微创手术", "医保编码")


def workbook(*rows: tuple, headings: tuple = HEADINGS) -> bytes:
    book = Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def upload(content: bytes, name: str = "catalogue.xlsx") -> str:
    file = frappe.get_doc(doctype="File", file_name=name, content=content, is_private=1)
    return file.insert(ignore_permissions=True).file_url


@pytest.fixture
def bring_in(ward) -> Callable[..., tuple[dict, importing.Outcome | None]]:
    """Checks a file as the office does and, when it is good, imports it."""
    ward.as_("office")

    def run(content: bytes, scheme: str = HOSPITAL, year: int = 2026, **options):
        made = api.new_import(scheme, year, upload(content), **options)
        if made["errors_total"]:
            return made, None
        doc = frappe.get_doc("Catalogue Import", made["name"])
        return made, importing.apply(doc, importing.read_file(doc))

    return run


def held(code: str) -> list[tuple]:
    rows = frappe.get_doc("Procedure", code).levels
    return [(row.scheme, row.catalogue_year, row.level, str(row.to_date or "")) for row in rows]


def test_a_good_file_makes_and_changes_procedures(bring_in) -> None:
    _, outcome = bring_in(
        workbook(
            ("X51.2300", "腹腔镜下胆囊切除术", "三级", "手术", "是", "51.2300"),
            ("T47.0100", "腹腔镜下阑尾切除术", 2.0, "手术", "是", ""),
        )
    )
    assert outcome == (1, 1, 0, 0)
    made = frappe.get_doc("Procedure", "X51.2300")
    assert (made.procedure_name, made.hospital_level, made.is_minimally_invasive, made.insurance_code) == (
        "腹腔镜下胆囊切除术",
        "3",
        1,
        "51.2300",
    )
    assert (made.pinyin_initials, made.status, made.category) == (
        "fqjxdnqcs",
        "Active",
        "PROCEDURE_CATEGORY-OPERATION",
    )
    assert frappe.db.get_value("Procedure", "T47.0100", ["procedure_name", "hospital_level"]) == (
        "腹腔镜下阑尾切除术",
        "2",
    )
    made.save()


def test_importing_the_same_file_again_changes_nothing(bring_in) -> None:
    content = workbook(("X1", "甲术", 1), ("X2", "乙术", 4))
    bring_in(content)
    before = (
        frappe.get_all("Procedure Level", fields=["*"], order_by="name"),
        frappe.get_all("Procedure", fields=["*"], order_by="name"),
    )
    assert bring_in(content)[1] == (0, 0, 2, 0)
    after = (
        frappe.get_all("Procedure Level", fields=["*"], order_by="name"),
        frappe.get_all("Procedure", fields=["*"], order_by="name"),
    )
    assert before == after


@pytest.mark.parametrize(
    "headings",
    [
        ("院内临床手术编码", "院内临床手术名称", "院内手术等级"),
        ("手术操作代码", "手术操作名称", "手术等级"),
        (" 编 码 ", "名称（必填）".replace("（必填）", ""), "级别"),
        ("Procedure Code", "Procedure Name", "Level"),
        ("ICD-9-CM-3 编码", "国家临床版3.0名称", "手术分级"),
    ],
)
def test_headings_that_hospitals_use_are_understood(bring_in, headings) -> None:
    assert bring_in(workbook(("X1", "甲术", "Ⅲ级"), headings=headings))[1] == (1, 0, 0, 0)
    assert frappe.db.get_value("Procedure", "X1", "hospital_level") == "3"


def test_a_title_above_the_headings_and_blank_rows_are_passed_over(bring_in) -> None:
    book = Workbook()
    for row in (
        ("某医院手术分级管理目录",),
        (),
        HEADINGS,
        ("X1", "甲术", 1),
        (None, None),
        ("X2", "乙术", 2),
    ):
        book.active.append(row)
    buffer = BytesIO()
    book.save(buffer)
    assert bring_in(buffer.getvalue())[1] == (2, 0, 0, 0)


def test_every_wrong_cell_is_named_and_nothing_is_imported(bring_in) -> None:
    checked, outcome = bring_in(
        workbook(
            ("X1", "甲术", 1, "手术", "是", ""),
            ("X1", "乙术", 2, "手术", "否", ""),
            ("", "丙术", 2, "", "", ""),
            ("X4", "", "五级", "整形", "也许", ""),
            ("X 5;", "戊术", "", "", "", ""),
        )
    )
    assert outcome is None and checked["status"] == "Draft"
    assert [(row["row_no"], row["column_name"], row["value"]) for row in checked["errors"]] == [
        (3, "手术编码", "X1"),
        (4, "手术编码", ""),
        (5, "手术名称", ""),
        (5, "手术级别", "五级"),
        (5, "微创手术", "也许"),
        (5, "手术类别", "整形"),
        (6, "手术编码", "X 5;"),
        (6, "手术级别", ""),
    ]
    assert all(row["message"] for row in checked["errors"])
    assert (checked["rows_total"], checked["rows_valid"], checked["errors_total"]) == (5, 1, 8)
    assert not frappe.db.exists("Procedure", "X1")
    with pytest.raises(frappe.ValidationError):
        api.start(checked["name"])
    api.errors(checked["name"])
    listed = load_workbook(BytesIO(frappe.response["filecontent"])).active
    assert listed.max_row == 9 and listed["B2"].value == "手术编码"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook(("X1", "甲术", 1), headings=("甲", "乙", "丙")), "手术编码"),
        (workbook(("X1", "甲术"), headings=("编码", "名称")), "手术级别"),
        (workbook(), ""),
    ],
    ids=["no headings", "no level", "no rows"],
)
def test_a_file_without_its_columns_gets_one_clear_error(bring_in, content, words) -> None:
    checked, _ = bring_in(content)
    assert checked["errors_total"] == 1 and words in checked["errors"][0]["message"]


def test_something_else_than_a_workbook_is_refused(bring_in) -> None:
    with pytest.raises(frappe.ValidationError):
        bring_in(b"PK\x03\x04 not a workbook at all")


def test_a_new_year_ends_the_old_one_and_both_are_kept(bring_in) -> None:
    bring_in(workbook(("X1", "甲术", 2)), year=2025)
    bring_in(workbook(("X1", "甲术", 3)), year=2026)
    assert held("X1") == [(HOSPITAL, 2025, "2", "2025-12-31"), (HOSPITAL, 2026, "3", "")]
    assert frappe.db.get_value("Procedure", "X1", "hospital_level") == "3"
    assert [
        levels.procedures_on(HOSPITAL, frappe.utils.getdate(day))["X1"]
        for day in ("2025-06-01", "2026-06-01")
    ] == [
        "2",
        "3",
    ]
    assert bring_in(workbook(("X1", "甲术", 2)), year=2025)[1] == (0, 0, 1, 0)


def test_an_older_year_that_comes_late_does_not_outlive_the_newer(bring_in) -> None:
    bring_in(workbook(("X1", "甲术", 3)), year=2026)
    bring_in(workbook(("X1", "甲术", 2)), year=2025)
    assert (HOSPITAL, 2025, "2", "2025-12-31") in held("X1")
    assert frappe.db.get_value("Procedure", "X1", "hospital_level") == "3"


def test_a_whole_catalogue_ends_what_it_lacks(bring_in) -> None:
    bring_in(workbook(("X1", "甲术", 2), ("X2", "乙术", 2)), year=2025)
    _, outcome = bring_in(workbook(("X1", "甲术", 2)), year=2026, is_complete=1)
    assert outcome.ended == 1
    assert held("X2") == [(HOSPITAL, 2025, "2", "2025-12-31")]
    assert frappe.db.get_value("Procedure", "X2", "hospital_level") in (None, "")


def test_several_schemes_stand_beside_each_other(bring_in) -> None:
    bring_in(workbook(("X1", "甲术", 2)), scheme=HOSPITAL)
    bring_in(workbook(("X1", "甲术", 4)), scheme=NATIONAL)
    assert frappe.db.get_value("Procedure", "X1", "hospital_level") == "2"
    settings = frappe.get_doc("Medical Affairs Settings")
    frappe.set_user("Administrator")
    settings.level_scheme = NATIONAL
    settings.save()
    assert frappe.db.get_value("Procedure", "X1", "hospital_level") == "4"


def test_a_list_that_flags_needs_no_level(bring_in) -> None:
    bring_in(workbook(("X1", "甲术", 4), ("X2", "乙术", 4)))
    listed = workbook(("X1", "甲术"), headings=("编码", "名称"))
    bring_in(listed, scheme=FOUR)
    assert frappe.db.get_value("Procedure", "X1", "is_national_level4") == 1
    bring_in(workbook(("X2", "乙术"), headings=("编码", "名称")), scheme=FOUR, year=2026, is_complete=1)
    assert [frappe.db.get_value("Procedure", code, "is_national_level4") for code in ("X1", "X2")] == [0, 1]


def test_an_export_is_a_file_that_changes_nothing(bring_in) -> None:
    bring_in(workbook(("X1", "甲（乙）术", 3, "手术", "是", "51.23"), ("X2", "丙术", 1)))
    api_user = frappe.session.user
    frappe.set_user("Administrator")
    api.export(HOSPITAL)
    content = frappe.response["filecontent"]
    frappe.set_user(api_user)
    _, outcome = bring_in(content)
    assert (outcome.new, outcome.changed, outcome.ended) == (0, 0, 0) and outcome.unchanged >= 2


def test_the_template_is_itself_a_good_file(bring_in) -> None:
    api.template()
    assert bring_in(frappe.response["filecontent"])[1].new == 1


def test_figures_and_comparison_of_schemes(bring_in, ward) -> None:
    base = {row["scheme"]: row["total"] for row in api.statistics()["schemes"]}
    bring_in(workbook(("X1", "甲术", 2, "手术"), ("X2", "乙术", 3, "手术"), ("X3", "丙术", 3, "介入治疗")))
    bring_in(workbook(("X1", "甲术", 2), ("X2", "乙术", 4)), scheme=NATIONAL)
    figures = {row["scheme"]: row for row in api.statistics()["schemes"]}
    assert figures[HOSPITAL]["total"] - base[HOSPITAL] == 3
    one = api.statistics(scheme=HOSPITAL)
    assert {row["label"] for row in one["categories"]} >= {"手术", "介入治疗"}
    assert {"scheme": HOSPITAL, "year": 2026, "level": "3", "count": 2} in one["years"]
    compared = api.compare(HOSPITAL, NATIONAL)
    assert {"level": "3", "other_level": "4", "count": 1} in compared["matrix"]
    assert compared["differing"] >= 1 and compared["only_first"] >= 1
    seen = api.procedures(HOSPITAL, level="3", text="乙术")
    assert [row["code"] for row in seen["rows"]] == ["X2"]


def test_contradicting_levels_are_refused_by_their_row(ward) -> None:
    doc = frappe.get_doc("Procedure", "T47.0100")
    for level in ("2", "3"):
        doc.append("levels", {"scheme": HOSPITAL, "catalogue_year": 2026, "level": level})
    with pytest.raises(frappe.ValidationError, match="2"):
        doc.save()


@pytest.mark.parametrize("who", ["surgeon", "head", "secretary"])
def test_only_the_office_imports(ward, who) -> None:
    url = upload(workbook(("X1", "甲术", 1)))
    ward.as_(who)
    with pytest.raises(frappe.PermissionError):
        api.new_import(HOSPITAL, 2026, url)
    with pytest.raises(frappe.PermissionError):
        api.template()


def test_somebody_elses_file_cannot_be_read_by_naming_it(ward) -> None:
    ward.as_("surgeon")
    file = frappe.get_doc(
        doctype="File", file_name="mine.xlsx", content=workbook(("X1", "甲术", 1)), is_private=1
    )
    url = file.insert(ignore_permissions=True).file_url
    ward.as_("office")
    with pytest.raises(frappe.PermissionError):
        api.new_import(HOSPITAL, 2026, url)


def test_the_status_of_an_import_cannot_be_written_by_hand(ward) -> None:
    ward.as_("office")
    made = api.new_import(HOSPITAL, 2026, upload(workbook(("X1", "", 9))))
    doc = frappe.get_doc("Catalogue Import", made["name"])
    doc.status = "Checked"
    doc.save()
    assert frappe.db.get_value("Catalogue Import", made["name"], "status") == "Draft"


@pytest.fixture
def committed(ward):
    """What a background job commits is taken away again."""
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    names = ("in", ["XJ1", "XJ2"])
    frappe.db.delete("Procedure", {"name": names})
    frappe.db.delete("Procedure Level", {"parent": names})
    for name in frappe.get_all("Catalogue Import", pluck="name"):
        frappe.db.delete("Catalogue Import", {"name": name})
    for user in frappe.get_all("User", {"email": ("like", "%@ward.test")}, pluck="name"):
        frappe.delete_doc("User", user, force=True, ignore_permissions=True)
    frappe.db.delete("Practitioner", {"staff_no": ("like", "TW%")})
    frappe.db.delete("Clinical Department", {"name": ("in", ["T-GS", "T-OR"])})
    frappe.db.delete("Procedure", {"name": ("like", "T%")})
    frappe.db.commit()


def test_the_background_job_imports_all_or_nothing(ward, committed) -> None:
    ward.as_("office")
    made = api.new_import(HOSPITAL, 2026, upload(workbook(("XJ1", "甲术", 1), ("XJ2", "乙术", 2))))
    assert made["status"] == "Checked"
    frappe.db.set_value("Catalogue Import", made["name"], "status", "Queued")
    frappe.db.commit()
    # Such a year has no first of January: the procedures are written by then and must go again.
    frappe.db.set_value("Catalogue Import", made["name"], "catalogue_year", 99999)
    importing.run(made["name"])
    assert api.progress(made["name"])["status"] == "Failed" and api.progress(made["name"])["result"]
    assert not frappe.db.exists("Procedure", "XJ1")
    frappe.db.set_value("Catalogue Import", made["name"], {"catalogue_year": 2026, "status": "Queued"})
    frappe.db.commit()
    importing.run(made["name"])
    done = api.progress(made["name"])
    assert (done["status"], done["rows_new"]) == ("Imported", 2) and frappe.db.exists("Procedure", "XJ2")
    importing.run(made["name"])
    assert api.progress(made["name"])["imported_at"] == done["imported_at"]
