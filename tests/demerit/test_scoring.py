"""Penalties follow from what stands: through every history, in every order, also for closed cycles."""

from __future__ import annotations

import random

import frappe
import pytest
from demerit.conftest import CULPRIT, MANAGER, OFFICE, PHARMACY
from frappe.utils import now_datetime

from medaffairs.demerit import api, rules, scoring, steps
from medaffairs.privileging import ledger
from medaffairs.privileging.index import build
from medaffairs.privileging.rules import decide


@pytest.fixture
def confirmed(record, as_user):
    """Makes a record and brings it to its end."""

    def make(item: str = "A", day: str = "2026-03-01", who: str = ""):
        doc = record(item, day, who)
        confirm(as_user, doc)
        return doc

    return make


def confirm(as_user, doc) -> None:
    as_user(PHARMACY)
    steps.take(doc.name, "Issue Notice")
    as_user(OFFICE)
    frappe.db.set_value("Demerit Record", doc.name, "appeal_until", now_datetime())
    steps.take(doc.name, "Confirm")
    as_user("Administrator")


def overturn(as_user, doc) -> None:
    as_user(MANAGER)
    steps.take(doc.name, "Overturn", words="查明不实")
    as_user("Administrator")


def standing(house, with_revoked: bool = False) -> dict[str, tuple]:
    """Key → (rule, points, records) of what is due."""
    rows = frappe.get_all(
        "Penalty",
        filters={"practitioner": house.culprit},
        fields=["name", "penalty_key", "rule", "points", "status"],
    )
    return {
        row.penalty_key: (
            row.rule, row.points,
            tuple(frappe.get_all("Penalty Record", filters={"parent": row.name}, pluck="record", order_by="idx")),
        )
        for row in rows if with_revoked or row.status != rules.REVOKED
    }  # fmt: skip


def by_rule(house) -> dict[str, float]:
    return {rule: points for rule, points, _ in standing(house).values()}


def test_points_of_a_cycle_add_up_to_one_penalty_with_all_records(house, confirmed):
    first = confirmed("A")
    assert by_rule(house) == {"T 提醒": 1}
    second, _other_year = confirmed("B", "2026-11-01"), confirmed("A", "2025-11-01")
    found = standing(house)
    key = f"cycle|{house.culprit}|2026-01-01|T 提醒"
    assert found[key] == ("T 提醒", 3, tuple(sorted((first.name, second.name))))
    assert found[f"cycle|{house.culprit}|2025-01-01|T 提醒"][1] == 1 and len(found) == 2


def test_a_grave_offence_has_a_penalty_of_its_own_beside_the_cycle_s(house, confirmed):
    doc = confirmed("D")
    assert standing(house)[f"single|{doc.name}"] == ("T 单次", 6, (doc.name,))
    assert set(by_rule(house)) == {"T 单次", "T 停权"}


def test_another_band_takes_the_place_of_one_of_which_nobody_was_told(house, confirmed):
    confirmed("A")
    confirmed("C", "2026-04-01")
    assert by_rule(house) == {"T 诫勉": 5}


def test_an_issued_penalty_that_loses_its_ground_is_revoked_and_seen(house, confirmed, as_user):
    confirmed("A")
    name = frappe.get_all("Penalty", filters={"practitioner": house.culprit}, pluck="name")[0]
    as_user(OFFICE)
    assert api.issue_penalty(name) == "Issued"
    as_user("Administrator")
    confirmed("C", "2026-04-01")
    assert frappe.db.get_value("Penalty", name, "status") == "Revoked"
    assert by_rule(house) == {"T 诫勉": 5}


def test_overturning_recomputes_a_closed_cycle_too(house, confirmed, as_user):
    old = confirmed("C", "2022-05-01")
    confirmed("A", "2022-06-01")
    assert by_rule(house) == {"T 诫勉": 5}
    overturn(as_user, old)
    assert by_rule(house) == {"T 提醒": 1}


def test_a_changed_rule_reaches_what_was_confirmed_before(house, confirmed):
    confirmed("B")
    rule = frappe.get_doc("Penalty Rule", "T 提醒")
    rule.most_points = 1
    rule.save()
    extra = frappe.get_doc(
        doctype="Penalty Rule",
        rule_name="T 二分",
        scope="Cycle",
        least_points=2,
        most_points=2,
        consequence="谈话",
    ).insert()
    scoring.recompute(house.culprit)
    assert by_rule(house) == {extra.name: 2}


