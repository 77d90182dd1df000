"""Names in pinyin, titles over time, dates, committees: the rules without a site."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.archive import rules as archive
from medaffairs.organization import rules


def test_names_are_found_by_pinyin_and_by_initials():
    assert rules.pinyin("欧阳修") == "ouyangxiu"
    assert rules.initials("欧阳修") == "oyx"
    assert rules.initials("CT室") == "cts"
    assert rules.pinyin("") == ""


@given(st.text(max_size=300))
def test_search_keys_fit_their_column_whatever_the_name(text):
    assert len(rules.pinyin(text)) <= 140
    assert len(rules.initials(text)) <= 140


def row(title, first, last=None):
    return {"title": title, "from_date": first, "to_date": last}


def test_the_title_that_holds_is_the_latest_that_has_begun():
    history = [row("主治", date(2015, 7, 1), date(2020, 6, 30)), row("副主任", date(2020, 7, 1))]
    assert rules.current_title(history, date(2018, 1, 1))["title"] == "主治"
    assert rules.current_title(history, date(2020, 6, 30))["title"] == "主治"
    assert rules.current_title(history, date(2020, 7, 1))["title"] == "副主任"
    assert rules.current_title(history, date(2015, 6, 30)) is None


days = st.dates(date(1990, 1, 1), date(2030, 1, 1))


@given(st.lists(days, unique=True, min_size=1, max_size=6), days)
def test_an_unbroken_history_always_has_the_last_title_that_began(begins, at):
    begins = sorted(begins)
    ends = [later - timedelta(days=1) for later in begins[1:]] + [None]
    history = [row(str(n), first, last) for n, (first, last) in enumerate(zip(begins, ends, strict=True))]
    begun = sum(first <= at for first in begins)
    held = rules.current_title(history, at)
    assert (held["title"] if held else None) == (str(begun - 1) if begun else None)


def test_a_title_history_that_contradicts_itself_is_refused():
    with pytest.raises(rules.RuleError, match="Row 1 of the title history ends before it begins"):
        rules.check_title_history([row("a", date(2020, 1, 2), date(2020, 1, 1))])
    with pytest.raises(rules.RuleError, match="begin on 2020-01-01"):
        rules.check_title_history([row("a", date(2020, 1, 1)), row("b", date(2020, 1, 1))])


def test_licences_and_delegations_end():
    assert rules.licence_valid(None, date(2026, 1, 1))
    assert rules.licence_valid(date(2026, 1, 1), date(2026, 1, 1))
    assert not rules.licence_valid(date(2025, 12, 31), date(2026, 1, 1))
    assert rules.delegation_holds(1, 3, 1)
    assert not rules.delegation_holds(1, 3, 3)


def test_title_levels_are_ordered():
    assert rules.title_at_least("Senior", "Associate Senior")
    assert not rules.title_at_least("Junior", "Intermediate")
    assert not rules.title_at_least(None, "Assistant")


def test_committees_have_one_chair_and_nobody_twice():
    chair = {"practitioner": "1", "member_role": "Chair"}
    rules.check_members([chair, {"practitioner": "2", "member_role": "Member"}])
    with pytest.raises(rules.RuleError, match="one chair"):
        rules.check_members([chair, {"practitioner": "2", "member_role": "Chair"}])
    with pytest.raises(rules.RuleError, match="names a member twice: 1"):
        rules.check_members([chair, {"practitioner": "1", "member_role": "Member"}])


@pytest.mark.parametrize("share", [0, -1, 100.1, None])
def test_shares_lie_above_zero_and_at_most_at_a_hundred(share):
    with pytest.raises(rules.RuleError):
        rules.check_percent("Quorum Percent", share)


def test_an_exam_counts_when_passed_and_not_run_out():
    taken, ends = date(2026, 1, 1), date(2026, 12, 31)
    assert archive.counts_on(80, 80, taken, ends, date(2026, 12, 31))
    assert not archive.counts_on(79.9, 80, taken, ends, date(2026, 6, 1))
    assert not archive.counts_on(80, 80, taken, ends, date(2027, 1, 1))
    assert not archive.counts_on(80, 80, taken, ends, date(2025, 12, 31))


def test_an_exam_in_the_future_is_refused():
    with pytest.raises(rules.RuleError, match="future"):
        archive.check_exam(80, 60, date(2026, 2, 1), None, date(2026, 1, 1))
