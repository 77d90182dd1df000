"""What the medical-affairs office does with privileges: suspend, give back, revoke, extend, grant for a time."""

from __future__ import annotations

import time
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, getdate, now_datetime

from medaffairs.privileging import api, events, ledger, rules, suspensions

REASON = "SUSPEND_REASON-FURTHER_STUDY"


@pytest.fixture
def held(ward) -> str:
    """A privilege of the surgeon for two years; the test goes on as the office."""
    name = ledger.grant(
        ward.people["surgeon"], "SURGERY", "T51.2300", valid_from=now_datetime() - timedelta(days=30),
        valid_to=now_datetime() + timedelta(days=700), level="3",
    )  # fmt: skip
    ward.as_("office")
    return name


def ask(ward, at=None, code: str = "T51.2300", **kwargs) -> dict:
    return api.check(
        practitioner=ward.people["surgeon"], kind="SURGERY", code=code, at=str(at) if at else None, **kwargs
    )


def shown(grant: str) -> str:
    return frappe.db.get_value("Privilege Grant", grant, "status")


def later(**kwargs):
    return add_to_date(now_datetime(), **kwargs)


def test_a_planned_suspension_begins_and_ends_by_itself(ward, held) -> None:
    planned = suspensions.suspend(
        ward.people["surgeon"], REASON, from_time=str(later(days=10)), to_time=str(later(days=40))
    )
    assert planned["status"] == "Planned" and shown(held) == "Active"
    assert [ask(ward, at=later(days=day))["reason"] for day in (9, 20, 41)] == [
        rules.GRANTED,
        rules.SUSPENDED,
        rules.GRANTED,
    ]


def test_the_shown_state_follows_the_clock_and_a_second_run_changes_nothing(ward, held) -> None:
    start = now_datetime() + timedelta(seconds=1)
    made = suspensions.suspend(
        ward.people["surgeon"], REASON, from_time=str(start), to_time=str(start + timedelta(seconds=1))
    )
    states = []
    for moment in (start, start + timedelta(seconds=1)):
        time.sleep(max(0.0, (moment - now_datetime()).total_seconds()) + 0.05)
        assert events.follow_the_clock() >= 1
        assert events.follow_the_clock() == 0
        states.append((frappe.db.get_value("Privilege Suspension", made["name"], "status"), shown(held)))
    assert states == [("Active", "Suspended"), ("Ended", "Active")]


def test_a_running_suspension_is_ended_early_and_the_ledger_says_so(ward, held) -> None:
    made = suspensions.suspend(ward.people["surgeon"], REASON, to_time=str(later(days=90)))
    assert ask(ward)["reason"] == rules.SUSPENDED and shown(held) == "Suspended"
    ended = suspensions.end(made["name"], "提前返岗")
    assert ended["status"] == "Ended" and "提前返岗" in ended["remark"]
    assert ask(ward)["allowed"] is True and shown(held) == "Active"
    kinds = frappe.get_all(
        "Privilege Event", {"suspension": made["name"]}, pluck="event_type", order_by="sequence"
    )
    assert kinds == ["Suspend", "Resume"]
    with pytest.raises(frappe.ValidationError):
        suspensions.end(made["name"], "再次")


def test_a_planned_suspension_can_be_cancelled_a_running_one_not(ward, held) -> None:
    planned = suspensions.suspend(
        ward.people["surgeon"], REASON, from_time=str(later(days=3)), to_time=str(later(days=9))
    )
    with pytest.raises(frappe.ValidationError):
        suspensions.cancel(planned["name"], " ")
    assert suspensions.cancel(planned["name"], "计划取消")["status"] == "Cancelled"
    assert ask(ward, at=later(days=5))["allowed"] is True
    running = suspensions.suspend(ward.people["surgeon"], REASON)
    with pytest.raises(frappe.ValidationError):
        suspensions.cancel(running["name"], "写错")


