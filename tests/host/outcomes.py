"""How the contract tests ended on each host, kept small, and the table of them in the host's README.

    SITES_PATH=<sites> SITE=<site> <python of the host> tests/host/outcomes.py [test_<area>.py …]

runs the files (all when none is named) on the host that this Python has, keeps the counts in `outcomes/<host>.json`
and writes the table anew. Without SITE only the table is written.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
README = ROOT / "runtime" / "README.md"
BEGIN, END = "<!-- outcomes: written by tests/host/outcomes.py -->", "<!-- end of outcomes -->"
HOSTS = {"sqlite": "runtime/SQLite", "mariadb": "runtime/MariaDB", "frappe": "Frappe 15"}
ENDS = {"failure": "failed", "error": "failed", "skipped": "skipped"}


def areas() -> list[str]:
    """Areas, each a file of tests."""
    return sorted(path.stem.removeprefix("test_") for path in HERE.glob("test_*.py"))


def this_host() -> tuple[str, str]:
    """Which host this Python has, and its version."""
    import frappe

    try:
        own = importlib.metadata.version("benchless")
    except importlib.metadata.PackageNotFoundError:
        return "frappe", f"Frappe {frappe.__version__}"
    config = Path(os.environ["SITES_PATH"], os.environ["SITE"], "site_config.json")
    kind = json.loads(config.read_text(encoding="utf-8")).get("db_type", "sqlite")
    return kind, f"benchless {own}"


def run(names: list[str]) -> dict[str, dict[str, int]]:
    """Runs the areas; per area the number of cases and how they ended."""
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            report = Path(folder, f"{name}.xml")
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / f"test_{name}.py"),
                       f"--junit-xml={report}"]  # fmt: skip
            subprocess.run(command, cwd=ROOT, check=False)
            counts[name] = count(report)
    return counts


def count(report: Path) -> dict[str, int]:
    """Cases of a JUnit file and how they ended."""
    found = {"cases": 0, "passed": 0, "failed": 0, "skipped": 0}
    for case in ElementTree.parse(report).iter("testcase"):
        found["cases"] += 1
        ends = {ENDS[child.tag] for child in case if child.tag in ENDS}
        found["failed" if "failed" in ends else "skipped" if ends else "passed"] += 1
    return found


def kept(host: str) -> dict:
    """What was kept of a host: its version, and the counts by area."""
    path = HERE / "outcomes" / f"{host}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"version": "", "areas": {}}


def keep(host: str, version: str, counts: dict[str, dict[str, int]]) -> None:
    """Keeps new counts; areas that are gone are forgotten."""
    found = {name: entry for name, entry in (kept(host)["areas"] | counts).items() if name in areas()}
    # One area a line, so that two people who add areas do not meet in one line.
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
    text = f'{{\n "version": {json.dumps(version)},\n "areas": {{\n{lines}\n }}\n}}\n'
    (HERE / "outcomes" / f"{host}.json").write_text(text, encoding="utf-8")


def cell(counts: dict[str, int] | None) -> str:
    """One host's outcome of one area."""
    if not counts:
        return "–"
    rest = ", ".join(f"{counts[end]} {end}" for end in ("failed", "skipped") if counts[end])
    return f"{counts['passed']} passed" + (f", {rest}" if rest else "")


def table() -> str:
    """The table of areas and hosts."""
    known = {host: kept(host) for host in HOSTS}
    names = sorted({name for entry in known.values() for name in entry["areas"]})
    titles = [
        f"{title} ({known[host]['version']})" if known[host]["version"] else title
        for host, title in HOSTS.items()
    ]
    lines = [f"| area | cases | {' | '.join(titles)} |", "|---|---|---|---|---|"]
    totals = {host: dict.fromkeys(("cases", "passed", "failed", "skipped"), 0) for host in HOSTS}
    for name in names:
        entries = {host: known[host]["areas"].get(name) for host in HOSTS}
        for host, entry in entries.items():
            for end in totals[host]:
                totals[host][end] += (entry or {}).get(end, 0)
        cases = max(entry["cases"] for entry in entries.values() if entry)
        lines.append(
            f"| {name.replace('_', ' ')} | {cases} | {' | '.join(cell(entries[host]) for host in HOSTS)} |"
        )
    total = max(entry["cases"] for entry in totals.values())
    lines.append(f"| **all** | {total} | {' | '.join(cell(totals[host]) for host in HOSTS)} |")
    return "\n".join(lines)


def write_table() -> None:
    """Puts the table between its two marks in the README."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Runs what is asked for and writes the table."""
    if os.environ.get("SITE"):
        names = [Path(argument).stem.removeprefix("test_") for argument in arguments] or areas()
        host, version = this_host()
        keep(host, version, run(names))
    write_table()


if __name__ == "__main__":
    main(sys.argv[1:])
