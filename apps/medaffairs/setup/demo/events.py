"""Two years of adverse events of a hospital with 1,500 beds: written at once, and a few led through every door by the people concerned."""

import hashlib
import uuid
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.adverse_event import notices, reporting, rules, steps
from medaffairs.improvement import steps as improvement
from medaffairs.organization import deadlines
from medaffairs.permissions import forget_scopes
from medaffairs.setup.adverse_event import find_managing_departments
from medaffairs.setup.demo.accounts import DOMAIN
from medaffairs.setup.demo.bulk import child, continue_series, insert
from medaffairs.setup.demo.event_words import (
    CHANGES,
    CONCLUSIONS,
    KINDS,
    MEASURES,
    NEAR_MISSES,
    SHORT_CHANGES,
    Story,
)  # fmt: skip
from medaffairs.setup.demo.words import DEPARTMENTS, GIVEN_FEMALE, GIVEN_MALE, SURNAMES

DOCTYPE = reporting.DOCTYPE
EVENTS, DAYS, OPEN_DAYS = 4_000, 730, 35
HARMS = {"I": "GHI", "II": "EF", "III": "CD", "IV": "AB"}
# Grades of events that are no near misses, per mille: a pyramid.
GRADES = (("I", 6), ("II", 90), ("III", 720), ("IV", 184))
NEAR_MISS_SHARE, PROTECTED_SHARE, ANONYMOUS_SHARE, LATE_SHARE = 0.30, 0.07, 0.13, 0.08
# Hours in which things happen: hand-overs, medication rounds, the hours before dawn.
HOURS = (3, 3, 4, 5, 5, 4, 5, 9, 10, 9, 8, 7, 5, 4, 6, 7, 8, 8, 6, 5, 5, 6, 6, 4)
OTHER_PLACES = {
    "AE04": "3001",
    "AE14": "2002",
    "AE16": "2001",
    "AE17": "2001",
    "AE18": "2001",
    "AE08": "2001",
    "AE10": "4007",
}
REPORTERS = ("hushi", "yishi", "zuzhang", "zhuren")


def make_events(random: Random, today: date) -> int:
    """Write the events and lead some on; returns how many there are."""
    find_managing_departments()
    frappe.clear_document_cache("Adverse Event Category")
    maker = _Maker(random, today)
    maker.write()
    for name in maker.open:
        deadlines.follow(frappe.get_doc(DOCTYPE, name))
    try:
        _live(random)
    finally:
        frappe.set_user("Administrator")
        forget_scopes()
    return EVENTS


