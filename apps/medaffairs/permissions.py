"""Which rows of a restricted DocType each role sees: one table, and the two hooks generated from it.

Frappe's role permissions say which roles may read, write or create a DocType at all. This table says
which of its rows. A role that the table does not name for a DocType sees none of them, so that a System
Manager configures without reading the records. `query_conditions` answers for lists, reports, counts,
exports and link searches, `has_permission` for one document; both walk the same rules.

A role's scope counts for an action only when the role itself is permitted that action: a head of
department who is also a practitioner reads his department's applications, but edits only his own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import frappe

ALL = "all"
DEPARTMENT = "own department"
OWN = "own"
NAMED = "all that are not secret"
REFERRED = "those of records that the reader may open"

READ_FAMILY = frozenset({"read", "select", "print", "email", "export", "report", "share"})


@dataclass(frozen=True)
class RowRule:
    """How the rows of one DocType belong to people, and which of them each role sees.

    `practitioner`, `department` and `user` name the fields that tie a row to its person and department
    ("name" for the document itself), `department` and `user` several of them with commas between; `member` is
    (child DocType, its practitioner field, the field of this DocType that holds the child's parent); `holder` is
    (DocType, its field with a user, its field with this row) where the row itself must not tell whose it is; `joined` is
    (child DocType, its department field) for departments beside the row's own; `reference` is (DocType field, name
    field, the restricted DocTypes it may point to); `secret` is (link field, DocType, check field) and decides what `NAMED`
    means; with `follows` a row may be read and written exactly where the record that it points to may be. What a `guarded`
    row says of a `CONFIDENTIAL` document is seen by those alone who see the document. `shared` is (DocType that points to the
    rows which people are given to read, its user field).
    """

    scopes: Mapping[str, str]
    practitioner: str = ""
    department: str = ""
    user: str = ""
    member: tuple[str, str, str] | None = None
    holder: tuple[str, str, str] | None = None
    joined: tuple[str, str] | None = None
    reference: tuple[str, str, tuple[str, ...]] | None = None
    secret: tuple[str, str, str] | None = None
    follows: bool = False
    guarded: bool = False
    shared: tuple[str, str] | None = None


@dataclass(frozen=True)
class Reader:
    """Who asks: his user, his practitioner's name and the departments he works in or leads."""

    user: str
    practitioner: str | None = None
    departments: tuple[str, ...] = field(default=())


OFFICE = {"Medical Affairs Manager": ALL, "Medical Affairs Officer": ALL}
OVERSIGHT = {"Hospital Leader": ALL, "Auditor": ALL}
LEADERS = {"Department Head": DEPARTMENT, "Party Branch Secretary": DEPARTMENT}
PERSONS = {"Practitioner": OWN, "Nurse": OWN}
# Every role of a person who works in the system, but the manager's.
EVERYBODY = (
    "Medical Affairs Officer",
    "Department Head",
    "Party Branch Secretary",
    "Team Leader",
    "Practitioner",
    "Nurse",
    "Functional Department",
    "Committee Member",
    "Hospital Leader",
    "Complaint Officer",
    "Inspector",
    "Exam Administrator",
    "Radiation Safety Officer",
)

# Records that forms are filled in for.
FORM_SUBJECTS = ("Improvement Action", "Adverse Event Report")
# Documents that are known to exist only to those who may read them.
CASES = ("Dispute Warning", "Medical Complaint", "Medical Dispute", "Insurance Claim")
CONFIDENTIAL: tuple[str, ...] = (*CASES, "Dispute Record", "Dispute Circulation")
# Cases are given to people to read: they read, and write nothing.
CIRCULATED = ("Dispute Circulation", "reader")
HANDLERS = dict.fromkeys(("Medical Affairs Manager", "Complaint Officer", "Hospital Leader"), ALL)
# What limits run for, the approvals aside.
CLOCKED = ("Improvement Action", "Demerit Record", "Adverse Event Report", *CONFIDENTIAL)

