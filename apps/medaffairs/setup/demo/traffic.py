"""What came in during the month: operations booked and cancelled, drugs ordered, each answered as the gate answers.

The messages are received by the same functions as those of a live system; what was refused is processed by them
too, and so becomes acts without a privilege.
"""

import hashlib
from datetime import datetime, timedelta
from random import Random

import frappe

from medaffairs.integration import processing, snapshot, store
from medaffairs.integration.hl7 import writer
from medaffairs.integration.outbound.messages import with_control_id
from medaffairs.integration.rules.acts import Act
from medaffairs.integration.rules.reception import Reception, receive
from medaffairs.privileging import rules
from medaffairs.privileging.index import current_index
from medaffairs.setup.demo.bulk import insert
from medaffairs.setup.demo.people import Person

ORDERS, BATCH, PEER = 500, 500, "127.0.0.1"
# Code of the pharmacy's system, name, amount, unit, route, and the privilege that it needs.
DRUGS = (
    ("A02BC02", "注射用泮托拉唑钠", "40", "mg", "静脉滴注", ""),
    ("B01AB05", "依诺肝素钠注射液", "4000", "IU", "皮下注射", ""),
    ("J01CA04", "阿莫西林胶囊", "0.5", "g", "口服", "ABX_1"),
    ("J01DB04", "注射用头孢唑林钠", "1", "g", "静脉滴注", "ABX_1"),
    ("J01DD04", "注射用头孢曲松钠", "2", "g", "静脉滴注", "ABX_2"),
    ("J01MA12", "左氧氟沙星注射液", "0.5", "g", "静脉滴注", "ABX_2"),
    ("J01DH02", "注射用美罗培南", "1", "g", "静脉滴注", "ABX_3"),
    ("J01XX08", "利奈唑胺注射液", "600", "mg", "静脉滴注", "ABX_3"),
    ("N02AA01", "盐酸吗啡注射液", "10", "mg", "皮下注射", "RX_NARC"),
    ("N05BA12", "阿普唑仑片", "0.4", "mg", "口服", "RX_PSY2"),
    ("L01CD01", "紫杉醇注射液", "210", "mg", "静脉滴注", "ONC_1"),
    ("L01FF02", "帕博利珠单抗注射液", "200", "mg", "静脉滴注", "ONC_2"),
)
UNMAPPED = DRUGS[:2]


def make_inbound(
    random: Random,
    people: dict[str, Person],
    patients: list[dict],
    stays: list[dict],
    operations: list[dict],
    at: str,
) -> None:
    """Books every operation, cancels those that were cancelled, orders drugs for some of the stays."""
    make_mappings()
    gate, letters = _Gate(), _Letters(people, patients, stays)
    arrivals = [gate.receive(*letters.booking(number, row)) for number, row in enumerate(operations, 1)]
    cancelled = [row for row in operations if row["status"] == "Cancelled"]
    arrivals += [gate.receive(*letters.cancellation(number, row)) for number, row in enumerate(cancelled, 1)]
    orders = []
    for number in range(1, ORDERS + 1):
        arrival, order = _order(random, number, gate, letters)
        arrivals.append(arrival)
        orders.append(order)
    insert("Medication Order", orders, at)
    arrivals.sort(key=lambda arrival: arrival.received_at)
    for start in range(0, len(arrivals), BATCH):
        store.persist(arrivals[start : start + BATCH])
    _mark_processed()
    _process_refused(random)


def make_mappings() -> None:
    """The pharmacy's codes for drugs that need a privilege of their own."""
    for code, _name, _amount, _unit, _route, privilege in DRUGS:
        if privilege:
            frappe.get_doc(
                doctype="Code Mapping", source_system="HIS", target_doctype="Drug Privilege", source_code=code,
                target=privilege,
            ).insert(ignore_permissions=True)  # fmt: skip


