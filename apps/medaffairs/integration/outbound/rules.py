"""Rules of outbound delivery: what changed, what an answer means, when to try again. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from medaffairs.privileging import rules as privileges

QUEUED, SENT, RETRYING, ACKNOWLEDGED, DEAD = "Queued", "Sent", "Retrying", "Acknowledged", "Dead"
OPEN = (QUEUED, SENT, RETRYING)

APPLICATION, COMMIT, BOTH = "Application", "Commit", "Commit and Application"
# MSH-15 and MSH-16 for each way of acknowledging; both empty is the original mode.
ACKNOWLEDGEMENT_TYPES = {APPLICATION: ("", ""), COMMIT: ("AL", "NE"), BOTH: ("AL", "AL")}

BEGIN, RESUME, EXPIRE, SUSPEND, REVOKE = "Begin", "Resume", "Expire", "Suspend", "Revoke"
EXTEND, GRANT = "Extend", "Grant"

INSTANT = timedelta(microseconds=1)
STALLED_SECONDS = 30

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9]+)?\Z")


class Held(NamedTuple):
    """What is true of one item of a person at a moment: allowed or not, by which grant, from when to when."""

    kind: str
    code: str
    allowed: bool
    reason: str
    grant: str
    start: datetime
    end: datetime
    since: datetime

    @property
    def expires(self) -> datetime | None:
        """The end of the grant, None when it has none."""
        return None if self.end == privileges.FOREVER else self.end


Holdings = dict[tuple[str, str], Held]


class Change(NamedTuple):
    """What one message reports: items that are permitted from now on, or items that are no longer."""

    granted: bool
    event: str
    items: tuple[Held, ...]


def holdings(index: privileges.GrantIndex, practitioner: str, at: datetime) -> Holdings:
    """Everything that is known of a person's items at a moment."""
    known: Holdings = {}
    for kind, code, entry in index.grants_of(practitioner):
        decision = privileges.decide(index, practitioner, kind, code, at)
        start, end = _bounds(entry, decision)
        known[kind, code] = Held(
            kind, code, decision.allowed, decision.reason, decision.grant, start, end, decision.start
        )
    return known


def _bounds(entry: privileges.Entry, decision: privileges.Decision) -> tuple[datetime, datetime]:
    """Beginning and end of the grant behind a decision; suspensions do not shorten it."""
    if isinstance(entry, privileges.Timeline):
        for record in entry.records:
            if record.grant == decision.grant:
                return record.start, record.last
    return entry.start, entry.end  # type: ignore[union-attr]


def by_clock(index: privileges.GrantIndex, practitioner: str, moment: datetime) -> list[Change]:
    """What the clock alone changed for a person at a moment when something begins or ends."""
    return changes_by_time(
        holdings(index, practitioner, moment - INSTANT), holdings(index, practitioner, moment)
    )


def by_event(index: privileges.GrantIndex, event: privileges.Event, now: datetime) -> list[Change]:
    """Applies an event of the ledger and says what it changed for its person, as of now."""
    before = holdings(index, event.practitioner, now)
    index.apply(event)
    return changes_by_event(before, holdings(index, event.practitioner, now), event.event_type, event.grant)


def takes_effect(event: privileges.Event, change: Change, now: datetime) -> datetime:
    """When a change that an event brought takes effect.

    An extension carries the beginning of its grant, a suspension that is cut short its own beginning: both
    take effect when they are recorded.
    """
    if event.event_type == EXTEND or (event.event_type == SUSPEND and change.granted):
        return event.recorded_at or now
    return event.effective_from


def changes_by_event(before: Holdings, after: Holdings, event_type: str, grant: str) -> list[Change]:
    """What an event of the ledger changed for a receiver.

    A grant that does not permit anything yet (it begins later, or rests) changes nothing now: its beginning does.
    A revoked grant is reported even when it rested, since it will not come back.
    """
    granted, withdrawn = [], []
    for key, now in after.items():
        then = before.get(key)
        was = bool(then and then.allowed)
        own = event_type in (GRANT, EXTEND, REVOKE) and (
            now.grant == grant or bool(then and then.grant == grant)
        )
        if now.allowed and (not was or (own and (now.grant, now.end) != (then.grant, then.end))):  # type: ignore[union-attr]
            granted.append(now)
        elif not now.allowed and (was or (own and event_type == REVOKE and now.reason == privileges.REVOKED)):
            withdrawn.append(now)
    # Withdrawals first: a receiver that sees only the first message errs on the safe side.
    found = (
        [Change(False, _withdrawal(event_type, withdrawn[0].reason), tuple(withdrawn))] if withdrawn else []
    )
    return [*found, Change(True, _permission(event_type), tuple(granted))] if granted else found


def _permission(event_type: str) -> str:
    """What a permission is called that an event brought: a suspension that is cut short is a return."""
    return {SUSPEND: RESUME, REVOKE: GRANT}.get(event_type, event_type)