RULES: dict[str, RowRule] = {
    "Practitioner": RowRule(
        OFFICE
        | OVERSIGHT
        | LEADERS
        | PERSONS
        | {
            "System Manager": ALL,
            "Functional Department": ALL,
            "Exam Administrator": ALL,
            "Integration": ALL,
            "Team Leader": DEPARTMENT,
            "Committee Member": OWN,
            "Complaint Officer": ALL,
        },
        practitioner="name",
        department="department",
        user="user",
    ),
    "Exam Result": RowRule(
        OFFICE
        | OVERSIGHT
        | LEADERS
        | PERSONS
        | {
            "Exam Administrator": ALL,
            "Functional Department": ALL,
            "Integration": ALL,
            "Team Leader": DEPARTMENT,
            "Committee Member": OWN,
        },
        practitioner="practitioner",
    ),
    "Privilege Application": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": ALL, "Committee Member": OWN},
        practitioner="practitioner",
        department="department",
        member=("Ballot Voter", "practitioner", "ballot"),
    ),
    "Privilege Grant": RowRule(
        OFFICE
        | OVERSIGHT
        | LEADERS
        | PERSONS
        | {"Functional Department": ALL, "Integration": ALL, "Team Leader": DEPARTMENT},
        practitioner="practitioner",
    ),
    "Privilege Event": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": ALL, "Integration": ALL},
        practitioner="practitioner",
    ),
    "Privilege Suspension": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": ALL}, practitioner="practitioner"
    ),
    "Privilege Reevaluation": RowRule(OFFICE | OVERSIGHT | LEADERS, department="department"),
    "Unauthorized Act": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": ALL},
        practitioner="practitioner",
        department="department",
    ),
    "Ballot": RowRule(
        OFFICE | OVERSIGHT | {"Committee Member": OWN, "Practitioner": OWN},
        member=("Ballot Voter", "practitioner", "name"),
    ),
    "Ballot Vote": RowRule(
        {
            "Medical Affairs Manager": NAMED,
            "Auditor": NAMED,
            "Committee Member": OWN,
            "Practitioner": OWN,
        },
        practitioner="voter",
        secret=("ballot", "Ballot", "secret"),
    ),
    "Approval Opinion": RowRule(
        OFFICE
        | OVERSIGHT
        | LEADERS
        | PERSONS
        | {"Functional Department": ALL, "Committee Member": OWN, "Complaint Officer": OWN},
        user="actor",
        reference=("reference_doctype", "reference_name", ("Privilege Application", "Ballot", *CASES)),
        guarded=True,
    ),
    "Approval Delegation": RowRule(
        OFFICE
        | {"Auditor": ALL}
        | dict.fromkeys(
            (
                "Department Head",
                "Party Branch Secretary",
                "Functional Department",
                "Committee Member",
                "Hospital Leader",
                "Practitioner",
            ),
            OWN,
        ),
        user="from_user,to_user",
    ),
    "HL7 Message": RowRule({"Integration": ALL, "Medical Affairs Manager": ALL, "Auditor": ALL}),
    "HL7 Delivery": RowRule(
        {"Integration": ALL, "Medical Affairs Manager": ALL, "Medical Affairs Officer": ALL, "Auditor": ALL}
    ),
    "Patient Index": RowRule(
        OFFICE | {"Auditor": ALL, "Integration": ALL, "Complaint Officer": ALL}, member=None
    ),
    "Hospital Stay": RowRule(
        OFFICE
        | {"Auditor": ALL, "Integration": ALL, "Complaint Officer": ALL, "Department Head": DEPARTMENT},
        department="department",
    ),
    "Operation Record": RowRule(
        OFFICE
        | {
            "Auditor": ALL,
            "Integration": ALL,
            "Department Head": DEPARTMENT,
            "Team Leader": DEPARTMENT,
            "Practitioner": OWN,
        },
        practitioner="surgeon",
        department="department",
    ),
    "Medication Order": RowRule(
        OFFICE
        | {
            "Auditor": ALL,
            "Integration": ALL,
            "Department Head": DEPARTMENT,
            "Practitioner": OWN,
            "Functional Department": ALL,
        },
        practitioner="prescriber",
        department="department",
    ),
    "Improvement Action": RowRule(
        OFFICE
        | OVERSIGHT
        | LEADERS
        | PERSONS
        | {"Team Leader": DEPARTMENT}
        | dict.fromkeys(("Functional Department", "Inspector", "Complaint Officer"), OWN),
        practitioner="responsible",
        department="department",
        user="owner,inspector",
    ),
    "Demerit Record": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": OWN},
        practitioner="practitioner",
        department="department",
        user="owner",
    ),
    "Penalty": RowRule(
        OFFICE | OVERSIGHT | LEADERS | PERSONS | {"Functional Department": OWN},
        practitioner="practitioner",
        department="department",
    ),
    "Adverse Event Report": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | OFFICE | OVERSIGHT | LEADERS | {"Functional Department": DEPARTMENT},
        department="department,managing_department",
        user="owner",
        holder=("Event Reporter", "reporter", "report"),
        joined=("Adverse Event Joint Handling", "department"),
    ),
    # Whose name stands behind a report with protected identity: the named role, and himself.
    "Event Reporter": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | {"Medical Affairs Manager": ALL}, user="reporter"
    ),
    "Dispute Warning": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | HANDLERS | LEADERS | {"Team Leader": DEPARTMENT},
        department="department",
        user="owner,handler",
        shared=CIRCULATED,
    ),
    "Medical Complaint": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | HANDLERS, user="owner,handler", shared=CIRCULATED
    ),
    "Medical Dispute": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | HANDLERS, user="owner,handler", shared=CIRCULATED
    ),
    "Insurance Claim": RowRule(
        dict.fromkeys(EVERYBODY, OWN) | HANDLERS, user="owner,handler", shared=CIRCULATED
    ),
    "Dispute Record": RowRule(
        dict.fromkeys(("Medical Affairs Manager", *EVERYBODY), REFERRED),
        reference=("reference_doctype", "reference_name", CASES),
        follows=True,
    ),
    "Dispute Circulation": RowRule(dict.fromkeys(EVERYBODY, OWN) | HANDLERS, user="reader,asked_by"),
    "Complaint Notice": RowRule(
        HANDLERS | {"Medical Affairs Officer": OWN, "Functional Department": OWN}, user="owner,issued_by"
    ),
    "Outbound Message": RowRule(
        {"Medical Affairs Manager": ALL, "Auditor": ALL} | dict.fromkeys(EVERYBODY, OWN), user="recipient"
    ),
    "Message Preference": RowRule(
        {"Medical Affairs Manager": ALL} | dict.fromkeys(EVERYBODY, OWN), user="user"
    ),
    "Form Response": RowRule(
        dict.fromkeys(("Medical Affairs Manager", "Auditor", *EVERYBODY), REFERRED),
        reference=("reference_doctype", "reference_name", FORM_SUBJECTS),
        follows=True,
    ),
    # Views that are shared come through `face.listing.views`, which asks for the reader's roles.
    "Saved View": RowRule(
        {"Medical Affairs Manager": ALL}
        | dict.fromkeys((*EVERYBODY, "System Manager", "Auditor", "Integration"), OWN),
        user="owner",
    ),
    # Boards that are shared come through `face.boards`, which asks for the reader's roles.
    "Board": RowRule(
        {"Medical Affairs Manager": ALL}
        | dict.fromkeys((*EVERYBODY, "System Manager", "Auditor", "Integration"), OWN),
        user="owner",
    ),
    "Deadline": RowRule(
        {"Medical Affairs Manager": ALL, "Auditor": ALL} | dict.fromkeys(EVERYBODY, OWN),
        reference=("reference_doctype", "reference_name", CLOCKED),
        guarded=True,
    ),
    "Data Access Log": RowRule({"Auditor": ALL}),
    "Audit Seal": RowRule({"Auditor": ALL}),
}

