"""What other systems and the face ask about privileges, and how the office changes them.

The catalogue, the yearly re-evaluation, acts without a privilege and suspensions have doors of their own:
`catalogue.api`, `reevaluation.api`, `acts` and `suspensions` beside this module.
"""

from datetime import datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import add_days, cint, get_datetime, get_system_timezone, now_datetime

from medaffairs.organization.rules import RuleError
from medaffairs.privileging import ledger, questions, rules, unauthorized
from medaffairs.privileging.index import current_index, known_then

CHECKERS = ("Integration", "Medical Affairs Manager", "Medical Affairs Officer", "Auditor", "System Manager")
MOST_GRANTS_AT_ONCE = 1000
MOST_EMERGENCY_HOURS = 72


def _may_ask_about(practitioner: str) -> None:
    """Everybody may ask about himself, the named roles about anybody.

    :raises frappe.PermissionError: otherwise
    """
    if set(frappe.get_roles()) & set(CHECKERS):
        return
    if frappe.db.get_value("Practitioner", practitioner, "user") != frappe.session.user:
        frappe.throw(frappe._("You may only ask about your own privileges"), frappe.PermissionError)


def _zone() -> ZoneInfo:
    return ZoneInfo(get_system_timezone())


def _moment(value: str | None, field: str) -> datetime | None:
    if not value:
        return None
    try:
        return questions.moment(value, _zone())
    except (ValueError, OverflowError):
        frappe.throw(frappe._("{0} is not a date and time: {1}").format(field, str(value)[:40]))


def _answer(question: questions.Question, index: rules.GrantIndex) -> dict[str, Any]:
    _may_ask_about(question.practitioner)
    if question.as_of:
        index = known_then(question.practitioner, question.as_of)
    decision = rules.decide(index, question.practitioner, question.kind, question.code, question.at)
    if question.record and not decision.allowed:
        unauthorized.record_denial(
            question.practitioner, question.kind, question.code, decision, question.at,
            department=question.department or None, source_system=question.source or None,
            was_emergency=question.emergency,
        )  # fmt: skip
    return decision.as_dict(frappe._)


def _refuse(broken: RuleError) -> NoReturn:
    if isinstance(broken, questions.RowError):
        inner = frappe._(broken.broken.message).format(*broken.broken.arguments)
        frappe.throw(frappe._(broken.message).format(broken.row, inner))
    frappe.throw(frappe._(broken.message).format(*broken.arguments))


@frappe.whitelist(methods=["GET", "POST"])
def check(
    practitioner: str,
    kind: str,
    code: str,
    at: str | None = None,
    as_of: str | None = None,
    record: int = 0,
    emergency: int = 0,
    department: str | None = None,
    source: str | None = None,
) -> dict[str, Any]:
    """May this practitioner do this? (医疗机构手术分级管理办法; 处方管理办法; 抗菌药物临床应用管理办法)

    :param at: the moment of the act, now by default; ISO 8601, in the hospital's time zone unless it names its own
    :param as_of: what was on record at that moment, everything by default
    :param record: 1 makes a refusal an `Unauthorized Act`
    :param source: the system in which the act is to happen
    :returns: allowed, reason, message, grant, valid_to, version
    """
    asked = {"practitioner": practitioner, "kind": kind, "code": code, "at": at, "as_of": as_of,
             "record": record, "emergency": emergency, "department": department, "source": source}  # fmt: skip
    try:
        question = questions.parse(asked, now_datetime(), _zone())
    except RuleError as broken:
        _refuse(broken)
    return _answer(question, current_index())


@frappe.whitelist(methods=["POST"])
def check_many(checks: str | list[dict]) -> list[dict[str, Any]]:
    """Several questions at once, at most 1000; answers in their order. Fields are those of `check`."""
    try:
        asked = questions.parse_all(frappe.parse_json(checks), now_datetime(), _zone())
    except RuleError as broken:
        _refuse(broken)
    index = current_index()
    return [_answer(question, index) for question in asked]


