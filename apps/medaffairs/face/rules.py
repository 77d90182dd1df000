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


#: What an administrator may change of a field, whoever delivered it.
CHANGEABLE = (
    "label", "reqd", "hidden", "read_only", "default", "options", "description", "in_list_view", "in_standard_filter",
    "bold", "depends_on", "mandatory_depends_on",
)  # fmt: skip
#: Kinds of fields that can be added without a programmer.
NEW_FIELDTYPES = (
    "Data", "Small Text", "Text", "Select", "Link", "Date", "Datetime", "Time", "Int", "Float", "Currency", "Percent",
    "Check", "Attach", "Attach Image", "Rating", "Phone", "Section Break", "Column Break", "Tab Break",
)  # fmt: skip
_WITH_OPTIONS = ("Select", "Link")
RIGHTS = ("read", "write", "create", "delete", "submit", "cancel", "amend", "print", "report", "export", "import", "share")  # fmt: skip


class RuleError(Exception):
    """What makes no sense, as a source string."""


def check_field(field: Mapping, changed: Mapping) -> None:
    """Raise `RuleError` when a field with these properties could not be used."""
    unknown = set(changed) - {*CHANGEABLE, "fieldname", "fieldtype", "insert_after"}
    if unknown:
        raise RuleError("This property of a field cannot be changed here.")
    if "label" in changed and not str(changed["label"]).strip():
        raise RuleError("A field needs a label.")
    if field.get("hidden") and field.get("reqd") and not field.get("default"):
        raise RuleError("A field that must be filled in cannot be hidden without a default.")
    if field.get("fieldtype") in _WITH_OPTIONS and not str(field.get("options") or "").strip():
        raise RuleError("A choice needs something to choose from.")
    choices = [line.strip() for line in str(field.get("options") or "").split("\n")]
    if field.get("fieldtype") == "Select" and len(set(choices)) < len(choices):
        raise RuleError("A choice is offered twice.")
    if field.get("fieldtype") == "Select" and field.get("default") and str(field["default"]) not in choices:
        raise RuleError("The default is none of the choices.")


def moved(order: list[str], name: str, step: int) -> list[str]:
    """The order with one name moved by some places; at an end it stays."""
    if name not in order:
        return order
    rest = [other for other in order if other != name]
    place = min(max(order.index(name) + step, 0), len(rest))
    return [*rest[:place], name, *rest[place:]]


def granted_by(rules: Iterable[Mapping], roles: Iterable[str], right: str) -> list[dict]:
    """The rules that give one of these roles a right: role, level, whether only for own records."""
    held = set(roles)
    return [
        {"role": rule["role"], "permlevel": rule["permlevel"], "if_owner": rule["if_owner"]}
        for rule in rules
        if rule["role"] in held and rule[right]
    ]
