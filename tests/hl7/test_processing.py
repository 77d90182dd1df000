"""What messages leave behind: stays, prescriptions, staff. Processed in this process, on the site's database."""

from __future__ import annotations

from datetime import datetime

import frappe
import pytest
from support.hospital import DEPARTMENT, HELPER, SURGEON

from medaffairs.integration import processing, snapshot, store
from medaffairs.integration.rules.reception import receive
from medaffairs.privileging import rules
from medaffairs.privileging.index import current_index

pytestmark = pytest.mark.usefixtures("site", "hospital")


def send(kind: str, control: str, *lines: str, sender: str = "T-HIS") -> dict:
    """Receives, keeps and processes a message; its row."""
    head = f"MSH|^~\\&|{sender}|T-HOSP|MEDAFFAIRS|T-HOSP|20260503083000||{kind}|{control}|P|2.5.1||||||UNICODE UTF-8"
    data = ("\r".join((head, *lines)) + "\r").encode()
    index = current_index()
    reception = receive(
        data,
        "10.0.0.1",
        snapshot.load(),
        lambda act: rules.decide(index, act.practitioner, act.kind, act.code, act.at),
        datetime(2999, 5, 3, 8, 30),
    )
    assert reception.accepted, reception.error
    arrival = store.Arrival(data, "10.0.0.1", control, frappe.utils.now_datetime(), reception)
    store.persist([arrival])
    assert arrival.answers == reception.answers
    name = frappe.db.get_value("HL7 Message", {"control_id": control})
    processing.process(name)
    return frappe.get_doc("HL7 Message", name).as_dict()


def test_a_stay_from_admission_to_discharge() -> None:
    patient = "PID|1||T-P9^^^H^MR~310101198002290011^^^GA^NI||王^小明||19800229|M"
    send(
        "ADT^A01",
        "T-1",
        patient,
        f"PV1|1|I|T-0301^^12||||{SURGEON}" + "|" * 12 + "T-V9",
        "DG1|1||K35.8^急性阑尾炎",
    )
    stay = frappe.get_doc("Hospital Stay", "T-V9")
    assert (stay.patient, stay.department, stay.bed, stay.attending) == ("T-P9", DEPARTMENT, "12", SURGEON)
    assert (stay.status, str(stay.admitted_at), stay.diagnosis) == (
        "Admitted",
        "2026-05-03 08:30:00",
        "急性阑尾炎",
    )
    known = frappe.get_doc("Patient Index", "T-P9")
    assert (known.patient_name, known.gender, str(known.birth_date)) == ("王小明", "Male", "1980-02-29")
    assert known.id_no == "310101198002290011"

    send("ADT^A02", "T-2", patient, "PV1|1|I|T-0301^^33" + "|" * 16 + "T-V9")
    send("ADT^A08", "T-3", patient.replace("小明", "晓明"), "PV1|1|I" + "|" * 17 + "T-V9")
    end = "PV1|1|I" + "|" * 17 + "T-V9" + "|" * 26 + "20260509100000"
    assert send("ADT^A03", "T-4", patient.replace("小明", "晓明"), end)["status"] == "Processed"
    stay.reload()
    assert (stay.bed, stay.status, str(stay.discharged_at)) == ("33", "Discharged", "2026-05-09 10:00:00")
    assert frappe.db.get_value("Patient Index", "T-P9", "patient_name") == "王晓明"


def test_a_code_that_names_nothing_here_is_shown_and_the_rest_is_stored() -> None:
    row = send("ADT^A01", "T-5", "PID|1||T-P8", "PV1|1|I|NOWHERE^^1" + "|" * 16 + "T-V8")
    assert row.status == "Conflict" and "NOWHERE" in row.error
    assert frappe.db.get_value("Hospital Stay", "T-V8", ["bed", "department"]) == ("1", None)


