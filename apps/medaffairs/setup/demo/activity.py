"""A month in the hospital: patients, stays, operations, messages with receipts, acts without a privilege."""

from datetime import date, datetime, time, timedelta
from random import Random

import frappe

from medaffairs.integration.outbound import deliveries
from medaffairs.setup.demo.bulk import continue_series, insert
from medaffairs.setup.demo.people import Person
from medaffairs.setup.demo.words import GIVEN_FEMALE, GIVEN_MALE, SURNAMES

DAYS, OPERATIONS, MESSAGES, DELIVERIES = 30, 2_000, 600, 240
DIAGNOSES = [
    "胆囊结石伴胆囊炎",
    "急性阑尾炎",
    "腹股沟疝",
    "甲状腺结节",
    "乳腺肿物",
    "冠状动脉粥样硬化性心脏病",
    "股骨颈骨折",
    "膝骨关节炎",
    "腰椎间盘突出症",
    "肺结节",
    "前列腺增生",
    "子宫肌瘤",
    "白内障",
    "慢性扁桃体炎",
    "肾结石",
    "结肠恶性肿瘤",
]
ENDPOINTS = (("手术麻醉系统", "ORIS", 6661), ("医院信息系统", "HIS", 6662))


def make_activity(random: Random, people: list[Person], today: date, at: str) -> int:
    """Write the month; returns how many operations there were."""
    start = datetime.combine(today, time()) - timedelta(days=DAYS)
    grants = frappe.get_all(
        "Privilege Grant",
        filters={"kind": "SURGERY", "status": "Active"},
        fields=["practitioner", "code", "item_name", "level"],
        order_by="name",
    )
    departments = {person.name: person.department for person in people}
    patients, stays, operations = [], [], []
    for number in range(1, OPERATIONS + 1):
        grant = random.choice(grants)
        when = start + timedelta(
            days=random.randint(0, DAYS - 1), hours=random.randint(8, 17), minutes=random.choice((0, 15, 30))
        )
        patient, stay = _patient(random, number), f"ZY{26_000_000 + number}"
        patients.append(patient)
        stays.append(
            _stay(random, stay, patient["name"], departments[grant.practitioner], grant.practitioner, when)
        )
        operations.append(_operation(random, number, patient["name"], stay, grant, departments, when))
    insert("Patient Index", patients, at)
    insert("Hospital Stay", stays, at)
    insert("Operation Record", operations, at)
    _unauthorized(random, operations, at)
    _messages(operations)
    return len(operations)


def _patient(random: Random, number: int) -> dict:
    gender = random.choice(("Male", "Female"))
    given = GIVEN_MALE if gender == "Male" else GIVEN_FEMALE
    name = f"P{1_000_000 + number}"
    return {
        "name": name,
        "patient_id": name,
        "patient_name": random.choice(SURNAMES) + "".join(random.sample(given, 2)),
        "gender": gender,
        "birth_date": date(random.randint(1938, 2020), random.randint(1, 12), random.randint(1, 28)),
        "id_no": None,
    }


def _stay(random, visit_no, patient, department, attending, when: datetime) -> dict:
    admitted = when - timedelta(days=random.randint(1, 4))
    left = when + timedelta(days=random.randint(2, 20))
    discharged = left if left < when + timedelta(days=12) else None
    return {
        "name": visit_no,
        "visit_no": visit_no,
        "patient": patient,
        "department": department,
        "bed": f"{random.randint(1, 60):02d}",
        "attending": attending,
        "admitted_at": admitted,
        "discharged_at": discharged,
        "status": "Discharged" if discharged else "Admitted",
        "diagnosis": random.choice(DIAGNOSES),
    }


def _operation(random, number, patient, stay, grant, departments, when: datetime) -> dict:
    status = random.choices(("Finished", "Cancelled", "Refused"), (96, 2, 2))[0]
    done = status == "Finished"
    length = timedelta(minutes=random.randint(25, 90) * int(grant.level or 1))
    name = f"OP{2_600_000 + number}"
    return {
        "name": name,
        "operation_no": name,
        "patient": patient,
        "stay": stay,
        "procedure": grant.code,
        "procedure_name": grant.item_name,
        "level": grant.level,
        "surgeon": grant.practitioner,
        "assistants": None,
        "department": departments[grant.practitioner],
        "status": status,
        "scheduled_at": when,
        "started_at": when + timedelta(minutes=random.randint(0, 40)) if done else None,
        "ended_at": when + timedelta(minutes=40) + length if done else None,
        "is_emergency": int(random.random() < 0.12),
        "asa": str(random.choices((1, 2, 3, 4), (25, 50, 20, 5))[0]),
        "complication": int(done and random.random() < 0.02),
        "unplanned_return": int(done and random.random() < 0.004),
        "placer_order": f"SQ{2_600_000 + number}",
    }


