"""What the tests need, and how they are counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import suite
from system import ROOT

BROWSING = """
import pytest

@pytest.mark.needs("chromium")
def test_browsing():
    pass

def test_thinking():
    pass
"""
JUNIT = """<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure/></testcase>
<testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase></testsuite></testsuites>"""


def pytest_without_programs(folder: Path, **variables: str) -> subprocess.CompletedProcess:
    """Runs a small test module where no program can be found."""
    (folder / "test_small.py").write_text(BROWSING)
    environment = {key: value for key, value in os.environ.items() if key != "MEDAFFAIRS_REQUIRE_ALL"}
    environment |= {"PYTHONPATH": str(ROOT), "PATH": str(folder), **variables}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rs",
        "-p",
        "conftest",
        "-p",
        "no:cacheprovider",
        "test_small.py",
    ]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_cannot_run_is_skipped_by_name_with_the_package_to_install(tmp_path):
    done = pytest_without_programs(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert "needs chromium: apt-get install chromium" in done.stdout


def test_where_everything_is_required_it_fails(tmp_path):
    done = pytest_without_programs(tmp_path, MEDAFFAIRS_REQUIRE_ALL="1")
    assert done.returncode == 1
    assert "1 passed, 1 error" in done.stdout and "apt-get install chromium" in done.stdout


def test_the_closing_line_counts_over_all_runners(tmp_path):
    for name in ("python.xml", "face.xml"):
        (tmp_path / name).write_text(JUNIT)
    reports = [tmp_path / "python.xml", tmp_path / "face.xml"]
    assert suite.closing_line(reports) == "\n8 tests: 2 passed, 4 failed, 2 skipped"
    assert "did not come to an end" in suite.closing_line([*reports, tmp_path / "missing.xml"])
