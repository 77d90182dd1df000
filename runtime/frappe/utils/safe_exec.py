"""Expressions from configuration: conditions of workflows and notifications.

Two walls stand before them. RestrictedPython looks at the text first, as on Frappe; what it lets pass is not run as
code but walked here, so that only values, comparisons, arithmetic, a few functions and the values of the given names
can be reached, and size, depth, steps and time are bounded, which compiled code cannot be within a process.
"""

from __future__ import annotations

import ast
import operator
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import frappe

MOST_NODES = 500
#: Bits of a number, parts of a text or list, steps and seconds that an expression may use.
MOST_BITS = 4096
MOST_PARTS = 1_000_000
MOST_STEPS = 200_000
MOST_SECONDS = 1.0

_BINARY: dict[type, Callable] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_COMPARE: dict[type, Callable] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}  # fmt: skip
_UNARY: dict[type, Callable] = {ast.Not: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos}
#: Methods of texts, dictionaries and dates that change nothing.
_METHODS = {"get", "lower", "upper", "strip", "startswith", "endswith", "split", "replace", "keys", "values", "items",
            "date", "weekday", "total_seconds", "count", "index"}  # fmt: skip
_ATTRIBUTES = {"year", "month", "day", "hour", "minute", "second", "days", "seconds"}


class UnsafeExpression(frappe.ValidationError):
    """An expression that reaches for what it must not."""


def safe_eval(code: str, eval_globals: dict | None = None, eval_locals: dict | None = None) -> Any:
    """The value of an expression.

    :raises SyntaxError: for a text that is no expression
    :raises UnsafeExpression: for one that uses more than it may
    """
    tree = _checked(str(code).strip())
    names = {**_names(), **(eval_globals or {}), **(eval_locals or {})}
    return _Walker(names, _Budget()).value(tree.body)


@lru_cache(maxsize=1000)
def _checked(code: str) -> ast.Expression:
    """The expression as a tree, once RestrictedPython has found nothing in it.

    :raises SyntaxError: for a text that is no expression
    :raises UnsafeExpression: for one that is too long or reaches for what it must not
    """
    from RestrictedPython import compile_restricted_eval

    tree = ast.parse(code, mode="eval")
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise UnsafeExpression("the expression is too long")
    try:
        errors = compile_restricted_eval(code).errors
    except (RecursionError, MemoryError) as error:
        raise UnsafeExpression("the expression is nested too deeply") from error
    if errors:
        raise UnsafeExpression("; ".join(errors))
    return tree


