"""Demerits, penalties and improvement actions in every state, moved there by the people concerned."""

from datetime import date, timedelta
from random import Random
from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.demerit import penalties, rules, steps
from medaffairs.improvement import steps as improvement
from medaffairs.setup.demo.accounts import DOMAIN

RECORDS = 60
RECORD, PENALTY = "Demerit Record", "Penalty"
NOBODY = "Administrator"
# A way that leads through the person needs his account; the notices of others are confirmed when their time is over.
WITH_ACCOUNT = ("yishi", "zuzhang", "hushi", "weiyuan2", "weiyuan3", "weiyuan4")
FACTS = (
    "日常质控检查发现，已与当事人核对病历原始记录。",
    "处方点评发现，药学部已两次书面提醒。",
    "运行病历抽查发现，科室质控员签字确认。",
    "夜间行政总值班巡查发现，现场有影像记录。",
    "患者投诉后调查属实，已向患者致歉。",
)
APPEALS = (
    "当时正在抢救危重患者，次晨已补齐记录。",
    "该病历由进修人员书写，本人当日休假。",
    "处方已与药师电话确认，有通话记录。",
)
OPINIONS = ("情况属实，维持记分。", "抢救属实，但补记超过六小时，维持记分。")
DISMISSALS = ("经复核，当事人当日不在岗，予以撤回。", "抢救记录已在时限内补记，予以撤回。")
# (steps of a record, how many of every 20)
WAYS = (
    ((), 2),
    (("Issue Notice",), 3),
    (("Issue Notice", "Accept"), 2),
    (("Issue Notice", "Confirm"), 5),
    (("Issue Notice", "Appeal"), 2),
    (("Issue Notice", "Appeal", "Uphold"), 2),
    (("Issue Notice", "Appeal", "Dismiss"), 2),
    (("Issue Notice", "Accept", "Overturn"), 1),
    (("Issue Notice", "Dismiss"), 1),
)
DECIDERS = {"Uphold": "ganshi", "Dismiss": "ganshi", "Overturn": "yiwu"}

# (problem, standard, priority, days until due, steps)
ACTIONS = (
    ("手术安全核查表麻醉实施前漏签", "抽查20份核查表，三方签字完整率100%", "High", 14, ()),
    ("四级手术术前多学科讨论记录缺失", "当月四级手术讨论记录完整率100%", "High", 7, ("Start",)),
    ("危急值处置记录超过30分钟", "危急值30分钟内处置率≥95%", "High", 3, ("Start", "Log")),
    ("病案首页主要诊断选择错误偏高", "首页主要诊断正确率≥90%", "Normal", 21, ("Start", "Log", "Log")),
    ("抗菌药物预防使用超过24小时", "Ⅰ类切口预防用药24小时停药率≥90%", "Normal", 10, ("Hand In",)),
    ("交接班记录无床旁交接内容", "连续两周抽查无缺项", "Normal", 5, ("Start", "Hand In", "Send Back")),
    ("输血知情同意书填写不全", "抽查30份填写完整率100%", "High", 12, ("Start", "Log", "Hand In", "Pass")),
    ("会诊超时未完成", "急会诊10分钟到位率100%", "Normal", 9, ("Hand In", "Send Back", "Hand In", "Pass")),
    ("死亡病例讨论超过一周", "讨论时限符合率100%", "Normal", 6, ("Hand In", "Pass")),
    ("科室应急演练台账不全", "每季度一次，台账齐全", "Normal", 30, ("Call Off",)),
)
PROGRESS = "已组织科内培训并修订核对流程，责任到医疗组。"
SAID = {
    "Hand In": "已按整改措施完成，附自查记录。",
    "Pass": "现场复查合格。",
    "Send Back": "抽查仍有两份缺项，请继续整改。",
    "Call Off": "与另一整改任务合并办理。",
}


def make_demerits(random: Random, today: date) -> int:
    """Write the records and lead them on; returns how many there are."""
    people = [_person(account) for account in WITH_ACCOUNT]
    others = [frappe._dict(user="", name=name) for name in _without_account(random)]
    version = frappe.db.get_value("Negative List Version", {"status": "In Force"})
    items = frappe.get_all(
        "Negative List Item", filters={"version": version, "disabled": 0}, fields=["name", "points"], order_by="name"
    )  # fmt: skip
    light, grave = ([row for row in items if row.points in points] for points in ((1, 2), (4, 6)))
    ways = [way for way, share in WAYS for _ in range(share)]
    try:
        for number in range(RECORDS):
            way = ways[number % len(ways)]
            by_time = "Confirm" in way
            person = random.choice(others if by_time else people)
            # A few grave offences, so that a single offence has its penalty too.
            item = random.choice(grave if by_time and number % 7 == 0 else light)
            _lead(random, _record(random, person, item, today), way)
        _follow_penalties()
    finally:
        frappe.set_user(NOBODY)
    return RECORDS


