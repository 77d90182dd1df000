"""A small hospital that is really committed, because the gate is a process of its own; removed at the end."""

from __future__ import annotations

from datetime import timedelta

import frappe
from frappe.utils import now_datetime

SENDER = "T-ORIS|T-HOSP"
SURGEON, HELPER = "T-D001", "T-D002"
APPENDIX, GALLBLADDER = "T47.0100", "T51.2300"
DEPARTMENT = "T-GS"
# DocType → filters of what the tests and the gate make.
TRACES = {
    "Unauthorized Act": {"source_system": ("like", "T-%")},
    "HL7 Message": {"direction": "In", "sender": ("like", "T-%")},
    "Operation Record": {"operation_no": ("like", "T-%")},
    "Medication Order": {"order_no": ("like", "T-%")},
    "Hospital Stay": {"visit_no": ("like", "T-%")},
    "Patient Index": {"patient_id": ("like", "T-%")},
    "Code Mapping": {"source_system": ("like", "T-%")},
    "HL7 Endpoint": {"endpoint_name": ("like", "T-%")},
    "Privilege Event": {"practitioner": ("like", "T-D%")},
    "Privilege Grant": {"practitioner": ("like", "T-D%")},
    "Practitioner": {"staff_no": ("like", "T-D%")},
    "Procedure": {"procedure_code": ("in", (APPENDIX, GALLBLADDER))},
    "Clinical Department": {"department_code": DEPARTMENT},
}


def sweep() -> None:
    """Removes everything that these tests made."""
    frappe.db.rollback()
    frappe.db.delete("Practitioner Title", {"parent": ("like", "T-D%")})
    for doctype, filters in TRACES.items():
        frappe.db.delete(doctype, filters)
    frappe.db.delete("HL7 Message", {"direction": "In", "sender": ""})
    frappe.db.commit()


def build() -> None:
    """Two physicians; the first may take out an appendix and prescribe, the second nothing."""
    from medaffairs.privileging import ledger

    frappe.set_user("Administrator")
    sweep()
    frappe.get_doc(
        doctype="Clinical Department", department_code=DEPARTMENT, department_name="普外科（测试）",
        department_type="Clinical", his_code="T-0301",
    ).insert()  # fmt: skip
    for code, name in ((APPENDIX, "阑尾切除术"), (GALLBLADDER, "腹腔镜胆囊切除术")):
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=name).insert()
    for number, name in ((SURGEON, "李四"), (HELPER, "赵六")):
        frappe.get_doc(
            doctype="Practitioner", staff_no=number, practitioner_name=name, department=DEPARTMENT,
            profession="Physician", employment_status="Active", gender="Male",
        ).insert()  # fmt: skip
    start = now_datetime() - timedelta(days=30)
    ledger.grant(SURGEON, "SURGERY", APPENDIX, valid_from=start)
    ledger.grant(SURGEON, "PRESCRIPTION", "RX_GEN", valid_from=start)
    ledger.grant(SURGEON, "ANTIMICROBIAL", "ABX_2", valid_from=start)
    frappe.get_doc(
        doctype="Code Mapping", source_system="T-HIS", target_doctype="Drug Privilege",
        source_code="J01DD04", target="ABX_2",
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="Code Mapping", source_system="T-HIS", target_doctype="Drug Privilege",
        source_code="J01DH02", target="ABX_3",
    ).insert()  # fmt: skip
    frappe.db.commit()
