"""Everything a user can read is in translations/zh.csv: labels, options, descriptions, messages, report columns."""

import ast
import csv
import json
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "apps" / "medaffairs"
FACE = Path(__file__).parents[2] / "frontend" / "src"
NOT_WORDS = {"", "1", "2", "3", "4", "2.4", "2.5", "2.5.1", "2.6", "HL7"}
KEPT_AS_THEY_ARE = {"UTF-8", "GB18030", "GBK", "MLLP", "HTTP", "AA", "AE", "AR", "CA", "CE", "CR", "None"}


def table() -> dict[str, str]:
    with (APP / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file) if len(row) > 1 and not any(row[2:])}


def json_records(folder: str):
    for path in sorted(APP.glob(f"*/{folder}/*/*.json")):
        yield path, json.loads(path.read_text(encoding="utf-8"))


def texts_of_doctypes():
    for path, meta in json_records("doctype"):
        if meta.get("doctype") != "DocType":
            continue
        yield path.name, meta["name"]
        for field in meta["fields"]:
            yield path.name, field.get("label") or ""
            yield path.name, field.get("description") or ""
            if field["fieldtype"] == "Select":
                for option in (field.get("options") or "").split("\n"):
                    yield path.name, option


def texts_of_records():
    for path, report in json_records("report"):
        yield path.name, report["report_name"]
        for row in report["filters"]:
            yield path.name, row["label"]
            if row["fieldtype"] == "Select":
                for option in row["options"].split("\n"):
                    yield path.name, option
    for folder, name in (
        ("number_card", "label"),
        ("dashboard_chart", "chart_name"),
        ("print_format", "name"),
    ):
        for path, record in json_records(folder):
            yield path.name, record[name]
    for path, workspace in json_records("workspace"):
        yield path.name, workspace["title"]
        for part in ("links", "shortcuts", "number_cards", "charts"):
            for row in workspace[part]:
                yield path.name, row["label"]
    for path in sorted((APP / "workflows").glob("*.json")):
        workflow = json.loads(path.read_text(encoding="utf-8"))
        yield path.name, workflow["workflow_name"]
        for row in workflow["states"]:
            yield path.name, row["state"]
        for row in workflow["transitions"]:
            yield path.name, row["action"]
    for row in json.loads((APP / "fixtures" / "role.json").read_text(encoding="utf-8")):
        yield "role.json", row["role_name"]


