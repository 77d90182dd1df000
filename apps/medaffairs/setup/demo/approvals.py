"""Applications at every step of their way, moved there by the engine as their people would."""

from random import Random

import frappe

from medaffairs.approval import api
from medaffairs.privileging import eligibility_facts, sheets
from medaffairs.setup.demo.accounts import COMMITTEE, DOMAIN

APPLICATION = "Privilege Application"
PHARMACY = "3002"
TO_BRANCH = (("zhuren", "Approve"),)
TO_OFFICE = (*TO_BRANCH, ("shuji", "Approve"))
TO_VOTE = (*TO_OFFICE, ("ganshi", "Approve"))
TO_PHARMACY = (("zhuren", "Approve"),)
DRUG_TO_OFFICE = (*TO_PHARMACY, ("yaoxue", "Approve"))

# (applicant, kind, number of items, steps, votes of the committee: For, Against or how many have voted)
STORIES = [
    ("yishi", "SURGERY", 3, (), None),
    ("zuzhang", "SURGERY", 2, (), None),
    ("yishi", "SURGERY", 2, TO_BRANCH, None),
    ("zuzhang", "SURGERY", 4, TO_BRANCH, None),
    ("yishi", "SURGERY", 2, TO_OFFICE, None),
    ("zuzhang", "SURGERY", 3, TO_OFFICE, None),
    ("yishi", "SURGERY", 2, TO_VOTE, ("For", 3)),
    ("zuzhang", "SURGERY", 3, TO_VOTE, None),
    ("yishi", "SURGERY", 2, TO_VOTE, ("For", 99)),
    ("zuzhang", "SURGERY", 1, TO_VOTE, ("Against", 99)),
    ("yishi", "SURGERY", 1, (("zhuren", "Reject"),), None),
    ("zuzhang", "SURGERY", 2, (("zhuren", "Draft"),), None),
    ("yishi", "ANTITUMOUR", 1, TO_PHARMACY, None),
    ("zuzhang", "ANTITUMOUR", 1, DRUG_TO_OFFICE, None),
    ("yishi", "PRESCRIPTION", 1, TO_OFFICE[:1], None),
    ("zuzhang", "PRESCRIPTION", 1, (*TO_BRANCH, ("ganshi", "Approve")), None),
]
OPINIONS = ("同意", "同意，注意随访", "经科室讨论，同意申请", "材料齐全，同意")


def make_applications(random: Random) -> int:
    """Write the stories; returns how many applications there are."""
    frappe.db.set_value("Privilege Kind", "SURGERY", "committee", COMMITTEE)
    frappe.db.set_single_value("Medical Affairs Settings", "pharmacy_department", PHARMACY)
    for applicant in dict.fromkeys(story[0] for story in STORIES):
        _pass_exams(applicant)
    made = 0
    try:
        for applicant, kind, count, steps, votes in STORIES:
            made += _tell(random, applicant, kind, count, steps, votes)
    finally:
        frappe.set_user("Administrator")
    return made


def _pass_exams(applicant: str) -> None:
    """The applicants of the stories have passed what their kinds of privilege ask for."""
    practitioner = frappe.db.get_value("Practitioner", {"user": f"{applicant}@{DOMAIN}"})
    for kind in frappe.get_all("Privilege Kind", pluck="name", order_by="name"):
        if eligibility_facts.exam_behind(practitioner, kind):
            continue
        exam = eligibility_facts.needs_of(kind).exam
        if exam:
            frappe.get_doc(
                doctype="Exam Result", practitioner=practitioner, exam=exam, score=92, pass_score=80,
                exam_date=frappe.utils.add_days(None, -30), valid_to=frappe.utils.add_days(None, 700),
            ).insert(ignore_permissions=True)  # fmt: skip


def _tell(random: Random, applicant: str, kind: str, count: int, steps: tuple, votes: tuple | None) -> int:
    codes = _eligible(random, applicant, kind, count)
    if not codes:
        return 0
    _become(applicant)
    name = sheets.apply(kind=kind, codes=codes, reason="已完成规定例数并通过考核，申请独立开展")["name"]
    for account, action in steps:
        _become(account)
        if action == "Draft":
            api.return_to(APPLICATION, name, action, "请补充近一年手术例数证明")
        else:
            api.act(APPLICATION, name, action, random.choice(OPINIONS) if action == "Approve" else "例数不足")
    if votes:
        _vote(name, *votes)
    return 1


def _eligible(random: Random, applicant: str, kind: str, count: int) -> list[str]:
    """Items that the applicant lacks, is entitled to and has not applied for."""
    practitioner = frappe.db.get_value("Practitioner", {"user": f"{applicant}@{DOMAIN}"})
    taken = set(
        frappe.get_all("Privilege Grant", filters={"practitioner": practitioner, "kind": kind}, pluck="code")
    )
    applied = frappe.get_all(APPLICATION, filters={"practitioner": practitioner}, pluck="name")
    if applied:
        taken.update(
            frappe.get_all("Privilege Application Item", filters={"parent": ("in", applied)}, pluck="code")
        )
    if kind == "SURGERY":
        filters = {"hospital_level": "2", "procedure_code": ("like", "5%")}
        codes = frappe.get_all("Procedure", filters=filters, pluck="name", order_by="name")
    else:
        codes = frappe.get_all("Drug Privilege", filters={"kind": kind}, pluck="name", order_by="name")
    free = [code for code in codes if code not in taken]
    sample = random.sample(free, min(len(free), count * 4))
    verdicts = eligibility_facts.judge(practitioner, kind, sample)
    return [code for code in sample if verdicts[code].eligible][:count]


def _vote(name: str, choice: str, most: int) -> None:
    """As many members as `most` says vote the same way on every item."""
    frappe.set_user("Administrator")
    ballot = frappe.get_doc("Ballot", frappe.db.get_value(APPLICATION, name, "ballot"))
    keys = [row.item_key for row in ballot.items]
    for seat in [row for row in ballot.voters if row.user and not row.recused][:most]:
        frappe.set_user(seat.user)
        if frappe.db.get_value("Ballot", ballot.name, "status") == "Open":
            api.vote(ballot.name, [{"item_key": key, "vote": choice} for key in keys])


def _become(account: str) -> None:
    frappe.set_user(f"{account}@{DOMAIN}")