def _withdrawal(event_type: str, reason: str) -> str:
    """What a withdrawal is called that an event brought."""
    if event_type == RESUME:
        return SUSPEND
    return EXPIRE if event_type in (GRANT, EXTEND) and reason == privileges.EXPIRED else event_type


def changes_by_time(before: Holdings, after: Holdings) -> list[Change]:
    """What the clock alone changed: a suspension began or ended, a grant began or expired."""
    by_event: dict[str, tuple[list[Held], list[Held]]] = {}
    for key, now in after.items():
        then = before.get(key)
        was = bool(then and then.allowed)
        if now.allowed == was:
            continue
        if now.allowed:
            event = RESUME if then and then.reason == privileges.SUSPENDED else BEGIN
        else:
            event = {privileges.SUSPENDED: SUSPEND, privileges.REVOKED: REVOKE}.get(now.reason, EXPIRE)
        by_event.setdefault(event, ([], []))[0 if now.allowed else 1].append(now)
    found = []
    for event, (granted, withdrawn) in by_event.items():
        found += [Change(False, event, tuple(withdrawn))] if withdrawn else []
        found += [Change(True, event, tuple(granted))] if granted else []
    return found


def only_kinds(change: Change, kinds: Iterable[str]) -> Change | None:
    """The part of a change that a system subscribes to, None when there is none. No kinds: all."""
    wanted = set(kinds)
    items = tuple(item for item in change.items if not wanted or item.kind in wanted)
    return change._replace(items=items) if items else None


class Answer(NamedTuple):
    """What came back for a message, as far as delivery is concerned: MSA-1, MSA-2 and the reason in words."""

    code: str
    control_id: str
    text: str = ""


class Outcome(NamedTuple):
    """What becomes of a delivery after an attempt. `hang_up`: the connection must not be used any more.

    `reason` is an English sentence with places for `arguments`; whoever writes it down translates it.
    """

    status: str
    code: str = ""
    reason: str = ""
    arguments: tuple[object, ...] = ()
    hang_up: bool = False


def judge(answer: Answer, control_id: str, committed: bool, mode: str) -> Outcome | None:
    """What an answer means; None: safely stored, and the application's answer is still to come.

    :param committed: whether a CA for this message was received before
    :param mode: which answer the receiver was asked for
    """
    code = answer.code
    if answer.control_id != control_id:
        reason = "The answer is not about our message: MSA-2 is {0}"
        return Outcome(RETRYING, code, reason, (answer.control_id[:40] or "—",), hang_up=True)
    if code == "CA" and mode == BOTH and not committed:
        return None
    if code in ("AA", "CA"):
        return Outcome(ACKNOWLEDGED, code)
    if code in ("AE", "CE"):
        return Outcome(RETRYING, code, "The system reports an error: {0}", (answer.text or code,))
    if code in ("AR", "CR"):
        return Outcome(DEAD, code, "The system refuses the message: {0}", (answer.text or code,))
    return Outcome(RETRYING, code[:10], "MSA-1 of the answer is unknown: {0}", (code[:10],), hang_up=True)


def retry_delay(attempts: int, first: float, longest: float) -> float:
    """Seconds until the next attempt: doubled each time, never more than `longest`."""
    first, longest = max(first, 0.0), max(longest, first, 0.0)
    # Beyond some doublings the bound is reached anyway; the power would only become unwieldy.
    return min(first * 2 ** min(max(attempts, 1) - 1, 30), longest)


def state_of(
    *,
    enabled: bool,
    paused: bool,
    head: Mapping[str, object] | None,
    now: datetime,
    queued_at: datetime | None,
) -> str:
    """The state of a destination in one word, for the monitor.

    :param head: status and attempts of the oldest open delivery, None when nothing waits
    :param queued_at: when that delivery was queued
    """
    if not enabled:
        return "Disabled"
    if paused:
        return "Paused"
    if not head:
        return "Idle"
    if head["status"] == RETRYING:
        return "Retrying"
    waited = (now - queued_at).total_seconds() if queued_at else 0
    if head["status"] == QUEUED and waited > STALLED_SECONDS:
        return "Not Running"
    return "Sending"


def endpoint_faults(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong with a destination's settings: (field, sentence), the sentences in English."""
    faults = []
    host, port = str(values.get("host") or ""), int(values.get("port") or 0)  # type: ignore[call-overload]
    must_connect = values.get("direction") == "Outbound" and values.get("enabled")
    if host and not (_HOST.match(host) or _IPV6.match(host)):
        faults.append(("host", "This is not a host name or IP address"))
    if must_connect and not host:
        faults.append(("host", "A host is needed to send messages"))
    if (must_connect or port) and not 1 <= port <= 65535:
        faults.append(("port", "A port is a number between 1 and 65535"))
    for field, least, most in (
        ("ack_timeout", 1, 600), ("retry_seconds", 1, 3600), ("retry_limit_seconds", 1, 86400),
    ):  # fmt: skip
        if not least <= int(values.get(field) or 0) <= most:  # type: ignore[call-overload]
            faults.append((field, "The number of seconds is out of range"))
    return faults
