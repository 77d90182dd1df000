"""Lists without a site: what they may be asked for, and that pages by keyset are the whole list, in order, once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.face.listing import rules

FIELDS = ("status", "points", "modified")
VALUES = {
    "status": st.none() | st.sampled_from(["Draft", "Open", "Closed"]),
    "points": st.none() | st.integers(-3, 3),
    "modified": st.integers(0, 4),
}
ROWS = st.lists(st.fixed_dictionaries(VALUES), max_size=40).map(
    lambda rows: [row | {"name": f"R{number:03}"} for number, row in enumerate(rows)]
)
SORTS = st.lists(
    st.tuples(st.sampled_from(FIELDS), st.sampled_from(["asc", "desc"])), min_size=1, max_size=3, unique_by=lambda s: s[0]
)  # fmt: skip


def ordered(rows, sort):
    """The rows as a database sorts them: what is empty comes before everything else."""
    for field, direction in reversed(sort):
        rows = sorted(
            rows, key=lambda row: (row[field] is not None, row[field] or 0) if field != "status" and field != "name" else (row[field] is not None, row[field] or ""),
            reverse=direction == "desc",
        )  # fmt: skip
    return rows


def holds(row, step):
    field, operator, value = step
    mine = row[field]
    if operator in ("empty", "filled"):
        return (mine is None) == (operator == "empty")
    if mine is None:
        return False
    return {"=": mine == value, ">": mine > value, "<": mine < value}[operator]


@given(ROWS, SORTS, st.integers(1, 7))
def test_pages_one_after_the_other_are_the_list_in_its_order(rows, sort, size):
    order = rules.parse_sort([list(entry) for entry in sort], ("modified", "desc"))
    whole = ordered(rows, order)
    seen, last = [], None
    while True:
        places = rules.beyond(order, last) if last else None
        left = [
            row
            for row in whole
            if places is None or any(all(holds(row, step) for step in steps) for steps in places)
        ]
        seen += left[:size]
        if len(left) <= size:
            break
        last = [left[size - 1][field] for field, _direction in order]
    assert [row["name"] for row in seen] == [row["name"] for row in whole]


def test_the_order_is_total_and_follows_the_direction_of_its_last_field():
    assert rules.parse_sort(None, ("modified", "desc")) == [("modified", "desc"), ("name", "desc")]
    assert rules.parse_sort([["status", "asc"], ["points", "desc"]], ("modified", "desc")) == [
        ("status", "asc"), ("points", "desc"), ("name", "desc"),
    ]  # fmt: skip
    assert rules.parse_sort([["name", "asc"], ["status", "asc"]], ("modified", "desc")) == [("name", "asc")]


@pytest.mark.parametrize(
    "sort", ["status", [["status"]], [["status", "sideways"]], [[1, "asc"]], [["a", "asc"]] * 5]
)
def test_what_is_no_order_is_refused(sort):
    with pytest.raises(rules.Refused):
        rules.parse_sort(sort, ("modified", "desc"))


def test_a_tree_has_groups_joined_by_and_or_or():
    tree = rules.parse(
        {
            "parts": [
                ["status", "=", "Open"],
                {"any": True, "parts": [["points", ">", 3], ["owner", "in", "a,b"]]},
            ]
        }
    )
    assert not tree.either
    assert tree.parts[1] == rules.Group(
        (rules.Condition("points", ">", 3), rules.Condition("owner", "in", ("a", "b"))), True
    )
    assert [found.field for found in rules.conditions(tree)] == ["status", "points", "owner"]
    assert rules.parse([["status", "=", "Open"]]).parts == (rules.Condition("status", "=", "Open"),)
    assert rules.parse(None) == rules.parse("") == rules.Group()


@pytest.mark.parametrize(
    "tree",
    [
        "status",
        [["status", "; drop", 1]],
        [["status", "="]],
        [[1, "=", 1]],
        [["status", "=", {"a": 1}]],
        [["status", "is", "perhaps"]],
        [["status", "in", ["x"] * 501]],
        [["status", "=", "x" * 1001]],
        [["status", "=", 1]] * 61,
        {"parts": [{"parts": [{"parts": [{"parts": [{"parts": []}]}]}]}]},
        {"any": True},
    ],
)
def test_what_is_no_tree_is_refused(tree):
    with pytest.raises(rules.Refused):
        rules.parse(tree)


def test_a_facet_keeps_its_own_values_in_sight_but_no_other_condition():
    tree = rules.parse(
        [["status", "in", ["Open"]], ["points", ">", 1], {"any": True, "parts": [["status", "=", "x"]]}]
    )
    assert [getattr(part, "field", "group") for part in rules.without(tree, "status").parts] == [
        "points",
        "group",
    ]
    either = rules.parse({"any": True, "parts": [["status", "=", "Open"]]})
    assert rules.without(either, "status") == either


def test_a_place_must_fit_the_order():
    with pytest.raises(rules.Refused):
        rules.beyond([("modified", "desc"), ("name", "desc")], ["2026-01-01"])
    with pytest.raises(rules.Refused):
        rules.beyond([("name", "asc")], [["a"]])