def test_a_suspension_can_be_prolonged_while_it_runs(ward, held) -> None:
    made = suspensions.suspend(ward.people["surgeon"], REASON, to_time=str(later(days=5)))
    suspensions.change_end(made["name"], str(later(days=50)), "延长")
    assert ask(ward, at=later(days=20))["reason"] == rules.SUSPENDED
    suspensions.change_end(made["name"], str(later(days=10)), "缩短")
    assert ask(ward, at=later(days=20))["allowed"] is True


def test_one_privilege_rests_while_the_others_go_on(ward, held) -> None:
    ward.as_("Administrator")
    ledger.grant(ward.people["surgeon"], "SURGERY", "T47.0100")
    ward.as_("office")
    suspensions.suspend(ward.people["surgeon"], REASON, grant=held, kind="SURGERY")
    assert ask(ward)["reason"] == rules.SUSPENDED
    assert ask(ward, code="T47.0100")["allowed"] is True


def test_a_suspension_of_somebody_elses_privilege_is_refused(ward, held) -> None:
    with pytest.raises(frappe.ValidationError, match=held):
        suspensions.suspend(ward.people["colleague"], REASON, grant=held)


def test_revoking_from_a_later_day_holds_until_then(ward, held) -> None:
    assert api.revoke(held, "REVOKE_REASON-ASSESSMENT_FAILED", at=str(later(days=7)))["status"] == "Active"
    assert ask(ward)["allowed"] is True
    assert ask(ward, at=later(days=8))["reason"] == rules.REVOKED
    assert frappe.db.get_value("Privilege Grant", held, "revoke_reason") == "考核不合格"


def test_revoking_several_is_all_or_nothing(ward, held) -> None:
    ward.as_("Administrator")
    second = ledger.grant(ward.people["surgeon"], "SURGERY", "T47.0100")
    ward.as_("office")
    frappe.db.savepoint("before_revoking")
    with pytest.raises(frappe.DoesNotExistError):
        api.revoke_many([held, "PG-9999999"], "考核不合格")
    frappe.db.rollback(save_point="before_revoking")
    assert shown(held) == "Active"
    assert api.revoke_many([held, second, held], "考核不合格") == {"revoked": 2}
    assert [shown(held), shown(second)] == ["Revoked", "Revoked"]


def test_extending_moves_the_end_and_what_is_over_stays_over(ward, held) -> None:
    assert get_datetime(api.extend(held, str(later(days=900)), "再评估通过")["valid_to"]) > later(days=899)
    with pytest.raises(frappe.ValidationError):
        api.extend(held, str(later(days=800)), "更早")
    api.revoke(held, "本人申请")
    with pytest.raises(frappe.ValidationError):
        api.extend(held, str(later(days=1000)), "恢复")


def test_an_expired_privilege_is_not_extended_over_its_gap(ward) -> None:
    old = ledger.grant(
        ward.people["surgeon"], "SURGERY", "T51.2300", valid_from=later(days=-90), valid_to=later(days=-1)
    )
    ward.as_("office")
    with pytest.raises(frappe.ValidationError):
        api.extend(old, str(later(days=90)), "补办")
    assert ask(ward)["reason"] == rules.EXPIRED


def test_an_emergency_privilege_ends_by_itself(ward, held) -> None:
    made = api.grant_emergency(ward.people["surgeon"], "SURGERY", "T06.3900", "抢救", hours=6)
    assert ask(ward, code="T06.3900")["allowed"] is True
    assert ask(ward, at=later(hours=7), code="T06.3900")["reason"] == rules.EXPIRED
    assert frappe.db.get_value("Privilege Grant", made["name"], "grant_type") == "Emergency"
    for hours, reason in ((-1, "抢救"), (100, "抢救"), (6, " ")):
        with pytest.raises(frappe.ValidationError):
            api.grant_emergency(ward.people["surgeon"], "SURGERY", "T06.3900", reason, hours=hours)


