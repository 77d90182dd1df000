"""One account per role, each linked to a practitioner where the role belongs to one. Password: demo."""

import frappe
from frappe.utils.password import update_password

from medaffairs.setup.demo.people import Person

PASSWORD = "demo"  # noqa: S105 - what the demo is entered with
DOMAIN = "demo.hospital"
COMMITTEE = "手术分级授权管理委员会"

# (account, role in Chinese, roles, department, post, what to try)
ACCOUNTS = [
    ("yiwu", "医务部管理员", ["Medical Affairs Manager"], "4001", "", "审批申请、发起表决、暂停与取消授权"),
    ("ganshi", "医务部干事", ["Medical Affairs Officer"], "4001", "", "受理申请、维护目录与人员档案"),
    ("zhuren", "科室主任", ["Department Head", "Practitioner"], "1001", "head", "科室审核，查看本科人员档案"),
    (
        "shuji",
        "党支部书记",
        ["Party Branch Secretary", "Practitioner"],
        "1001",
        "party_secretary",
        "党支部审核",
    ),
    ("zuzhang", "医疗组长", ["Team Leader", "Practitioner"], "1001", "leader", "查看本科手术与授权"),
    ("yishi", "医师", ["Practitioner"], "1001", "applicant", "查看缺少的条件，申请手术与处方授权"),
    ("hushi", "护士", ["Nurse"], "1001", "nurse", "查看本人档案"),
    ("yaoxue", "职能科室（药学）", ["Functional Department"], "3002", "", "审核抗菌药物、抗肿瘤药物授权"),
    ("weiyuan", "委员", ["Committee Member", "Practitioner"], "", "member", "对授权申请投票"),
    ("ducha", "督查专家", ["Inspector"], "4001", "", "查看督查相关页面"),
    ("fangshe", "放射防护管理员", ["Radiation Safety Officer"], "2008", "", "查看放射相关页面"),
    ("kaoshi", "考试管理员", ["Exam Administrator"], "4001", "", "登记与导入考试成绩"),
    ("tousu", "投诉接待", ["Complaint Officer"], "4006", "", "查看投诉相关页面"),
    ("yuanling", "院领导", ["Hospital Leader"], "", "", "查看统计与全院授权"),
    ("shenji", "审计员", ["Auditor"], "4007", "", "查询访问日志，验证哈希链"),
    ("jicheng", "集成", ["Integration"], "", "", "接口账号，查看消息与回执"),
]


def make_accounts(people: list[Person]) -> None:
    """Make the accounts, their links to practitioners, and accounts of the voting committee's members."""
    taken: set[str] = set()
    for account, title, roles, department, post, _hint in ACCOUNTS:
        person = _find(people, taken, department, post, roles)
        if person:
            taken.add(person.name)
        _account(account, person.full_name if person else title, roles, person)
    members = frappe.get_all(
        "Committee Member", filters={"parent": COMMITTEE}, fields=["practitioner", "user"], order_by="idx"
    )
    by_name = {person.name: person for person in people}
    for number, row in enumerate((row for row in members if row.practitioner not in taken), 2):
        person = by_name[row.practitioner]
        taken.add(person.name)
        _account(f"weiyuan{number}", person.full_name, ["Committee Member", "Practitioner"], person)
    for user, practitioner in frappe.get_all(
        "Practitioner", {"user": ("is", "set")}, ["user", "name"], as_list=True
    ):
        frappe.db.set_value(
            "Committee Member", {"practitioner": practitioner}, "user", user, update_modified=False
        )


def logins() -> list[dict]:
    """The demo accounts as rows: role in Chinese, user, password, what to try."""
    return [
        {"role": title, "user": f"{account}@{DOMAIN}", "password": PASSWORD, "hint": hint}
        for account, title, _roles, _department, _post, hint in ACCOUNTS
    ]


def _find(
    people: list[Person], taken: set[str], department: str, post: str, roles: list[str]
) -> Person | None:
    if post in ("head", "party_secretary"):
        name = frappe.db.get_value("Clinical Department", department, post)
        return next(p for p in people if p.name == name)
    if post == "member":
        rows = frappe.get_all("Committee Member", {"parent": COMMITTEE}, pluck="practitioner", order_by="idx")
        return next(p for p in people if p.name in rows and p.name not in taken)
    if not department:
        return None
    leaders = frappe.db.get_value("Clinical Department", department, ["head", "party_secretary"]) or ()
    profession = "Nurse" if post == "nurse" else None
    rank = {"applicant": 3, "leader": 2}.get(post)
    return next(
        (
            p
            for p in people
            if p.department == department
            and p.name not in taken
            and p.name not in leaders
            and (profession is None or p.profession == profession)
            and ("Practitioner" not in roles or p.profession == "Physician")
            and (rank is None or p.rank == rank)
        ),
        None,
    )


def _account(account: str, full_name: str, roles: list[str], person: Person | None) -> None:
    name = f"{account}@{DOMAIN}"
    user = frappe.get_doc(
        {
            "doctype": "User",
            "email": name,
            "first_name": full_name,
            "enabled": 1,
            "language": "zh",
            "time_zone": "Asia/Shanghai",
            "send_welcome_email": 0,
            "user_type": "System User",
            "roles": [{"role": role} for role in roles],
        }
    )
    user.flags.no_welcome_mail = True
    user.insert(ignore_permissions=True)
    update_password(name, PASSWORD)
    if person:
        frappe.db.set_value(
            "Practitioner",
            person.name,
            {"user": name, "employment_status": "Active"},
            update_modified=False,
        )
