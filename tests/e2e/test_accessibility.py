"""Pages for everybody: axe-core finds nothing against WCAG 2.2 AA, contrast too; the keyboard reaches everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.conftest import DESK, PHONE

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PAGES = {
    "yiwu": [
        "/", "/list/Practitioner", "/list/Unauthorized%20Act", "/new/Committee", "/practitioner/10012",
        "/form/Procedure/55.0197", "/workspace/Privileging", "/integration", "/catalogue-import", "/reevaluation",
        "/list/Practitioner?facets=1&group=department&q=1000", "/list/Improvement%20Action?as=board",
        "/list/Improvement%20Action?as=gantt", "/list/Clinical%20Department?as=tree",
        "/report/Title%20Statistics", "/build/Practitioner", "/boards", "/nowhere", "/scan", "/outbox",
    ],
    "yishi": ["/", "/apply/SURGERY"],
    "weiyuan": ["/"],
    "shenji": ["/audit"],
    "Administrator": [
        "/import", "/print-format", "/print-format/new",
        "/admin", "/admin/fields/Expert%20Pool", "/admin/rights/Expert%20Pool", "/admin/workflow",
        "/admin/workflow/Privilege%20Application",
    ],
}  # fmt: skip
RUN = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})).violations
    .map((found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`)"""


def problems(page) -> list[str]:
    """What axe-core finds; it comes by the debugger's way, because the pages' policy lets no script be added."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.parametrize("account", PAGES)
def test_nothing_is_found_at_a_desk_or_on_a_phone(visitor, account: str) -> None:
    visitor.enter(account)
    found = {}
    for path in PAGES[account]:
        page = visitor.open(path).page
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            found[path, size["width"]] = problems(page)
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_nothing_is_found_in_what_lies_over_a_page(visitor) -> None:
    page = visitor.enter("yiwu").open("/list/Committee").page
    found = {}
    for key in ("Control+k", "?", "F1"):
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        visitor.quiet()
        found[key] = problems(page)
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
    assert found == {key: [] for key in found}


def test_the_sign_in_page_too(visitor) -> None:
    assert problems(visitor.open("/login").page) == []


def test_the_focus_is_seen(visitor) -> None:
    page = visitor.enter("yiwu").open("/").page
    page.keyboard.press("Tab")
    outline = page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.boxShadow }"
    )
    assert outline != "nonenone"
    assert page.evaluate("document.activeElement.tagName") in ("A", "BUTTON", "INPUT")
