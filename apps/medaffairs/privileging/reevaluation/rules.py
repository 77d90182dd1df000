"""What the evidence of a year proposes for a privilege, and who may decide it. Pure functions.

《医疗机构手术分级管理办法》（国卫办医政发〔2022〕18号）: surgeons' abilities, quality and safety are evaluated dynamically,
those of level 4 at least every year; the result raises, keeps, lowers, suspends or takes back a privilege. The limits
are the hospital's own (`Privilege Kind`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

CONTINUE, SUSPEND, REVOKE = "Continue", "Suspend", "Revoke"
DECISIONS = (CONTINUE, SUSPEND, REVOKE)
# Below so many operations a share says nothing.
SMALLEST_FOR_SHARE = 5
OF_OFFICE = frozenset({"decision", "remark"})
OF_HEAD = frozenset({"remark"})


class Limits(NamedTuple):
    """What the hospital has set for a kind; 0 leaves a limit out."""

    min_volume: int = 0
    max_unplanned: int = 0
    max_complication_percent: float = 0


def propose(volume: int, complications: int, unplanned: int, limits: Limits) -> str:
    """Continue, Suspend or Revoke.

    One limit that is passed proposes to suspend, both complications and unplanned reoperations to take back. Too few
    operations alone never take a privilege back: nobody was harmed.
    """
    many_returns = limits.max_unplanned > 0 and unplanned > limits.max_unplanned
    many_complications = (
        limits.max_complication_percent > 0
        and volume >= SMALLEST_FOR_SHARE
        and complications * 100 > limits.max_complication_percent * volume
    )
    if many_returns and many_complications:
        return REVOKE
    if many_returns or many_complications or volume < limits.min_volume:
        return SUSPEND
    return CONTINUE


def changed_field(before: Mapping[str, Any], after: Mapping[str, Any], is_office: bool) -> str:
    """The first field of an item that this user must not change, or an empty string."""
    allowed = OF_OFFICE if is_office else OF_HEAD
    return next(
        (f for f, value in after.items() if f not in allowed and (before.get(f) or None) != (value or None)),
        "",
    )
