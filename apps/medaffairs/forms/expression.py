"""The small language of conditions, the same as in the face (`frontend/src/lib/expression.js`).

`code`, or `eval:` and an expression over `doc` (the answers, or a row) and `parent` (the answers around a row). Texts
come from people, so they are parsed here and never run. An expression that is not understood counts as true, so that
a question is rather asked too often than never; templates with such conditions are refused before they are in force.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<symbol>===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!()\[\],.?:])|(?P<word>[A-Za-z_$][\w$]*))",
    re.ASCII,
)
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_DEPTH = 60
_NAN = float("nan")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None}

Thunk = Callable[[], Any]


class ExpressionError(ValueError):
    """A condition that is not understood."""


class Token(NamedTuple):
    """A symbol, a word or a literal; `kind` is the symbol itself, `word` or `value`."""

    kind: str
    value: Any = None


def holds(condition: str, doc: Mapping[str, Any], parent: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds; without one, and of one that is not understood, true."""
    text = (condition or "").strip()
    if not text:
        return True
    if not text.startswith("eval:"):
        return truthy(_own(doc, text))
    try:
        return truthy(_Parser(_body(text), {"doc": doc, "parent": doc if parent is None else parent}).run())
    except (ExpressionError, ArithmeticError, TypeError, ValueError, RecursionError):
        return True


def names_in(condition: str) -> tuple[set[str], set[str]]:
    """The questions that a condition looks at: in `doc`, in `parent`.

    :raises ExpressionError: when it is not understood
    """
    text = (condition or "").strip()
    if not text:
        return set(), set()
    if not text.startswith("eval:"):
        return {text}, set()
    parser = _Parser(_body(text), {"doc": {}, "parent": {}})
    parser.parse()
    return parser.seen["doc"], parser.seen["parent"]


def truthy(value: Any) -> bool:
    """Whether a value counts as an answer: empty tables and the text "0" do not, as they do not for a person."""
    if isinstance(value, list | tuple):
        return len(value) > 0
    return value != "0" and _is_set(value)


def _is_set(value: Any) -> bool:
    """What `||`, `&&` and `?` take for true: every list and record does."""
    return isinstance(value, list | tuple | Mapping) or (value == value and bool(value))


def _body(text: str) -> str:
    return re.sub(r";\s*$", "", text[5:])


def _tokenize(text: str) -> list[Token]:
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if not match:
            raise ExpressionError(text[place:])
        place = match.end()
        if match["number"] is not None:
            tokens.append(Token("value", float(match["number"])))
        elif match["string"] is not None:
            tokens.append(Token("value", re.sub(r"\\(.)", r"\1", match["string"][1:-1])))
        elif match["symbol"]:
            tokens.append(Token(match["symbol"]))
        else:
            tokens.append(Token("word", match["word"]))
    return tokens


def _own(target: Any, key: Any) -> Any:
    """A record's own value, an item of a list, or the length of a list or text; nothing else can be reached."""
    if isinstance(target, Mapping):
        return target.get(_text(key))
    if key == "length":
        return len(target) if isinstance(target, list | tuple | str) else None
    number = _number(key)
    if isinstance(target, list | tuple | str) and number == number and number == int(number):
        return target[int(number)] if 0 <= number < len(target) else None
    return None