def test_another_cycle_in_the_settings_moves_everything(house, confirmed):
    confirmed("B", "2025-03-01")
    confirmed("B", "2026-03-01")
    assert sorted(by_rule(house).values()) == [2]
    settings = frappe.get_doc("Medical Affairs Settings")
    settings.update({"demerit_cycle_months": 36, "demerit_cycle_start": "2024-01-01"})
    settings.save()
    scoring.recompute(house.culprit)
    assert by_rule(house) == {"T 诫勉": 4}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happened_in_whatever_order_what_is_due_is_what_the_rules_say(
    house, record, as_user, seed: int
):
    chance = random.Random(seed)
    days = ("2025-12-31", "2026-01-01", "2026-11-20", "2024-02-29")
    docs = [record(chance.choice("ABCD"), chance.choice(days)) for _ in range(5)]
    chance.shuffle(docs)
    for number, doc in enumerate(docs):
        confirm(as_user, doc)
        if chance.random() < 0.5:
            for name in frappe.get_all(
                "Penalty", filters={"practitioner": house.culprit, "status": "Not Issued"}, pluck="name"
            ):
                as_user(OFFICE)
                api.issue_penalty(name)
                as_user("Administrator")
        if chance.random() < 0.4:
            overturn(as_user, docs[number])
        if chance.random() < 0.3:
            rule = frappe.get_doc("Penalty Rule", "T 诫勉")
            rule.least_points = chance.choice((2, 3, 4))
            rule.save()
            scoring.recompute(house.culprit)
    months, start = scoring.cycle_settings()
    due = rules.penalties(scoring.confirmed([house.culprit]), scoring.rules_in_force(), months, start)
    assert standing(house) == {key: (one.rule, one.points, one.records) for key, one in due.items()}
    before = standing(house, with_revoked=True)
    scoring.recompute(house.culprit)
    assert standing(house, with_revoked=True) == before


# -- penalties and privileges


def allowed(practitioner: str) -> bool:
    index = build()
    return decide(index, practitioner, "PRESCRIPTION", "RX_GEN", now_datetime()).allowed


def test_a_penalty_suspends_privileges_through_the_ledger_and_gives_them_back(house, confirmed, as_user):
    ledger.grant(house.culprit, "PRESCRIPTION", "RX_GEN")
    doc = confirmed("D")
    assert allowed(house.culprit)
    name = frappe.db.get_value("Penalty", {"penalty_key": f"single|{doc.name}"})
    as_user(OFFICE)
    api.issue_penalty(name)
    as_user("Administrator")
    assert not allowed(house.culprit)
    overturn(as_user, doc)
    assert allowed(house.culprit)
    assert frappe.db.get_value("Penalty", name, "status") == "Revoked"


def test_other_handling_lifts_the_suspension(house, confirmed, as_user):
    ledger.grant(house.culprit, "PRESCRIPTION", "RX_GEN")
    doc = confirmed("D")
    name = frappe.db.get_value("Penalty", {"penalty_key": f"single|{doc.name}"})
    as_user(OFFICE)
    api.issue_penalty(name)
    assert api.handle_otherwise(name, "改为离岗培训") == "Other Handling"
    as_user("Administrator")
    assert allowed(house.culprit)


def test_penalties_go_from_not_issued_to_ended(house, confirmed, as_user):
    confirmed("A")
    name = frappe.get_all("Penalty", filters={"practitioner": house.culprit}, pluck="name")[0]
    as_user(OFFICE)
    with pytest.raises(frappe.ValidationError, match="not possible"):
        api.end_penalty(name)
    api.issue_penalty(name)
    with pytest.raises(frappe.ValidationError, match="not possible"):
        api.issue_penalty(name)
    assert api.end_penalty(name, "已谈话") == "Ended"
    assert frappe.get_all("Outbound Message", filters={"recipient": CULPRIT, "template": "PENALTY_ISSUED"})


def test_nobody_writes_penalties_by_hand(house, confirmed, as_user):
    confirmed("A")
    name = frappe.get_all("Penalty", filters={"practitioner": house.culprit}, pluck="name")[0]
    as_user(MANAGER)
    doc = frappe.get_doc("Penalty", name)
    doc.points = 0
    with pytest.raises(frappe.PermissionError):
        doc.save()
    as_user(CULPRIT)
    with pytest.raises(frappe.PermissionError):
        api.issue_penalty(name)


def test_a_person_sees_his_points(house, confirmed, as_user):
    confirmed("B")
    as_user(CULPRIT)
    found = api.points_of(house.culprit, "2026-06-01")
    assert (found["from"], found["to"], found["points"]) == ("2026-01-01", "2026-12-31", 2)
    assert len(found["records"]) == len(found["penalties"]) == 1


def test_nobody_decides_about_his_own_penalty(house, confirmed, as_user):
    confirmed("A")
    name = frappe.get_all("Penalty", filters={"practitioner": house.culprit}, pluck="name")[0]
    frappe.get_doc("User", CULPRIT).add_roles("Medical Affairs Officer")
    as_user(CULPRIT)
    for step in (api.issue_penalty, api.end_penalty):
        with pytest.raises(frappe.PermissionError):
            step(name)
    with pytest.raises(frappe.PermissionError):
        api.handle_otherwise(name, "算了")
