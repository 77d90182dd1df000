"""A small hospital that is really committed, and a gate and a web server that serve it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import frappe
import pytest
from frappe.utils import now_datetime
from gate.processes import Gate, Web

from medaffairs.privileging import index, ledger

CODES = ("TG-1", "TG-2", "TG-3")
DEPARTMENT = "TG-DEP"
# What was committed once stays in the memory of processes, as it stays in the ledger: people are not used twice.
numbers = itertools.count(1)


# Not for the whole session either: others must find the ledger as it was.
@pytest.fixture(scope="module")
def hospital(connected_site: str) -> Iterator[None]:
    """A department and procedures."""
    frappe.set_user("Administrator")
    _remove()
    frappe.get_doc(doctype="Clinical Department", department_code=DEPARTMENT, department_name="门禁测试科",
                   department_type="Clinical", his_code="HIS-TG").insert()  # fmt: skip
    for code in CODES:
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=f"手术{code}").insert()
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    _remove()


def _remove() -> None:
    people = ("like", "TG-P%")
    for doctype in ("Unauthorized Act", "Privilege Event", "Privilege Grant", "Privilege Suspension"):
        frappe.db.delete(doctype, {"practitioner": people})
    frappe.db.delete("Unauthorized Act", {"code": ("like", "TG-%")})
    frappe.db.delete("Practitioner", {"name": people})
    frappe.db.delete("Procedure", {"name": ("like", "TG-%")})
    frappe.db.delete("Clinical Department", {"name": DEPARTMENT})
    frappe.db.commit()
    index._indexes.clear()


@pytest.fixture
def hire(hospital: None, site: str) -> Callable[..., str]:
    """Makes a practitioner who is committed; his staff number."""

    def make(**values: object) -> str:
        staff_no = f"TG-P{os.getpid()}-{next(numbers)}"
        frappe.get_doc(doctype="Practitioner", staff_no=staff_no, practitioner_name="门禁测试", department=DEPARTMENT,
                       profession="Physician", employment_status="Active", gender="Male", **values).insert()  # fmt: skip
        frappe.db.commit()
        return staff_no

    return make


@pytest.fixture
def surgeon(hire: Callable[..., str]) -> str:
    """A practitioner who may do the first procedure since yesterday."""
    person = hire()
    ledger.grant(person, "SURGERY", CODES[0], valid_from=now_datetime() - timedelta(days=1))
    frappe.db.commit()
    return person


@pytest.fixture(scope="session")
def token(make_user: Callable[..., tuple[str, str]]) -> str:
    """The key of a system that may ask."""
    return make_user("gate-client", "Integration")[1]


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the processes' logs go."""
    return tmp_path_factory.mktemp("gate")


# Not for the whole session: other tests deliver for this site themselves.
@pytest.fixture(scope="module")
def gate(hospital: None, token: str, logs: Path) -> Iterator[Gate]:
    """One gate for all tests that do not stop it."""
    process = Gate(logs, token)
    yield process
    assert process.stop() == 0, process.log.read_text()[-3000:]


@pytest.fixture(scope="module")
def web(hospital: None, token: str, logs: Path) -> Iterator[Web]:
    """The site's web server."""
    process = Web(logs, token)
    yield process
    process.stop()


@pytest.fixture
def own_gate(hospital: None, token: str, logs: Path) -> Iterator[Callable[..., Gate]]:
    """Starts gates that a test stops, kills or starves."""
    started: list[Gate] = []

    def start(*options: str) -> Gate:
        started.append(Gate(logs, token, *options))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.stop()
