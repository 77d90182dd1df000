"""Conditions mean the same on the server and in the face: random expressions are evaluated by both."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from medaffairs.forms.expression import ExpressionError, holds, names_in

FACE = Path(__file__).parents[2] / "frontend" / "src" / "lib" / "expression.js"
RUNNER = """
const { holds } = await import(process.argv[1])
let text = ''
for await (const part of process.stdin) text += part
console.log(JSON.stringify(JSON.parse(text).map(([condition, doc, parent]) => holds(condition, doc, parent))))
"""
NAMES = ("a", "b", "c", "d")
VALUES = [-3, -1, 0, 1, 2, 3, 0.5, "", "0", "1", "x", "病房", "2026-01-02", ["x"], ["病房", "1"]]
LITERALS = ["0", "1", "2.5", "'x'", '"病房"', "''", "true", "false", "['x','病房']", "'1'"]
READS = [*(f"doc.{name}" for name in NAMES), "parent.a", "doc['b']", "doc.a.length", "doc.c[0]"]
BINARY = ["||", "&&", "==", "!=", "===", "!==", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", " in "]


def expression(random: Random, depth: int = 3) -> str:
    """A condition at random."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(LITERALS + READS)
    parts = [expression(random, depth - 1) for _ in range(3)]
    return random.choice([
        parts[0] + random.choice(BINARY) + parts[1], parts[0] + random.choice(BINARY) + parts[1],
        f"({parts[0]}?{parts[1]}:{parts[2]})", f"!({parts[0]})", f"(-({parts[0]}))",
        f"{random.choice(READS)}.{random.choice(['includes', 'startsWith', 'indexOf'])}({random.choice(LITERALS)})",
    ])  # fmt: skip


def record(random: Random) -> dict:
    return {name: random.choice(VALUES) for name in NAMES if random.random() < 0.8}


def cases(seed: int, count: int) -> list[tuple[str, dict, dict]]:
    random = Random(seed)
    return [("eval:" + expression(random), record(random), record(random)) for _ in range(count)]


def in_the_face(cases: list) -> list[bool]:
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", RUNNER, str(FACE)], input=json.dumps(cases), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return json.loads(answer.stdout)


@pytest.mark.skipif(not shutil.which("node"), reason="the face's half needs node")
def test_both_sides_decide_alike():
    asked = cases(seed=5, count=4000)
    there = in_the_face(asked)
    differ = [case for case, answer in zip(asked, there, strict=True) if holds(*case) != answer]
    assert differ == []
    assert 500 < sum(there) < 3500, "conditions that always hold would prove nothing"


@pytest.mark.parametrize(
    ("condition", "doc", "expected"),
    [
        ("", {}, True),
        ("fall", {"fall": 1}, True),
        ("fall", {"fall": 0}, False),
        ("fall", {}, False),
        ("eval:doc.place=='病房' && doc.age>=65", {"place": "病房", "age": 70}, True),
        ("eval:doc.place=='病房' && doc.age>=65", {"place": "病房"}, False),
        ("eval:doc.causes.includes('人')", {"causes": ["机", "人"]}, True),
        ("eval:['Ⅰ级','Ⅱ级'].includes(doc.grade)", {"grade": "Ⅱ级"}, True),
        ("eval:doc.drugs.length > 1", {"drugs": [{"name": "甲"}]}, False),
        ("eval:this is nothing", {}, True),
    ],
)
def test_conditions_read_as_they_are_written(condition, doc, expected):
    assert holds(condition, doc) is expected


@pytest.mark.parametrize(
    "condition",
    ["eval:doc.__class__.__mro__", "eval:doc['__class__']", "eval:doc.a.__len__()", "eval:open('x')", "eval:" + "(" * 5000, "eval:" + "!" * 5000],
)  # fmt: skip
def test_nothing_but_answers_can_be_reached(condition):
    assert holds(condition, {"a": "x"}) in (True, False)
    assert not holds("eval:doc.__class__ || doc['__dict__'] || doc.get", {"a": "x"})


def test_what_a_condition_looks_at_is_known():
    assert names_in("fall") == ({"fall"}, set())
    assert names_in("eval:doc.a=='x' || parent.b.length>doc.c") == ({"a", "c"}, {"b"})
    with pytest.raises(ExpressionError):
        names_in("eval:doc.a ==")
