"""Who may do what with an act without a privilege, and when. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPEN, EXPLAINED, CONFIRMED, DISMISSED = "Open", "Explained", "Confirmed", "Dismissed"

# Step → states from which it can be taken.
STEPS: dict[str, tuple[str, ...]] = {
    EXPLAINED: (OPEN, EXPLAINED),
    CONFIRMED: (OPEN, EXPLAINED),
    DISMISSED: (OPEN, EXPLAINED),
    OPEN: (CONFIRMED, DISMISSED),
}
#: What the person writes, and what the office writes; everything else was recorded and stays.
OF_PERSON = frozenset({"status", "explanation", "explained_at"})
OF_OFFICE = frozenset({"status", "handling", "handled_by", "handled_at", "department"})


def step_fault(before: str, after: str, is_person: bool, is_office: bool) -> str:
    """Why a state must not follow another at this user's hand; empty when it may.

    The person explains, the office judges and reopens; nobody judges his own act.
    """
    if before == after and after != EXPLAINED:
        return ""
    if before not in STEPS.get(after, ()):
        return "This step is not possible in the present state"
    if after == EXPLAINED:
        return "" if is_person else "Only the person concerned explains the act"
    if is_person:
        return "Nobody judges his own act"
    return "" if is_office else "Only the medical-affairs office judges an act"


def changed_fault(
    before: Mapping[str, Any], after: Mapping[str, Any], is_person: bool, is_office: bool
) -> str:
    """The first field that this user must not change, or an empty string."""
    allowed = (OF_PERSON if is_person else frozenset()) | (
        OF_OFFICE if is_office and not is_person else frozenset()
    )
    for field, value in after.items():
        if field not in allowed and (before.get(field) or None) != (value or None):
            return field
    return ""
