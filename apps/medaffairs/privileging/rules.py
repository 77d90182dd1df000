"""Who may do what, and when: the decision behind every door.

Events of the privilege ledger are compiled into intervals that do not overlap; a decision is then a few
dictionary look-ups and two comparisons. Nothing here reads a database or a clock: the gate, the whitelisted
`check` and the tests all use this one module.

Times are naive datetimes in the hospital's time zone. Every interval is half-open: it holds its start and
not its end, so that a privilege that ends at midnight and its successor never overlap and never leave a gap.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

GRANTED = "GRANTED"
NO_GRANT = "NO_GRANT"
NOT_YET_VALID = "NOT_YET_VALID"
EXPIRED = "EXPIRED"
REVOKED = "REVOKED"
SUSPENDED = "SUSPENDED"
UNKNOWN_PRACTITIONER = "UNKNOWN_PRACTITIONER"
UNKNOWN_CODE = "UNKNOWN_CODE"
UNKNOWN_KIND = "UNKNOWN_KIND"
UNDECIDABLE_DENIED = "UNDECIDABLE_DENIED"
UNDECIDABLE_ALLOWED = "UNDECIDABLE_ALLOWED"

ALLOWING = frozenset({GRANTED, UNDECIDABLE_ALLOWED})

EVENT_GRANT = "Grant"
EVENT_REVOKE = "Revoke"
EVENT_EXTEND = "Extend"
EVENT_SUSPEND = "Suspend"
EVENT_RESUME = "Resume"

FAIL_DENY = "Deny"
FAIL_ALLOW = "Allow and Report"

BEGINNING = datetime.min
FOREVER = datetime.max

# The words for each reason; `{since}` and `{until}` are the bounds of the answer. A reason that may lack a
# bound has a second wording without it. The sentences are sources of the app's translations.
MESSAGES: dict[str, str] = {
    GRANTED: "Authorised until {until}",
    NO_GRANT: "No privilege has been granted for this item",
    NOT_YET_VALID: "The privilege takes effect on {until}",
    EXPIRED: "The privilege expired on {since}",
    REVOKED: "The privilege was revoked on {since}",
    SUSPENDED: "The privilege is suspended until {until}",
    UNKNOWN_PRACTITIONER: "This staff number is not known",
    UNKNOWN_CODE: "This code is not in the catalogue",
    UNKNOWN_KIND: "This kind of privilege is not known",
    UNDECIDABLE_DENIED: "The privilege could not be checked: not permitted",
    UNDECIDABLE_ALLOWED: "The privilege could not be checked: permitted and reported",
}
MESSAGES_WITHOUT_BOUND: dict[str, str] = {
    GRANTED: "Authorised",
    EXPIRED: "The privilege has expired",
    REVOKED: "The privilege was revoked",
    SUSPENDED: "The privilege is suspended",
}


class Event(NamedTuple):
    """One row of the ledger, as far as decisions need it. Empty strings stand for "not given"."""

    sequence: int
    event_type: str
    grant: str
    practitioner: str
    kind: str
    code: str
    effective_from: datetime
    effective_to: datetime | None = None
    recorded_at: datetime | None = None
    suspension: str = ""


class KindSettings(NamedTuple):
    """What the hospital has set for a kind of privilege."""

    kind: str
    fail_mode: str = FAIL_DENY
    emergency_fail_mode: str = FAIL_ALLOW
    # A code and the lower grades that it includes: {"ABX_3": ("ABX_2", "ABX_1")}.
    implies: Mapping[str, tuple[str, ...]] = {}


class Decision:
    """The answer to "may this person do this at that time", and the interval for which it holds.

    `valid_to` is the first moment at which the answer changes as far as is known now (None: never): for a
    permission its end or the start of a planned suspension, for a suspension its end, for a privilege that
    has not begun its start. `version` is the sequence of the newest ledger event behind the answer.
    """

    __slots__ = ("_index", "allowed", "end", "grant", "reason", "start")

    def __init__(self, index: GrantIndex, reason: str, grant: str, start: datetime, end: datetime) -> None:
        self._index = index
        self.allowed = reason in ALLOWING
        self.reason = reason
        self.grant = grant
        self.start = start
        self.end = end

    @property
    def valid_to(self) -> datetime | None:
        """When the answer changes, or None."""
        return None if self.end == FOREVER else self.end

    @property
    def version(self) -> int:
        """The sequence of the newest event that the index has seen."""
        return self._index.version

    @property
    def message(self) -> str:
        """The reason in the words of the index's language."""
        return self.describe(self._index.translate)

    def describe(self, translate: Callable[[str], str]) -> str:
        """The reason in words; `translate` maps an English sentence to the reader's language."""
        template = MESSAGES[self.reason]
        if ("{until}" in template and self.end == FOREVER) or (
            "{since}" in template and self.start == BEGINNING
        ):
            template = MESSAGES_WITHOUT_BOUND[self.reason]
        # Minutes are what people speak of; seconds would only make the sentence harder to read.
        return translate(template).format(since=_minute(self.start), until=_minute(self.end))

    def as_dict(self, translate: Callable[[str], str] | None = None) -> dict[str, Any]:
        """The answer as every door sends it. Times are ISO 8601 without a zone."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "message": self.describe(translate or self._index.translate),
            "grant": self.grant or None,
            "valid_to": None if self.end == FOREVER else self.end.isoformat(sep=" "),
            "version": self._index.version,
        }

    def __repr__(self) -> str:
        return f"<Decision {self.reason} {self.grant} [{self.start}, {self.end})>"


class Record(NamedTuple):
    """A grant on one code with everything that its events have done to it."""

    grant: str
    start: datetime
    end: datetime
    revoked: datetime = FOREVER

    @property
    def last(self) -> datetime:
        """The end of the grant, whatever ends it."""
        return min(self.end, self.revoked)


class Suspension(NamedTuple):
    """A period in which grants rest. Empty `kind` and `grant`: every grant of the person."""

    kind: str
    grant: str
    start: datetime
    end: datetime

    def concerns(self, kind: str, grant: str) -> bool:
        """Whether a grant of that kind rests during this period."""
        return (not self.kind or self.kind == kind) and (not self.grant or self.grant == grant)


class Timeline:
    """The compiled life of one code of one person where more than one plain grant is involved."""

    __slots__ = ("decisions", "records", "starts")

    def __init__(self, records: tuple[Record, ...], decisions: list[Decision]) -> None:
        self.records = records
        self.decisions = decisions
        self.starts = [decision.start for decision in decisions]


# Most codes of most people have one grant without further events. They are kept as the ready answer alone;
# what lies before and after it is made when somebody asks. That halves the memory of a million grants.
Entry = Decision | Timeline


class GrantIndex:
    """All grants, ready to be asked. Build it from events in the order of their sequence.

    `practitioners` and `codes` (by kind) are what the hospital knows; leave them out to answer `NO_GRANT`
    where the difference between unknown and not granted does not matter.
    """

    def __init__(
        self,
        kinds: Iterable[KindSettings] = (),
        practitioners: Container[str] | None = None,
        codes: Mapping[str, Container[str]] | None = None,
        translate: Callable[[str], str] = str,
    ) -> None:
        self.kinds = {settings.kind: settings for settings in kinds}
        self.practitioners = practitioners
        self.codes = codes
        self.translate = translate
        self.version = 0
        self.entries: dict[str, dict[str, dict[str, Entry]]] = {}
        self._suspensions: dict[str, dict[str, Suspension]] = {}
        self._moments: dict[datetime, datetime] = {}
        self._borrowed: set[str] = set()

    def branch(self) -> GrantIndex:
        """An index that goes on from here by itself: nothing that it follows is seen in this one."""
        other = GrantIndex(self.kinds.values(), self.practitioners, self.codes, self.translate)
        other.version = self.version
        other.entries, other._suspensions = dict(self.entries), dict(self._suspensions)
        other._borrowed = {*self.entries, *self._suspensions}
        return other

    def load(self, events: Iterable[Event]) -> GrantIndex:
        """Apply many events and return the index itself."""
        for event in events:
            self.apply(event)
        return self

    def apply(self, event: Event) -> None:
        """Follow one event. An event that was already seen changes nothing."""
        if event.sequence <= self.version:
            return
        if event.practitioner in self._borrowed:
            self._own(event.practitioner)
        if event.event_type in (EVENT_SUSPEND, EVENT_RESUME):
            self._apply_suspension(event)
        else:
            for code in self._codes_of(event):
                self._apply_grant(event, code)
        self.version = event.sequence

    def grants_of(self, practitioner: str) -> Iterator[tuple[str, str, Entry]]:
        """Every (kind, code, compiled entry) of a person."""
        for kind, codes in self.entries.get(practitioner, {}).items():
            for code, entry in codes.items():
                yield kind, code, entry

    def state_of(self, practitioner: str, kind: str, code: str, grant: str, at: datetime) -> str | None:
        """What holds for one grant at a moment, whatever other grants say of the same code; None: not known."""
        suspensions = list(self._suspensions.get(practitioner, {}).values())
        for record in _records_of(self.entries.get(practitioner, {}).get(kind, {}).get(code)):
            if record.grant == grant:
                return _state_of(kind, record, suspensions, at)[2]
        return None

    def undecidable(self, kind: str, emergency: bool = False) -> Decision:
        """The answer when the decision cannot be made, as the hospital has chosen for this kind."""
        return self._answer(undecidable_reason(self.kinds.get(kind), emergency))

    def missing(self, practitioner: str, kind: str, code: str) -> Decision:
        """The answer where there is no entry: what exactly is missing."""
        if self.kinds and kind not in self.kinds:
            return self._answer(UNKNOWN_KIND)
        if self.practitioners is not None and practitioner not in self.practitioners:
            return self._answer(UNKNOWN_PRACTITIONER)
        if self.codes is not None and code not in self.codes.get(kind, ()):
            return self._answer(UNKNOWN_CODE)
        return self._answer(NO_GRANT)

    def beside(self, entry: Entry, at: datetime) -> Decision:
        """The answer of an entry for a moment outside its plain interval."""
        if entry.__class__ is Timeline:
            return entry.decisions[bisect_right(entry.starts, at) - 1]
        if at < entry.start:
            return Decision(self, NOT_YET_VALID, entry.grant, BEGINNING, entry.start)
        return Decision(self, EXPIRED, entry.grant, entry.end, FOREVER)

    def _own(self, practitioner: str) -> None:
        """Before a branch changes what it knows about a person, it copies that."""
        self._borrowed.discard(practitioner)
        for mine in (self.entries, self._suspensions):
            if practitioner in mine:
                mine[practitioner] = dict(mine[practitioner])
        kinds = self.entries.get(practitioner, {})
        for kind, codes in kinds.items():
            kinds[kind] = dict(codes)

    def _answer(self, reason: str) -> Decision:
        return Decision(self, reason, "", BEGINNING, FOREVER)

    def _moment(self, value: datetime | None) -> datetime:
        """One object per moment: grants of one batch share their bounds."""
        value = FOREVER if value is None else value
        return self._moments.setdefault(value, value)

    def _codes_of(self, event: Event) -> tuple[str, ...]:
        settings = self.kinds.get(event.kind)
        implied = settings.implies.get(event.code, ()) if settings else ()
        return (event.code, *implied)

    def _apply_grant(self, event: Event, code: str) -> None:
        kind = sys.intern(event.kind)
        person = self.entries.setdefault(sys.intern(event.practitioner), {})
        codes = person.setdefault(kind, {})
        records = _records_of(codes.get(code))
        records = _with_event(
            records, event, self._moment(event.effective_from), self._moment(event.effective_to)
        )
        if records:
            codes[sys.intern(code)] = self._compile(event.practitioner, kind, records)

    def _apply_suspension(self, event: Event) -> None:
        known = self._suspensions.setdefault(sys.intern(event.practitioner), {})
        before = known.get(event.suspension)
        if event.event_type == EVENT_SUSPEND:
            start, end = self._moment(event.effective_from), self._moment(event.effective_to)
            known[event.suspension] = Suspension(event.kind, event.grant, start, end)
        elif before:
            known[event.suspension] = before._replace(end=min(before.end, event.effective_from))
        # A changed suspension may have left one kind for another: both have to be compiled again.
        scope = {event.kind, before.kind if before else event.kind}
        for kind, codes in self.entries.get(event.practitioner, {}).items():
            if "" in scope or kind in scope:
                for code, entry in codes.items():
                    codes[code] = self._compile(event.practitioner, kind, _records_of(entry))

    def _compile(self, practitioner: str, kind: str, records: tuple[Record, ...]) -> Entry:
        suspensions = [
            suspension
            for suspension in self._suspensions.get(practitioner, {}).values()
            if not suspension.kind or suspension.kind == kind
        ]
        first = records[0]
        resting = any(suspension.concerns(kind, first.grant) for suspension in suspensions)
        if len(records) == 1 and first.revoked == FOREVER and not resting:
            return Decision(self, GRANTED, first.grant, first.start, first.end)
        return Timeline(records, self._segments(kind, records, suspensions))

    def _segments(
        self, kind: str, records: tuple[Record, ...], suspensions: list[Suspension]
    ) -> list[Decision]:
        bounds = {BEGINNING}
        for record in records:
            bounds.update((record.start, record.last))
        for suspension in suspensions:
            bounds.update((suspension.start, suspension.end))
        bounds.discard(FOREVER)
        decisions: list[Decision] = []
        for start in sorted(bounds):
            reason, grant = _state(kind, records, suspensions, start)
            if decisions:
                previous = decisions[-1]
                if (previous.reason, previous.grant) == (reason, grant):
                    continue
                previous.end = start
            decisions.append(Decision(self, reason, grant, start, FOREVER))
        return decisions


def decide(index: GrantIndex, practitioner: str, kind: str, code: str, at: datetime) -> Decision:
    """May this person do this at that moment? Never raises for unknown names: they have answers of their own."""
    try:
        entry = index.entries[practitioner][kind][code]
    except KeyError:
        return index.missing(practitioner, kind, code)
    if entry.__class__ is Decision and entry.start <= at < entry.end:
        return entry
    return index.beside(entry, at)


def as_of(events: Iterable[Event], recorded_at: datetime) -> Iterator[Event]:
    """The events that were on record at that moment: fold them to learn what was known then."""
    return (event for event in events if event.recorded_at is None or event.recorded_at <= recorded_at)


def period_state(start: datetime, end: datetime | None, at: datetime) -> str:
    """`Planned`, `Active` or `Ended`: where a moment lies to a period that may have no end."""
    if at < start:
        return "Planned"
    return "Ended" if end is not None and at >= end else "Active"


def undecidable_reason(settings: KindSettings | None, emergency: bool) -> str:
    """Deny unless the hospital allows this kind to proceed unchecked (in an emergency, or always)."""
    settings = settings or KindSettings("")
    mode = settings.emergency_fail_mode if emergency else settings.fail_mode
    return UNDECIDABLE_ALLOWED if mode == FAIL_ALLOW else UNDECIDABLE_DENIED


def expand_implied(direct: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """All lower grades of every code, from the direct ones: C→B and B→A give C→(B, A). Circles are harmless."""
    closed: dict[str, tuple[str, ...]] = {}
    for code in direct:
        reached: dict[str, None] = {}
        waiting = list(direct[code])
        while waiting:
            lower = waiting.pop(0)
            if lower != code and lower not in reached:
                reached[lower] = None
                waiting.extend(direct.get(lower, ()))
        closed[code] = tuple(reached)
    return closed


def expiry_notice_due(ends: date, told_on: date | None, today: date, stages: Iterable[int]) -> bool:
    """Whether the holder of a privilege is to be told today that it ends: once in each stage.

    :param stages: days before the end at which a stage begins
    """
    left = (ends - today).days
    reached = [stage for stage in stages if left <= stage]
    return left >= 0 and bool(reached) and (told_on is None or (ends - told_on).days > min(reached))


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _records_of(entry: Entry | None) -> tuple[Record, ...]:
    if entry is None:
        return ()
    if entry.__class__ is Timeline:
        return entry.records
    return (Record(entry.grant, entry.start, entry.end),)


def _with_event(
    records: tuple[Record, ...], event: Event, start: datetime, end: datetime
) -> tuple[Record, ...]:
    """The records after a Grant, Extend or Revoke event."""
    if event.event_type == EVENT_GRANT:
        kept = tuple(record for record in records if record.grant != event.grant)
        return (*kept, Record(event.grant, start, end))
    changed = []
    for record in records:
        if record.grant == event.grant:
            if event.event_type == EVENT_EXTEND:
                record = record._replace(end=end)
            else:
                # What was revoked first stays revoked: a later event cannot give back the time between.
                record = record._replace(revoked=min(record.revoked, start))
        changed.append(record)
    return tuple(changed)


def _state(
    kind: str, records: tuple[Record, ...], suspensions: list[Suspension], at: datetime
) -> tuple[str, str]:
    """(reason, grant) at a moment: the strongest of what the records say.

    A permission beats everything; then what only rests, then what is still to come, then what ended last.
    """
    best: tuple[int, datetime, str, str] | None = None
    for record in records:
        rank, weight, reason = _state_of(kind, record, suspensions, at)
        if best is None or (rank, weight) > best[:2]:
            best = (rank, weight, reason, record.grant)
    assert best is not None
    return best[2], best[3]


def _state_of(
    kind: str, record: Record, suspensions: list[Suspension], at: datetime
) -> tuple[int, datetime, str]:
    # Revoked before it ever began: it was never to come.
    stillborn = record.revoked <= record.start
    if at < record.start and not stillborn:
        # Of several that are still to come, the next one.
        return 2, BEGINNING + (FOREVER - record.start), NOT_YET_VALID
    if at >= record.last or stillborn:
        return 1, record.last, REVOKED if record.revoked < record.end else EXPIRED
    for suspension in suspensions:
        if suspension.start <= at < suspension.end and suspension.concerns(kind, record.grant):
            return 3, record.last, SUSPENDED
    return 4, record.last, GRANTED
