"""Chinese of the host's own words: every sentence, and what people see of its DocTypes."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import frappe
import pytest

ROOT = Path(frappe.__file__).parent
#: Names and abbreviations that are the same in Chinese.
SAME = {"CSV", "Excel", "ID", "API", "JSON", "Slack", "Markdown", "XLSX", "A4", "Letter", "Jinja", "JS", "Html", "HTML", "UUID",
        "InnoDB", "MyISAM", "Javascript", "Json", "Cron"}  # fmt: skip
_PLACE = re.compile(r"\{\d*\}")
_FORMAT = re.compile(r"^[ymdHs#.,:/'\- ]+$")


def table() -> dict[str, str]:
    """The translations, by their source."""
    with (ROOT / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file)}


def sentences() -> Iterator[tuple[str, str]]:
    """Texts that the host's code and templates give to `_()`: (text, place)."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            text = node.args[0]
            if name in {"_", "_lt"} and isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value.strip(), f"{path.relative_to(ROOT)}:{node.lineno}"
    for path in ROOT.rglob("*.html"):
        for found in re.finditer(r"_\(\s*([\"'])(.*?)\1", path.read_text(encoding="utf-8")):
            yield found[2].strip(), str(path.relative_to(ROOT))


def words() -> Iterator[tuple[str, str]]:
    """Names of DocTypes, labels and descriptions of their fields, choices: (word, DocType)."""
    for path in ROOT.rglob("doctype/*/*.json"):
        definition = json.loads(path.read_text(encoding="utf-8"))
        if definition.get("doctype") != "DocType":
            continue
        yield definition["name"], definition["name"]
        for field in definition["fields"]:
            chosen = (field.get("options") or "").split("\n") if field["fieldtype"] == "Select" else []
            for word in (field.get("label"), field.get("description"), *chosen):
                if word and word.strip():
                    yield word.strip(), definition["name"]


@pytest.mark.parametrize("source", [sentences, words])
def test_nothing_lacks_its_chinese(source):
    known = table()
    missing = {
        text: place
        for text, place in source()
        if text not in known and text not in SAME and re.search(r"[A-Za-z]", text) and not _FORMAT.match(text)
    }
    assert not missing


def test_values_stand_in_both_languages():
    wrong = {
        source
        for source, chinese in table().items()
        if sorted(_PLACE.findall(source)) != sorted(_PLACE.findall(chinese))
    }
    assert not wrong


def test_nothing_is_translated_that_nobody_says():
    said = {text for source in (sentences, words) for text, _place in source()}
    assert not set(table()) - said


def test_people_read_chinese(site):
    frappe.local.lang = "zh"
    with pytest.raises(frappe.DoesNotExistError, match="未找到"):
        frappe.get_meta("Nothing Of The Kind")
    assert frappe._("System Settings") == "系统设置"