class _Budget:
    """Counts steps and looks at the clock: an expression that never ends is ended."""

    def __init__(self) -> None:
        self._steps, self._until = 0, time.monotonic() + MOST_SECONDS

    def spend(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS or (self._steps % 64 == 0 and time.monotonic() > self._until):
            raise UnsafeExpression("the expression takes too long")


def is_small_power(base: Any, exponent: Any) -> bool:
    """Whether a power can be worked out at once."""
    if not (isinstance(base, int | float) and isinstance(exponent, int | float)):
        return False
    return isinstance(base, float) or abs(exponent) * max(base.bit_length(), 1) <= MOST_BITS


def _bounded(value: Any) -> Any:
    """The value, when it is no larger than an expression needs."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise UnsafeExpression("the number is too large")
    if isinstance(value, str | bytes | list | tuple | dict | set) and len(value) > MOST_PARTS:
        raise UnsafeExpression("the value is too large")
    return value


def _names() -> dict[str, Any]:
    utils = frappe.utils
    return {
        "int": utils.cint, "float": utils.flt, "str": str, "len": len, "round": round, "min": min, "max": max, "abs": abs,
        "sum": sum, "any": any, "all": all, "bool": bool, "cint": utils.cint, "flt": utils.flt, "getdate": utils.getdate,
        "get_datetime": utils.get_datetime, "today": utils.today, "now": utils.now, "nowdate": utils.nowdate,
        "add_days": utils.add_days, "date_diff": utils.date_diff, "True": True, "False": False, "None": None, "_": frappe._,
        "frappe": frappe._dict(
            session=frappe._dict(user=frappe.session.user if frappe.session else None),
            db=frappe._dict(get_value=frappe.db.get_value, get_single_value=frappe.db.get_single_value,
                            exists=frappe.db.exists, count=frappe.db.count) if frappe.db else None,
            get_roles=frappe.get_roles, _=frappe._,
            utils=frappe._dict(
                cint=utils.cint, flt=utils.flt, cstr=utils.cstr, getdate=utils.getdate, nowdate=utils.nowdate,
                now_datetime=utils.now_datetime, add_days=utils.add_days, add_to_date=utils.add_to_date,
                date_diff=utils.date_diff, today=utils.today, now=utils.now, get_datetime=utils.get_datetime,
            ),
        ),
    }  # fmt: skip


class _Walker:
    """Works an expression out, node by node."""

    def __init__(self, names: dict[str, Any], budget: _Budget) -> None:
        self._names, self._budget = names, budget

    def value(self, node: ast.AST) -> Any:
        """The value of a node."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise UnsafeExpression(f"not allowed here: {type(node).__name__}")
        self._budget.spend()
        return method(node)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        if (node.id.startswith("_") and node.id != "_") or node.id not in self._names:
            raise NameError(f"name '{node.id}' is not defined")
        return self._names[node.id]

    def _boolop(self, node: ast.BoolOp) -> Any:
        result: Any = None
        for entry in node.values:
            result = self.value(entry)
            if bool(result) != isinstance(node.op, ast.And):
                return result
        return result

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        return (
            _UNARY[type(node.op)](self.value(node.operand)) if type(node.op) in _UNARY else self._refuse(node)
        )

    def _binop(self, node: ast.BinOp) -> Any:
        if type(node.op) not in _BINARY:
            return self._refuse(node)
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Mult) and any(
            isinstance(side, str | bytes | list | tuple) for side in (left, right)
        ):
            return self._refuse(node)
        if isinstance(node.op, ast.Pow) and not is_small_power(left, right):
            return self._refuse(node)
        if isinstance(left, str | bytes) and isinstance(node.op, ast.Mod):
            return self._refuse(node)
        return _bounded(_BINARY[type(node.op)](left, right))

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for kind, entry in zip(node.ops, node.comparators, strict=True):
            right = self.value(entry)
            if not _COMPARE[type(kind)](left, right):
                return False
            left = right
        return True

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _list(self, node: ast.List) -> list:
        return [self.value(entry) for entry in node.elts]

    def _tuple(self, node: ast.Tuple) -> tuple:
        return tuple(self._list(node))

    def _set(self, node: ast.Set) -> set:
        return set(self._list(node))

    def _dict(self, node: ast.Dict) -> dict:
        return {
            self.value(key): self.value(entry)
            for key, entry in zip(node.keys, node.values, strict=True)
            if key
        }

    def _attribute(self, node: ast.Attribute) -> Any:
        target = self.value(node.value)
        if node.attr.startswith("_"):
            return self._refuse(node)
        if isinstance(target, dict):
            return target.get(node.attr)
        if hasattr(target, "meta") and hasattr(target, "doctype"):
            return target.get(node.attr)
        if node.attr in _ATTRIBUTES:
            return getattr(target, node.attr)
        return self._refuse(node)

    def _subscript(self, node: ast.Subscript) -> Any:
        key = self.value(node.slice)
        if isinstance(key, str) and key.startswith("__"):
            return self._refuse(node)
        return self.value(node.value)[key]

    def _slice(self, node: ast.Slice) -> slice:
        return slice(*(self.value(part) if part else None for part in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call) -> Any:
        arguments = [self.value(entry) for entry in node.args]
        named = {entry.arg: self.value(entry.value) for entry in node.keywords if entry.arg}
        if isinstance(node.func, ast.Attribute):
            target = self.value(node.func.value)
            if (
                not isinstance(target, dict)
                or node.func.attr not in target
                or not callable(target[node.func.attr])
            ):
                if node.func.attr not in _METHODS:
                    return self._refuse(node)
                if (
                    node.func.attr == "replace"
                    and isinstance(target, str)
                    and len(target) * sum(map(len, arguments[1:2])) > MOST_PARTS
                ):
                    raise UnsafeExpression("the value is too large")
                return _bounded(getattr(target, node.func.attr)(*arguments, **named))
        function = self.value(node.func)
        return _bounded(function(*arguments, **named)) if callable(function) else self._refuse(node)

    def _generatorexp(self, node: ast.GeneratorExp) -> list:
        return self._listcomp(node)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> list:
        if len(node.generators) != 1 or not isinstance(node.generators[0].target, ast.Name):
            return self._refuse(node)
        part, found = node.generators[0], []
        for entry in list(self.value(part.iter))[:10_000]:
            inner = _Walker({**self._names, part.target.id: entry}, self._budget)
            if all(inner.value(condition) for condition in part.ifs):
                found.append(inner.value(node.elt))
        return found

    @staticmethod
    def _refuse(node: ast.AST) -> Any:
        raise UnsafeExpression(f"not allowed here: {ast.unparse(node)[:60]}")
