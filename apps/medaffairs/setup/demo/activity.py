"""A month in the hospital: patients, stays, operations and the messages that they came with."""

from datetime import date, datetime, time, timedelta
from random import Random

import frappe

from medaffairs.privileging import rules
from medaffairs.privileging.index import current_index
from medaffairs.setup.demo import traffic
from medaffairs.setup.demo.bulk import insert
from medaffairs.setup.demo.people import Person
from medaffairs.setup.demo.words import GIVEN_FEMALE, GIVEN_MALE, SURNAMES

# Operations of the past month, and those booked for today.
DAYS, OPERATIONS, BOOKED = 30, 2_000, 60
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


def make_activity(random: Random, people: list[Person], today: date, at: str) -> int:
    """Write the month; returns how many operations there were."""
    start = datetime.combine(today, time()) - timedelta(days=DAYS)
    chooser = _Chooser(random, start)
    names = {person.name: person for person in people}
    patients, stays, operations = [], [], []
    for number in range(1, OPERATIONS + BOOKED + 1):
        past = number <= OPERATIONS
        when = start + timedelta(
            days=random.randint(0, DAYS - 1) if past else DAYS,
            hours=random.randint(8, 17),
            minutes=random.choice((0, 15, 30)),
        )
        if past:
            status = random.choices(("Finished", "Cancelled", "Refused"), (96, 2, 2))[0]
        else:
            status = random.choices(("Scheduled", "Refused"), (97, 3))[0]
        grant = chooser.choose(when, permitted=status != "Refused")
        surgeon = names[grant.practitioner]
        patient, stay = _patient(random, number), f"ZY{26_000_000 + number}"
        patients.append(patient)
        stays.append(_stay(random, stay, patient["name"], surgeon.department, surgeon.name, when, today))
        operations.append(
            _operation(random, number, patient["name"], stay, grant, surgeon.department, when, status)
        )
    insert("Patient Index", patients, at)
    insert("Hospital Stay", stays, at)
    insert("Operation Record", operations, at)
    traffic.make_inbound(random, names, patients, stays, operations, at)
    return len(operations)


class _Chooser:
    """Chooses who operates what: somebody who may, or for a refused operation somebody who may not."""

    def __init__(self, random: Random, start: datetime) -> None:
        self._random, self._index = random, current_index()
        fields = ["practitioner", "code", "item_name", "level", "status"]
        rows = frappe.get_all(
            "Privilege Grant",
            filters={"kind": "SURGERY", "valid_from": ("<", start)},
            fields=fields,
            order_by="name",
        )
        self._valid = [row for row in rows if row.status == "Active"]
        self._lapsed = [row for row in rows if row.status in ("Expired", "Suspended")]

    def choose(self, when: datetime, permitted: bool) -> frappe._dict:
        """Person and procedure of an operation, about which the decision is known."""
        while True:
            grant = self._random.choice(self._valid)
            if not permitted:
                other = self._random.choice(self._lapsed or self._valid)
                # Half of those refused once held the privilege, half never did.
                person = (other if self._random.random() < 0.5 else grant).practitioner
                grant = frappe._dict(other, practitioner=person)
            decision = rules.decide(self._index, grant.practitioner, "SURGERY", grant.code, when)
            if decision.allowed is permitted:
                return grant


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


def _stay(random, visit_no, patient, department, attending, when: datetime, today: date) -> dict:
    admitted = when - timedelta(days=random.randint(1, 4))
    left = when + timedelta(days=random.randint(2, 20))
    discharged = left if left < when + timedelta(days=12) and left.date() < today else None
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


def _operation(random, number, patient, stay, grant, department, when: datetime, status) -> dict:
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
        "department": department,
        "status": status,
        "scheduled_at": when,
        "started_at": when + timedelta(minutes=random.randint(0, 40)) if done else None,
        "ended_at": when + timedelta(minutes=40) + length if done else None,
        "is_emergency": int(random.random() < 0.12),
        "asa": str(random.choices((1, 2, 3, 4), (25, 50, 20, 5))[0]),
        "complication": int(done and random.random() < 0.02),
        "unplanned_return": int(done and random.random() < 0.004),
        "placer_order": name,
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