def texts_of_code():
    """Literals in `_("…")` and arguments of rules' errors, which controllers translate."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if (
                name in ("_", "_lt", "RuleError", "HL7Error")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield str(path.relative_to(APP)), first.value


#: Functions that put a text into the reader's language later, with the place of the text among their arguments.
SPOKEN = {"say": 0, "amiss": 2, "tell": 1, "_tell_of_end": 1, "fault": 1, "_problem": 3, "Problem": 3}


def texts_of_rules():
    """What pure rules say: arguments of `SPOKEN`, what functions named `…_fault` return, what checks yield."""
    for path in sorted(APP.rglob("*.py")):
        place = str(path.relative_to(APP))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in SPOKEN and len(node.args) > SPOKEN[name]:
                    yield from ((place, text) for text in _sentences(node.args[SPOKEN[name]]))
            elif isinstance(node, ast.FunctionDef) and node.name.endswith("_fault"):
                for part in ast.walk(node):
                    if isinstance(part, ast.Return) and part.value is not None:
                        yield from ((place, text) for text in _sentences(part.value))


def _sentences(node: ast.AST):
    """Texts of several words that are not compared with anything: those are for readers."""
    if isinstance(node, ast.Compare):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _sentences(child)


def texts_of_templates():
    """Literals in `_("…")` of what is printed."""
    for path in sorted(APP.rglob("*.html")):
        if "public" in path.parts:
            continue
        for match in re.finditer(r"""\b_\((['"])(.*?)\1\)""", path.read_text(encoding="utf-8")):
            yield str(path.relative_to(APP)), match.group(2)


def texts_of_face():
    """Literals in `__('…')` of the face, labels of its menus, and the words it picks from by name."""
    for path in sorted(FACE.rglob("*.vue")) + sorted(FACE.rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        place = str(path.relative_to(FACE))
        for match in re.finditer(r"""__\(\s*(['"])(.*?)(?<!\\)\1""", text):
            yield place, match.group(2)
        for match in re.finditer(r"""\b(?:label|description): (['"])(.*?)\1""", text):
            yield place, match.group(2)
        for block in re.findall(
            r"export const [A-Z_]*(?:WORDS|LABEL|WEEKDAYS)[A-Z_]* = [\[{](.*?)\n?[\]}]\n", text, re.S
        ):
            for match in re.finditer(r"""(?:: |\[|, |^\s*|\n\s*)(['"])([^'"]+)\1(?!:)""", block):
                yield place, match.group(2)
        for match in re.finditer(r"""return (['"])([A-Z][^'"]* \{0\})\1""", text):
            yield place, match.group(2)


def texts_of_decisions():
    """The answers to "may he do this?"."""
    from medaffairs.privileging import rules

    for text in (*rules.MESSAGES.values(), *rules.MESSAGES_WITHOUT_BOUND.values()):
        yield "privileging/rules.py", text


def texts_of_report_columns():
    """Labels of a report's columns that are not wrapped in `_()` where they are written."""
    for path in sorted(APP.glob("*/report/*/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Dict):
                continue
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "label" and isinstance(value, ast.Constant):
                    yield f"{path.relative_to(APP)} (not wrapped)", value.value


SOURCES = [
    texts_of_doctypes,
    texts_of_records,
    texts_of_code,
    texts_of_rules,
    texts_of_templates,
    texts_of_face,
    texts_of_report_columns,
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda f: f.__name__)
def test_every_text_has_a_translation(source):
    known = table()
    missing = sorted(
        {
            f"{place}: {text}"
            for place, text in source()
            if text not in NOT_WORDS
            and text not in KEPT_AS_THEY_ARE
            and not known.get(text)
            and not chinese(text)
        }
    )
    assert not missing, f"{len(missing)} texts have no Chinese: " + "; ".join(missing[:30])


def test_placeholders_survive_translation():
    wrong = [
        source
        for source, text in table().items()
        if text
        and {f"{{{n}}}" for n in range(6) if f"{{{n}}}" in source}
        != {f"{{{n}}}" for n in range(6) if f"{{{n}}}" in text}
    ]
    assert not wrong, f"placeholders differ: {wrong}"


def test_no_text_is_translated_in_two_ways():
    seen: dict[tuple[str, str], str] = {}
    twice = []
    with (APP / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            place = (row[0], row[2] if len(row) > 2 else "")
            if len(row) > 1 and seen.setdefault(place, row[1]) != row[1]:
                twice.append(row[0])
    assert not twice, f"translated in two ways: {twice}"


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_what_a_method_did_is_said_in_chinese() -> None:
    source = (FACE / "lib" / "deeds.js").read_text(encoding="utf-8")
    deeds = re.findall(r"""^  '?([\w.]+)'?:\s+(["'])(.+?)\2,$""", source, re.MULTILINE)
    assert len(deeds) > 80
    assert {words for _, _, words in deeds} - set(table()) == set()


def methods_of_the_app():
    """Every method that can be called from outside, by its name in the access log."""
    for path in sorted(APP.rglob("*.py")):
        module = ".".join(path.relative_to(APP.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "whitelist" in ast.unparse(decorator) for decorator in node.decorator_list
            ):
                yield f"{module}.{node.name}"


def test_every_method_that_is_recorded_has_words_in_the_access_log() -> None:
    from medaffairs.audit.rules import SILENT

    source = (FACE / "lib" / "deeds.js").read_text(encoding="utf-8")
    known = set(re.findall(r"^  '([\w.]+)':", source, re.MULTILINE))
    methods = set(methods_of_the_app())
    assert len(methods) > 100
    assert methods - SILENT - known == set()
