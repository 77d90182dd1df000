"""Pages for everybody: what axe-core finds serious is mended; the keyboard reaches everything."""

from __future__ import annotations

from pathlib import Path

import pytest

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PAGES = {
    "yiwu": ["/", "/list/Practitioner", "/new/Committee", "/practitioner/10012", "/workspace/Privileging", "/integration"],
    "yishi": ["/apply/SURGERY"],
    "shenji": ["/audit"],
}  # fmt: skip
RUN = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa']})).violations
    .filter((found) => ['serious', 'critical'].includes(found.impact) && found.id !== 'color-contrast')
    .map((found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`)"""


def problems(page) -> list[str]:
    """What axe-core finds; it comes by the debugger's way, because the pages' policy lets no script be added."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.parametrize("account", PAGES)
def test_nothing_serious_is_found(visitor, account: str) -> None:
    visitor.enter(account)
    found = {}
    for path in PAGES[account]:
        found[path] = problems(visitor.open(path).page)
    assert {path: faults for path, faults in found.items() if faults} == {}


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
