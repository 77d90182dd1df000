"""What a catalogue file's rows mean, checked against a slow reader; which level holds on a day."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from medaffairs.privileging.catalogue import rules

PLACES = {"procedure_code": 0, "procedure_name": 1, "level": 2, "is_restricted": 3}
LEVELS = {"1": "1", "一级": "1", "Ⅱ": "2", "二级手术": "2", "3级": "3", "IV": "4"}

cells = st.tuples(
    st.sampled_from(["", "51.23", "51.2300", "47.01", "A 1", "？", "51.2300x001"]),
    st.sampled_from(["", "胆囊切除术", "阑尾切除术", "长" * 141]),
    st.sampled_from(["", "5", "高", *LEVELS]),
    st.sampled_from(["", "是", "否", "Y", "也许"]),
)


def by_hand(rows: list[tuple]) -> tuple[set[tuple[int, str]], int]:
    """(row, heading) of every wrong cell, and how many rows are not blank."""
    wrong, first, total = set(), {}, 0
    for number, (code, name, level, flag) in enumerate(rows, 2):
        if not (code or name or level or flag):
            continue
        total += 1
        if code in ("", "A 1", "？") or code in first:
            wrong.add((number, "手术编码"))
        if code:
            first.setdefault(code, number)
        if name in ("", "长" * 141):
            wrong.add((number, "手术名称"))
        if level not in LEVELS:
            wrong.add((number, "手术级别"))
        if flag == "也许":
            wrong.add((number, "限制类技术"))
    return wrong, total


@given(st.lists(cells, max_size=15))
def test_every_wrong_cell_is_found_and_no_right_one(rows) -> None:
    sheet = rules.read_rows(rows, PLACES, 2, {}, True)
    wrong, total = by_hand(rows)
    assert {(problem.row_no, problem.column) for problem in sheet.problems} == wrong
    assert sheet.total == total
    bad = {row_no for row_no, _ in wrong}
    assert [row.row_no for row in sheet.rows] == [
        n for n, row in enumerate(rows, 2) if any(row) and n not in bad
    ]
    assert all(row.level == LEVELS[rows[row.row_no - 2][2]] for row in sheet.rows)


@given(st.permutations(list(rules.HEADINGS)), st.data())
def test_columns_are_found_in_any_order_and_under_any_of_their_headings(order, data) -> None:
    headings = [data.draw(st.sampled_from(rules.HEADINGS[name])) for name in order]
    written = [data.draw(st.sampled_from(["{}", " {} ", "{}*", "【{}】"])).format(text) for text in headings]
    number, places = rules.find_heading([["某医院手术目录"], written])
    assert number == 1 and places == {name: place for place, name in enumerate(order)}


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(st.lists(st.tuples(st.integers(2020, 2030), st.sampled_from("1234"), days, st.none() | days)), days)
def test_the_level_of_a_day_is_the_newest_that_holds(rows, on) -> None:
    levels = [rules.Level("S", *row) for row in rows]
    found = rules.level_on(levels, "S", on)
    holding = [row for row in levels if row.from_date <= on and (row.to_date is None or on <= row.to_date)]
    assert (found is None) == (not holding)
    if found:
        assert found in holding and found.year == max(row.year for row in holding)
    assert rules.level_on(levels, "OTHER", on) is None
