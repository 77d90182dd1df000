"""What tests need beside Python: `@pytest.mark.needs("chromium")`.

A test whose program is missing is skipped by name, with the reason and the package to install. With
MEDAFFAIRS_REQUIRE_ALL=1, as the continuous integration sets it, it fails instead: there nothing is skipped.
"""

from __future__ import annotations

import os
import shutil

import pytest

#: What a test may need: any of these programs, and Debian's package of it.
PROGRAMS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    "wkhtmltopdf": (("wkhtmltopdf",), "wkhtmltopdf"),
    "pdftotext": (("pdftotext",), "poppler-utils"),
    "mariadb": (("mariadbd",), "mariadb-server"),
    "redis": (("redis-server",), "redis-server"),
}


def missing(need: str) -> str | None:
    """What is missing and how to get it; None when it is there."""
    programs, package = PROGRAMS[need]
    if any(shutil.which(program) for program in programs):
        return None
    return f"needs {need}: apt-get install {package}"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(program): {', '.join(PROGRAMS)}; skipped when it is missing")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for reason in filter(None, map(missing, mark.args)):
            if os.environ.get("MEDAFFAIRS_REQUIRE_ALL"):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
