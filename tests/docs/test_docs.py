"""The guides cannot rot: what the system has is named in docs/, and what docs/ lists exists."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP, DOCS = ROOT / "apps" / "medaffairs", ROOT / "docs"
GUIDES = {
    "applicant", "department-head", "party-branch", "pharmacy", "medical-affairs", "committee", "auditor",
    "complaints", "forms", "functional-department", "information-office", "using", "administrator", "events",
}  # fmt: skip


def text_of_docs() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md")))


def records(folder: str) -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(APP.glob(f"*/{folder}/*/*.json"))]


def doctypes() -> set[str]:
    return {meta["name"] for meta in records("doctype")}


def reports() -> set[str]:
    return {report["name"] for report in records("report")}


def workspaces() -> set[str]:
    return {page["name"] for page in records("workspace")}


def print_formats() -> set[str]:
    return {form["name"] for form in records("print_format")}


def settings() -> set[str]:
    """Fields of every single DocType: what the hospital sets once."""
    no_value = {"Section Break", "Column Break", "Tab Break", "Heading", "HTML", "Table"}
    return {
        field["fieldname"]
        for meta in records("doctype")
        if meta.get("issingle")
        for field in meta["fields"]
        if field["fieldtype"] not in no_value
    }


def hooks() -> set[str]:
    """Entries of hooks.py that run the app's code by themselves: their dotted paths."""
    tree = ast.parse((APP / "hooks.py").read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"medaffairs(\.\w+){2,}", node.value)
    }


def message_types() -> set[str]:
    """`SIU^S12`…: what comes in by the table of accepted messages, what goes out by the texts of the outbox."""
    from medaffairs.integration.rules.acceptance import SUPPORTED

    found = {f"{code}^{event}" for code, events in SUPPORTED.items() for event in events}
    for path in sorted((APP / "integration" / "outbound").glob("*.py")):
        found |= set(re.findall(r'"([A-Z]{3}\^[A-Z]\d\d)"', path.read_text(encoding="utf-8")))
    return found


def api_modules() -> set[str]:
    """Modules with methods that can be called over HTTP."""
    found = set()
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "whitelist" in ast.unparse(decorator) for decorator in node.decorator_list
            ):
                found.add(".".join(("medaffairs", *path.relative_to(APP).with_suffix("").parts)))
    return found


def commands() -> set[str]:
    """Sub-commands of bench that the app adds."""
    return {
        name
        for path in sorted(APP.rglob("commands.py"))
        for name in re.findall(r'@click\.command\("([\w-]+)"\)', path.read_text(encoding="utf-8"))
    }


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return {f"make {name}" for name in re.findall(r"^([a-z]+):", makefile, re.MULTILINE)}


def roles() -> set[str]:
    return {
        row["role_name"] for row in json.loads((APP / "fixtures" / "role.json").read_text(encoding="utf-8"))
    }


KINDS = [
    doctypes, reports, workspaces, print_formats, settings, hooks, message_types, api_modules, commands, make_targets,
    roles,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_everything_is_named_in_the_guides(kind):
    known, text = kind(), text_of_docs()
    assert known, "nothing was found: this test would prove nothing"
    missing = sorted(name for name in known if not re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", text))
    assert not missing, f"named nowhere in docs/: {missing}"


def listed(heading: str) -> set[str]:
    """Names in the first column of the table below a heading of the reference."""
    reference = (DOCS / "reference.md").read_text(encoding="utf-8")
    part = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL)
    assert part, f"docs/reference.md has no part {heading}"
    return set(re.findall(r"^\| `([^`]+)`", part[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Record types", doctypes),
        ("Reports", reports),
        ("Start pages", workspaces),
        ("Printed forms", print_formats),
        ("Settings", settings),
        ("Jobs and hooks", hooks),
        ("Messages", message_types),
        ("Programming interfaces", api_modules),
        ("Commands", commands),
        ("Roles", roles),
    ],
)
def test_the_reference_lists_what_there_is_and_nothing_else(heading, kind):
    assert listed(heading) == kind()


def test_every_role_of_the_hospital_has_its_guide():
    assert {path.stem for path in (DOCS / "user").glob("*.md")} == GUIDES | {"README"}
    index = (DOCS / "user" / "README.md").read_text(encoding="utf-8")
    assert all(f"({name}.md)" in index for name in GUIDES)


def links() -> list[tuple[Path, str]]:
    found = []
    for path in sorted(DOCS.rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                found.append((path, target))
    return found


def test_no_link_leads_nowhere():
    broken = [f"{path.name}: {target}" for path, target in links() if not (path.parent / target).exists()]
    assert links()
    assert not broken, f"links without a target: {broken}"


def test_words_of_the_screen_in_the_guides_are_the_screens():
    """「…」 in a user guide quotes a word of the screen: it must be one."""
    import csv

    with (APP / "translations" / "zh.csv").open(encoding="utf-8", newline="") as file:
        shown = {row[1] for row in csv.reader(file) if len(row) > 1}
    for name in ("dictionaries", "privileges", "time_limits"):
        for path in sorted((APP / "fixtures" / name).glob("*.json")):
            shown |= set(re.findall(r'"([^"]*[\u4e00-\u9fff][^"]*)"', path.read_text(encoding="utf-8")))
    unknown = sorted(
        f"{path.stem}: {word}"
        for path in sorted((DOCS / "user").glob("*.md"))
        for word in set(re.findall(r"「([^」]+)」", path.read_text(encoding="utf-8")))
        if word not in shown
    )
    assert not unknown, f"no such words on the screen: {unknown}"
