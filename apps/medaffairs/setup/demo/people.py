"""60 departments, 800 practitioners with titles, their committees and exam results."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import frappe

from medaffairs.organization.rules import initials, pinyin
from medaffairs.setup.demo.bulk import child, continue_series, insert
from medaffairs.setup.demo.words import DEPARTMENTS, GIVEN_FEMALE, GIVEN_MALE, GROUPS, SURNAMES

TOTAL = 800
# Title codes with their share, as in a tertiary hospital of 1,500 beds.
TITLES = {
    "Physician": (("231", 14), ("232", 24), ("233", 36), ("234", 25), ("235", 1)),
    "Nurse": (("251", 2), ("252", 8), ("253", 35), ("254", 40), ("255", 15)),
    "Pharmacist": (("241", 5), ("242", 15), ("243", 40), ("244", 35), ("245", 5)),
    "Technician": (("261", 5), ("262", 15), ("263", 40), ("264", 35), ("265", 5)),
}
LEVELS = {"1": "Senior", "2": "Associate Senior", "3": "Intermediate", "4": "Junior", "5": "Assistant"}
AGE_OF_LEVEL = {"1": (46, 60), "2": (37, 55), "3": (31, 48), "4": (26, 34), "5": (22, 28)}
TECHNICAL = ("2002", "2003", "2004", "2006", "2007", "2008", "3001", "3003")


@dataclass(frozen=True)
class Person:
    """A practitioner as the rest of the demo needs him; `rank` 1 is the highest title, 5 the lowest."""

    name: str
    full_name: str
    department: str
    profession: str
    rank: int
    title_since: date


def make_departments(at: str) -> None:
    """Insert the tree: four groups and 60 departments in them."""
    for kind, (code, name) in GROUPS.items():
        _department(code, name, kind, "", 0, group=True)
    for code, name, kind, _chapters, beds in DEPARTMENTS:
        _department(code, name, kind, GROUPS[kind][0], beds, group=False)


def _department(code: str, name: str, kind: str, parent: str, beds: int, *, group: bool) -> None:
    frappe.get_doc(
        {
            "doctype": "Clinical Department",
            "department_code": code,
            "department_name": name,
            "department_type": kind,
            "parent_clinical_department": parent or None,
            "is_group": int(group),
            "his_code": f"H{code}",
            "beds": beds,
        }
    ).insert(ignore_permissions=True)


def make_practitioners(random: Random, today: date, at: str) -> list[Person]:
    """Write 800 practitioners with their title histories and qualifications and return them."""
    rows, titles, certificates, people = [], [], [], []
    names = _names(random)
    for number, (department, profession) in enumerate(_posts(random), 1):
        staff_no = f"{10_000 + number}"
        row, person = _person(random, staff_no, next(names), department, profession, today)
        rows.append(row)
        people.append(person)
        if row["title"]:
            titles += _history(random, row, person, today)
            certificates.append(_certificate(row, profession))
    insert("Practitioner", rows, at)
    insert("Practitioner Title", titles, at)
    insert("Practitioner Qualification", certificates, at)
    return people


def _posts(random: Random) -> list[tuple[str, str]]:
    """Which department and profession each of the posts has: beds decide how many there are."""
    posts = []
    for code, _name, kind, _chapters, beds in DEPARTMENTS:
        if code == "3002":
            posts += [(code, "Pharmacist")] * 36
        elif kind == "Functional":
            posts += [(code, "Administrator")] * 3 + [(code, "Physician")] * 2
        elif code in TECHNICAL:
            posts += [(code, "Technician")] * 6 + [(code, "Physician")] * (
                6 if code in ("2003", "2004", "2008") else 2
            )
        elif kind == "Platform":
            posts += [(code, "Physician")] * (28 if code == "2001" else 6) + [(code, "Nurse")] * 6
        else:
            posts += [(code, "Physician")] * max(6, beds // 5) + [(code, "Nurse")] * max(3, beds // 12)
    wards = [code for code, _name, kind, _chapters, beds in DEPARTMENTS if beds]
    while len(posts) < TOTAL:
        posts.append((random.choice(wards), "Physician"))
    return sorted(posts[:TOTAL])


def _names(random: Random) -> Iterator[tuple[str, str]]:
    """Invented names with their gender, none twice."""
    seen: set[str] = set()
    while True:
        gender = random.choice(("Male", "Female"))
        given = GIVEN_MALE if gender == "Male" else GIVEN_FEMALE
        name = random.choice(SURNAMES) + "".join(random.sample(given, random.choices((1, 2), (25, 75))[0]))
        if name not in seen:
            seen.add(name)
            yield name, gender


def _person(random, staff_no, name_and_gender, department, profession, today) -> tuple[dict, Person]:
    name, gender = name_and_gender
    title = ""
    if profession in TITLES:
        codes, shares = zip(*TITLES[profession], strict=True)
        title = random.choices(codes, shares)[0]
    youngest, oldest = AGE_OF_LEVEL[title[-1]] if title else (28, 55)
    age = random.randint(youngest, oldest)
    born = date(today.year - age, random.randint(1, 12), random.randint(1, 28))
    since = date(
        today.year - random.randint(1, max(1, min(9, age - youngest + 1))), random.choice((7, 12)), 1
    )
    licensed = profession in ("Physician", "Nurse", "Pharmacist")
    row = {
        "name": staff_no,
        "staff_no": staff_no,
        "practitioner_name": name,
        "pinyin": pinyin(name),
        "pinyin_initials": initials(name),
        "gender": gender,
        "birth_date": born,
        "id_no": f"990000{born:%Y%m%d}{random.randint(0, 999):03d}X",
        "mobile": f"1990000{staff_no[-4:]}",
        "user": None,
        "department": department,
        "profession": profession,
        "title": f"PROFESSIONAL_TITLE-{title}" if title else None,
        "title_level": LEVELS[title[-1]] if title else None,
        "title_date": since if title else None,
        "highest_degree": random.choices(("Doctor", "Master", "Bachelor"), _degrees(profession))[0],
        "work_start_date": date(born.year + 24, 7, 1) if born.year + 24 < today.year else None,
        "employment_status": random.choices(("Active", "On Leave", "Left"), (96, 3, 1))[0],
        "licence_no": f"{random.randint(10**14, 10**15 - 1)}" if licensed else None,
        "licence_category": _licence_category(department, profession) if licensed else None,
        "licence_scope": None,
        "licence_valid_to": today + timedelta(days=random.randint(20, 1_500)) if licensed else None,
    }
    rank = int(title[-1]) if title else 5
    return row, Person(staff_no, name, department, profession, rank, since)


def _degrees(profession: str) -> tuple[int, int, int]:
    return (30, 50, 20) if profession == "Physician" else (2, 20, 78)


def _licence_category(department: str, profession: str) -> str:
    if profession == "Physician":
        return {"1041": "Traditional Chinese Medicine", "1019": "Dentistry"}.get(department, "Clinical")
    return {"Nurse": "Nursing", "Pharmacist": "Pharmacy"}[profession]


def _history(random: Random, row: dict, person: Person, today: date) -> Iterator[dict]:
    """The present title and those before it, five years or so each, as far as working life reaches."""
    family, rank = row["title"][:-1], person.rank
    begins, steps = person.title_since, []
    ends = None
    started = row["work_start_date"] or begins
    while rank <= 4 or rank == person.rank:
        steps.append((f"{family}{rank}", begins, ends))
        ends = begins - timedelta(days=1)
        begins = date(begins.year - random.randint(5, 7), begins.month, 1)
        rank += 1
        if begins < started or rank > 4:
            break
    for idx, (title, first, last) in enumerate(reversed(steps), 1):
        yield child(
            row["name"], "Practitioner", "title_history", idx, title=title, from_date=first, to_date=last
        )


def _certificate(row: dict, profession: str) -> dict:
    code = {"Physician": "PHYSICIAN_QUALIFICATION", "Nurse": "NURSE_LICENCE"}.get(profession, "BLS")
    return child(
        row["name"],
        "Practitioner",
        "qualifications",
        1,
        qualification=f"QUALIFICATION-{code}",
        certificate_no=f"Z{row['name']}{row['birth_date']:%Y}",
        obtained_on=row["work_start_date"] or row["title_date"],
        valid_to=None,
    )


def appoint_leaders(people: list[Person]) -> None:
    """Each department gets its most senior member as head and the next as party secretary."""
    for code, _name, _kind, _chapters, _beds in DEPARTMENTS:
        staff = sorted(
            (p for p in people if p.department == code), key=lambda p: (p.rank, p.title_since, p.name)
        )
        doctors = [p for p in staff if p.profession == "Physician"] or staff
        if len(doctors) > 1:
            frappe.db.set_value(
                "Clinical Department",
                code,
                {"head": doctors[0].name, "party_secretary": doctors[1].name},
                update_modified=False,
            )


def make_committees(people: list[Person]) -> None:
    """The committees that vote on privileges and a pool of experts; chairs first."""
    seniors = [p for p in people if p.profession == "Physician" and p.rank <= 2 and p.department < "2"]
    by_rank = sorted(seniors, key=lambda p: (p.rank, p.department, p.name))
    every = max(1, len(by_rank) // 9)
    for name, kind, offset, size in (
        ("手术分级授权管理委员会", "Surgery Authorization", 0, 9),
        ("药事管理与药物治疗学委员会", "Prescription Authorization", 1, 7),
        ("医学伦理委员会", "Ethics", 2, 7),
        ("医院感染管理委员会", "Infection Control", 3, 7),
        ("医疗技术临床应用管理委员会", "Medical Technology", 4, 9),
    ):
        chosen = [by_rank[(offset + n * every) % len(by_rank)] for n in range(size)]
        _committee(
            {"doctype": "Committee", "committee_name": name, "committee_type": kind, "active": 1}, chosen
        )
    _committee(
        {"doctype": "Expert Pool", "pool_name": "外科专家库", "speciality": "外科", "active": 1}, by_rank[:20]
    )


def _committee(values: dict, members: list[Person]) -> None:
    roles = ["Chair", "Vice Chair", *["Member"] * len(members)]
    rows = [
        {"practitioner": p.name, "member_role": roles[n], "from_date": "2025-01-01"}
        for n, p in enumerate(members)
    ]
    frappe.get_doc({**values, "members": rows}).insert(ignore_permissions=True)


def make_exam_results(random: Random, people: list[Person], today: date, at: str) -> int:
    """Results of the exams that privileges ask for: most passed, some failed, some run out."""
    exams = [
        (row.name, json.loads(row.attributes or "{}"))
        for row in frappe.get_all(
            "Dictionary Item", filters={"dictionary": "EXAM"}, fields=["name", "attributes"], order_by="name"
        )
    ]
    rows = []
    for person in people:
        if person.profession != "Physician":
            continue
        for exam, attributes in exams:
            if random.random() < 0.75:
                rows.append(_result(random, len(rows) + 1, person, exam, attributes, today))
    continue_series("EXR-", len(rows))
    return insert("Exam Result", rows, at)


def _result(random, number: int, person: Person, exam: str, attributes: dict, today: date) -> dict:
    pass_score = attributes.get("pass_score", 60)
    months = attributes.get("valid_months", 24)
    taken = today - timedelta(days=random.randint(10, months * 33))
    score = min(100, max(35, round(random.gauss(pass_score + 9, 7), 1)))
    return {
        "name": f"EXR-{number:07d}",
        "practitioner": person.name,
        "practitioner_name": person.full_name,
        "department": person.department,
        "exam": exam,
        "score": score,
        "pass_score": pass_score,
        "passed": int(score >= pass_score),
        "exam_date": taken,
        "valid_to": taken + timedelta(days=months * 30),
    }
