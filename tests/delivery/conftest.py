"""A small hospital for the tests of messages to other systems: committed, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest
from delivery.hospital import CODE, OTHER_CODE, PERSON, clean

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come first: only one process delivers for a site, and other tests keep a gate running."""
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture
def hospital(site: str) -> Iterator[str]:
    """A surgeon, his department and two procedures; his name."""
    clean()
    frappe.get_doc(
        doctype="Clinical Department",
        department_code="T-HL7",
        department_name="普外科",
        department_type="Clinical",
    ).insert()
    for code, name in ((CODE, "腹腔镜下胆囊切除术"), (OTHER_CODE, "腹腔镜下阑尾切除术")):
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=name).insert()
    frappe.get_doc(
        doctype="Practitioner", staff_no=PERSON, practitioner_name="苏文轩", department="T-HL7", profession="Physician",
        employment_status="Active", gender="Male",
    ).insert()  # fmt: skip
    frappe.db.commit()
    yield PERSON
    clean()


@pytest.fixture
def make_endpoint(hospital: str) -> Callable[..., str]:
    """Enables a system that is sent to; its name. It hears of PMU messages alone unless told otherwise."""

    def make(port: int, name: str = "测试手麻", **values: object) -> str:
        settings = {
            "receiving_application": "ORIS", "receiving_facility": "TEST", "send_master_file": 0, "ack_timeout": 1,
            "retry_seconds": 1, "retry_limit_seconds": 2, **values,
        }  # fmt: skip
        doc = frappe.get_doc(
            doctype="HL7 Endpoint", endpoint_name=name, direction="Outbound", enabled=1, host="127.0.0.1", port=port,
            **settings,
        ).insert()  # fmt: skip
        frappe.db.commit()
        return doc.name

    return make
