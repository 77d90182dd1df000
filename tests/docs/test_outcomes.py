"""The table of the contract tests in the host's README is written from outcomes, and covers every case there is."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def outcomes():
    spec = importlib.util.spec_from_file_location("outcomes", ROOT / "tests/host/outcomes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def collected() -> dict[str, int]:
    """Cases by area, as pytest finds them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/host"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    names = [line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line]
    return dict(Counter(Path(name).stem.removeprefix("test_") for name in names))


@pytest.mark.parametrize("host", ["sqlite", "mariadb", "frappe"])
def test_every_case_was_run_on_every_host(outcomes, collected, host):
    kept = {name: counts["cases"] for name, counts in outcomes.kept(host)["areas"].items()}
    assert kept == collected, (
        f"run tests/host/outcomes.py on {outcomes.HOSTS[host]} for the areas that differ"
    )


def test_the_readme_shows_the_outcomes(outcomes):
    text = (ROOT / "runtime/README.md").read_text(encoding="utf-8")
    shown = text.partition(outcomes.BEGIN)[2].partition(outcomes.END)[0].strip()
    assert shown == outcomes.table(), "write the table: python tests/host/outcomes.py"