class _Gate:
    """Receives messages as the gate does, at the time at which they came."""

    def __init__(self) -> None:
        self._directory, self._index = snapshot.load(), current_index()

    def receive(self, data: bytes, came: datetime) -> store.Arrival:
        """A message with its answers, ready to be kept."""
        reception = receive(data, PEER, self._directory, self._decide, came)
        answers = tuple(_dated(answer, came, reception) for answer in reception.answers)
        return store.Arrival(
            data=data, peer=PEER, content_hash=hashlib.sha256(data).hexdigest(), received_at=came,
            reception=reception._replace(answers=answers),
        )  # fmt: skip

    def _decide(self, act: Act) -> rules.Decision:
        return rules.decide(self._index, act.practitioner, act.kind, act.code, act.at)

    def allows(self, practitioner: str, privilege: str, at: datetime) -> bool:
        """Whether a drug may be ordered by somebody."""
        kind = self._directory.drug_kinds[privilege]
        return rules.decide(self._index, practitioner, kind, privilege, at).allowed


def _dated(answer: bytes, came: datetime, reception: Reception) -> bytes:
    """The answer with the time and the number that it had then."""
    text = answer.decode(reception.header.codec)
    return with_control_id(text, f"A{reception.header.control_id}", came).encode(reception.header.codec)


class _Letters:
    """Writes messages as the operating theatre and the hospital information system do."""

    def __init__(self, people: dict[str, Person], patients: list[dict], stays: list[dict]) -> None:
        self.people = people
        self.patients = {row["name"]: row for row in patients}
        self.stays = {row["name"]: row for row in stays}

    def booking(self, number: int, row: dict) -> tuple[bytes, datetime]:
        """SIU^S12: an operation is booked some hours before it."""
        came = row["scheduled_at"] - timedelta(hours=14, minutes=number % 97)
        length = 60 * int(row["level"] or 1)
        surgeon = row["surgeon"]
        urgent = row["is_emergency"]
        ends = row["scheduled_at"] + timedelta(minutes=length)
        lines = [
            *self._head("ORIS", ("SIU", "S12", "SIU_S12"), f"ORIS{number:08d}", came),
            writer.segment("SCH", {
                1: (row["operation_no"], "ORIS"), 6: ("BOOK", "手术排台"), 7: ("OPERATION", "手术"),
                8: ("EMERGENCY", "急诊") if urgent else ("ELECTIVE", "择期"), 9: length, 10: "min",
                11: (None, None, None, row["scheduled_at"], ends, "S" if urgent else "R"),
                16: (surgeon, self.people[surgeon].full_name), 20: ("ORADMIN", "手术室排班"), 25: "Booked",
            }),
            *self._patient(row["patient"], row["stay"]),
            writer.segment("RGS", [1, "A"]),
            writer.segment("AIS", {1: 1, 2: "A", 3: (row["procedure"], row["procedure_name"], "ICD9CM3"),
                                   4: row["scheduled_at"], 7: length, 8: "min"}),
            writer.segment("AIP", [1, "A", (surgeon, self.people[surgeon].full_name), "SURGEON"]),
            writer.segment("AIL", [1, "A", ("手术部", f"{number % 24 + 1:02d}间")]),
        ]  # fmt: skip
        return writer.build(lines), came

    def cancellation(self, number: int, row: dict) -> tuple[bytes, datetime]:
        """SIU^S15: an operation is cancelled shortly before it."""
        came = row["scheduled_at"] - timedelta(hours=2, minutes=number % 53)
        lines = [
            *self._head("ORIS", ("SIU", "S15", "SIU_S12"), f"ORISC{number:07d}", came),
            writer.segment("SCH", {
                1: (row["operation_no"], "ORIS"), 6: ("CANCEL", "患者情况变化，取消手术"),
                11: (None, None, None, row["scheduled_at"]), 16: ("ORADMIN", "手术室排班"), 20: ("ORADMIN", "手术室排班"),
                25: "Cancelled",
            }),
            *self._patient(row["patient"], row["stay"]),
        ]  # fmt: skip
        return writer.build(lines), came

    def order(self, number: int, stay: dict, drug: tuple, came: datetime) -> bytes:
        """OMP^O09: a drug is ordered for an inpatient."""
        code, name, amount, unit, route, _privilege = drug
        prescriber = stay["attending"]
        lines = [
            *self._head("HIS", ("OMP", "O09", "OMP_O09"), f"HIS{number:08d}", came),
            *self._patient(stay["patient"], stay["name"]),
            writer.segment("ORC", {1: "NW", 2: (f"YZ{2_600_000 + number}", "HIS"), 9: came,
                                   12: (prescriber, self.people[prescriber].full_name)}),
            writer.segment("TQ1", {1: 1, 3: "QD", 7: came}),
            writer.segment("RXO", {1: (code, name, "ATC"), 2: amount, 4: unit}),
            writer.segment("RXR", [(None, route)]),
        ]  # fmt: skip
        return writer.build(lines)

    def _head(self, sender: str, kind: tuple[str, str, str], control: str, came: datetime) -> list[str]:
        return [
            writer.header(
                kind, control, came, sender=(sender, "DEMO"), receiver=("MEDAFFAIRS", "DEMO"),
                charset_name="UNICODE UTF-8",
            )
        ]  # fmt: skip

    def _patient(self, patient: str, visit: str) -> list[str]:
        person, stay = self.patients[patient], self.stays[visit]
        attending = stay["attending"]
        return [
            writer.segment("PID", {
                1: 1, 3: (patient, None, None, "DEMO", "MR"), 5: (person["patient_name"],), 7: person["birth_date"],
                8: "M" if person["gender"] == "Male" else "F",
            }),
            writer.segment("PV1", {
                1: 1, 2: "I", 3: (stay["department"], None, stay["bed"]),
                7: (attending, self.people[attending].full_name), 19: visit, 44: stay["admitted_at"],
            }),
        ]  # fmt: skip


