"""The way of a record through its workflow, without the framework."""

from collections.abc import Iterable, Mapping, Sequence

DONE, CURRENT, AHEAD = "done", "current", "open"


def way(states: Sequence[str], steps: Iterable[Mapping[str, str]], current: str) -> list[dict[str, str]]:
    """The states from the first to an end, through `current`, each done, current or still open.

    The table of states tells what is ahead: a step leads forward when its target stands further down. Of several
    steps forward the first one in the table of transitions is the usual way. A state that no way leads through
    (called off, rejected) stands at the end of the way that leads to it.

    :param states: names in the workflow's order
    :param steps: transitions with `state` and `next_state`, in the workflow's order
    """
    order = {state: place for place, state in enumerate(dict.fromkeys(states))}
    if current not in order:
        return []
    ahead: dict[str, list[str]] = {}
    for step in steps:
        before, after = step["state"], step["next_state"]
        if order.get(after, -1) > order.get(before, len(order)) and after not in ahead.setdefault(before, []):
            ahead[before].append(after)
    passed = _usual_way(next(iter(order)), ahead, current)
    coming = _onwards(current, ahead)
    return (
        [{"state": state, "status": DONE} for state in passed]
        + [{"state": current, "status": CURRENT}]
        + [{"state": state, "status": AHEAD} for state in coming]
    )


def _usual_way(start: str, ahead: Mapping[str, Sequence[str]], goal: str) -> list[str]:
    """The states before `goal`, on the usual way where that leads there, else on the first other one."""
    stack, seen = [[start]], set()
    while stack:
        path = stack.pop()
        if path[-1] == goal:
            return path[:-1]
        if path[-1] in seen:
            continue
        seen.add(path[-1])
        stack += [[*path, state] for state in reversed(ahead.get(path[-1], ()))]
    return []


def _onwards(state: str, ahead: Mapping[str, Sequence[str]]) -> list[str]:
    """What usually follows; every step goes further down the table, so this ends."""
    found = []
    while ahead.get(state):
        state = ahead[state][0]
        found.append(state)
    return found


def glance_fields(fields: Sequence[Mapping], most: int = 6) -> list[str]:
    """Which fields tell most at a glance: those marked for a preview, else those of the list; never long texts."""
    short = [row for row in fields if row["fieldtype"] in _SHORT and not row.get("hidden")]
    marked = [row["fieldname"] for row in short if row.get("in_preview")]
    listed = [row["fieldname"] for row in short if row.get("in_list_view")]
    return (marked or listed or [row["fieldname"] for row in short])[:most]


_SHORT = frozenset(
    {"Data", "Select", "Link", "Dynamic Link", "Date", "Datetime", "Time", "Int", "Float", "Currency", "Percent",
     "Check", "Duration", "Rating", "Phone", "Small Text", "Read Only", "Barcode"}
)  # fmt: skip
