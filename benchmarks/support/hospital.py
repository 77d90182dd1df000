"""A hospital to measure in: a site of its own with people, a catalogue and grants, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import frappe

SITE = "bench.localhost"
KEY = "bench-key:bench-secret"
PEOPLE, PROCEDURES, GRANTS = 800, 10_000, 50_000
STANDARD = ("creation", "modified", "owner", "modified_by", "docstatus", "idx")


def command(*arguments: str) -> list[str]:
    """The host's command line for the site."""
    beside = Path(sys.executable).with_name("bench")
    tool = str(beside) if beside.exists() else (shutil.which("bench") or "bench")
    return [tool, *arguments]


@contextlib.contextmanager
def site(grants: int = GRANTS) -> Iterator[Path]:
    """A connected site with grants; its folder."""
    with tempfile.TemporaryDirectory() as folder:
        run = command("--sites-path", folder)
        quiet = {"stdout": subprocess.DEVNULL, "check": True}
        subprocess.run([*run, "new-site", SITE, "--admin-password", "bench", "--set-default"], **quiet)
        subprocess.run([*run, "--site", SITE, "install-app", "medaffairs"], **quiet)
        frappe.init(SITE, sites_path=folder, force=True)
        frappe.connect()
        try:
            _fill(grants)
            yield Path(folder)
        finally:
            frappe.destroy()


def _fill(grants: int) -> None:
    moment = datetime(2026, 1, 1)
    standard = (moment, moment, "Administrator", "Administrator", 0, 0)
    frappe.db.bulk_insert(
        "Practitioner", ["name", "staff_no", "practitioner_name", "employment_status", *STANDARD],
        [(f"D{n:05d}", f"D{n:05d}", f"医师{n}", "Active", *standard) for n in range(PEOPLE)],
    )  # fmt: skip
    frappe.db.bulk_insert(
        "Procedure", ["name", "procedure_code", "procedure_name", "status", *STANDARD],
        [(code(n), code(n), f"手术{n}", "Active", *standard) for n in range(PROCEDURES)],
    )  # fmt: skip
    user = frappe.get_doc(
        doctype="User", email="his@bench.example", first_name="HIS", send_welcome_email=0,
        api_key=KEY.split(":")[0], api_secret=KEY.split(":")[1], roles=[{"role": "Integration"}],
    )  # fmt: skip
    user.insert()
    from medaffairs.privileging import ledger

    ledger.bulk_grant(
        {
            "practitioner": person, "practitioner_name": person, "kind": "SURGERY", "code": item, "item_name": item,
            "level": "2", "valid_from": moment, "valid_to": moment + timedelta(days=3650), "recorded_at": moment,
        }
        for person, item in pairs(grants)
    )  # fmt: skip
    frappe.db.commit()


def code(number: int) -> str:
    """The code of a procedure."""
    return f"{number // 100:02d}.{number % 100:02d}00"


def pairs(grants: int = GRANTS) -> list[tuple[str, str]]:
    """Who is granted what, the same every time."""
    chosen = random.Random(7).sample(range(PEOPLE * PROCEDURES), grants)
    return [(f"D{number // PROCEDURES:05d}", code(number % PROCEDURES)) for number in chosen]


def machine() -> str:
    """Where the figures were measured."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores (load {load:.1f}), Python {platform.python_version()}, {platform.system()}"
    )