def _unauthorized(random: Random, operations: list[dict], at: str) -> None:
    """Each refused operation is an act without a privilege; some have been explained since."""
    refused = [row for row in operations if row["status"] == "Refused"]
    rows = []
    for number, row in enumerate(refused, 1):
        status = random.choices(("Open", "Explained", "Confirmed", "Dismissed"), (40, 25, 20, 15))[0]
        rows.append(
            {
                "name": f"UA-{row['scheduled_at']:%Y}-{number:06d}",
                "practitioner": row["surgeon"],
                "kind": "SURGERY",
                "code": row["procedure"],
                "item_name": row["procedure_name"],
                "department": row["department"],
                "occurred_at": row["scheduled_at"],
                "detected_at": row["scheduled_at"],
                "status": status,
                "decision_reason": random.choice(("NO_GRANT", "EXPIRED", "SUSPENDED")),
                "was_emergency": row["is_emergency"],
                "source_system": "ORIS",
                "patient_id": row["patient"],
                "visit_no": row["stay"],
                "explanation": None
                if status == "Open"
                else "急诊抢救，已补办审批"
                if row["is_emergency"]
                else "排台时授权已到期，已提交续期申请",
                "handling": "提醒谈话" if status == "Confirmed" else None,
            }
        )
    if rows:
        insert("Unauthorized Act", rows, at)
        continue_series(f"UA-{refused[0]['scheduled_at']:%Y}-", len(rows))


def _messages(operations: list[dict]) -> None:
    """The scheduling messages of the last days as they came in, and what was sent out to two systems."""
    for name, application, port in ENDPOINTS:
        frappe.get_doc(
            {
                "doctype": "HL7 Endpoint",
                "endpoint_name": name,
                "enabled": 0,
                "direction": "Outbound",
                "host": "127.0.0.1",
                "port": port,
                "charset": "UNICODE UTF-8",
                "sending_application": "MEDAFFAIRS",
                "sending_facility": "DEMO",
                "receiving_application": application,
                "receiving_facility": "DEMO",
                "send_staff_events": 1,
                "send_master_file": 1,
            }
        ).insert(ignore_permissions=True)
    recent = sorted(operations, key=lambda row: row["scheduled_at"])[-MESSAGES:]
    for number, row in enumerate(recent, 1):
        frappe.get_doc(_inbound(number, row)).insert(ignore_permissions=True)
    for number, row in enumerate(recent[:DELIVERIES], 1):
        deliveries.insert(_outbound(number, row))


def _inbound(number: int, row: dict) -> dict:
    came = row["scheduled_at"] - timedelta(hours=16)
    control, refused = f"ORIS{number:08d}", row["status"] == "Refused"
    header = f"MSH|^~\\&|ORIS|DEMO|MEDAFFAIRS|DEMO|{came:%Y%m%d%H%M%S}||SIU^S12^SIU_S12|{control}|P|2.5.1|||||CHN|UNICODE UTF-8"
    detail = f"AIS|1|A|{row['procedure']}^{row['procedure_name']}^ICD9CM3|{row['scheduled_at']:%Y%m%d%H%M%S}\rAIP|1|A|{row['surgeon']}"
    answer = f"MSH|^~\\&|MEDAFFAIRS|DEMO|ORIS|DEMO|{came:%Y%m%d%H%M%S}||ACK^S12^ACK|R{control}|P|2.5.1\rMSA|{'AE' if refused else 'AA'}|{control}"
    return {
        "doctype": "HL7 Message",
        "direction": "In",
        "sender": "ORIS",
        "control_id": control,
        "message_type": "SIU^S12",
        "status": "Processed",
        "received_at": came,
        "processed_at": came,
        "decision": "Denied" if refused else "Allowed",
        "payload": f"{header}\rSCH|{row['placer_order']}|||||||||||{row['scheduled_at']:%Y%m%d%H%M%S}\rPID|1||{row['patient']}\r{detail}\r",
        "ack": answer + "\r",
    }


def _outbound(number: int, row: dict) -> dict:
    endpoint, _application, _port = ENDPOINTS[number % len(ENDPOINTS)]
    dead = number % 60 == 0
    sent = row["scheduled_at"] - timedelta(days=1)
    return {
        "endpoint": endpoint,
        "event_type": "Grant",
        "message_type": "PMU^B07",
        "practitioner": row["surgeon"],
        "control_id": f"MA{number:08d}",
        "status": "Dead" if dead else "Acknowledged",
        "attempts": 5 if dead else 1,
        "sent_at": sent,
        "acknowledged_at": None if dead else sent + timedelta(seconds=1),
        "ack_code": "AR" if dead else "AA",
        "error": "接收方拒绝：工号不存在" if dead else None,
        "payload": f"MSH|^~\\&|MEDAFFAIRS|DEMO|||{sent:%Y%m%d%H%M%S}||PMU^B07^PMU_B07|MA{number:08d}|P|2.5.1\rSTF||{row['surgeon']}\r",
    }


def make_delegation(today: date) -> None:
    """The head of general surgery is away next week; the party secretary approves for him."""
    begins = datetime.combine(today, time(8)) + timedelta(days=5)
    frappe.get_doc(
        {
            "doctype": "Approval Delegation",
            "from_user": "zhuren@demo.hospital",
            "to_user": "shuji@demo.hospital",
            "from_time": begins,
            "to_time": begins + timedelta(days=7),
            "status": "Planned",
            "reason": "外出参加学术会议",
        }
    ).insert(ignore_permissions=True)
