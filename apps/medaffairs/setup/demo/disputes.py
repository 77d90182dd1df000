"""Two years of warnings, complaints, disputes and claims, each with its course, so that every list and chart has something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import frappe

from medaffairs.dispute import rules
from medaffairs.organization import deadlines
from medaffairs.setup.demo import dispute_words as words
from medaffairs.setup.demo.accounts import DOMAIN
from medaffairs.setup.demo.bulk import child, continue_series, insert
from medaffairs.setup.demo.words import GIVEN_FEMALE, GIVEN_MALE, SURNAMES

WARNINGS, COMPLAINTS, DISPUTES, CLAIMS, DAYS = 400, 900, 120, 54, 730
DESK, MANAGER = f"tousu@{DOMAIN}", f"yiwu@{DOMAIN}"
READERS = tuple(f"{name}@{DOMAIN}" for name in ("zhuren", "shuji", "zuzhang", "yishi"))
SETTLED_AFTER, ANSWERED_AFTER = 40, 9
PREFIX = {rules.WARNING: "DW", rules.COMPLAINT: "MC", rules.DISPUTE: "MD", rules.CLAIM: "IC"}


def make_cases(random: Random, today: date) -> int:
    """Write the cases with steps, circulations and records, and start the clocks of the open ones; how many cases."""
    made = _Cases(random, today)
    warnings = [made.warning() for _ in range(WARNINGS)]
    turned = [row for row in warnings if row["workflow_state"] == rules.TO_COMPLAINT]
    complaints = [made.complaint(row) for row in turned]
    complaints += [made.complaint(None) for _ in range(COMPLAINTS - len(turned))]
    sources = [row for row in complaints if row["workflow_state"] == rules.TO_DISPUTE]
    disputes = [made.dispute(row) for row in sources[:DISPUTES]]
    straight = [row for row in warnings if row["workflow_state"] == rules.TO_DISPUTE]
    disputes += [made.dispute(row) for row in straight[: DISPUTES - len(disputes)]]
    disputes += [made.dispute(None) for _ in range(DISPUTES - len(disputes))]
    settled = [row for row in disputes if row["closed_at"]]
    claims = [made.claim(row) for row in settled[:CLAIMS]]
    for doctype, rows in (
        (rules.WARNING, warnings),
        (rules.COMPLAINT, complaints),
        (rules.DISPUTE, disputes),
        (rules.CLAIM, claims),
    ):
        _name(doctype, rows)
        insert(doctype, rows, f"{today} 08:00:00.000000")
    made.follow(warnings, complaints, disputes, claims)
    return len(warnings) + len(complaints) + len(disputes) + len(claims)


def _name(doctype: str, rows: list[dict[str, Any]]) -> None:
    """Numbers by the year and the order of creation; links to others were their rows until now."""
    rows.sort(key=lambda row: row["creation"])
    last: dict[int, int] = {}
    for row in rows:
        year = row["creation"].year
        last[year] = last.get(year, 0) + 1
        row["name"] = f"{PREFIX[doctype]}-{year}-{last[year]:05d}"
        for field in ("warning", "complaint", "dispute"):
            if isinstance(row.get(field), dict):
                row[field] = row[field]["name"]
    for year, number in last.items():
        continue_series(f"{PREFIX[doctype]}-{year}-", number)


class _Cases:
    """Cases one after the other, from one source of chance."""

    def __init__(self, random: Random, today: date) -> None:
        self.random, self.today = random, today
        self.now = datetime.combine(today, time(7, 40))
        self.departments = [
            row.name
            for row in frappe.get_all(
                "Clinical Department",
                filters={"department_type": "Clinical", "is_group": 0},
                fields=["name"],
                order_by="name",
            )
        ]
        # Some departments have more complaints than others.
        self.weights = [1 + (number * 7) % 5 for number in range(len(self.departments))]
        self.head = frappe.db.get_value("Practitioner", {"user": READERS[0]}, "department")

    def _begin(self, least: float = 0) -> datetime:
        """A moment within the two years, a little more often lately."""
        days = DAYS * self.random.random() ** 1.15
        moment = self.now - timedelta(days=max(days, least), minutes=self.random.randint(0, 540))
        return moment.replace(hour=8 + self.random.randint(0, 9), second=0) if days > 1 else moment

    def _person(self) -> str:
        given = self.random.choice((GIVEN_MALE, GIVEN_FEMALE))
        return self.random.choice(SURNAMES) + "".join(self.random.sample(given, self.random.randint(1, 2)))

    def _story(self) -> words.Story:
        return self.random.choice(words.STORIES)

    def _later(self, moment: datetime, least: float, most: float) -> datetime:
        later = moment + timedelta(days=self.random.uniform(least, most))
        if later.date() > moment.date():
            # Offices work by day.
            later = later.replace(hour=8 + later.hour % 10)
        return min(later, self.now)

    def _case(self, begun: datetime, story: words.Story, name: str) -> dict[str, Any]:
        department = self.random.choices(self.departments, self.weights)[0]
        return {
            "name": "", "creation": begun, "modified": begun, "owner": DESK, "subject": story.subject, "department": department,
            "cause": f"COMPLAINT_CAUSE-{story.cause}", "patient_name": name, "patient_no": f"ZY{self.random.randint(100000, 999999)}",
            "patient_phone": f"1390000{self.random.randint(1000, 9999)}", "workflow_state": rules.DRAFT, "handler": None,
            "submitted_at": None, "taken_at": None, "closed_at": None, "archived_at": None, "closing_reason": None, "demand": story.demand,
        }  # fmt: skip

    def _advance(self, row: dict[str, Any], begun: datetime, states: Sequence[tuple[str, int]]) -> None:
        """Gives a case its state and the times that go with it."""
        state = self.random.choices([name for name, _ in states], [share for _, share in states])[0]
        row["workflow_state"] = state
        if state == rules.DRAFT:
            return
        row["submitted_at"] = self._later(begun, 0.02, 0.3)
        if state not in (rules.SUBMITTED, rules.RETURNED):
            row["taken_at"] = self._later(row["submitted_at"], 0.1, 1.2)
            row["handler"] = self.random.choices((DESK, MANAGER), (5, 1))[0]
        if state in rules.OVER:
            row["closed_at"] = self._later(row["taken_at"], 2, SETTLED_AFTER)
            row["closing_reason"] = self.random.choice(words.RESULTS)
        if state == rules.ARCHIVED:
            row["archived_at"] = self._later(row["closed_at"], 3, 25)
        moments = [
            row[name] for name in ("submitted_at", "taken_at", "closed_at", "archived_at") if row[name]
        ]
        row["modified"] = max(moments)

    def warning(self) -> dict[str, Any]:
        """A warning of a department."""
        begun, story = self._begin(), self._story()
        row = self._case(begun, story, self._person())
        old = (self.now - begun).days > 12
        states = (
            ((rules.CLOSED, 46), (rules.TO_COMPLAINT, 44), (rules.TO_DISPUTE, 6), (rules.HANDLING, 4))
            if old
            else (
                (rules.SUBMITTED, 30),
                (rules.HANDLING, 45),
                (rules.RETURNED, 8),
                (rules.DRAFT, 7),
                (rules.CLOSED, 10),
            )
        )
        self._advance(row, begun, states)
        reporters = (READERS[0], READERS[3]) if row["department"] == self.head else ("Administrator",)
        return row | {
            "owner": self.random.choice(reporters), "level": f"WARNING_LEVEL-0{self.random.choices((1, 2, 3, 4), (4, 14, 48, 34))[0]}",
            "occurred_at": begun - timedelta(hours=self.random.randint(1, 30)), "description": story.text,
            "measures": self.random.choice(words.MEASURES),
        }  # fmt: skip

    def complaint(self, warning: dict[str, Any] | None) -> dict[str, Any]:
        """A complaint, out of a warning or of its own."""
        begun = self._later(warning["taken_at"], 0.2, 3) if warning else self._begin()
        story = words.by_subject(warning["subject"]) if warning else self._story()
        row = self._case(begun, story, warning["patient_name"] if warning else self._person())
        age = (self.now - begun).days
        if age > SETTLED_AFTER:
            open_yet = (
                ((rules.CLOSED, 40), (rules.ANSWERED, 6), (rules.HANDLING, 4))
                if age < 2 * SETTLED_AFTER
                else ()
            )
            states = ((rules.ARCHIVED, 80), (rules.TO_DISPUTE, 12), (rules.REFUSED, 2), *open_yet)
        elif age > ANSWERED_AFTER:
            states = ((rules.ANSWERED, 38), (rules.CLOSED, 40), (rules.HANDLING, 22))
        else:
            states = (
                (rules.SUBMITTED, 26),
                (rules.HANDLING, 52),
                (rules.RETURNED, 6),
                (rules.DRAFT, 6),
                (rules.ANSWERED, 10),
            )
        self._advance(row, begun, states)
        several = self.random.random() < 0.18
        answered = None
        if row["workflow_state"] in (rules.ANSWERED, rules.CLOSED, rules.ARCHIVED):
            answered = self._later(row["taken_at"], 1, 15 if several else 8)
        limit = 14 if several else 7
        relation = self.random.choices(("01", "02", "03", "04", "05"), (40, 15, 15, 22, 8))[0]
        return row | {
            "department": warning["department"] if warning else row["department"], "warning": warning, "received_at": begun,
            "source": "COMPLAINT_SOURCE-16" if warning else f"COMPLAINT_SOURCE-{self.random.choices(words.SOURCES, words.SOURCE_WEIGHTS)[0]}",
            "mode": f"COMPLAINT_MODE-{'03' if several else self.random.choice(('01', '02', '02', '04'))}",
            "complainant": row["patient_name"] if relation == "01" else self._person(), "relation": f"COMPLAINANT_RELATION-{relation}",
            "complainant_phone": f"1380000{self.random.randint(1000, 9999)}", "content": story.text, "several_departments": int(several),
            "answered_at": answered, "answered_late": int(bool(answered) and (answered - begun).days > limit),
            "answer": self.random.choice(words.ANSWERS) if answered else None,
            "refusal_ground": f"COMPLAINT_REFUSAL-0{self.random.randint(1, 5)}" if row["workflow_state"] == rules.REFUSED else None,
            "satisfaction": self.random.choice(("Satisfied", "Satisfied", "Rather Satisfied", "Not Satisfied")) if row["closed_at"] else "",
        }  # fmt: skip

    def dispute(self, source: dict[str, Any] | None) -> dict[str, Any]:
        """A dispute, out of a complaint, a warning, or of its own."""
        begun = self._later(source["taken_at"], 1, 10) if source else self._begin(30)
        story = words.by_subject(source["subject"]) if source else self._story()
        row = self._case(begun, story, source["patient_name"] if source else self._person())
        old = (self.now - begun).days > 90
        states = (
            ((rules.ARCHIVED, 80), (rules.CLOSED, 8), (rules.HANDLING, 12))
            if old
            else ((rules.SUBMITTED, 12), (rules.HANDLING, 80), (rules.CLOSED, 8))
        )
        self._advance(row, begun, states)
        claimed = self.random.choice((8, 15, 30, 60, 120, 260)) * 1000 * self.random.randint(1, 4)
        paid = round(claimed * self.random.choice((0, 0.1, 0.2, 0.3, 0.5)), -2) if row["closed_at"] else 0
        insured = round(paid * self.random.choice((0, 0.6, 0.7)), -2)
        from_complaint = bool(source) and "received_at" in source
        return row | {
            "department": source["department"] if source else row["department"], "filed_on": begun.date(),
            "occurred_at": begun - timedelta(days=self.random.randint(5, 60)), "description": story.text,
            "complaint": source if from_complaint else None, "warning": (source["warning"] or None) if from_complaint else source,
            "complainant": source.get("complainant", source["patient_name"]) if source else row["patient_name"],
            "route": f"DISPUTE_ROUTE-0{self.random.choices((1, 2, 3, 4), (46, 34, 6, 14))[0]}", "major": int(self.random.random() < 0.06),
            "claimed_amount": float(claimed), "hospital_paid": paid - insured, "insurance_paid": insured, "paid_amount": paid,
            "causation": f"DAMAGE_CAUSATION-0{self.random.randint(2, 6)}" if row["closed_at"] else None,
            "under_appraisal": int(row["workflow_state"] == rules.HANDLING and self.random.random() < 0.3),
            "conciliation_from": self._later(row["taken_at"], 1, 5) if row["taken_at"] and self.random.random() < 0.4 else None,
        }  # fmt: skip

    def claim(self, dispute: dict[str, Any]) -> dict[str, Any]:
        """A claim for a dispute that was settled."""
        begun = self._later(dispute["taken_at"], 1, 4)
        row = self._case(begun, words.by_subject(dispute["subject"]), dispute["patient_name"])
        state = (
            rules.PAID
            if dispute["insurance_paid"]
            else self.random.choice((rules.NOT_PAID, rules.HANDED_IN, rules.REPORTED))
        )
        told = self._later(begun, 0.1, 1)
        for name in ("patient_no", "patient_phone", "cause", "demand"):
            row.pop(name)
        done = state in (rules.PAID, rules.NOT_PAID)
        return row | {
            "workflow_state": state, "submitted_at": told, "handler": DESK, "department": dispute["department"], "dispute": dispute,
            "insurer": self.random.choice(words.INSURERS), "policy_no": f"YZX{begun.year}{self.random.randint(1000, 9999)}",
            "insured_event_on": dispute["occurred_at"].date(), "claimed_amount": dispute["claimed_amount"], "insurer_told_at": told,
            "materials_on": self._later(told, 5, 25).date() if state != rules.REPORTED else None,
            "approved_amount": dispute["insurance_paid"], "paid_amount": dispute["insurance_paid"],
            "paid_on": self._later(told, 30, 60).date() if state == rules.PAID else None,
            "closed_at": self._later(told, 30, 60) if done else None, "closing_reason": "按保险责任核定" if done else None,
        }  # fmt: skip

    def follow(self, *cases: list[dict[str, Any]]) -> None:
        """Steps, circulations and records of the cases; the clocks of those that are open."""
        steps: list[dict[str, Any]] = []
        for doctype, rows in zip(rules.CASES, cases, strict=True):
            for row in rows:
                steps += self._steps(doctype, row)
        insert("Approval Opinion", steps, f"{self.today} 08:00:00.000000")
        _, complaints, disputes, _ = cases
        self._departments(complaints)
        self._circulate(complaints)
        self._record(complaints, disputes)
        for doctype in rules.CASES:
            deadlines.follow_all(doctype, {"workflow_state": ("in", (rules.RETURNED, *rules.OPEN))})
        deadlines.follow_all(rules.CIRCULATION, {"status": "Open"})

    def _steps(self, doctype: str, row: dict[str, Any]) -> Iterable[dict[str, Any]]:
        path = [
            (
                "Report" if doctype == rules.CLAIM else "Submit",
                row["submitted_at"],
                rules.DRAFT,
                row["owner"],
                None,
            )
        ]
        path.append(("Take Up", row["taken_at"], rules.SUBMITTED, row["handler"], None))
        if doctype == rules.COMPLAINT:
            path.append(("Answer", row["answered_at"], rules.HANDLING, row["handler"], row["answer"]))
        last = {
            rules.TO_COMPLAINT: "Turn into Complaint", rules.TO_DISPUTE: "Turn into Dispute", rules.REFUSED: "Refuse", rules.PAID: "Pay",
            rules.NOT_PAID: "Refuse to Pay",
        }.get(row["workflow_state"], "Close")  # fmt: skip
        path.append((last, row["closed_at"], rules.HANDLING, row["handler"], row["closing_reason"]))
        path.append(("Archive", row["archived_at"], rules.CLOSED, row["handler"], None))
        taken = [step for step in path if step[1]]
        for number, (action, at, state, actor, said) in enumerate(taken):
            following = taken[number + 1][2] if number + 1 < len(taken) else row["workflow_state"]
            yield {
                "name": f"{row['name']}-{number}", "creation": at, "modified": at, "reference_doctype": doctype, "reference_name": row["name"],
                "workflow_state": state, "action": action, "next_state": following, "actor": actor or DESK, "on_behalf_of": None,
                "decided_at": at, "opinion": said, "items": None,
            }  # fmt: skip

    def _departments(self, complaints: list[dict[str, Any]]) -> None:
        rows = []
        for row in complaints:
            if row["several_departments"]:
                other = self.random.choice([code for code in self.departments if code != row["department"]])
                rows.append(child(row["name"], rules.COMPLAINT, "other_departments", 1, department=other))
        insert("Dispute Department", rows, f"{self.today} 08:00:00.000000")

    def _circulate(self, complaints: list[dict[str, Any]]) -> None:
        rows = []
        people = {
            user: frappe.db.get_value("Practitioner", {"user": user}, ["practitioner_name", "department"])
            for user in READERS
        }
        for number, row in enumerate(complaints):
            if not row["taken_at"] or number % 5:
                continue
            reader = self.random.choice(READERS)
            asked = self._later(row["taken_at"], 0.1, 0.6)
            open_yet = row["workflow_state"] == rules.HANDLING
            replied = None if open_yet else self._later(asked, 0.4, 2.5)
            rows.append({
                "name": f"{row['name']}-C1", "creation": asked, "modified": replied or asked, "reference_doctype": rules.COMPLAINT,
                "reference_name": row["name"], "reader": reader, "reader_name": people[reader][0], "department": people[reader][1],
                "status": "Replied" if replied else "Open", "asked_by": row["handler"], "asked_at": asked, "answer_by": None,
                "replied_at": replied, "question": self.random.choice(words.QUESTIONS),
                "reply": self.random.choice(words.REPLIES) if replied else None, "evidence": None,
            })  # fmt: skip
        insert(rules.CIRCULATION, rows, f"{self.today} 08:00:00.000000")

    def _record(self, complaints: list[dict[str, Any]], disputes: list[dict[str, Any]]) -> None:
        rows: list[dict[str, Any]] = []
        for doctype, cases, every, kinds in (
            (rules.COMPLAINT, complaints, 4, (rules.MEDIATION, rules.MATERIALS, rules.IRRATIONAL, rules.FOLLOW_UP)),
            (rules.DISPUTE, disputes, 1, (rules.MEDIATION, rules.MATERIALS, rules.APPRAISAL, rules.CONCILIATION, rules.SEALING, rules.FOLLOW_UP)),
        ):  # fmt: skip
            for number, row in enumerate(cases):
                if not row["taken_at"] or number % every:
                    continue
                for kind in self.random.sample(
                    kinds, 1 if doctype == rules.COMPLAINT else self.random.randint(2, 4)
                ):
                    rows.append(self._one_record(doctype, row, kind))
        rows.sort(key=lambda row: row["creation"])
        last: dict[int, int] = {}
        for row in rows:
            year = row["creation"].year
            last[year] = last.get(year, 0) + 1
            row["name"] = f"DR-{year}-{last[year]:05d}"
        insert(rules.RECORD, rows, f"{self.today} 08:00:00.000000")
        for year, number in last.items():
            continue_series(f"DR-{year}-", number)

    def _one_record(self, doctype: str, row: dict[str, Any], kind: str) -> dict[str, Any]:
        at = self._later(row["taken_at"], 0.3, 20)
        done = bool(row["closed_at"])
        return {
            "name": "", "creation": at, "modified": at, "owner": DESK, "reference_doctype": doctype, "reference_name": row["name"],
            "kind": kind, "happened_at": at, "place": "医患沟通室", "recorder": row["handler"], "content": words.RECORDS[kind],
            "participants": f"患方：{row['complainant']}；院方：医患关系办公室、{self.random.choice(('科主任', '主管医师', '护士长'))}",
            "behaviour": f"IRRATIONAL_BEHAVIOUR-0{self.random.randint(3, 6)}" if kind == rules.IRRATIONAL else None,
            "appraisal_kind": "APPRAISAL_KIND-01" if kind == rules.APPRAISAL else None,
            "opinion_on": at.date() if kind == rules.APPRAISAL and done else None,
            "sealed_what": "住院病历复制件一套" if kind == rules.SEALING else None, "copies": 2 if kind == rules.SEALING else 0,
            "pages": self.random.randint(60, 300) if kind == rules.SEALING else 0, "void": 0,
            "satisfaction": "Satisfied" if kind == rules.FOLLOW_UP else "",
        }  # fmt: skip
