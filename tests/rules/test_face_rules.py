"""How well a record answers what was typed, and which favourites are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.face.rules import MOST_FAVOURITES, clean_favourites, score, shares, words


@given(st.text(max_size=80))
def test_words_hold_no_wildcards_and_are_stable(text):
    found = words(text)
    assert "%" not in found and "_" not in found
    assert words(found) == found


@given(st.text(min_size=1, max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_a_value_that_holds_the_word_answers(wanted, before, after):
    wanted = wanted.lower()
    assert score(wanted, [(before + wanted + after).lower()]) >= 1
    assert score(wanted, [wanted]) == 4


def test_equal_is_better_than_begins_than_a_word_than_inside():
    points = [score("ab", [value]) for value in ("ab", "abc", "x abc", "xabc", "xyz", None)]
    assert points == [4, 3, 2, 1, 0, 0]


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(), max_size=9)), st.integers(1, 20))
def test_every_kind_keeps_its_best_before_one_takes_the_rest(found, limit):
    given_out = shares(found, limit)
    assert sum(map(len, given_out.values())) == min(limit, sum(map(len, found.values())))
    assert all(rows == found[kind][: len(rows)] for kind, rows in given_out.items())
    filled = [kind for kind, rows in found.items() if rows]
    assert len(given_out) == min(limit, len(filled))


@given(st.lists(st.integers(0, 99), max_size=90))
def test_an_address_is_kept_once_and_not_too_many(numbers):
    kept = clean_favourites([{"path": f"/list/{number}", "label": "x"} for number in numbers])
    paths = [entry["path"] for entry in kept]
    assert len(set(paths)) == len(paths) <= MOST_FAVOURITES
    assert paths == list(dict.fromkeys(f"/list/{number}" for number in numbers))[:MOST_FAVOURITES]


@pytest.mark.parametrize(
    "item", [None, "x", {}, {"path": "list", "label": "x"}, {"path": "/a", "label": " "}]
)
def test_what_is_no_favourite_is_refused(item):
    with pytest.raises(ValueError):
        clean_favourites([item])
