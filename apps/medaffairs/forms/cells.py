"""How answers are stored: one text for every answer and every cell of a table. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from medaffairs.forms.rules import (
    DATE,
    DATETIME,
    FILE,
    MULTI,
    NUMBER,
    SCORE,
    TABLE,
    YES_NO,
    Question,
    Template,
    plain,
    visible,
)
from medaffairs.forms.scoring import marks


class Cell(NamedTuple):
    """One stored answer: `row` counts from 1, 0 for what is no row of a table."""

    code: str
    row: int
    column: str
    value: str
    score: Decimal = Decimal(0)


def pack(form: Template, values: Mapping[str, Any]) -> list[Cell]:
    """Typed answers as rows of texts, in the order of the form, with the points of each."""
    cells = []
    for question in visible(form, values):
        if question.code not in values:
            continue
        value = values[question.code]
        if question.kind != TABLE:
            cells.append(Cell(question.code, 0, "", _written(value), marks(question, value).score))
            continue
        for number, row in enumerate(value, 1):
            cells += [
                Cell(question.code, number, column.code, _written(row[column.code]))
                for column in form.columns[question.code]
                if column.code in row
            ]
    return cells


def unpack(form: Template, cells: Iterable[Cell]) -> dict[str, Any]:
    """Typed answers from their rows of texts; what the form does not ask is left out."""
    values: dict[str, Any] = {}
    tables: dict[str, dict[int, dict[str, Any]]] = {}
    columns = {(owner, column.code): column for owner, row in form.columns.items() for column in row}
    plain_ones = {question.code: question for question in form.asked if question.kind != TABLE}
    for cell in cells:
        if (cell.code, cell.column) in columns:
            row = tables.setdefault(cell.code, {}).setdefault(cell.row, {})
            row[cell.column] = _typed(columns[cell.code, cell.column], cell.value)
        elif not cell.column and cell.code in plain_ones:
            values[cell.code] = _typed(plain_ones[cell.code], cell.value)
    for code, rows in tables.items():
        values[code] = [rows[number] for number in sorted(rows)]
    return values


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(plain(value))


def _typed(question: Question, text: str) -> Any:
    if question.kind in (NUMBER, SCORE):
        return Decimal(text)
    if question.kind == DATE:
        return date.fromisoformat(text)
    if question.kind == DATETIME:
        return datetime.fromisoformat(text)
    if question.kind == YES_NO:
        return int(text)
    if question.kind in (MULTI, FILE):
        return text.split("\n")
    return text
