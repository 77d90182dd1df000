"""The gate under test: a real process beside the site, and a small hospital that both see."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
import pytest
from support import hospital as small
from support.gate_process import GateProcess


@pytest.fixture(scope="module")
def hospital(connected_site: str) -> Iterator[str]:
    """The small hospital, committed."""
    small.build()
    yield connected_site
    small.sweep()


@pytest.fixture(scope="module")
def gate(hospital: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateProcess]:
    """A running gate that the tests of a module share; whoever kills it starts it again."""
    process = GateProcess(tmp_path_factory.mktemp("gate"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def fresh(hospital: str) -> Iterator[None]:
    """A test that reads what another process wrote: no old view of the database, before and after."""
    frappe.db.rollback()
    yield
    frappe.db.rollback()