def test_prescriptions_with_their_privilege() -> None:
    patient = "PID|1||T-P7||李^红"
    row = send(
        "OMP^O09", "T-6", patient,
        f"ORC|NW|T-R1|||||||29990503083000|||{SURGEON}", "RXO|J01DD04^头孢曲松^L",
        f"ORC|NW|T-R2|||||||29990503083000|||{SURGEON}", "RXO|J01DH02^美罗培南^L",
        f"ORC|NW|T-R3|||||||29990503083000|||{HELPER}", "RXO|N02BE01^对乙酰氨基酚^L",
    )  # fmt: skip
    assert (row.status, row.decision) == ("Processed", "Denied")
    orders = frappe.get_all(
        "Medication Order", filters={"order_no": ("like", "T-R%")}, order_by="name",
        fields=["name", "status", "privilege", "prescriber", "drug_name", "patient"],
    )  # fmt: skip
    assert [(o.name, o.status, o.privilege, o.prescriber) for o in orders] == [
        ("T-R1", "Ordered", "ABX_2", SURGEON),
        ("T-R2", "Refused", "ABX_3", SURGEON),
        ("T-R3", "Refused", "RX_GEN", HELPER),
    ]
    acts = frappe.get_all(
        "Unauthorized Act", filters={"hl7_message": str(row.name)}, fields=["practitioner", "kind", "code"],
        order_by="code",
    )  # fmt: skip
    assert [(a.practitioner, a.kind, a.code) for a in acts] == [
        (SURGEON, "ANTIMICROBIAL", "ABX_3"),
        (HELPER, "PRESCRIPTION", "RX_GEN"),
    ]
    send("OMP^O09", "T-7", patient, "ORC|CA|T-R1", "RXO|J01DD04^头孢曲松^L")
    assert frappe.db.get_value("Medication Order", "T-R1", "status") == "Cancelled"


def test_processing_again_changes_nothing_and_reports_nothing_twice() -> None:
    row = send(
        "OMP^O09",
        "T-8",
        "PID|1||T-P7",
        f"ORC|NW|T-R8|||||||||||{HELPER}".replace("|||||||||||", "||||||||||"),
        "RXO|X^x^L",
    )
    before = frappe.db.count("Unauthorized Act", {"hl7_message": str(row.name)})
    processing.reprocess(row.name)
    assert frappe.db.count("Unauthorized Act", {"hl7_message": str(row.name)}) == before == 1


def stf(
    number: str, name: str = "郑^强", department: str = "T-0301", title: str = "主治医师", active: str = "A"
) -> str:
    return f"STF|{number}||{name}||M|19900815|{active}|{department}||13800000000" + "|" * 8 + title


def test_a_new_person_with_title_and_pinyin() -> None:
    row = send(
        "PMU^B01", "T-9", "EVN|B01|20260503083000", stf("T-D901"), "PRA|T-D901||MD|||110101^MD||20150701"
    )
    assert row.status == "Processed", row.error
    person = frappe.get_doc("Practitioner", "T-D901")
    assert (person.practitioner_name, person.pinyin_initials, person.department) == ("郑强", "zq", DEPARTMENT)
    assert (person.profession, person.licence_no, str(person.work_start_date)) == (
        "Physician",
        "110101",
        "2015-07-01",
    )
    assert person.title_level == "Intermediate" and len(person.title_history) == 1


def test_a_new_person_without_a_known_department_is_an_error_that_names_it() -> None:
    row = send("PMU^B01", "T-10", stf("T-D902", department="NOWHERE"))
    assert row.status == "Error" and "NOWHERE" in row.error and "STF-8" in row.error
    assert not frappe.db.exists("Practitioner", "T-D902")


def test_changes_are_taken_over_unless_somebody_changed_the_record_here() -> None:
    send("PMU^B01", "T-11", stf("T-D903"))
    assert send("PMU^B02", "T-12", stf("T-D903", name="郑^小强", title="副主任医师"))["status"] == "Processed"
    person = frappe.get_doc("Practitioner", "T-D903")
    assert (person.practitioner_name, person.title_level) == ("郑小强", "Associate Senior")

    person.practitioner_name = "郑大强"
    person.save()
    # The sender repeats what it sent before: that is no news.
    assert send("PMU^B02", "T-13", stf("T-D903", name="郑^小强", title="副主任医师"))["status"] == "Processed"
    # It sends something new: both changed, and somebody has to look.
    row = send("PMU^B02", "T-14", stf("T-D903", name="郑^中强", title="副主任医师", active="I"))
    assert row.status == "Conflict" and "郑大强" in row.error and "郑中强" in row.error
    person.reload()
    assert (person.practitioner_name, person.employment_status) == ("郑大强", "Left")


def test_a_master_file_with_several_people() -> None:
    row = send(
        "MFN^M02", "T-15", "MFI|PRA||UPD|||AL",
        "MFE|MAD|1||T-D904|CE", stf("T-D904"), "PRA|T-D904||RN",
        "MFE|MAD|2||T-D905|CE", stf("T-D905", name="吴^芳"),
        "MFE|MDC|3||T-D904|CE", stf("T-D904"),
    )  # fmt: skip
    assert row.status == "Processed", row.error
    assert frappe.db.get_value("Practitioner", "T-D904", ["profession", "employment_status"]) == (
        "Nurse",
        "Left",
    )
    assert frappe.db.get_value("Practitioner", "T-D905", "practitioner_name") == "吴芳"
