"""Runs every test, Python's and the face's, and counts them in one closing line."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from console import say

#: What needs nothing but the host: its own tests and the contract that it keeps.
OF_THE_HOST = ("runtime/tests", "tests/host")
#: What needs the app.
OF_THE_APP = ("tests", "--ignore=tests/host", "scripts/tests")
#: What is run on MariaDB, too, whenever everything is: what says how a host behaves.
ON_MARIADB_TOO = "tests/host"
#: How JUnit files name the ends of a test that did not pass.
ENDS = ("failure", "error", "skipped")
REPORT, FACE_REPORT = "python-tests.xml", "face-tests.xml"


def is_bare(parts: list[str]) -> bool:
    """Whether these tests need a site of the host alone."""
    return bool(parts) and all(part.startswith(OF_THE_HOST) for part in parts)


def folder_of(root: Path, db: str, bare: bool = False) -> Path:
    """Where the tests on a kind of database have their site."""
    name = ".data-test" if db == "sqlite" else f".data-test-{db}"
    return root / (f"{name}-host" if bare else name)


def run(root: Path, data: Path, site: str, parts: list[str]) -> int:
    """Runs a part of the tests; the exit code is that of the first that failed."""
    face = [part for part in parts if part.startswith("frontend")]
    python = [part for part in parts if part not in face]
    reports, codes = [], []
    if python:
        codes.append(pytest(root, data, site, python))
        reports.append(data / REPORT)
    if face:
        codes.append(vitest(root, data, face))
        reports.append(data / FACE_REPORT)
    say(closing_line(reports))
    return next((code for code in codes if code), 0)


def run_everything(root: Path, site: str) -> int:
    """Runs all tests: those of the app, and beside them those of the host and of the face, which share nothing with them."""
    app, bare, other = (
        folder_of(root, "sqlite"), folder_of(root, "sqlite", bare=True), folder_of(root, "mariadb", bare=True),
    )  # fmt: skip
    # A report of an earlier run must not be counted.
    for old in (app / REPORT, bare / REPORT, other / REPORT, app / FACE_REPORT):
        old.unlink(missing_ok=True)
    told = bare / "output.txt"
    with told.open("w", encoding="utf-8") as output, ThreadPoolExecutor(1) as beside:
        host = beside.submit(_of_the_host, root, bare, app, site, output)
        codes = [pytest(root, app, site, list(OF_THE_APP))]
        codes += host.result()
    say(told.read_text(encoding="utf-8", errors="replace"))
    # Where there is no MariaDB its tests say so and leave no report.
    reports = [app / REPORT, bare / REPORT, *filter(Path.exists, [other / REPORT]), app / FACE_REPORT]
    say(closing_line(reports))
    return next((code for code in codes if code), 0)


def _of_the_host(root: Path, bare: Path, app: Path, site: str, output: IO[str]) -> list[int]:
    return [
        pytest(root, bare, site, list(OF_THE_HOST), output),
        on_mariadb(root, [ON_MARIADB_TOO], output),
        vitest(root, app, [], output),
    ]


def pytest(root: Path, data: Path, site: str, parts: list[str], output: IO[str] | None = None) -> int:
    """Runs Python's tests on a site; the exit code."""
    command = [str(root / ".venv/bin/python"), "-m", "pytest", *parts, f"--junit-xml={data / REPORT}"]
    variables = os.environ | {"SITES_PATH": str(data / "sites"), "SITE": site}
    return subprocess.run(
        command,
        cwd=root,
        env=variables,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        check=False,
    ).returncode


def vitest(root: Path, data: Path, parts: list[str], output: IO[str] | None = None) -> int:
    """Runs the face's tests; the exit code."""
    named = [part.removeprefix("frontend/") for part in parts if part.strip("/") != "frontend"]
    command = ["npx", "--no-install", "vitest", "run", *named,
               "--reporter=default", "--reporter=junit", f"--outputFile.junit={data / FACE_REPORT}"]  # fmt: skip
    return subprocess.run(
        command,
        cwd=root / "frontend",
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        check=False,
    ).returncode


def on_mariadb(root: Path, parts: list[str], output: IO[str] | None = None) -> int:
    """Runs tests on MariaDB: on the server that TEST_MARIADB_… name, or on one that is started for them."""
    beside = [str(root / ".venv/bin/python"), str(root / "runtime/tests/databases/private_mariadb.py")]
    data = folder_of(root, "mariadb", is_bare(parts))
    command = [*beside, str(data / "server"), sys.executable, str(root / "scripts/launch.py")]
    return subprocess.run(
        [*command, "test", "--db", "mariadb", "--tests", " ".join(parts)], cwd=root,
        stdout=output, stderr=subprocess.STDOUT if output else None, check=False,
    ).returncode  # fmt: skip


def closing_line(reports: list[Path]) -> str:
    """How many tests ran and how they ended, over the JUnit files of all runners."""
    counts = dict.fromkeys(("tests", *ENDS), 0)
    for report in reports:
        if not report.exists():
            return f"\nThe tests did not come to an end: {report.name} was not written."
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own runners wrote it
            counts["tests"] += 1
            for end in ENDS:
                counts[end] += case.find(end) is not None
    bad = counts["failure"] + counts["error"]
    passed = counts["tests"] - bad - counts["skipped"]
    return f"\n{counts['tests']} tests: {passed} passed, {bad} failed, {counts['skipped']} skipped"
