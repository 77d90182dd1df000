"""What can be said of improvement actions without a site: who is late, what is reminded of, how a department stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

TO_IMPROVE, IMPROVING, AWAITING = "To Improve", "Improving", "Awaiting Re-inspection"
IMPROVED, CALLED_OFF = "Improved", "Called Off"
OWED = (TO_IMPROVE, IMPROVING)
OPEN = (*OWED, AWAITING)
PASSED, SENT_BACK = "Passed", "Sent Back"


class Task(NamedTuple):
    """An action as far as figures need it."""

    state: str
    due: date
    handed_in: datetime | None = None
    rounds: int = 0


def is_late(task: Task, today: date) -> bool:
    """Whether an action is owed after its due date; one that waits for its re-inspection is not owed."""
    return task.state in OWED and task.due < today


def in_time(task: Task) -> bool | None:
    """Whether what was done was handed in by the due date; None while it was not, or when the action was called off."""
    if task.state == CALLED_OFF or task.handed_in is None:
        return None
    return task.handed_in.date() <= task.due


class Standing(NamedTuple):
    """How a department stands: numbers of actions, and shares in percent (None where there is nothing to divide by)."""

    total: int
    owed: int
    late: int
    awaiting: int
    improved: int
    in_time: float | None
    first_time: float | None


def standing(tasks: Iterable[Task], today: date) -> Standing:
    """The figures of some actions: those called off count nowhere.

    `in_time` is the share handed in by the due date of all that were handed in, `first_time` the share of those improved that
    passed their first re-inspection.
    """
    kept = [task for task in tasks if task.state != CALLED_OFF]
    judged = [in_time(task) for task in kept if in_time(task) is not None]
    improved = [task for task in kept if task.state == IMPROVED]
    return Standing(
        total=len(kept),
        owed=sum(task.state in OWED for task in kept),
        late=sum(is_late(task, today) for task in kept),
        awaiting=sum(task.state == AWAITING for task in kept),
        improved=len(improved),
        in_time=round(100 * sum(judged) / len(judged), 1) if judged else None,
        first_time=round(100 * sum(task.rounds == 1 for task in improved) / len(improved), 1)
        if improved
        else None,
    )
