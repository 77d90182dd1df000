"""Whether the log is what was written: streams it and compares every hash, link and seal."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import frappe

from medaffairs.audit.rules import CHAINED, GENESIS, SEPARATOR, find_break

CHUNK = 20_000
# The database joins the chained fields: one text per record crosses the connection instead of twelve values.
# An emptied column must not vanish from the text, so it stands as a character that no stored text contains.
# Only names from CHAINED are put into the query; values are parameters.
NOTHING = "\x1e"
FIELDS = ", ".join(f"coalesce(`{name}`, %(nothing)s)" for name in CHAINED)
QUERY = (
    f"select `name`, `row_hash`, concat_ws(%(separator)s, `prev_hash`, `name`, {FIELDS}) "  # noqa: S608
    "from `tabData Access Log` where `name` > %(after)s order by `name` limit %(chunk)s"
)


@dataclass
class Verdict:
    """What a verification found. `broken_at` is the first sequence that is wrong, 0 when none is."""

    intact: bool
    records: int
    first_sequence: int
    last_sequence: int
    head_hash: str
    seals: int
    broken_at: int = 0
    reason: str = ""

    def as_dict(self) -> dict:
        """The verdict as plain values."""
        return asdict(self)


def verify() -> Verdict:
    """Walk the whole chain in constant memory and find the first broken link."""
    seals = {
        row.last_sequence: row
        for row in frappe.get_all("Audit Seal", fields=["name", "last_sequence", "head_hash", "purged"])
    }
    purged = max((row.last_sequence for row in seals.values() if row.purged), default=0)
    prev = seals[purged].head_hash if purged else GENESIS
    verdict = Verdict(True, 0, purged + 1, purged, prev, len(seals))
    for rows in _chunks(purged):
        broken = find_break(rows, verdict.head_hash, verdict.last_sequence + 1)
        if broken:
            return _broken(verdict, *broken)
        wrong = next((r[0] for r in rows if r[0] in seals and seals[r[0]].head_hash != r[1]), None)
        if wrong:
            return _broken(verdict, wrong, "seal")
        verdict.records += len(rows)
        verdict.last_sequence, verdict.head_hash = rows[-1][0], rows[-1][1]
    last_sealed = max(seals, default=0)
    if last_sealed > verdict.last_sequence:
        return _broken(verdict, verdict.last_sequence + 1, "missing")
    return verdict


def _chunks(after: int) -> Iterator[list[tuple]]:
    values = {"separator": SEPARATOR, "nothing": NOTHING, "chunk": CHUNK}
    while rows := frappe.db.sql(QUERY, {**values, "after": after}):
        yield rows
        after = rows[-1][0]


def _broken(verdict: Verdict, sequence: int, reason: str) -> Verdict:
    verdict.intact, verdict.broken_at, verdict.reason = False, sequence, reason
    return verdict
