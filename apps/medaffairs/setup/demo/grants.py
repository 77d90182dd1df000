"""50,000 grants with their ledger events: what each physician may do follows from department and title."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

import frappe

from medaffairs.privileging import ledger
from medaffairs.setup.demo.catalogue import Item
from medaffairs.setup.demo.people import Person
from medaffairs.setup.demo.words import DEPARTMENTS

TOTAL = 50_000
CHAPTERS_OF = {code: chapters.split() for code, _name, _kind, chapters, _beds in DEPARTMENTS}
# Title rank → highest surgery level, and the share of procedures one level above that are granted too.
HIGHEST = {1: 4, 2: 3, 3: 2, 4: 1, 5: 0}
ANTIMICROBIAL = {1: "ABX_3", 2: "ABX_3", 3: "ABX_2", 4: "ABX_1"}
ONCOLOGY = ("1003", "1004", "1010", "1015", "1020", "1028", "1031", "1032")
REVOKED, EXTENDED = 120, 80


def make_grants(random: Random, people: list[Person], items: list[Item], today: date) -> int:
    """Grant drug privileges by title and surgery privileges by department; returns how many there are."""
    now = datetime.combine(today, time(7, 30))
    doctors = [person for person in people if person.profession == "Physician"]
    names = dict(frappe.get_all("Drug Privilege", fields=["name", "privilege_name"], as_list=True))
    rows = [row for person in doctors for row in _drugs(random, person, names, now)]
    rows += _surgery(random, doctors, items, TOTAL - len(rows), now)
    rows.sort(key=lambda row: row["recorded_at"])
    count = 0
    for start in range(0, len(rows), 10_000):
        count += ledger.bulk_grant(rows[start : start + 10_000])
    return count


def change_some(random: Random) -> None:
    """Some grants were revoked and some extended since."""
    names = frappe.get_all(
        "Privilege Grant", {"status": "Active"}, pluck="name", order_by="name", limit=20_000
    )
    chosen = random.sample(names, min(len(names), REVOKED + EXTENDED))
    for name in chosen[:REVOKED]:
        ledger.revoke(name, random.choice(("考核不合格", "本人申请", "再评估不通过", "技术停止开展")))
    for name in chosen[REVOKED:]:
        end = frappe.db.get_value("Privilege Grant", name, "valid_to")
        ledger.extend(name, end + timedelta(days=365) if end else None, "再评估通过")


def suspend_some(random: Random, people: list[Person], today: date) -> int:
    """A dozen physicians are away for a time, some of them not yet; their privileges rest meanwhile."""
    reasons = ("FURTHER_STUDY", "RURAL_SERVICE", "SICK_LEAVE", "MATERNITY")
    taken = set(frappe.get_all("Practitioner", {"user": ("is", "set")}, pluck="name"))
    doctors = [p for p in people if p.profession == "Physician" and p.rank in (2, 3) and p.name not in taken]
    chosen = random.sample(doctors, 12)
    for number, person in enumerate(chosen):
        begins = datetime.combine(today, time()) + timedelta(days=random.choice((-40, -20, -5, 12)))
        reason = reasons[number % len(reasons)]
        frappe.get_doc(
            {
                "doctype": "Privilege Suspension",
                "practitioner": person.name,
                "reason": f"SUSPEND_REASON-{reason}",
                "from_time": begins,
                "to_time": begins + timedelta(days=random.choice((60, 90, 180))),
                "remark": "外出期间暂停，期满自动恢复",
            }
        ).insert(ignore_permissions=True)
    return len(chosen)


def _drugs(random: Random, person: Person, names: dict[str, str], now: datetime) -> list[dict]:
    wanted = [("PRESCRIPTION", "RX_GEN")]
    if person.rank <= 4:
        wanted.append(("PRESCRIPTION", "RX_PSY2"))
    if person.rank <= 4 and random.random() < 0.6:
        wanted.append(("PRESCRIPTION", "RX_NARC"))
    if person.rank <= 3 and random.random() < 0.5:
        wanted.append(("PRESCRIPTION", "BLOOD"))
    if person.department == "1041":
        wanted.append(("PRESCRIPTION", "TCM"))
    elif random.random() < 0.2:
        wanted.append(("PRESCRIPTION", "TCM_PAT"))
    if person.rank in ANTIMICROBIAL and random.random() < 0.9:
        wanted.append(("ANTIMICROBIAL", ANTIMICROBIAL[person.rank]))
    if person.department in ONCOLOGY and person.rank <= 3:
        wanted.append(("ANTITUMOUR", "ONC_2" if person.rank <= 2 else "ONC_1"))
    return [
        _row(random, person, kind, "Drug Privilege", code, names[code], None, now) for kind, code in wanted
    ]


def _surgery(random, doctors: list[Person], items: list[Item], total: int, now: datetime) -> list[dict]:
    pools: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in items:
        pools[item.chapter, item.level].append(item)
    queues = []
    for person in doctors:
        highest = HIGHEST[person.rank]
        allowed = [
            item
            for c in CHAPTERS_OF[person.department]
            for n in range(1, highest + 1)
            for item in pools[c, n]
        ]
        above = [item for c in CHAPTERS_OF[person.department] for item in pools[c, min(4, highest + 1)]]
        if highest and allowed:
            allowed += random.sample(above, len(above) // 10) if highest < 4 else []
            queues.append((person, random.sample(allowed, len(allowed))))
    rows, depth = [], 0
    while len(rows) < total and queues:
        for person, queue in queues:
            if depth < len(queue) and len(rows) < total:
                item = queue[depth]
                rows.append(
                    _row(random, person, "SURGERY", "Procedure", item.code, item.name, str(item.level), now)
                )
        depth += 1
        queues = [(person, queue) for person, queue in queues if len(queue) > depth]
    return rows


def _row(random, person: Person, kind, item_type, code, name, level, now: datetime) -> dict:
    begins = now - timedelta(days=random.randint(5, 690), minutes=random.randint(0, 500))
    ends = begins + timedelta(days=730)
    if random.random() < 0.03:
        begins, ends = begins - timedelta(days=400), ends - timedelta(days=400)
    return {
        "practitioner": person.name,
        "practitioner_name": person.full_name,
        "department": person.department,
        "kind": kind,
        "item_type": item_type,
        "code": code,
        "item_name": name,
        "level": level,
        "valid_from": begins,
        "valid_to": ends,
        "recorded_at": begins - timedelta(minutes=random.randint(1, 600)),
        "status": "Active" if ends > now else "Expired",
        "grant_type": "Regular",
        "reason": None,
    }