query_condition_hooks = {
    **dict.fromkeys(RULES, "medaffairs.permissions.query_conditions"),
    "File": "medaffairs.doors.visible_files",
}
has_permission_hooks = dict.fromkeys(RULES, "medaffairs.permissions.has_permission")


def query_conditions(user: str | None = None, doctype: str | None = None) -> str:
    """The SQL condition on the rows of a restricted DocType that a user sees; empty when he sees all."""
    user = user or frappe.session.user
    rule = RULES.get(doctype or "")
    if rule is None or user == "Administrator":
        return ""
    return _condition(doctype, rule, reader(user), _scopes(doctype, rule, user, "read"))


def has_permission(doc, ptype: str | None = "read", user: str | None = None) -> bool:
    """Whether a user may do `ptype` to this document, as far as rows are concerned.

    A form that asks for all rights at once names none: whoever may read the row then gets what his roles give.
    """
    user, ptype = user or frappe.session.user, ptype or "read"
    rule = RULES.get(doc.doctype)
    if rule is None or user == "Administrator":
        return True
    scopes = _scopes(doc.doctype, rule, user, ptype)
    if doc.get("__islocal") and scopes and not _ties(rule, doc):
        return True
    return _matches(doc.doctype, rule, doc, reader(user), scopes, ptype)


def reader(user: str) -> Reader:
    """Who a user is: his practitioner, and the departments he works in or leads with all below them."""
    known = getattr(frappe.local, "medaffairs_readers", None)
    if known is None:
        known = frappe.local.medaffairs_readers = {}
    if user not in known:
        known[user] = _read_reader(user)
    return known[user]