@frappe.whitelist(methods=["GET"])
def grants_of(
    practitioner: str, at: str | None = None, as_of: str | None = None, kind: str | None = None
) -> list[dict[str, Any]]:
    """The privileges of a practitioner with what is true of each: now, at another moment, or as known on a day.

    :param at: the moment asked about, now by default
    :param as_of: what was on record at that moment, everything by default; what was granted later is left out
    :returns: the grants' fields with `allowed` and `message` (of the code) and `state` (of the grant itself:
        GRANTED, NOT_YET_VALID, EXPIRED, REVOKED or SUSPENDED)
    """
    moment, recorded = _moment(at, "at") or now_datetime(), _moment(as_of, "as_of")
    rows = frappe.get_list(
        "Privilege Grant",
        filters={"practitioner": practitioner} | ({"kind": kind} if kind else {}),
        fields=[
            "name",
            "kind",
            "code",
            "item_name",
            "level",
            "grant_type",
            "valid_from",
            "valid_to",
            "status",
            "source_application",
            "reason",
            "revoke_reason",
        ],
        order_by="kind, code",
        limit_page_length=0,
    )
    index = known_then(practitioner, recorded) if recorded else current_index()
    known = []
    for row in rows:
        row.state = index.state_of(practitioner, row.kind, row.code, row.name, moment)
        if row.state is None:
            continue
        decision = rules.decide(index, practitioner, row.kind, row.code, moment)
        row.allowed, row.message = decision.allowed, decision.describe(frappe._)
        known.append(row)
    return known


@frappe.whitelist(methods=["GET"])
def grant_history(grant: str) -> list[dict[str, Any]]:
    """What happened to a privilege, in the order in which it was recorded."""
    frappe.get_doc("Privilege Grant", grant).check_permission("read")
    return frappe.get_all(
        "Privilege Event",
        filters={"grant": grant},
        fields=["sequence", "event_type", "effective_from", "effective_to", "recorded_at", "actor", "reason"],
        order_by="sequence",
    )


@frappe.whitelist(methods=["GET"])
def expiring(days: int = 60) -> list[dict[str, Any]]:
    """Privileges that end within some days, as far as the user may see them; the first hundred."""
    if not frappe.has_permission("Privilege Grant", "read"):
        return []
    return frappe.get_list(
        "Privilege Grant",
        filters={
            "status": "Active",
            "valid_to": ("between", [now_datetime(), add_days(now_datetime(), min(days, 366))]),
        },
        fields=["name", "practitioner", "practitioner_name", "item_name", "level", "valid_to"],
        order_by="valid_to",
        limit_page_length=100,
    )


def _office() -> None:
    """Only the medical-affairs office changes privileges.

    :raises frappe.PermissionError: for anybody else
    """
    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)


def _reason(text: str) -> str:
    """The words of a reason: a text, or the name of a dictionary item of the list of reasons.

    :raises frappe.ValidationError: without one
    """
    if not (text or "").strip():
        frappe.throw(frappe._("Please give the reason"))
    return frappe.db.get_value("Dictionary Item", text, "item_name") or text.strip()


def _not_for_oneself(practitioner: str) -> None:
    """Nobody gives himself a privilege.

    :raises frappe.PermissionError: when the person is the user
    """
    user = frappe.db.get_value("Practitioner", practitioner, "user")
    if user and user == frappe.session.user:
        frappe.throw(frappe._("Nobody grants a privilege to himself"), frappe.PermissionError)


@frappe.whitelist(methods=["POST"])
def revoke(grant: str, reason: str, at: str | None = None) -> dict[str, Any]:
    """Takes a privilege back; for the medical-affairs office.

    :param reason: a text or a `Dictionary Item` of REVOKE_REASON
    :param at: from when on, now by default
    :returns: name, status, valid_to of the grant
    """
    _office()
    frappe.get_doc("Privilege Grant", grant).check_permission("read")
    ledger.revoke(grant, _reason(reason), _moment(at, "at"))
    return _shown(grant)


