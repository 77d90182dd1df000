"""How well a record answers what somebody typed, and what a list of favourites may hold.

Pure functions: nothing here touches a site.
"""

from collections.abc import Iterable, Mapping

#: A word shorter than this finds half the hospital; the search waits for more. One Chinese character is a word.
SHORTEST_LATIN = 2
LONGEST = 60
MOST_FAVOURITES = 60
MOST_CHARACTERS = 300


def words(text: str) -> str:
    """What is searched for: trimmed, in one case, without signs that a search would take for wildcards.

    Empty when it is too short to mean anything.
    """
    wanted = " ".join((text or "").replace("%", " ").replace("_", " ").split()).lower()[:LONGEST]
    return "" if wanted.isascii() and len(wanted) < SHORTEST_LATIN else wanted


def score(wanted: str, values: Iterable[object]) -> int:
    """How well values of a record answer: 4 is equal, 3 begins with it, 2 a word does, 1 holds it, 0 does not."""
    best = 0
    for value in values:
        text = str(value or "").lower()
        if text == wanted:
            return 4
        if text.startswith(wanted):
            best = max(best, 3)
        elif any(word.startswith(wanted) for word in text.replace("-", " ").split()):
            best = max(best, 2)
        elif wanted in text:
            best = max(best, 1)
    return best


def shares(found: Mapping[str, list], limit: int) -> dict[str, list]:
    """At most `limit` rows of all kinds together; every kind keeps its best before one kind takes what is left."""
    given: dict[str, list] = {kind: [] for kind in found}
    for place in range(max((len(rows) for rows in found.values()), default=0)):
        for kind, rows in found.items():
            if place < len(rows) and sum(map(len, given.values())) < limit:
                given[kind].append(rows[place])
    return {kind: rows for kind, rows in given.items() if rows}


def clean_favourites(items: Iterable[object]) -> list[dict[str, str]]:
    """Favourites worth keeping: a label and an address within the face, each address once, in the given order.

    :raises ValueError: when something is no favourite at all
    """
    kept: dict[str, dict[str, str]] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise ValueError("a favourite has a label and a path")
        path, label = str(item.get("path") or ""), str(item.get("label") or "").strip()
        if not path.startswith("/") or path.startswith("//") or not label:
            raise ValueError("a favourite has a label and a path")
        kept.setdefault(path[:MOST_CHARACTERS], {"path": path[:MOST_CHARACTERS], "label": label[:140]})
    return list(kept.values())[:MOST_FAVOURITES]