def forget_scopes() -> None:
    """Read practitioners and departments anew: called when one of them changes."""
    frappe.local.medaffairs_readers = {}


def _read_reader(user: str) -> Reader:
    person = frappe.db.get_value("Practitioner", {"user": user}, ["name", "department"], as_dict=True)
    if not person:
        return Reader(user)
    led = frappe.get_all(
        "Clinical Department",
        or_filters=[
            ["name", "=", person.department],
            ["head", "=", person.name],
            ["party_secretary", "=", person.name],
        ],
        fields=["name", "is_group", "lft", "rgt"],
    )
    departments = {row.name for row in led}
    for row in led:
        if row.is_group:
            below = frappe.get_all(
                "Clinical Department", filters={"lft": (">", row.lft), "rgt": ("<", row.rgt)}, pluck="name"
            )
            departments.update(below)
    return Reader(user, person.name, tuple(sorted(departments)))


def _scopes(doctype: str, rule: RowRule, user: str, ptype: str) -> set[str]:
    """The scopes of those of the user's roles that are permitted the action on the DocType."""
    action = "read" if ptype in READ_FAMILY else ptype
    roles = set(frappe.get_roles(user)) & rule.scopes.keys()
    if not roles:
        return set()
    permitted = {
        entry.role
        for entry in frappe.get_meta(doctype).permissions
        if not entry.permlevel and entry.get(action) and entry.role in roles
    }
    return {rule.scopes[role] for role in permitted}


def _condition(doctype: str, rule: RowRule, who: Reader, scopes: set[str]) -> str:
    if ALL in scopes:
        return _unguarded(doctype, rule, who)
    parts = []
    if NAMED in scopes:
        parts.append(_not_secret(doctype, rule))
    if scopes & {OWN, DEPARTMENT}:
        parts += _own(doctype, rule, who)
    if DEPARTMENT in scopes and who.departments:
        parts += _department(doctype, rule, who)
    if scopes and rule.reference:
        parts += _referenced(doctype, rule, who)
    return f"({' or '.join(parts)})" if parts else "1=0"


# Identifiers below come from RULES, never from a request; every value passes through `frappe.db.escape`.


def _column(doctype: str, fieldname: str) -> str:
    return f"`tab{doctype}`.`{fieldname}`"


def _quote(value: str) -> str:
    return frappe.db.escape(value, percent=False)


def _list(values) -> str:
    return ", ".join(_quote(value) for value in values)


def _own(doctype: str, rule: RowRule, who: Reader) -> list[str]:
    parts = [f"{_column(doctype, name)} = {_quote(who.user)}" for name in rule.user.split(",") if name]
    if rule.shared:
        given, reader_field = rule.shared
        parts.append(
            f"{_column(doctype, 'name')} in (select `reference_name` from `tab{given}` where `reference_doctype` = "  # noqa: S608
            f"{_quote(doctype)} and `{reader_field}` = {_quote(who.user)} and `status` != 'Withdrawn')"
        )
    if who.practitioner and rule.practitioner:
        parts.append(f"{_column(doctype, rule.practitioner)} = {_quote(who.practitioner)}")
    if who.practitioner and rule.member:
        child, person, key = rule.member
        parts.append(
            f"{_column(doctype, key)} in (select `parent` from `tab{child}` "  # noqa: S608
            f"where `{person}` = {_quote(who.practitioner)})"
        )
    if rule.holder:
        doctype_of, user, row = rule.holder
        parts.append(
            f"{_column(doctype, 'name')} in (select `{row}` from `tab{doctype_of}` "  # noqa: S608
            f"where `{user}` = {_quote(who.user)})"
        )
    return parts


def _department(doctype: str, rule: RowRule, who: Reader) -> list[str]:
    if rule.department:
        fields = rule.department.split(",")
        parts = [f"{_column(doctype, name)} in ({_list(who.departments)})" for name in fields]
        if rule.joined:
            child, field = rule.joined
            parts.append(
                f"{_column(doctype, 'name')} in (select `parent` from `tab{child}` "  # noqa: S608
                f"where `{field}` in ({_list(who.departments)}))"
            )
        return parts
    if rule.practitioner:
        return [
            f"{_column(doctype, rule.practitioner)} in (select `name` from `tabPractitioner` "  # noqa: S608
            f"where `department` in ({_list(who.departments)}))"
        ]
    return []


def _not_secret(doctype: str, rule: RowRule) -> str:
    link, target, check = rule.secret
    return f"{_column(doctype, link)} in (select `name` from `tab{target}` where `{check}` = 0)"  # noqa: S608


