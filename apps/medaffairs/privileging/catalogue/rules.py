"""What the rows of a catalogue file mean, and which level of a procedure holds on a day. Pure functions.

A procedure carries levels in several schemes (national, provincial DRG, hospital, performance assessment) and of
several years: 《医疗机构手术分级管理办法》（国卫办医政发〔2022〕18号） asks the hospital for a catalogue of its own that
is adjusted, the operation manual of the national performance assessment brings new lists every year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

# Field → its heading in the template, then headings under which hospitals and national lists have it.
HEADINGS: dict[str, tuple[str, ...]] = {
    "procedure_code": (
        "手术编码",
        "院内临床手术编码",
        "手术操作编码",
        "手术操作代码",
        "手术代码",
        "主要编码",
        "编码",
        "代码",
        "国家临床版3.0编码",
        "国家临床版编码",
        "ICD-9-CM-3编码",
        "ICD9编码",
        "procedure code",
        "procedure_code",
        "code",
    ),
    "procedure_name": (
        "手术名称",
        "院内临床手术名称",
        "手术操作名称",
        "名称",
        "国家临床版3.0名称",
        "国家临床版名称",
        "procedure name",
        "procedure_name",
        "name",
    ),
    "level": ("手术级别", "院内手术等级", "手术等级", "手术分级", "级别", "等级", "分级", "level"),
    "category": ("手术类别", "手术操作类别", "操作类别", "类别", "category"),
    "is_restricted": ("限制类技术", "限制类技术标识", "限制性技术", "限制技术", "is_restricted"),
    "is_minimally_invasive": (
        "微创手术",
        "绩效考核微创手术标识",
        "国考微创手术",
        "微创手术标识",
        "微创",
        "is_minimally_invasive",
    ),
    "is_national_level4": (
        "国考四级手术",
        "绩效考核四级手术标识",
        "四级手术标识",
        "国家四级手术",
        "is_national_level4",
    ),
    "insurance_code": (
        "医保编码",
        "国家医保版2.0代码",
        "国家医保版2.0编码",
        "医保代码",
        "医保版编码",
        "insurance_code",
    ),
    "insurance_name": ("医保名称", "国家医保版2.0名称", "医保版名称", "insurance_name"),
    "status": ("状态", "启用状态", "status"),
}
REQUIRED = ("procedure_code", "procedure_name")
NAMES = ("procedure_name", "insurance_name")
CHECKS = ("is_restricted", "is_minimally_invasive", "is_national_level4")
LEVELS = {
    **{text: "1" for text in ("1", "一", "i", "一级", "1级", "i级")},
    **{text: "2" for text in ("2", "二", "ii", "二级", "2级", "ii级")},
    **{text: "3" for text in ("3", "三", "iii", "三级", "3级", "iii级")},
    **{text: "4" for text in ("4", "四", "iv", "四级", "4级", "iv级")},
}
TRUE = frozenset({"1", "是", "y", "yes", "true", "√", "有"})
FALSE = frozenset({"", "0", "否", "n", "no", "false", "×", "x", "无", "不是"})
STATUSES = {
    "": "Active",
    **dict.fromkeys(("active", "启用", "正常", "有效", "在用"), "Active"),
    **dict.fromkeys(("retired", "停用", "作废", "无效", "禁用"), "Retired"),
}
# ICD-9-CM-3 with national extensions: dd.dddd, dd.ddddxNNN; hospitals put letters of their own before it.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-+/_]{0,39}")
LONGEST = 140


class Problem(NamedTuple):
    """What is wrong with one cell: the row's number in the sheet, the heading, the value, and the words.

    `message` is a source of translation with `arguments`.
    """

    row_no: int
    column: str
    value: str
    message: str
    arguments: tuple = ()


@dataclass
class Row:
    """A row that is understood. `values` holds only the columns that the file has."""

    row_no: int
    code: str
    level: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sheet:
    """A file that has been read: its good rows, its problems, how many rows it has."""

    rows: list[Row]
    problems: list[Problem]
    total: int


def plain(heading: Any) -> str:
    """A heading without what people add to it: blanks, brackets, stars, width and case of letters."""
    text = unicodedata.normalize("NFKC", str(heading or ""))
    return re.sub(r"[\s()\[\]【】*:_·、/-]", "", text).lower()


_KNOWN = {plain(heading): name for name, headings in HEADINGS.items() for heading in headings}


def find_heading(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]]:
    """The row of headings among the first ones, and the place of each column; (-1, {}) without one.

    Titles above the headings are passed over: hospitals print them.
    """
    for number, cells in enumerate(rows):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = _KNOWN.get(plain(cell))
            if name:
                places.setdefault(name, place)
        if all(name in places for name in REQUIRED):
            return number, places
    return -1, {}


def text_of(cell: Any) -> str:
    """A cell as text: whole numbers without `.0`, letters of full width as common ones."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def name_of(cell: Any) -> str:
    """A name as it is written: its brackets of full width are Chinese punctuation, not a slip."""
    return "" if cell is None else " ".join(str(cell).split())


