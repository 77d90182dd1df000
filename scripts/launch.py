"""Set-up and start for the README's two commands. Only Python's own library: nothing is installed yet."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
from pathlib import Path

import demo
import prepare
import suite
from console import fail, say
from ports import check_ports

ROOT = Path(__file__).resolve().parents[1]


def parse() -> argparse.Namespace:
    """What the Makefile passes on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["run", "test", "tools"])
    parser.add_argument("--data", default=".data")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--gate-port", type=int, default=8001)
    parser.add_argument("--mllp-port", type=int, default=2575)
    parser.add_argument("--empty", default="")
    parser.add_argument("--tests", default="")
    parser.add_argument("--db", default="sqlite", choices=["sqlite", "mariadb"])
    return parser.parse_args()


def write_procfile(data: Path, site: str, options: argparse.Namespace) -> Path:
    """The processes of the system, for `bench start`."""
    bench = f"{ROOT / '.venv/bin/bench'} --sites-path {data / 'sites'} --site {site}"
    lines = [
        f"web: {bench} serve --port {options.port}",
        f"worker: {bench} worker",
        f"schedule: {bench} schedule",
        # What the gate acknowledges has to survive a power cut: its commits wait for the disk.
        f"gate: env SQLITE_SYNCHRONOUS=FULL {bench} medaffairs-gate"
        f" --http-port {options.gate_port} --mllp-port {options.mllp_port}",
    ]
    path = data / "Procfile"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def hold(data: Path) -> None:
    """Keeps a data folder for this start and the supervisor that it becomes: two would work on one site."""
    data.mkdir(parents=True, exist_ok=True)
    lock = os.open(data / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        fail(f"{data} is in use by another `make run`", "stop that one, or: make run DATA=.data-2")
    os.set_inheritable(lock, True)


def tell_where_the_gate_is(data: Path, port: int) -> None:
    """The web server asks the gate how it is; where it listens stands in the configuration of the sites."""
    path = data / "sites/common_site_config.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    address = f"http://127.0.0.1:{port}"
    if known.get("medaffairs_gate_url") != address:
        path.write_text(json.dumps(known | {"medaffairs_gate_url": address}, indent=1), encoding="utf-8")


def run(options: argparse.Namespace) -> None:
    """Prepares what is missing and becomes the supervisor."""
    check_ports({"PORT": options.port, "GATE_PORT": options.gate_port, "MLLP_PORT": options.mllp_port})
    data = (ROOT / options.data).resolve()
    hold(data)
    prepare.face(ROOT)
    prepare.environment(ROOT, tests=False)
    site = prepare.site(ROOT, data, empty=bool(options.empty))
    tell_where_the_gate_is(data, options.gate_port)
    procfile = write_procfile(data, site, options)
    say(f"\n  http://127.0.0.1:{options.port}/medaffairs\n")
    demo.print_logins(ROOT, data, site)
    say("  Ctrl-C stops everything.\n")
    sys.stdout.flush()
    os.execv(ROOT / ".venv/bin/bench", ["bench", "start", "--procfile", str(procfile)])


def test(options: argparse.Namespace) -> None:
    """Prepares a site of its own for tests and runs them all, or a part."""
    prepare.environment(ROOT, tests=True)
    parts = options.tests.split()
    if options.db == "mariadb" and os.environ.get("TEST_DB") != "mariadb":
        # The same once more, beside a server that is there as long as the tests run.
        sys.exit(suite.on_mariadb(ROOT, parts))
    if not parts or any("frontend" in part or "e2e" in part for part in parts):
        prepare.face(ROOT)
    bare = suite.is_bare(parts)
    data = suite.folder_of(ROOT, options.db, bare)
    site = prepare.test_site(ROOT, data, options.db, bare)
    if parts or options.db != "sqlite":
        sys.exit(suite.run(ROOT, data, site, parts or ["tests", "runtime/tests", "scripts/tests"]))
    prepare.test_site(ROOT, suite.folder_of(ROOT, "sqlite", bare=True), "sqlite", bare=True)
    sys.exit(suite.run_everything(ROOT, site))


def tools(_options: argparse.Namespace) -> None:
    """What linters and benchmarks need."""
    prepare.environment(ROOT, tests=True)
    prepare.node_packages(ROOT)


def main() -> None:
    """Does what the Makefile asks for."""
    options = parse()
    prepare.check_python()
    try:
        {"run": run, "test": test, "tools": tools}[options.action](options)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
