"""What leaves the house as a spreadsheet does nothing there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.spreadsheets import harmless, harmless_csv


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1"])
def test_a_formula_becomes_a_text(text):
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("value", ["张三", "", "-5", "+5.25", "-1,000.5", "a=b", 7, -7, None, 1.5])
def test_everything_else_stays(value):
    assert harmless(value) == value


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n\ufeff")),
            min_size=2,
            max_size=3,
        ),
        min_size=1,
    ),
    st.booleans(),
)
def test_a_whole_file_keeps_its_cells(rows, marked):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    content = (("\ufeff" if marked else "") + text.getvalue()).encode()
    made = harmless_csv(content).decode()
    assert made.startswith("\ufeff") == marked
    found = list(csv.reader(io.StringIO(made.removeprefix("\ufeff"), newline="")))
    assert found == [[harmless(cell) for cell in row] for row in rows]