def level_of(text: str) -> str | None:
    """`三级手术`, `Ⅲ`, `3级` or 3 as "3"; None for anything else."""
    return LEVELS.get(text.lower().removesuffix("手术").removesuffix("操作").strip())


def read_rows(
    rows: Iterable[Sequence[Any]], places: Mapping[str, int], first_row_no: int, categories: Mapping[str, str],
    level_needed: bool,
) -> Sheet:  # fmt: skip
    """Checks every row under the headings.

    :param places: column of each field, as `find_heading` found them
    :param first_row_no: the number that the first of the rows has in the sheet
    :param categories: names and codes of categories, in lower case, to the category's record
    :param level_needed: False for a list that flags procedures instead of grading them
    """
    good: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    total = 0
    for row_no, cells in enumerate(rows, first_row_no):
        texts = {
            name: (name_of if name in NAMES else text_of)(cells[place]) if place < len(cells) else ""
            for name, place in places.items()
        }
        if not any(texts.values()):
            continue
        total += 1
        row, wrong = _read_row(row_no, texts, categories, level_needed)
        if row and row.code in seen:
            wrong.append(
                _problem(row_no, "procedure_code", row.code, "The code is in row {0} already", seen[row.code])
            )
        if row:
            seen.setdefault(row.code, row_no)
        problems += wrong
        if row and not wrong:
            good.append(row)
    return Sheet(good, problems, total)


def _problem(row_no: int, name: str, value: str, message: str, *arguments: Any) -> Problem:
    return Problem(row_no, HEADINGS[name][0], value[:LONGEST], message, arguments)


def _read_row(
    row_no: int, texts: Mapping[str, str], categories: Mapping[str, str], level_needed: bool
) -> tuple[Row | None, list[Problem]]:
    wrong: list[Problem] = []

    def fault(name: str, message: str, *arguments: Any) -> None:
        """Notes what is wrong with a cell."""
        wrong.append(_problem(row_no, name, texts.get(name, ""), message, *arguments))

    code, name, level = texts["procedure_code"], texts["procedure_name"], ""
    if not code:
        fault("procedure_code", "The code is missing")
    elif not CODE.fullmatch(code):
        fault("procedure_code", "The code must consist of letters, digits and . - + / _")
    if not name:
        fault("procedure_name", "The name is missing")
    for long in ("procedure_name", "insurance_code", "insurance_name"):
        if len(texts.get(long, "")) > LONGEST:
            fault(long, "At most {0} characters", LONGEST)
    if "level" not in texts and level_needed:
        fault("level", "The level is missing")
    elif texts.get("level") or level_needed:
        level = level_of(texts["level"]) or ""
        if not level:
            fault("level", "The level must be 1, 2, 3 or 4" if texts["level"] else "The level is missing")
    values = _values(texts, categories, fault)
    return (Row(row_no, code, level, values) if code else None), wrong


def _values(texts: Mapping[str, str], categories: Mapping[str, str], fault: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"procedure_name": texts["procedure_name"]}
    for name in ("insurance_code", "insurance_name"):
        if name in texts:
            values[name] = texts[name] or None
    for name in CHECKS:
        if name in texts:
            word = texts[name].lower()
            if word not in TRUE and word not in FALSE:
                fault(name, "Please write yes or no")
            values[name] = int(word in TRUE)
    if texts.get("category"):
        values["category"] = categories.get(texts["category"].lower())
        if not values["category"]:
            fault("category", "This category is not in the list")
    if "status" in texts:
        values["status"] = STATUSES.get(texts["status"].lower(), "")
        if not values["status"]:
            fault("status", "The status must be Active or Retired")
    return values


class Level(NamedTuple):
    """A level of a procedure in one scheme and year; `to_date` is the last day on which it holds."""

    scheme: str
    year: int
    level: str
    from_date: date | None
    to_date: date | None


def level_on(levels: Iterable[Level], scheme: str, on: date) -> Level | None:
    """The level that holds in a scheme on a day: of those that have begun and not ended, the newest year's."""
    held = [
        row
        for row in levels
        if row.scheme == scheme
        and (row.from_date is None or row.from_date <= on)
        and (row.to_date is None or row.to_date >= on)
    ]
    return max(held, key=lambda row: (row.year, row.from_date or date.min), default=None)


def check_levels(levels: Sequence[Level]) -> Iterator[tuple[int, str]]:
    """(row number, message) for levels that contradict: one scheme and year twice, an end before the beginning."""
    seen: dict[tuple[str, int], int] = {}
    for number, row in enumerate(levels, 1):
        if (row.scheme, row.year) in seen:
            yield number, "The scheme has a level for this year already"
        seen[row.scheme, row.year] = number
        if row.from_date and row.to_date and row.to_date < row.from_date:
            yield number, "The level ends before it begins"


def ends_before(start: date, row: Level) -> date | None:
    """The last day of an older year's level when a newer one begins; None when nothing is to be changed."""
    last = start - timedelta(days=1)
    if row.from_date and row.from_date >= start:
        return None
    return last if row.to_date is None or row.to_date > last else None
