"""F51: complaints by month, department and what is asked for; every figure leads to its cases."""

from __future__ import annotations

from medaffairs import reporting
from medaffairs.dispute import rules, statistics


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group with its cases."""
    return statistics.execute(rules.COMPLAINT, filters or {})