def test_a_temporary_privilege_names_its_end(ward, held) -> None:
    api.grant_temporary(ward.people["surgeon"], "SURGERY", "T06.3900", str(later(days=20)), "外院专家")
    assert [ask(ward, at=later(days=day), code="T06.3900")["allowed"] for day in (19, 21)] == [True, False]
    with pytest.raises(frappe.ValidationError):
        api.grant_temporary(ward.people["surgeon"], "SURGERY", "T06.3900", str(later(days=400)), "外院专家")


@pytest.mark.parametrize("who", ["surgeon", "head", "secretary", "stranger"])
def test_only_the_office_changes_privileges(ward, held, who) -> None:
    running = suspensions.suspend(ward.people["colleague"], REASON)["name"]
    ward.as_(who)
    person, end = ward.people["surgeon"], str(later(days=900))
    for forbidden in (
        lambda: suspensions.suspend(person, REASON),
        lambda: suspensions.end(running, "x"),
        lambda: suspensions.change_end(running, end, "x"),
        lambda: suspensions.cancel(running, "x"),
        lambda: api.revoke(held, "x"),
        lambda: api.revoke_many([held], "x"),
        lambda: api.extend(held, end, "x"),
        lambda: api.grant_emergency(person, "SURGERY", "T06.3900", "x", hours=2),
        lambda: api.grant_temporary(person, "SURGERY", "T06.3900", end, "x"),
    ):
        with pytest.raises(frappe.PermissionError):
            forbidden()


def test_nobody_grants_to_himself(ward, held) -> None:
    for forbidden in (api.grant_emergency, api.grant_temporary):
        with pytest.raises(frappe.PermissionError):
            extra = {"hours": 2} if forbidden is api.grant_emergency else {"valid_to": str(later(days=2))}
            forbidden(ward.people["office"], "SURGERY", "T06.3900", reason="自己", **extra)


def test_the_grants_of_a_day_are_those_on_record_then(ward, held) -> None:
    time.sleep(0.01)
    before = str(now_datetime())
    time.sleep(0.01)
    ward.as_("Administrator")
    ledger.grant(ward.people["surgeon"], "SURGERY", "T47.0100")
    api.revoke(held, "本人申请")
    person = ward.people["surgeon"]
    now = {row["code"]: row["state"] for row in api.grants_of(person)}
    then = {row["code"]: row["state"] for row in api.grants_of(person, at=before, as_of=before)}
    assert now == {"T51.2300": rules.REVOKED, "T47.0100": rules.GRANTED}
    assert then == {"T51.2300": rules.GRANTED}


def test_people_are_told_once_of_what_will_expire(ward) -> None:
    for code in ("T51.2300", "T47.0100"):
        ledger.grant(ward.people["surgeon"], "SURGERY", code, valid_to=later(days=20))
    events.remind_of_expiry()
    filters = {"for_user": ward.users["surgeon"], "document_type": "Privilege Grant"}
    assert frappe.db.count("Notification Log", filters) == 1
    events.remind_of_expiry()
    assert frappe.db.count("Notification Log", filters) == 1


def test_people_are_told_again_a_month_and_a_week_before_the_end(ward) -> None:
    held = ledger.grant(ward.people["surgeon"], "SURGERY", "T51.2300", valid_to=later(days=50))
    filters = {"for_user": ward.users["surgeon"], "document_type": "Privilege Grant"}
    told = []
    for left in (50, 49, 30, 29, 7, 6, 1):
        # The same privilege, so many days before its end.
        day = {"valid_to": later(days=left)}
        known = frappe.db.get_value("Privilege Grant", held, ["valid_to", "expiry_told_on"], as_dict=True)
        if known.expiry_told_on:
            day["expiry_told_on"] = getdate(known.expiry_told_on) - (
                getdate(known.valid_to) - getdate(day["valid_to"])
            )
        frappe.db.set_value("Privilege Grant", held, day)
        events.remind_of_expiry()
        told.append(frappe.db.count("Notification Log", filters))
    assert told == [1, 1, 2, 2, 3, 3, 3]