def _person(account: str) -> Any:
    user = f"{account}@{DOMAIN}"
    return frappe._dict(user=user, name=frappe.db.get_value("Practitioner", {"user": user}))


def _without_account(random: Random) -> list[str]:
    names = frappe.get_all(
        "Practitioner",
        filters={"user": ("is", "not set"), "employment_status": "Active", "profession": "Physician"},
        pluck="name",
        order_by="name",
    )
    return random.sample(names, 12)


def _record(random: Random, person: Any, item: Any, today: date) -> Any:
    frappe.set_user(f"yaoxue@{DOMAIN}")
    first = max(date(today.year, 1, 1), today - timedelta(days=150))
    day = first + timedelta(days=random.randint(0, (today - first).days))
    doc = frappe.get_doc(
        doctype=RECORD, practitioner=person.name, item=item.name, points=item.points, occurred_on=day,
        description=random.choice(FACTS), responsible_department="3002",
    ).insert()  # fmt: skip
    return frappe._dict(name=doc.name, user=person.user)


def _lead(random: Random, record: Any, way: tuple[str, ...]) -> None:
    for action in way:
        own = record.user if action in steps.OWN else f"{DECIDERS.get(action, 'yaoxue')}@{DOMAIN}"
        recorder = action == "Dismiss" and "Appeal" not in way
        frappe.set_user(f"yaoxue@{DOMAIN}" if recorder else own)
        if action == "Confirm":
            over = frappe.utils.add_days(frappe.utils.now_datetime(), -1)
            frappe.db.set_value(RECORD, record.name, "appeal_until", over, update_modified=False)
        said = {"Appeal": APPEALS, "Uphold": OPINIONS, "Dismiss": DISMISSALS, "Overturn": DISMISSALS}.get(
            action
        )
        steps.take(record.name, action, random.choice(said) if said else "")


def _follow_penalties() -> None:
    """Of those without a suspension some are issued, ended or handled otherwise: nobody's privileges rest by them."""
    frappe.set_user(f"ganshi@{DOMAIN}")
    resting = frappe.get_all("Penalty Rule", filters={"suspend_days": (">", 0)}, pluck="name")
    waiting = frappe.get_all(
        PENALTY, filters={"status": rules.NOT_ISSUED}, fields=["name", "rule"], order_by="name"
    )
    for number, row in enumerate(waiting):
        if row.rule in resting:
            if number % 2:
                penalties.handle_otherwise(row.name, "本人已脱产培训并考核合格，改为科内通报。")
            continue
        if number % 4 == 0:
            continue
        penalties.issue(row.name)
        if number % 4 == 2:
            penalties.end(row.name, "已完成谈话，谈话记录存档。")


def make_improvements(random: Random, today: date) -> int:
    """Open the actions and lead them on; some of those that are owed are late. How many there are."""
    head = frappe.db.get_value("Practitioner", {"user": f"zhuren@{DOMAIN}"}, "department")
    others = frappe.get_all(
        "Clinical Department", filters={"department_type": "Clinical", "name": ("!=", head)}, pluck="name", order_by="name"
    )  # fmt: skip
    try:
        for number, (problem, standard, priority, days, way) in enumerate(ACTIONS):
            frappe.set_user(f"ganshi@{DOMAIN}")
            # Only the department whose head has an account can work on its action here.
            department = head if way and way != ("Call Off",) else random.choice(others)
            name = improvement.open_action(
                problem, department, today + timedelta(days=days), standard=standard, priority=priority
            ).name
            _work(name, way)
            if number in (1, 3):
                late = getdate(today) - timedelta(days=2 + number)
                values = {"due_date": late, "opened_on": late - timedelta(days=20)}
                frappe.db.set_value(improvement.DOCTYPE, name, values, update_modified=False)
    finally:
        frappe.set_user(NOBODY)
    return len(ACTIONS)


def _work(name: str, way: tuple[str, ...]) -> None:
    for action in way:
        works = action in (*improvement.WORK, "Log")
        frappe.set_user(f"{'zhuren' if works else 'ganshi'}@{DOMAIN}")
        if action == "Log":
            improvement.log_progress(name, PROGRESS)
        else:
            improvement.take(name, action, SAID.get(action, ""))
