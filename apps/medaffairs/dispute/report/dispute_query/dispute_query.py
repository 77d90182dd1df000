"""F54: all disputes but drafts, with what was done: handling, circulation, replies, switches, handing over."""

from __future__ import annotations

from medaffairs import reporting
from medaffairs.dispute import query, rules


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per case."""
    return query.execute(rules.DISPUTE, filters or {})
