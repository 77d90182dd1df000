"""Runs every test, Python's and the face's, and counts them in one closing line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from console import say

PYTHON_TESTS = ("tests", "runtime/tests", "scripts/tests")
#: What is run on MariaDB, too, whenever everything is: what says how a host behaves.
ON_MARIADB_TOO = "tests/host"
#: How JUnit files name the ends of a test that did not pass.
ENDS = ("failure", "error", "skipped")


def run(root: Path, data: Path, site: str, parts: list[str]) -> int:
    """Runs all tests or a part; the exit code is that of the first that failed."""
    variables = os.environ | {"SITES_PATH": str(data / "sites"), "SITE": site}
    face = [part for part in parts if part.startswith("frontend")]
    python = [part for part in parts if part not in face] or ([] if parts else list(PYTHON_TESTS))
    reports, codes = [], []
    if python:
        reports.append(data / "python-tests.xml")
        command = [str(root / ".venv/bin/python"), "-m", "pytest", *python, f"--junit-xml={reports[-1]}"]
        codes.append(subprocess.run(command, cwd=root, env=variables, check=False).returncode)
    if not parts and not variables.get("TEST_DB"):
        other = folder_of(root, "mariadb") / "python-tests.xml"
        other.unlink(missing_ok=True)
        codes.append(on_mariadb(root, [ON_MARIADB_TOO]))
        reports += [other] if other.exists() else []
    if face or not parts:
        reports.append(data / "face-tests.xml")
        command = ["npx", "--no-install", "vitest", "run", *(part.removeprefix("frontend/") for part in face if part.strip("/") != "frontend"),
                   "--reporter=default", "--reporter=junit", f"--outputFile.junit={reports[-1]}"]  # fmt: skip
        codes.append(subprocess.run(command, cwd=root / "frontend", env=variables, check=False).returncode)
    say(closing_line(reports))
    return next((code for code in codes if code), 0)


def folder_of(root: Path, db: str) -> Path:
    """Where the tests on a kind of database have their site."""
    return root / (".data-test" if db == "sqlite" else f".data-test-{db}")


def on_mariadb(root: Path, parts: list[str]) -> int:
    """Runs tests on MariaDB: on the server that TEST_MARIADB_… name, or on one that is started for them."""
    beside = [str(root / ".venv/bin/python"), str(root / "runtime/tests/databases/private_mariadb.py")]
    command = [
        *beside,
        str(folder_of(root, "mariadb") / "server"),
        sys.executable,
        str(root / "scripts/launch.py"),
    ]
    return subprocess.run([*command, "test", "--db", "mariadb", "--tests", " ".join(parts)], cwd=root, check=False).returncode  # fmt: skip


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
