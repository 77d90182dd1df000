"""The README's table of hooks names what tests have seen working, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
README = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
TABLE = README.partition("<!-- hooks")[2].partition("<!-- end of hooks -->")[0]


def _named_in_the_table() -> set[str]:
    first_columns = [line.split("|")[1] for line in TABLE.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`(\w+)`", " ".join(first_columns)))


def _seen_by_tests() -> set[str]:
    """Names in the `@hook(…)` marks of the tests of this folder."""
    found: set[str] = set()
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hook":
                found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def _used_by_the_apps() -> set[str]:
    """Names that the fixture apps' hooks.py set."""
    found: set[str] = set()
    for path in HERE.glob("*/*/hooks.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            found |= {target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)}
    return found - {"lendery_own_hook"}


def test_the_table_names_the_hooks_that_tests_have_seen():
    assert _named_in_the_table() == _seen_by_tests()


def test_every_hook_that_a_test_has_seen_is_used_by_an_app():
    assert _seen_by_tests() <= _used_by_the_apps()


def test_every_hook_of_the_apps_is_spoken_of():
    assert not {name for name in _used_by_the_apps() if f"`{name}`" not in README}