@frappe.whitelist(methods=["POST"])
def revoke_many(grants: list, reason: str, at: str | None = None) -> dict[str, Any]:
    """Takes several privileges back at once, all or none; for the medical-affairs office.

    :returns: revoked: how many
    """
    _office()
    if not grants or len(grants) > MOST_GRANTS_AT_ONCE:
        frappe.throw(frappe._("Please choose between 1 and {0} items").format(MOST_GRANTS_AT_ONCE))
    words, moment = _reason(reason), _moment(at, "at")
    for name in dict.fromkeys(str(name) for name in grants):
        frappe.get_doc("Privilege Grant", name).check_permission("read")
        ledger.revoke(name, words, moment)
    return {"revoked": len(set(grants))}


@frappe.whitelist(methods=["POST"])
def extend(grant: str, valid_to: str, reason: str) -> dict[str, Any]:
    """Moves the end of a privilege that still holds to a later day; for the medical-affairs office.

    :param valid_to: the new end, later than the present one and than now
    :returns: name, status, valid_to of the grant
    """
    _office()
    doc = frappe.get_doc("Privilege Grant", grant)
    doc.check_permission("read")
    _not_for_oneself(doc.practitioner)
    end, words = _moment(valid_to, "valid_to"), _reason(reason)
    if end is None or end <= now_datetime():
        frappe.throw(frappe._("The new end must lie in the future"))
    if doc.grant_type == "Emergency":
        frappe.throw(frappe._("An emergency privilege cannot be extended; it has to be applied for"))
    if not doc.valid_to or end <= get_datetime(doc.valid_to):
        frappe.throw(frappe._("The new end must be later than the present one"))
    ledger.extend(grant, end, words)
    return _shown(grant)


def _shown(grant: str) -> dict[str, Any]:
    return frappe.db.get_value("Privilege Grant", grant, ["name", "status", "valid_to"], as_dict=True)


@frappe.whitelist(methods=["POST"])
def grant_emergency(
    practitioner: str, kind: str, code: str, reason: str, hours: int | None = None
) -> dict[str, Any]:
    """A privilege for an emergency that ends by itself; for the medical-affairs office.

    Approval is made up for afterwards (医疗机构手术分级管理办法; 抗菌药物临床应用管理办法第28条: 24 hours).

    :param hours: at most 72; what the settings say by default
    :returns: name, status, valid_to of the grant
    """
    _office()
    _not_for_oneself(practitioner)
    lasts = cint(hours) or cint(
        frappe.db.get_single_value("Medical Affairs Settings", "emergency_grant_hours")
    )
    if not 1 <= lasts <= MOST_EMERGENCY_HOURS:
        frappe.throw(
            frappe._("An emergency privilege lasts between 1 and {0} hours").format(MOST_EMERGENCY_HOURS)
        )
    start = now_datetime()
    end = frappe.utils.add_to_date(start, hours=lasts)
    return _shown(_grant(practitioner, kind, code, start, end, "Emergency", reason))


@frappe.whitelist(methods=["POST"])
def grant_temporary(
    practitioner: str, kind: str, code: str, valid_to: str, reason: str, valid_from: str | None = None
) -> dict[str, Any]:
    """A privilege for a time, for visiting experts and further training; for the medical-affairs office.

    :param valid_to: at most a year after the beginning
    :returns: name, status, valid_to of the grant
    """
    _office()
    _not_for_oneself(practitioner)
    start, end = _moment(valid_from, "valid_from") or now_datetime(), _moment(valid_to, "valid_to")
    if end is None or end > frappe.utils.add_to_date(start, years=1):
        frappe.throw(frappe._("A temporary privilege ends within a year"))
    return _shown(_grant(practitioner, kind, code, start, end, "Temporary", reason))


def _grant(
    practitioner: str, kind: str, code: str, start: datetime, end: datetime, grant_type: str, reason: str
) -> str:
    words = _reason(reason)
    item_type = frappe.db.get_value("Privilege Kind", kind, "item_doctype")
    if not item_type:
        frappe.throw(frappe._("There is no kind of privilege {0}").format(kind))
    level = frappe.db.get_value(item_type, code, "hospital_level" if item_type == "Procedure" else "grade")
    return ledger.grant(
        practitioner,
        kind,
        code,
        valid_from=start,
        valid_to=end,
        grant_type=grant_type,
        reason=words,
        level=level,
    )
