"""What answers score: pure functions of a form and its typed answers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from medaffairs.forms.rules import MULTI, SCORE, SELECT, YES_NO, Question, Template, visible


class Marks(NamedTuple):
    """Points reached and full marks, of one question or of a form."""

    score: Decimal
    full: Decimal


def marks(question: Question, value: Any = None) -> Marks:
    """Points and full marks of one question, both times its weight; without an answer no points."""
    points = {option.text: option.points for option in question.options if option.points is not None}
    reached = full = Decimal(0)
    if question.kind == SCORE:
        reached, full = (value if value is not None else Decimal(0)), question.full_marks
    elif points and question.kind in (SELECT, YES_NO):
        full = max(Decimal(0), *points.values())
        key = value if question.kind == SELECT else _yes_no_option(question, value)
        reached = points.get(key, Decimal(0))
    elif points and question.kind == MULTI:
        full = sum((max(Decimal(0), number) for number in points.values()), Decimal(0))
        reached = sum((points.get(item, Decimal(0)) for item in value or []), Decimal(0))
    return Marks(reached * question.weight, full * question.weight)


def _yes_no_option(question: Question, value: Any) -> str:
    """The first line of a yes-or-no question's choices stands for yes, the second for no."""
    if value is None:
        return ""
    place = 0 if value else 1
    return question.options[place].text if place < len(question.options) else ""


def total(form: Template, values: Mapping[str, Any]) -> Marks:
    """Points of a form: questions that are not asked count neither in the points nor in the full marks."""
    score = full = Decimal(0)
    for question in visible(form, values):
        one = marks(question, values.get(question.code))
        score, full = score + one.score, full + one.full
    return Marks(score, full)


def full_marks(form: Template) -> Decimal:
    """The full marks when every question is asked."""
    return sum((marks(question).full for question in form.asked), Decimal(0))
