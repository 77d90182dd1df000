"""Each preparation is done once and again when what it depends on has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import demo
from console import fail, step

SITE = "medaffairs.localhost"
TEST_SITE = "test.localhost"


def fingerprint(paths: Iterable[Path]) -> str:
    """Changes when a file does. Sizes and times are enough, and quick."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path}:{status.st_size}:{status.st_mtime_ns}".encode())
    return digest.hexdigest()


def content(paths: Iterable[Path]) -> str:
    """Changes when a file's content does."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    """Whether a preparation was done for exactly this."""
    return stamp.exists() and stamp.read_text() == value


def check_python() -> None:
    """Ends with what to install when this Python cannot carry the system."""
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        fail(
            f"Python 3.11 or newer is needed, this is {found}",
            "apt-get install python3 python3-venv, or: make run PYTHON=/path/to/python3.11",
        )
    if importlib.util.find_spec("ensurepip") is None:
        fail("This Python cannot make virtual environments", "apt-get install python3-venv")


def find_npm() -> str:
    """npm beside a Node that can build the pages; ends with what to install when there is none."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        fail(
            "Node.js 20 or newer is needed to build the pages", "install Node.js 20 with npm from nodejs.org"
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < 20:
        fail(f"Node.js 20 or newer is needed, {node} is {version}", "install Node.js 20 from nodejs.org")
    return npm


def can_build_mysqlclient() -> bool:
    """Whether it can be built against MariaDB's library; where not, the tests on MariaDB are skipped and say so."""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return headers.exists() and all(map(shutil.which, ("mariadb_config", "pkg-config", "cc")))


def environment(root: Path, tests: bool) -> None:
    """The virtual environment with host, app and, for tests, the tools of the tests."""
    check_python()
    venv, extra = root / ".venv", "test,bench" if tests else ""
    host = "./runtime"
    if tests:
        host += "[redis,mariadb]" if can_build_mysqlclient() else "[redis]"
    wanted = content([root / "pyproject.toml", root / "runtime/pyproject.toml"]) + sys.version + host
    stamp = venv / f".prepared-{'test' if tests else 'run'}"
    if is_current(stamp, wanted):
        return
    if not (venv / "bin/pip").exists():
        step("virtual environment", [sys.executable, "-m", "venv", "--clear", str(venv)], root)
    pip = [str(venv / "bin/pip"), "install", "-q", "--disable-pip-version-check"]
    step("Python packages", [*pip, "-e", host, "-e", f".[{extra}]" if extra else "."], root)
    if tests:
        step("linter", [*pip, "ruff"], root)
    stamp.write_text(wanted)


def node_packages(root: Path) -> str:
    """The face's packages; returns npm."""
    folder, npm = root / "frontend", find_npm()
    locked = content([folder / "package-lock.json"])
    installed = folder / "node_modules/.installed"
    if not is_current(installed, locked):
        step("Node packages", [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        installed.write_text(locked)
    return npm


def face(root: Path) -> None:
    """The built face."""
    folder, built = root / "frontend", root / "apps/medaffairs/public/frontend"
    sources = [path for path in (folder / "src").rglob("*") if path.is_file()]
    sources += [folder / name for name in ("package-lock.json", "vite.config.js", "tailwind.config.js")]
    wanted, stamp = fingerprint(sources), built / ".built"
    if is_current(stamp, wanted):
        return
    npm = node_packages(root)
    step("pages", [npm, "run", "build", "--silent"], folder)
    stamp.write_text(wanted)


def bench(root: Path, data: Path) -> list[str]:
    """The command line of the host, for the sites of a data folder."""
    return [str(root / ".venv/bin/bench"), "--sites-path", str(data / "sites")]


def _sources(root: Path) -> str:
    folders = (root / "apps/medaffairs", root / "runtime/frappe")
    return fingerprint(
        path
        for folder in folders
        for pattern in ("*.json", "*.txt", "*.csv", "hooks.py")
        for path in folder.rglob(pattern)
        if "node_modules" not in path.parts and "public" not in path.parts
    )


def site(root: Path, data: Path, empty: bool) -> str:
    """The site with the app in it, and the demo hospital unless it shall be empty."""
    command, stamp, wanted = bench(root, data), data / ".migrated", _sources(root)
    if empty and (data / "logins.json").exists():
        fail(
            f"{data} holds the demo hospital", "for an empty one beside it: make run EMPTY=1 DATA=.data-empty"
        )
    if not (data / ".ready").exists():
        (data / "sites").mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(12) if empty else "admin"
        step(
            "site",
            [*command, "new-site", SITE, "--admin-password", password, "--force", "--set-default"],
            root,
        )
        step("app", [*command, "--site", SITE, "install-app", "medaffairs"], root)
        if empty:
            secret = data / "administrator-password"
            secret.write_text(password)
            secret.chmod(0o600)
        else:
            making = [*command, "--site", SITE, "execute", "medaffairs.setup.demo.make"]
            step("demo hospital", making, root, chatty=True)
            demo.store_logins(root, data, SITE)
        (data / ".ready").write_text("")
        stamp.write_text(wanted)
    elif not is_current(stamp, wanted):
        step("migration", [*command, "--site", SITE, "migrate"], root)
        stamp.write_text(wanted)
    return SITE


def test_site(root: Path, data: Path, db: str, bare: bool = False) -> str:
    """A fresh site for tests, made anew whenever definitions have changed; a bare one has the host alone."""
    command, stamp, wanted = bench(root, data), data / ".ready", _sources(root)
    if not is_current(stamp, wanted):
        shutil.rmtree(data / "sites", ignore_errors=True)
        (data / "sites").mkdir(parents=True)
        making = [
            *command,
            "new-site",
            TEST_SITE,
            "--admin-password",
            "admin",
            "--set-default",
            *database(db),
        ]
        step("test site", making, root)
        if not bare:
            step("app", [*command, "--site", TEST_SITE, "install-app", "medaffairs"], root)
        stamp.write_text(wanted)
    return TEST_SITE


def database(db: str) -> list[str]:
    """What `new-site` wants to know of the database; the variables are those of the host's own tests."""
    if db == "sqlite":
        return []
    known = os.environ.get
    options = {
        "--db-socket": known("TEST_MARIADB_SOCKET"), "--db-host": known("TEST_MARIADB_HOST"),
        "--db-port": known("TEST_MARIADB_PORT"), "--db-root-username": known("TEST_MARIADB_ROOT_USER"),
    }  # fmt: skip
    words = [f"{name}={value}" for name, value in options.items() if value]
    return ["--db-type=mariadb", "--force", "--db-name=test_site", f"--db-root-password={known('TEST_MARIADB_ROOT_PASSWORD', '')}", *words]  # fmt: skip
