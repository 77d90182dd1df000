"""Threat: passwords, API secrets and the existence of accounts are guessed at the door."""

import frappe
import pytest
import requests


@pytest.fixture
def account(hospital):
    """An account with a password; the failures of the test are forgotten afterwards."""
    from frappe.utils.password import update_password

    user = hospital.users["colleague"]
    update_password(user, "Richtig-9x!Wolken")
    before = frappe.db.get_single_value("System Settings", "allow_consecutive_login_attempts")
    frappe.db.set_single_value("System Settings", "allow_consecutive_login_attempts", 4)
    frappe.clear_cache()
    frappe.db.commit()
    yield user
    frappe.db.set_single_value("System Settings", "allow_consecutive_login_attempts", before)
    frappe.clear_cache()
    frappe.db.commit()


def sign_in(hospital, user: str, password: str) -> requests.Response:
    headers = {"X-Frappe-Site-Name": hospital.site, "Accept": "application/json"}
    form = {"usr": user, "pwd": password}
    return requests.post(f"{hospital.base}/api/method/login", data=form, headers=headers, timeout=30)


def test_after_some_wrong_passwords_the_right_one_waits_too(hospital, account):
    assert not any(sign_in(hospital, account, f"falsch{number}").ok for number in range(8))
    assert not sign_in(hospital, account, "Richtig-9x!Wolken").ok


def test_the_refusal_does_not_tell_whether_the_account_exists(hospital):
    known = sign_in(hospital, hospital.users["stranger"], "falsch")
    unknown = sign_in(hospital, "nobody-at-all@test.example", "falsch")
    assert known.status_code == unknown.status_code == 401
    assert known.json().get("message") == unknown.json().get("message")


@pytest.mark.parametrize("token", ["x:y", ":", "x", "x:y:z", "'or'1'='1:x", "a" * 5000 + ":b"])
def test_a_wrong_token_is_refused_in_words(hospital, token):
    headers = {"X-Frappe-Site-Name": hospital.site, "Authorization": f"token {token}"}
    answer = requests.get(f"{hospital.base}/api/resource/Privilege Grant", headers=headers, timeout=30)
    assert answer.status_code in {401, 403}


def test_a_right_key_with_a_wrong_secret_is_refused(hospital):
    key = hospital.tokens["manager"].split(":")[0]
    headers = {"X-Frappe-Site-Name": hospital.site, "Authorization": f"token {key}:wrong"}
    answer = requests.get(f"{hospital.base}/api/resource/Privilege Grant", headers=headers, timeout=30)
    assert answer.status_code == 401


def test_a_disabled_account_has_no_key(hospital):
    frappe.db.set_value("User", hospital.users["stranger"], "enabled", 0)
    frappe.db.commit()
    try:
        assert hospital.as_("stranger").send("GET", "/api/resource/Privilege Grant").status_code == 401
    finally:
        frappe.db.set_value("User", hospital.users["stranger"], "enabled", 1)
        frappe.db.commit()