def _unguarded(doctype: str, rule: RowRule, who: Reader) -> str:
    """The condition on all rows, but those about confidential documents that the user does not see."""
    if not rule.guarded or not CONFIDENTIAL:
        return ""
    type_field = rule.reference[0]
    hidden = [f"ifnull({_column(doctype, type_field)}, '') not in ({_list(CONFIDENTIAL)})"]
    targets = tuple(target for target in rule.reference[2] if target in CONFIDENTIAL)
    seen = _referenced(doctype, replace(rule, reference=(*rule.reference[:2], targets)), who)
    return f"({' or '.join(hidden + seen)})"


def _referenced(doctype: str, rule: RowRule, who: Reader) -> list[str]:
    type_field, name_field, targets = rule.reference
    parts = []
    for target in targets:
        condition = query_conditions(who.user, target)
        where = f" where {condition}" if condition else ""
        rows = f"select `name` from `tab{target}`{where}"  # noqa: S608
        parts.append(
            f"({_column(doctype, type_field)} = {_quote(target)} and {_column(doctype, name_field)} in ({rows}))"
        )
    return parts


def _ties(rule: RowRule, doc) -> bool:
    """Whether a document that is being made already says whose it is."""
    names = [rule.practitioner, *rule.department.split(","), *rule.user.split(",")]
    return any(doc.get(name) for name in names if name and name != "name")


def _matches(doctype: str, rule: RowRule, doc, who: Reader, scopes: set[str], ptype: str) -> bool:
    if ALL in scopes:
        hidden = rule.guarded and doc.get(rule.reference[0]) in CONFIDENTIAL
        return not hidden or _reference_matches(rule, doc, who, ptype)
    if NAMED in scopes and _is_named(rule, doc):
        return True
    if scopes & {OWN, DEPARTMENT} and _is_own(rule, doc, who):
        return True
    if scopes & {OWN, DEPARTMENT} and ptype in READ_FAMILY and _is_shared(rule, doc, who):
        return True
    if DEPARTMENT in scopes and _in_department(rule, doc, who):
        return True
    return bool(scopes and rule.reference and _reference_matches(rule, doc, who, ptype))


def _is_named(rule: RowRule, doc) -> bool:
    link, target, check = rule.secret
    return frappe.db.get_value(target, doc.get(link), check) == 0


def _is_own(rule: RowRule, doc, who: Reader) -> bool:
    if any(doc.get(name) == who.user for name in rule.user.split(",") if name):
        return True
    if rule.holder and _holds(rule, doc, who):
        return True
    if not who.practitioner:
        return False
    if rule.practitioner and doc.get(rule.practitioner) == who.practitioner:
        return True
    if not rule.member:
        return False
    child, person, key = rule.member
    parent = doc.get(key)
    return bool(parent and frappe.db.exists(child, {"parent": parent, person: who.practitioner}))


def _holds(rule: RowRule, doc, who: Reader) -> bool:
    holder, user, row = rule.holder
    return bool(doc.name and frappe.db.exists(holder, {row: doc.name, user: who.user}))


def _is_shared(rule: RowRule, doc, who: Reader) -> bool:
    if not rule.shared:
        return False
    given, reader_field = rule.shared
    row = {"reference_doctype": doc.doctype, "reference_name": doc.name, reader_field: who.user}
    return bool(frappe.db.exists(given, row | {"status": ("!=", "Withdrawn")}))


def _in_department(rule: RowRule, doc, who: Reader) -> bool:
    if rule.department:
        if any(doc.get(name) in who.departments for name in rule.department.split(",")):
            return True
        if not rule.joined or not who.departments:
            return False
        child, field = rule.joined
        return bool(
            doc.name and frappe.db.exists(child, {"parent": doc.name, field: ("in", list(who.departments))})
        )
    person = doc.get(rule.practitioner) if rule.practitioner else None
    return bool(person and frappe.db.get_value("Practitioner", person, "department") in who.departments)


def _reference_matches(rule: RowRule, doc, who: Reader, ptype: str) -> bool:
    type_field, name_field, targets = rule.reference
    target, name = doc.get(type_field), doc.get(name_field)
    if target not in targets or not name or not frappe.db.exists(target, name):
        return False
    referred = frappe.get_doc(target, name)
    if rule.follows:
        right = "read" if ptype in READ_FAMILY else "write"
        return bool(frappe.has_permission(target, right, doc=referred, user=who.user))
    return has_permission(referred, "read", who.user)
