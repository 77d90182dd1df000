"""Chinese by default, English by a switch; nothing of the other language is left in labels."""

from __future__ import annotations

import re

PAGES = ["/", "/list/Practitioner", "/list/Privilege%20Grant", "/new/Committee", "/workspace/Privileging",
         "/practitioner/10012", "/integration", "/catalogue-import", "/reevaluation", "/apply/SURGERY"]  # fmt: skip
# Names of things that have no other name in Chinese.
KEPT = re.compile(
    r"Ctrl|HL7|HIS|Excel|CSV|ICD|TLS|YYYY|[A-Z]{2,}[_-]?\w*|\w+@\w+|Administrator|SIU|PMU|MFN|v?\d"
)


def labels(visitor) -> list[str]:
    """Words of the page itself: headings, labels, buttons, tabs, table heads, menu entries."""
    return visitor.page.evaluate(
        """() => [...document.querySelectorAll('h1, h2, label, button, th, [role=tab], nav a, legend, dt')]
            .filter((element) => element.offsetParent && !element.closest('tbody'))
            .map((element) => element.innerText.trim()).filter(Boolean)"""
    )


def test_every_page_speaks_chinese(visitor) -> None:
    visitor.enter("yiwu")
    foreign = {
        path: [text for text in labels(visitor.open(path)) if re.search(r"[A-Za-z]{3,}", KEPT.sub("", text))]
        for path in PAGES
    }
    assert {path: texts for path, texts in foreign.items() if texts} == {}


def test_english_is_one_click_away_and_stays(visitor) -> None:
    page = visitor.enter("yiwu").open("/").page
    page.locator("nav").get_by_role("button").last.click()
    page.get_by_role("menuitem", name="English").click()
    page.get_by_role("heading", name="Workbench").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    for path in ("/", "/list/Practitioner", "/new/Committee", "/practitioner/10012", "/integration"):
        visitor.open(path)
        chinese = [text for text in labels(visitor) if re.search(r"[\u4e00-\u9fff]", text)]
        own = [text for text in chinese if not _is_data(visitor, text)]
        assert own == [], path
    visitor.picture("english")


def _is_data(visitor, text: str) -> bool:
    """Names of people, departments and things stay as the hospital wrote them."""
    return bool(
        visitor.page.evaluate(
            """(text) => [...document.querySelectorAll('nav button, h1, [data-endpoint], [data-grant], h3')]
                .some((element) => element.innerText.includes(text))""",
            text,
        )
    )
