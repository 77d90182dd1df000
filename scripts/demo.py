"""The table of demo log-ins."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from console import say


def store_logins(root: Path, data: Path, site: str) -> None:
    """Asks the site once and keeps the answer, so that later starts are quick."""
    command = [str(root / ".venv/bin/bench"), "--sites-path", str(data / "sites"), "--site", site]
    command += ["execute", "medaffairs.setup.demo.logins"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (data / "logins.json").write_text(answer, encoding="utf-8")


def print_logins(root: Path, data: Path, site: str) -> None:
    """Prints who can sign in; for an empty site the Administrator's password."""
    password = data / "administrator-password"
    if password.exists():
        say(f"  Administrator / {password.read_text(encoding='utf-8').strip()}\n")
        return
    rows = [("Administrator", "admin", "系统管理员", "")]
    path = data / "logins.json"
    if path.exists():
        for row in json.loads(path.read_text(encoding="utf-8")):
            rows.append((row["user"], row["password"], row["role"], row.get("try", "")))
    for user, secret, role, hint in rows:
        say(f"  {user:<26} {secret:<8} {role}  {hint}")
    say("")
