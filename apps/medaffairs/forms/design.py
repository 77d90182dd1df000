"""What makes a form sound before it is in force, and what distinguishes two versions. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from medaffairs.forms.expression import ExpressionError, names_in
from medaffairs.forms.rules import (
    CODE,
    DATE,
    DATETIME,
    MULTI,
    RESERVED,
    SCORE,
    SELECT,
    TABLE,
    TYPES,
    Fault,
    Question,
    Template,
    bound,
    fault_of,
    moment,
)
from medaffairs.organization.rules import RuleError


def template_faults(form: Template, now: datetime) -> list[Fault]:
    """What keeps a form from being put in force; `row` is the question's place, from 1."""
    found: list[Fault] = []
    if not form.asked:
        found.append(Fault("", "", "", "The form has no questions"))
    earlier: set[str] = set()
    for place, question in enumerate(form.questions, 1):
        try:
            _check_code(form, question, place)
            _check_shape(form, question, now)
            _check_condition(form, question, earlier)
        except RuleError as broken:
            found.append(fault_of(question, broken, place))
        if not question.table:
            earlier.add(question.code)
    return found


def _check_code(form: Template, question: Question, place: int) -> None:
    if not CODE.fullmatch(question.code) or question.code in RESERVED:
        raise RuleError(
            "{0} is no question code: a small letter, then small letters, digits and underscores",
            (question.code,),
        )
    twins = [
        other
        for other in form.questions[: place - 1]
        if (other.table, other.code) == (question.table, question.code)
    ]
    if twins:
        raise RuleError("The question code {0} is used twice", (question.code,))
    if question.kind not in TYPES:
        raise RuleError("{0} is not one of the choices", (question.kind,))


def _check_shape(form: Template, question: Question, now: datetime) -> None:
    texts = [option.text for option in question.options]
    if question.kind in (SELECT, MULTI) and len(texts) < 2:
        raise RuleError("At least two options are needed")
    if len(set(texts)) != len(texts):
        raise RuleError("An option is named twice")
    if question.kind == SCORE and question.full_marks <= 0:
        raise RuleError("Full marks are needed")
    if question.weight < 0:
        raise RuleError("Must not be less than {0}", (0,))
    if question.kind == TABLE and not form.columns.get(question.code):
        raise RuleError("The table has no columns")
    if question.table:
        _check_column(form, question)
    if question.kind in (DATE, DATETIME):
        low, high = moment(question.minimum, now), moment(question.maximum, now)
    else:
        low, high = bound(question.minimum), bound(question.maximum)
    if low is not None and high is not None and low > high:
        raise RuleError("The lower bound is above the upper one")


def _check_column(form: Template, question: Question) -> None:
    owner = form.question(question.table)
    if owner is None or owner.kind != TABLE:
        raise RuleError("{0} is no table of this form", (question.table,))
    if question.kind in (TABLE, SCORE) or any(option.points is not None for option in question.options):
        raise RuleError("A column of a table is no table and carries no points")


def _check_condition(form: Template, question: Question, earlier: set[str]) -> None:
    try:
        own, around = names_in(question.depends_on)
    except ExpressionError:
        raise RuleError("The condition is not understood: {0}", (question.depends_on,)) from None
    if question.table:
        siblings = form.columns.get(question.table, ())
        before = (
            {column.code for column in siblings[: siblings.index(question)]}
            if question in siblings
            else set()
        )
    else:
        before, around = earlier, set()
    unknown = sorted((own - before) | (around - earlier))
    if unknown:
        raise RuleError("The condition looks at {0}, which is not asked before", (unknown[0],))


class Change(NamedTuple):
    """A difference between two versions: `kind` is Added, Removed, Moved or Changed, with the fields that differ."""

    kind: str
    code: str
    table: str
    label: str
    fields: tuple[str, ...] = ()


def compare(old: Template, new: Template) -> list[Change]:
    """What distinguishes two versions, question by question; moved is what stands after another of its old followers."""
    before = {(question.table, question.code): question for question in old.questions}
    after = {(question.table, question.code): question for question in new.questions}
    found = [
        Change("Removed", key[1], key[0], question.label)
        for key, question in before.items()
        if key not in after
    ]
    kept_order = [key for key in before if key in after]
    new_order = [key for key in after if key in before]
    moved = _moved(kept_order, new_order)
    for key, question in after.items():
        if key not in before:
            found.append(Change("Added", key[1], key[0], question.label))
            continue
        fields = tuple(
            name
            for name in Question.__dataclass_fields__
            if getattr(question, name) != getattr(before[key], name)
        )
        if fields:
            found.append(Change("Changed", key[1], key[0], question.label, fields))
        if key in moved:
            found.append(Change("Moved", key[1], key[0], question.label))
    return found


def _moved(before: list, after: list) -> set:
    """The fewest questions that must move to make the old order the new one: all outside a longest common run."""
    place = {key: index for index, key in enumerate(before)}
    best: list[list] = []
    for key in after:
        runs = [run for run in best if place[run[-1]] < place[key]]
        best.append([*max(runs, key=len, default=[]), key])
    return set(after) - set(max(best, key=len, default=[]))
