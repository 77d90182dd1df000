"""Threat: somebody gives himself another's part, or stretches a delegation that he was given."""

import pytest

DELEGATION = "Approval Delegation"
ALWAYS = {"from_time": "2020-01-01 00:00:00", "to_time": "2099-01-01 00:00:00", "reason": "SEC"}


@pytest.mark.parametrize("who", ["colleague", "other_head", "officer", "pharmacist"])
def test_nobody_hands_himself_the_part_of_another(hospital, who):
    sheet = hospital.apply()
    taken = {"from_user": hospital.users["head"], "to_user": hospital.users[who], **ALWAYS}
    assert not hospital.as_(who).send("POST", f"/api/resource/{DELEGATION}", json=taken).ok
    assert hospital.step(who, sheet).status_code in {403, 417}


def test_who_hands_over_his_own_part_does_it_himself(hospital):
    sheet = hospital.apply()
    given = {"from_user": hospital.users["head"], "to_user": hospital.users["colleague"], **ALWAYS}
    made = hospital.as_("head").send("POST", f"/api/resource/{DELEGATION}", json=given)
    assert made.ok, made.text
    assert hospital.step("colleague", sheet).ok
    opinion = hospital.value(
        "Approval Opinion", {"reference_name": sheet, "action": "Approve"}, "on_behalf_of"
    )
    assert opinion == hospital.users["head"]


def test_the_delegate_does_not_stretch_what_he_was_given(hospital):
    given = {"from_user": hospital.users["head"], "to_user": hospital.users["colleague"], **ALWAYS,
             "to_time": "2020-02-01 00:00:00"}  # fmt: skip
    name = hospital.as_("head").send("POST", f"/api/resource/{DELEGATION}", json=given).json()["data"]["name"]
    for change in ({"to_time": "2099-01-01 00:00:00"}, {"from_user": hospital.users["secretary"]}):
        assert not hospital.as_("colleague").send("PUT", f"/api/resource/{DELEGATION}/{name}", json=change).ok
    assert hospital.as_("head").send("PUT", f"/api/resource/{DELEGATION}/{name}", json={"reason": "SEC 2"}).ok
    sheet = hospital.apply()
    assert hospital.step("colleague", sheet).status_code == 403