def _order(random: Random, number: int, gate: _Gate, letters: _Letters) -> tuple[store.Arrival, dict]:
    stay = random.choice(list(letters.stays.values()))
    came = stay["admitted_at"] + timedelta(minutes=random.randint(30, 600))
    drug = random.choice(DRUGS)
    # Most physicians do not order what they may not; a few do, and are refused.
    if drug[5] and not gate.allows(stay["attending"], drug[5], came) and random.random() > 0.06:
        drug = random.choice(UNMAPPED)
    arrival = gate.receive(letters.order(number, stay, drug, came), came)
    rulings = arrival.reception.rulings
    name = f"YZ{2_600_000 + number}"
    return arrival, {
        "name": name, "order_no": name, "patient": stay["patient"], "stay": stay["name"], "prescriber": stay["attending"],
        "drug_code": drug[0], "drug_name": drug[1], "privilege": rulings[0].act.code, "ordered_at": came,
        "status": "Ordered" if all(ruling.decision.allowed for ruling in rulings) else "Refused",
    }  # fmt: skip


def _mark_processed() -> None:
    """What was permitted has become facts before; what was refused is processed below."""
    message = frappe.qb.DocType("HL7 Message")
    query = frappe.qb.update(message).set(message.status, "Processed")
    query.set(message.processed_at, message.received_at).where(message.decision != "Denied").run()


def _process_refused(random: Random) -> None:
    """Every refusal becomes an act without a privilege; some have been explained since."""
    rows = frappe.get_all(
        "HL7 Message", filters={"decision": "Denied"}, fields=["name", "received_at"], order_by="name"
    )
    for row in rows:
        processing.process(row.name)
        frappe.db.set_value("HL7 Message", row.name, "processed_at", row.received_at, update_modified=False)
        status = random.choices(("Open", "Explained", "Confirmed", "Dismissed"), (40, 25, 20, 15))[0]
        values = {"detected_at": row.received_at, "status": status}
        acts = frappe.get_all(
            "Unauthorized Act", {"hl7_message": str(row.name)}, ["name", "was_emergency", "kind"]
        )
        for act in acts:
            frappe.db.set_value("Unauthorized Act", act.name, values | _handled(act, status))


def _handled(act: frappe._dict, status: str) -> dict:
    if status == "Open":
        return {}
    if act.was_emergency:
        words = "急诊抢救，已补办审批"
    else:
        words = (
            "排台时授权已到期，已提交续期申请"
            if act.kind == "SURGERY"
            else "上级医师口头医嘱，已改由上级医师开具"
        )
    return {"explanation": words, "handling": "提醒谈话" if status == "Confirmed" else None}