def _text(value: Any) -> str:
    """A value as the face would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    if isinstance(value, list | tuple):
        return ",".join(_text(item) for item in value)
    return str(value)


def _number(value: Any) -> float:
    if value is None:
        return _NAN
    if isinstance(value, bool | int | float):
        return float(value)
    text = _text(value)
    if not text.strip():
        return 0.0
    return float(text) if _NUMBER.fullmatch(text) else _NAN


def _equal(left: Any, right: Any) -> bool:
    if _text(left) == _text(right):
        return True
    return (
        None not in (left, right)
        and "" not in (_text(left), _text(right))
        and _number(left) == _number(right)
    )


def _compare(left: Any, right: Any, decide: Callable[[Any, Any], bool]) -> bool:
    left, right = _primitive(left), _primitive(right)
    if isinstance(left, str) and isinstance(right, str):
        return decide(left, right)
    return decide(_number(left), _number(right))


def _primitive(value: Any) -> Any:
    """Lists are compared and joined as the text that they make."""
    return _text(value) if isinstance(value, list | tuple) else value


def _add(left: Any, right: Any) -> Any:
    left, right = _primitive(left), _primitive(right)
    if isinstance(left, str) or isinstance(right, str):
        return _text(left) + _text(right)
    return _number(left) + _number(right)


def _divide(left: Any, right: Any) -> float:
    above, below = _number(left), _number(right)
    if below:
        return above / below
    return math.copysign(math.inf, above) if above and not math.isnan(above) else _NAN


def _remainder(left: Any, right: Any) -> float:
    above, below = _number(left), _number(right)
    return math.fmod(above, below) if below and math.isfinite(above) else _NAN


def _includes(target: Any, value: Any) -> bool:
    if isinstance(target, str):
        return _text(value) in target
    return any(_same(item, value) for item in _items(target))


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else _items(None) if value is None else [value]


def _items(target: Any) -> list[Any]:
    if target is None:
        return []
    if not isinstance(target, list | tuple):
        raise ExpressionError("not a list")
    return list(target)


def _index_of(target: Any, value: Any) -> float:
    if isinstance(target, str):
        return float(target.find(_text(value)))
    return float(next((place for place, item in enumerate(_items(target)) if _same(item, value)), -1))


_BINARY: list[dict[str, Callable[[Any, Thunk], Any]]] = [
    {"||": lambda a, b: a if _is_set(a) else b()},
    {"&&": lambda a, b: b() if _is_set(a) else a},
    {
        "==": lambda a, b: _equal(a, b()),
        "===": lambda a, b: _equal(a, b()),
        "!=": lambda a, b: not _equal(a, b()),
        "!==": lambda a, b: not _equal(a, b()),
    },
    {
        "<": lambda a, b: _compare(a, b(), lambda x, y: x < y),
        ">": lambda a, b: _compare(a, b(), lambda x, y: x > y),
        "<=": lambda a, b: _compare(a, b(), lambda x, y: x <= y),
        ">=": lambda a, b: _compare(a, b(), lambda x, y: x >= y),
        "in": lambda a, b: any(_same(item, a) for item in _as_list(b())),
    },
    {"+": lambda a, b: _add(a, b()), "-": lambda a, b: _number(a) - _number(b())},
    {
        "*": lambda a, b: _number(a) * _number(b()),
        "/": lambda a, b: _divide(a, b()),
        "%": lambda a, b: _remainder(a, b()),
    },
]
_METHODS: dict[str, Callable[[Any, Any], Any]] = {
    "includes": _includes,
    "indexOf": _index_of,
    "startsWith": lambda target, value: _text(target).startswith(_text(value)),
}


class _Parser:
    """Makes one thunk of a text; `seen` collects the names that it reads of `doc` and `parent`."""

    def __init__(self, text: str, scope: Mapping[str, Any]) -> None:
        self.tokens = _tokenize(text)
        self.scope = scope
        self.position = 0
        self.depth = 0
        self.seen: dict[str, set[str]] = {"doc": set(), "parent": set()}

    def run(self) -> Any:
        return self.parse()()

    def parse(self) -> Thunk:
        thunk = self._ternary()
        if self.position < len(self.tokens):
            raise ExpressionError("unexpected end")
        return thunk

    def _next(self) -> Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _take(self, kind: str) -> bool:
        token = self._next()
        if token is None or token.kind != kind:
            return False
        self.position += 1
        return True

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise ExpressionError(f"expected {kind}")

    def _ternary(self) -> Thunk:
        self.depth += 1
        if self.depth > _DEPTH:
            raise ExpressionError("nested too deeply")
        condition = self._binary(0)
        self.depth -= 1
        if not self._take("?"):
            return condition
        yes = self._ternary()
        self._expect(":")
        no = self._ternary()
        return lambda: yes() if _is_set(condition()) else no()

    def _binary(self, level: int) -> Thunk:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while True:
            token = self._next()
            symbol = "in" if token and token.kind == "word" and token.value == "in" else token and token.kind
            operate = _BINARY[level].get(symbol or "")
            if operate is None:
                return left
            self.position += 1
            left = _joined(operate, left, self._binary(level + 1))

    def _unary(self) -> Thunk:
        for symbol, apply in (("!", lambda value: not truthy(value)), ("-", lambda value: -_number(value))):
            if self._take(symbol):
                self.depth += 1
                if self.depth > _DEPTH:
                    raise ExpressionError("nested too deeply")
                inner = self._unary()
                self.depth -= 1
                return _applied(apply, inner)
        return self._postfix()

    def _postfix(self) -> Thunk:
        owner = self._owner()
        target = self._primary()
        while True:
            if self._take("."):
                target, owner = self._member(target, owner), ""
            elif self._take("["):
                key = self._ternary()
                self._expect("]")
                target, owner = _reached(target, key), ""
            else:
                return target

    def _owner(self) -> str:
        token = self._next()
        return token.value if token and token.kind == "word" and token.value in self.seen else ""

    def _member(self, owner: Thunk, known: str) -> Thunk:
        token = self._next()
        if token is None or token.kind != "word":
            raise ExpressionError("name expected")
        self.position += 1
        name = token.value
        if not self._take("("):
            if known:
                self.seen[known].add(name)
            return lambda: _own(owner(), name)
        arguments = self._list(")")
        method = _METHODS.get(name)
        if method is None:
            raise ExpressionError(name)
        return lambda: method(owner(), arguments[0]() if arguments else None)

    def _list(self, end: str) -> list[Thunk]:
        items: list[Thunk] = []
        while not self._take(end):
            items.append(self._ternary())
            token = self._next()
            if token is None or token.kind != end:
                self._expect(",")
        return items

    def _primary(self) -> Thunk:
        token = self._next()
        if token is None:
            raise ExpressionError("unexpected end")
        self.position += 1
        if token.kind == "value":
            return lambda: token.value
        if token.kind == "(":
            inner = self._ternary()
            self._expect(")")
            return inner
        if token.kind == "[":
            items = self._list("]")
            return lambda: [item() for item in items]
        if token.kind == "word" and token.value in _WORDS:
            return lambda: _WORDS[token.value]
        if token.kind == "word" and token.value in self.scope:
            return lambda: self.scope[token.value]
        raise ExpressionError(str(token.value or token.kind))


def _joined(operate: Callable[[Any, Thunk], Any], left: Thunk, right: Thunk) -> Thunk:
    return lambda: operate(left(), right)


def _applied(apply: Callable[[Any], Any], inner: Thunk) -> Thunk:
    return lambda: apply(inner())


def _reached(target: Thunk, key: Thunk) -> Thunk:
    return lambda: _own(target(), key())
