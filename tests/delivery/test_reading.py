"""Messages are shown to people: names, labels and texts instead of bars and hats."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from medaffairs.integration.reading import SEGMENTS, read_for_people

ORDER = (
    "MSH|^~\\&|HIS|DEMO|MEDAFFAIRS|DEMO|20261125083000||OMP^O09^OMP_O09|M1|P|2.5.1||||||GB 18030-2000\r"
    "PID|1||P1000001^^^HIS||何\\T\\静||19800102|F\r"
    "ORC|NW|A1||||||||||1001^张伟~1002^李娜\r"
    "ZXX|家用\r"
)


def fields(text: str, name: str) -> dict[int, list[str]]:
    """The fields of the first segment of a name, by number."""
    (segment,) = [segment for segment in read_for_people(text) if segment["name"] == name]
    return {field["number"]: field["values"] for field in segment["fields"]}


def test_fields_are_named_and_read_without_escapes():
    assert fields(ORDER, "MSH")[7] == ["2026-11-25 08:30:00"]
    assert fields(ORDER, "PID")[5] == ["何&静"]
    assert fields(ORDER, "PID")[7] == ["1980-01-02"]
    assert fields(ORDER, "ORC")[12] == ["1001 · 张伟", "1002 · 李娜"]
    assert fields(ORDER, "ZXX")[1] == ["家用"], "a segment that nobody knows is shown as well"


def test_every_label_has_a_chinese_word():
    path = Path(__file__).parents[2] / "apps/medaffairs/translations/zh.csv"
    with path.open(encoding="utf-8", newline="") as file:
        known = {row[0] for row in csv.reader(file) if len(row) > 1 and row[1]}
    labels = {text for title, fields in SEGMENTS.values() for text in (title, *fields.values())}
    assert labels <= known, sorted(labels - known)


@given(st.text(max_size=300) | st.text(max_size=300).map(lambda text: "MSH|^~\\&|" + text))
def test_whatever_is_stored_is_shown_or_said_to_be_unreadable(text):
    for segment in read_for_people(text):
        assert segment.get("unreadable") or segment["name"]
