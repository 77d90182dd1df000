"""The ledger of privileges: the only writer of `Privilege Event` and of the state shown on `Privilege Grant`.

Every change is an event with two times: when it takes effect, and when it was recorded. Events get their sequence
under a row lock that is held until the transaction ends, so that the sequence increases in the order of commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import frappe
from frappe.model.naming import getseries
from frappe.utils import get_datetime, now_datetime

from medaffairs.privileging import rules
from medaffairs.privileging.index import current_index, mark_own_event

COUNTER = "PRIVILEGE-EVENT-"
BULK_COLUMNS = (
    "name", "sequence", "event_type", "grant", "practitioner", "kind", "code", "effective_from", "effective_to",
    "recorded_at", "actor", "reason", "creation", "modified", "owner", "modified_by", "docstatus", "idx",
)  # fmt: skip
GRANT_COLUMNS = (
    "name", "practitioner", "practitioner_name", "department", "kind", "code", "item_name", "level", "status",
    "grant_type", "valid_from", "valid_to", "source_item", "granted_by", "reason", "creation", "modified", "owner",
    "modified_by", "docstatus", "idx",
)  # fmt: skip


def reserve(count: int = 1) -> int:
    """The first of `count` sequence numbers; the lock lasts until the transaction ends."""
    first = int(getseries(COUNTER, 1))
    if count > 1:
        series = frappe.qb.DocType("Series")
        frappe.qb.update(series).set(series.current, first + count - 1).where(series.name == COUNTER).run()
    mark_own_event(first)
    return first


def record(event_type: str, **values: Any) -> int:
    """Writes one event; its sequence."""
    sequence = reserve()
    event = frappe.get_doc(
        doctype="Privilege Event",
        event_type=event_type,
        sequence=sequence,
        recorded_at=now_datetime(),
        actor=frappe.session.user,
        **values,
    )
    event.flags.from_ledger = True
    event.insert(ignore_permissions=True)
    return sequence


def name_of_item(kind: str, code: str) -> str | None:
    """What the catalogue of a kind calls a code; None for a kind or a code that it does not have."""
    item_type = frappe.db.get_value("Privilege Kind", kind, "item_doctype")
    title = "procedure_name" if item_type == "Procedure" else "privilege_name"
    return frappe.db.get_value(item_type, code, title) if item_type else None


def grant(
    practitioner: str,
    kind: str,
    code: str,
    *,
    valid_from: datetime | str | None = None,
    valid_to: datetime | str | None = None,
    grant_type: str = "Regular",
    level: str | None = None,
    source_application: str | None = None,
    source_key: str | None = None,
    reason: str | None = None,
) -> str:
    """Grants a privilege; the name of the grant. The same `source_key` grants once only.

    :param source_key: what the grant comes from (application and item); repeating it returns the first grant
    :raises frappe.ValidationError: when the end is not after the beginning, for an unknown person, kind or code
    """
    if source_key:
        known = frappe.db.get_value("Privilege Grant", {"source_item": source_key})
        if known:
            return known
    start = get_datetime(valid_from) if valid_from else now_datetime()
    end = get_datetime(valid_to) if valid_to else None
    if end and end <= start:
        frappe.throw(frappe._("The privilege must end after it begins"))
    person = frappe.db.get_value(
        "Practitioner", practitioner, ["practitioner_name", "department"], as_dict=True
    )
    if not person:
        frappe.throw(frappe._("There is no practitioner {0}").format(practitioner))
    item_name = name_of_item(kind, code)
    if not item_name:
        frappe.throw(frappe._("{0} is not in the catalogue").format(code))
    doc = frappe.get_doc(
        doctype="Privilege Grant",
        practitioner=practitioner,
        practitioner_name=person.practitioner_name,
        department=person.department,
        kind=kind,
        code=code,
        item_name=item_name,
        level=level,
        status="Active",
        grant_type=grant_type,
        valid_from=start,
        valid_to=end,
        source_application=source_application,
        source_item=source_key,
        granted_by=frappe.session.user,
        reason=reason,
    )
    doc.flags.from_ledger = True
    doc.insert(ignore_permissions=True)
    record(
        rules.EVENT_GRANT, grant=doc.name, practitioner=practitioner, kind=kind, code=code, effective_from=start,
        effective_to=end, reason=reason,
    )  # fmt: skip
    return doc.name


def revoke(name: str, reason: str, at: datetime | str | None = None) -> None:
    """Takes a privilege back from a moment on, now by default.

    :raises frappe.ValidationError: without a reason, or when it is revoked already
    """
    if not (reason or "").strip():
        frappe.throw(frappe._("Please give the reason for revoking"))
    held = _for_update(name)
    if held.status == "Revoked":
        frappe.throw(frappe._("This privilege was revoked before"))
    _revoke(name, held, reason, get_datetime(at) if at else now_datetime())
    refresh_status(held.practitioner)


def revoke_all(practitioner: str, reason: str) -> int:
    """Takes back every privilege of a person that is not taken back yet, now; how many."""
    names = frappe.get_all(
        "Privilege Grant",
        filters={"practitioner": practitioner, "status": ("in", ("Active", "Suspended"))},
        pluck="name",
        order_by="name",
    )
    for name in names:
        _revoke(name, _for_update(name), reason, now_datetime())
    if names:
        refresh_status(practitioner)
    return len(names)


def _revoke(name: str, held: Any, reason: str, moment: datetime) -> None:
    record(
        rules.EVENT_REVOKE, grant=name, practitioner=held.practitioner, kind=held.kind, code=held.code,
        effective_from=moment, reason=reason,
    )  # fmt: skip
    # The state follows the clock: what is revoked from next month on is still held today.
    frappe.db.set_value("Privilege Grant", name, "revoke_reason", reason)


def extend(name: str, valid_to: datetime | str | None, reason: str = "") -> None:
    """Moves the end of a privilege that still holds.

    :raises frappe.ValidationError: for a revoked or expired one (its gap would be filled afterwards), or when the
        new end is not after the beginning
    """
    held = _for_update(name)
    if held.status == "Revoked" or held.revoke_reason:
        frappe.throw(frappe._("A revoked privilege cannot be extended"))
    if held.valid_to and get_datetime(held.valid_to) <= now_datetime():
        frappe.throw(frappe._("An expired privilege cannot be extended; it has to be applied for anew"))
    end = get_datetime(valid_to) if valid_to else None
    if end and end <= get_datetime(held.valid_from):
        frappe.throw(frappe._("The privilege must end after it begins"))
    record(
        rules.EVENT_EXTEND, grant=name, practitioner=held.practitioner, kind=held.kind, code=held.code,
        effective_from=held.valid_from, effective_to=end, reason=reason,
    )  # fmt: skip
    frappe.db.set_value("Privilege Grant", name, {"valid_to": end, "expiry_told_on": None})
    refresh_status(held.practitioner)


def extend_many(names: Sequence[str], valid_to: datetime, reason: str) -> int:
    """Moves the end of many privileges that still hold, past their documents and with one event each; how many.

    Those that are over, taken back or end later anyway are passed over. What holds is shown as before.
    """
    moment, user, changed = now_datetime(), frappe.session.user, 0
    grant_table = frappe.qb.DocType("Privilege Grant")
    for start in range(0, len(names), 500):
        rows = [
            row
            for row in frappe.get_all(
                "Privilege Grant",
                filters={
                    "name": ("in", names[start : start + 500]),
                    "status": ("in", ("Active", "Suspended")),
                },
                fields=["name", "practitioner", "kind", "code", "valid_from", "valid_to", "revoke_reason"],
            )
            if not row.revoke_reason and row.valid_to and moment < get_datetime(row.valid_to) < valid_to
        ]
        if not rows:
            continue
        first = reserve(len(rows))
        events = [
            (
                f"PE{first + offset:010d}", first + offset, rules.EVENT_EXTEND, row.name, row.practitioner, row.kind, row.code,
                row.valid_from, valid_to, moment, user, reason, moment, moment, user, user, 0, 0,
            )
            for offset, row in enumerate(rows)
        ]  # fmt: skip
        frappe.db.bulk_insert("Privilege Event", list(BULK_COLUMNS), events)
        chosen = grant_table.name.isin([row.name for row in rows])
        frappe.qb.update(grant_table).set(grant_table.valid_to, valid_to).set(
            grant_table.expiry_told_on, None
        ).where(chosen).run()
        changed += len(rows)
    return changed


def suspend(suspension: Any) -> None:
    """Records a suspension: all privileges of a person, those of one kind or a single one rest for a period and
    come back by themselves. Recording it again replaces its period."""
    record(rules.EVENT_SUSPEND, effective_from=suspension.from_time, effective_to=suspension.to_time,
           **_scope_of(suspension))  # fmt: skip
    refresh_status(suspension.practitioner)


def resume(suspension: Any, at: datetime | str | None = None) -> None:
    """Ends a suspension early."""
    record(
        rules.EVENT_RESUME, effective_from=get_datetime(at) if at else now_datetime(), **_scope_of(suspension)
    )
    refresh_status(suspension.practitioner)


def _scope_of(suspension: Any) -> dict[str, Any]:
    scope = {
        "practitioner": suspension.practitioner,
        "kind": suspension.kind or "",
        "suspension": suspension.name,
    }
    if suspension.get("grant"):
        held = frappe.db.get_value("Privilege Grant", suspension.grant, ["kind", "code"], as_dict=True)
        scope |= {"grant": suspension.grant, "kind": held.kind, "code": held.code}
    return scope | {"reason": suspension.remark or suspension.reason}


STATES = {
    rules.GRANTED: "Active", rules.NOT_YET_VALID: "Active", rules.SUSPENDED: "Suspended", rules.EXPIRED: "Expired",
    rules.REVOKED: "Revoked",
}  # fmt: skip


def refresh_status(practitioner: str | None = None, names: Sequence[str] = ()) -> int:
    """Shows on grants what is true now: expired, resting, revoked or active again; how many changed.

    Decisions never read this: it is for lists and people. Without a person or names it looks at all that are not over.
    """
    index, moment, stale = current_index(), now_datetime(), {}
    filters: dict[str, Any] = {"practitioner": practitioner} if practitioner else {}
    if names:
        filters["name"] = ("in", list(names))
    elif not practitioner:
        filters["status"] = ("in", ("Active", "Suspended"))
    for row in frappe.get_all(
        "Privilege Grant", filters=filters, fields=["name", "practitioner", "kind", "code", "status"]
    ):
        status = STATES.get(index.state_of(row.practitioner, row.kind, row.code, row.name, moment) or "")
        if status and status != row.status:
            stale.setdefault(status, []).append(row.name)
    grant_table = frappe.qb.DocType("Privilege Grant")
    for status, batch in stale.items():
        for start in range(0, len(batch), 500):
            chosen = grant_table.name.isin(batch[start : start + 500])
            frappe.qb.update(grant_table).set(grant_table.status, status).where(chosen).run()
    return sum(len(batch) for batch in stale.values())


def bulk_grant(rows: Iterable[dict[str, Any]]) -> int:
    """Grants many privileges past their documents, with one event each; how many.

    :param rows: practitioner, practitioner_name, kind, code, item_name, level, valid_from, valid_to,
        recorded_at and, if known, reason, grant_type, source_item
    """
    batch = list(rows)
    if not batch:
        return 0
    first = reserve(len(batch))
    start = int(getseries("PG-", 7)) if len(batch) == 1 else _reserve_names(len(batch))
    user, grants, events = frappe.session.user, [], []
    for offset, row in enumerate(batch):
        name, moment = f"PG-{start + offset:07d}", row["recorded_at"]
        grants.append(_grant_row(name, row, user))
        events.append(
            (
                f"PE{first + offset:010d}", first + offset, rules.EVENT_GRANT, name, row["practitioner"], row["kind"],
                row["code"], row["valid_from"], row["valid_to"], moment, user, row.get("reason"), moment, moment, user,
                user, 0, 0,
            )
        )  # fmt: skip
    frappe.db.bulk_insert("Privilege Grant", list(GRANT_COLUMNS), grants)
    frappe.db.bulk_insert("Privilege Event", list(BULK_COLUMNS), events)
    return len(batch)


def _grant_row(name: str, row: dict[str, Any], user: str) -> Sequence[Any]:
    moment = row["recorded_at"]
    return (
        name, row["practitioner"], row["practitioner_name"], row.get("department"), row["kind"], row["code"], row["item_name"],
        row["level"], row.get("status", "Active"), row.get("grant_type", "Regular"), row["valid_from"], row["valid_to"],
        row.get("source_item"), user, row.get("reason"), moment, moment, user, user, 0, 0,
    )  # fmt: skip


def _reserve_names(count: int) -> int:
    first = int(getseries("PG-", 7))
    series = frappe.qb.DocType("Series")
    frappe.qb.update(series).set(series.current, first + count - 1).where(series.name == "PG-").run()
    return first


def _for_update(name: str) -> Any:
    held = frappe.db.get_value(
        "Privilege Grant",
        name,
        ["practitioner", "kind", "code", "status", "valid_from", "valid_to", "revoke_reason"],
        as_dict=True,
        for_update=True,
    )
    if not held:
        frappe.throw(frappe._("There is no privilege {0}").format(name), frappe.DoesNotExistError)
    return held