class _Maker:
    """Makes the rows of all events from one random source."""

    def __init__(self, random: Random, today: date) -> None:
        self.random, self.today = random, today
        # What is written at once ends with this morning.
        self.now = datetime.combine(today, time(6, 30))
        self.categories = {
            row.name: row
            for row in frappe.get_all(
                "Adverse Event Category",
                fields=["name", "category_name", "route", "managing_department", "form_code"],
            )
        }
        self.wards = [
            (code, beds) for code, _name, kind, _chapters, beds in DEPARTMENTS if kind == "Clinical"
        ]
        self.staff: dict[str, list[Any]] = {}
        for row in frappe.get_all(
            "Practitioner",
            fields=["name", "practitioner_name", "department"],
            order_by="name",
            limit_page_length=0,
        ):
            self.staff.setdefault(row.department, []).append(row)
        self.numbers: dict[int, int] = {}
        self.open: list[str] = []
        self.reports: list[dict] = []
        self.people: list[dict] = []
        self.causes: list[dict] = []
        self.opinions: list[dict] = []
        self.holders: list[dict] = []

    def write(self) -> None:
        """Makes all rows and writes them, table by table."""
        for moment in sorted(self._moments()):
            self._event(moment)
        at = f"{self.today} 07:30:00.000000"
        insert(DOCTYPE, self.reports, at)
        insert("Adverse Event Staff", self.people, at)
        insert("Adverse Event Cause", self.causes, at)
        insert("Approval Opinion", self.opinions, at)
        insert(reporting.HOLDER, self.holders, at)
        for year, number in self.numbers.items():
            continue_series(f"AE-{year}-", number)

    def _moments(self) -> list[datetime]:
        """When events happened: more of them lately, since more is reported; more on working days and in winter."""
        found: list[datetime] = []
        while len(found) < EVENTS:
            back = self.random.randint(1, DAYS)
            day = self.today - timedelta(days=back)
            weight = 0.55 + 0.45 * (1 - back / DAYS)
            weight *= 0.72 if day.weekday() > 4 else 1.0
            weight *= 1.12 if day.month in (12, 1, 2) else 1.0
            if self.random.random() < weight / 1.2:
                hour = self.random.choices(range(24), HOURS)[0]
                found.append(datetime.combine(day, time(hour, self.random.randint(0, 59))))
        return found

    def _event(self, moment: datetime) -> None:
        random = self.random
        code = random.choices(list(KINDS), [kind.share for kind in KINDS.values()])[0]
        kind, category = KINDS[code], self.categories[code]
        near = random.random() < NEAR_MISS_SHARE
        story = random.choice(kind.stories)
        grade = "IV" if near else random.choices([g for g, _ in GRADES], [n for _, n in GRADES])[0]
        department = (
            OTHER_PLACES.get(code)
            or random.choices([c for c, _ in self.wards], [b for _, b in self.wards])[0]
        )
        identity = self._identity()
        delay = timedelta(
            hours=random.choice((1, 2, 4, 8, 12)) if random.random() > LATE_SHARE else random.randint(80, 200)
        )
        reported = min(moment + delay, self.now)
        delay = reported - moment
        self.numbers[reported.year] = number = self.numbers.get(reported.year, 0) + 1
        name = f"AE-{reported.year}-{number:06d}"
        words = random.choice(NEAR_MISSES) if near else story.words
        account = random.choice(REPORTERS) if department == "1001" else ""
        person = random.choice(self.staff[department])
        if near or grade in ("III", "IV"):
            delay_limit = {"III": 72, "IV": 168}[grade]
        else:
            delay_limit = {"I": 6, "II": 24}[grade]
        row = {
            "name": name, "creation": reported, "owner": self._owner(identity, account), "subject": rules.subject_of(category.category_name, words),
            "category": code, "subtype": None if near else story.subtype, "near_miss": int(near), "grade": grade,
            "harm_level": None if near else random.choice(HARMS[grade]), "occurred_at": moment, "department": department,
            "place": f"EVENT_PLACE-{random.choice(kind.places)}", "identity": identity,
            "reporter_name": person.practitioner_name if identity == rules.OPEN else None, "reported_at": reported,
            "description": words, "measures": random.choice(MEASURES), "route": category.route,
            "managing_department": category.managing_department, "form_code": None if near else category.form_code,
            "report_due_at": moment + timedelta(hours=delay_limit), "late_report": int(delay > timedelta(hours=delay_limit)),
            "rca_required": int(grade in ("I", "II")), "announced_at": reported,
            "rca_due_on": (reported + timedelta(days=45)).date() if grade in ("I", "II") else None,
        }  # fmt: skip
        row |= self._patient(code, near)
        row |= self._course(name, row, story, reported)
        self.reports.append(row)
        if not near and random.random() < 0.6:
            self.people.append(
                child(name, DOCTYPE, "staff", 1, practitioner=person.name, practitioner_name=person.practitioner_name,
                      department=department, part="Concerned")
            )  # fmt: skip
        if identity == rules.PROTECTED:
            self._hold(name, reported, account or "hushi", person)

    def _identity(self) -> str:
        chance = self.random.random()
        if chance < ANONYMOUS_SHARE:
            return rules.ANONYMOUS
        return rules.PROTECTED if chance < ANONYMOUS_SHARE + PROTECTED_SHARE else rules.OPEN

    def _owner(self, identity: str, account: str) -> str:
        if identity != rules.OPEN:
            return reporting.NOBODY
        return f"{account}@{DOMAIN}" if account else "Administrator"

    def _hold(self, name: str, reported: datetime, account: str, person: Any) -> None:
        self.holders.append({
            "name": hashlib.sha256(name.encode()).hexdigest()[:10], "creation": reported, "owner": reporting.NOBODY, "report": name,
            "reporter": f"{account}@{DOMAIN}", "reporter_name": person.practitioner_name,
        })  # fmt: skip

    def _patient(self, code: str, near: bool) -> dict:
        random = self.random
        gender = random.choice(("Male", "Female"))
        concerned = not near and code not in ("AE06", "AE10", "AE11", "AE12", "AE13", "AE19")
        given = GIVEN_MALE if gender == "Male" else GIVEN_FEMALE
        name = random.choice(SURNAMES) + "".join(random.sample(given, 2))
        age, bed, number = (
            random.randint(18, 92),
            f"{random.randint(1, 60):02d}",
            f"ZY{random.randint(24_000_000, 25_999_999)}",
        )
        if not concerned:
            return dict.fromkeys(("visit_no", "patient_name", "gender", "age", "bed"))
        return {"visit_no": number, "patient_name": name, "gender": gender, "age": age, "bed": bed}

    def _course(self, name: str, row: dict, story: Story, reported: datetime) -> dict:
        """How far it is: old ones are archived, the last weeks' are on their way."""
        random = self.random
        age = max((self.now - reported).days, 0)
        ways = self._ways(row, age)
        moment, state = reported, rules.REPORTED
        values: dict[str, Any] = dict.fromkeys(
            (
                "accepted_at",
                "analysed_at",
                "archived_at",
                "analysis",
                "change_made",
                "return_reason",
                "closing_reason",
            )
        )
        for number, (action, next_state) in enumerate(ways, 1):
            moment = min(moment + timedelta(hours=random.randint(2, 90)), self.now)
            said = ""
            if action == "Accept":
                values["accepted_at"] = moment
            elif action == "Hand In":
                values |= {"analysed_at": moment, "analysis": random.choice(CONCLUSIONS)}
            elif action == "Archive":
                said = random.choice(CHANGES if values["analysis"] else SHORT_CHANGES)
                values |= {"archived_at": moment, "change_made": said}
            elif action == "Return":
                said = values["return_reason"] = "请补充发生的具体地点和当时的处理。"
            elif action in ("Decline", "Withdraw"):
                said = values["closing_reason"] = "与已上报事件重复。"
            self._opinion(name, number, state, action, next_state, moment, said)
            state = next_state
        if values["analysis"]:
            self._causes(name, story)
        if state not in rules.OVER:
            self.open.append(name)
        return {**values, "workflow_state": state}

    def _ways(self, row: dict, age: int) -> list[tuple[str, str]]:
        random, direct = self.random, row["route"] == rules.DIRECT
        first = [] if direct else [("Forward", rules.MANAGING)]
        light = row["near_miss"] or (row["grade"] in ("III", "IV") and random.random() < 0.55)
        whole = [*first, ("Archive", rules.ARCHIVED)] if light else [
            *first, ("Accept", rules.ANALYSIS), ("Hand In", rules.FINAL), ("Archive", rules.ARCHIVED),
        ]  # fmt: skip
        chance = random.random()
        if chance < 0.012:
            return [*first, ("Decline", rules.DECLINED)]
        if chance < 0.022:
            return [("Withdraw", rules.WITHDRAWN)]
        if age > OPEN_DAYS:
            return whole
        if chance < 0.06:
            return [("Return", rules.RETURNED)]
        done = (
            random.choices(range(len(whole) + 1), [4] * (len(whole)) + [2 + age])[0]
            if age < 21
            else len(whole)
        )
        return whole[:done]

    def _opinion(self, name, number, state, action, next_state, moment, said) -> None:
        actor = {
            "Forward": "zhuren", "Archive": "ganshi", "Withdraw": "hushi", "Decline": "ganshi", "Return": "ganshi", "Hand In": "yaoxue",
        }.get(action, "yaoxue")  # fmt: skip
        self.opinions.append({
            "name": f"{name}-{number}", "creation": moment, "reference_doctype": DOCTYPE, "reference_name": name, "workflow_state": state,
            "action": action, "next_state": next_state,
            "actor": reporting.NOBODY if action == "Withdraw" else f"{actor}@{DOMAIN}", "decided_at": moment, "opinion": said,
        })  # fmt: skip

    def _causes(self, name: str, story: Story) -> None:
        factors = _factors()
        rows = [(f"CAUSE_KIND-{story.kind}", story.factor, 1)]
        for kind, factor in self.random.sample(factors, self.random.choice((1, 2))):
            rows.append((kind, factor, 0))
        for idx, (kind, factor, root) in enumerate(rows, 1):
            known = factor if (kind, factor) in factors else None
            self.causes.append(
                child(name, DOCTYPE, "causes", idx, kind=kind, factor=known, cause=factor, is_root=root)
            )


