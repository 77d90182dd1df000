"""The header and the footer of a page for paper: elements with the ids `header-html` and `footer-html`, taken out of it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.IGNORECASE | re.DOTALL)


class _Finder(HTMLParser):
    """Finds where an element begins and ends."""

    def __init__(self, html: str, wanted: str) -> None:
        super().__init__(convert_charrefs=False)
        self._wanted, self._open, self._depth = wanted, "", 0
        self._lines = [0]
        for line in html.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self.start: int | None = None
        self.end: int | None = None
        self.inner: list[int] = []
        self._html = html
        self.feed(html)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.start is None:
            if tag not in _VOID and dict(attrs).get("id") == self._wanted:
                self.start, self._open, self._depth = self._here(), tag, 1
                self.inner = [self.start + len(self.get_starttag_text() or "")]
        elif self.end is None and tag == self._open:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if self.start is None or self.end is not None or tag != self._open:
            return
        self._depth -= 1
        if not self._depth:
            here = self._here()
            self.inner.append(here)
            self.end = self._html.index(">", here) + 1


def cut(html: str, element_id: str) -> tuple[str, str | None]:
    """(the page without the element, the element's content or None when there is none)."""
    if element_id not in html:
        return html, None
    found = _Finder(html, element_id)
    if found.start is None or found.end is None:
        return html, None
    content = html[found.inner[0] : found.inner[1]]
    return html[: found.start] + html[found.end :], content


def styles(html: str) -> list[str]:
    """The style elements of a page, which its header needs too."""
    return _STYLE.findall(html)


def page_of(content: str, style_elements: list[str], html_id: str) -> str:
    """A page of its own for a header or a footer."""
    head = "".join(style_elements)
    return (
        f'<!doctype html><html><head><meta charset="utf-8">{head}</head>'
        f'<body><div id="{html_id}">{content}</div></body></html>'
    )


@functools.cache
def repeats_parts() -> bool:
    """Whether the installed wkhtmltopdf can put a header on every page; Debian's build cannot."""
    program = shutil.which("wkhtmltopdf")
    if not program:
        return False
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a fixed program
    return "patched qt" in told.stdout