def _factors() -> list[tuple[str, str]]:
    known = getattr(frappe.local, "medaffairs_demo_factors", None)
    if known is None:
        known = frappe.local.medaffairs_demo_factors = [
            (row.kind, row.name)
            for row in frappe.get_all(
                "Contributing Factor", fields=["name", "kind"], order_by="sort_order", limit_page_length=0
            )
        ]
    return known


# -- a few events that go through every door

FALL = "患者凌晨如厕返回时在卫生间门口滑倒，额部擦伤，急查头颅CT未见出血。"
WHYS = [
    {"chain": 1, "level": 1, "question": "为什么滑倒？", "answer": "卫生间门口有积水"},
    {"chain": 1, "level": 2, "question": "为什么有积水？", "answer": "地漏排水慢"},
    {"chain": 1, "level": 3, "question": "为什么排水慢？", "answer": "未纳入后勤定期疏通"},
    {"chain": 2, "level": 1, "question": "为什么独自下床？", "answer": "夜间陪护离开"},
    {"chain": 2, "level": 2, "question": "为什么未呼叫护士？", "answer": "呼叫铃不在手边"},
]
CAUSES = [
    {"kind": "CAUSE_KIND-ENVIRONMENT", "factor": "地面湿滑或有障碍", "cause": "卫生间门口积水", "is_root": 1},
    {"kind": "CAUSE_KIND-MAN", "factor": "风险评估不足", "cause": "夜间风险未重新评估"},
    {"kind": "CAUSE_KIND-METHOD", "factor": "流程未落实", "cause": "夜巡间隔超过一小时"},
    {"kind": "CAUSE_KIND-MACHINE", "factor": "设备配置不足", "cause": "呼叫铃线过短"},
    {"kind": "CAUSE_KIND-MATERIAL", "factor": "", "cause": "防滑垫破损"},
    {"kind": "CAUSE_KIND-MEASUREMENT", "factor": "监测频次不足", "cause": "未记录夜间巡视"},
]


def _live(random: Random) -> None:
    hour = datetime.combine(getdate(), time()) - timedelta(hours=7)
    fall = _report("hushi", hour, FALL, "AE02", "E")
    _take("zhuren", fall, "Forward", "情况属实，已床旁查看。")
    _take("ganshi", fall, "Accept")
    frappe.set_user(f"ganshi@{DOMAIN}")
    steps.save_analysis(fall, {"causes": CAUSES, "whys": WHYS, "analysis": CONCLUSIONS[1]})
    steps.ask_jointly(fall, "3002", "该患者当晚是否使用镇静催眠药？请协助评估。")
    action = improvement.open_action(
        "卫生间门口加装防滑垫并疏通地漏", "1001", getdate() + timedelta(days=14), source=(DOCTYPE, fall), standard="防滑垫覆盖率100%",
        description="跌倒事件整改",
    ).name  # fmt: skip
    _as("zhuren")
    improvement.log_progress(action, "已报总务疏通地漏，防滑垫到货一半。")
    waiting = _report(
        "hushi", hour + timedelta(hours=3), "床栏锁扣松动，巡视时发现并报修。", "AE02", "", near_miss=1
    )
    returned = _report(
        "yishi", hour + timedelta(hours=2), "术前核查发现患者腕带缺失，暂停入室。", "AE01", "B"
    )
    _take("zhuren", returned, "Return", "请补充腕带缺失的环节。")
    done = _report(
        "hushi", hour - timedelta(hours=30), "抢救车肾上腺素临近失效，交接时更换。", "AE03", "", near_miss=1
    )
    _take("ganshi", done, "Archive", "已建立抢救车效期电子提醒，每周自动核对。")
    hidden = _report(
        "zuzhang",
        hour - timedelta(hours=20),
        "上级医师未到场即开始手术关键步骤。",
        "AE16",
        "B",
        rules.PROTECTED,
    )
    _take("ganshi", hidden, "Forward", "")
    grave = _report(
        "yishi", hour - timedelta(hours=2), "术后两小时引流血性液800毫升，急诊再次手术止血。", "AE08", "F"
    )
    for name in (fall, waiting, returned, done, hidden, grave):
        notices.announce(name)


def _report(
    account: str,
    moment: datetime,
    words: str,
    category: str,
    harm: str,
    identity: str = rules.OPEN,
    **more: Any,
) -> str:
    _as(account)
    stay = _stay(moment, words) if not more.get("near_miss") else None
    values = {
        "category": category, "department": "1001", "occurred_at": str(moment), "description": words, "harm_level": harm,
        "place": "EVENT_PLACE-WARD", "measures": MEASURES[0], "visit_no": stay or "", **more,
    }  # fmt: skip
    key = uuid.UUID(hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()).hex
    name = reporting.submit(values, identity, key).name
    notices.announce(name)
    return name


def _stay(moment: datetime, words: str) -> str | None:
    rows = frappe.get_all(
        "Hospital Stay", filters={"department": "1001", "admitted_at": ("<", moment), "status": "Admitted"}, pluck="name",
        order_by="name",
    )  # fmt: skip
    # Another patient for every event.
    return rows[len(words) % len(rows)] if rows else None


def _take(account: str, name: str, action: str, words: str = "") -> None:
    _as(account)
    steps.take(name, action, words)


def _as(account: str) -> None:
    frappe.set_user(f"{account}@{DOMAIN}")
    forget_scopes()
