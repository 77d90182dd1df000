"""Threat: another site makes the browser of somebody who is signed in act for him (CSRF)."""

import frappe
import pytest
import requests

PASSWORD = "Sec-7f!langes-Passwort"


@pytest.fixture
def session(hospital):
    """The office's browser after signing in: a cookie and no API token."""
    from frappe.utils.password import update_password

    update_password(hospital.users["officer"], PASSWORD)
    frappe.db.commit()
    browser = requests.Session()
    browser.headers.update({"X-Frappe-Site-Name": hospital.site, "Accept": "application/json"})
    form = {"usr": hospital.users["officer"], "pwd": PASSWORD}
    assert browser.post(f"{hospital.base}/api/method/login", data=form, timeout=30).ok
    return browser


@pytest.fixture
def grant(hospital) -> str:
    from medaffairs.privileging import ledger

    name = ledger.grant(hospital.staff["applicant"], "SURGERY", "SEC-51.2300")
    frappe.db.commit()
    return name


def revoke(session, hospital, grant: str, token: str | None):
    headers = {"X-Frappe-CSRF-Token": token} if token else {}
    return session.post(
        f"{hospital.base}/api/method/medaffairs.privileging.api.revoke",
        json={"grant": grant, "reason": "跨站"},
        headers={**headers, "Origin": "https://elsewhere.example"},
        timeout=30,
    )


@pytest.mark.parametrize("token", [None, "", "None", "x" * 56])
def test_a_write_without_the_pages_token_is_refused(hospital, session, grant, token):
    answer = revoke(session, hospital, grant, token)
    assert answer.status_code in {400, 403}
    assert hospital.value("Privilege Grant", grant, "status") == "Active"


def test_writing_methods_do_not_answer_to_a_link(hospital, session, grant):
    answer = session.get(
        f"{hospital.base}/api/method/medaffairs.privileging.api.revoke",
        params={"grant": grant, "reason": "链接"},
        timeout=30,
    )
    assert answer.status_code in {403, 405}
    assert hospital.value("Privilege Grant", grant, "status") == "Active"


def test_the_page_itself_carries_the_token(hospital, session, grant):
    boot = session.get(f"{hospital.base}/api/method/medaffairs.face.api.boot", timeout=30).json()["message"]
    answer = revoke(session, hospital, grant, boot["csrf_token"])
    assert answer.ok, answer.text
    assert hospital.value("Privilege Grant", grant, "status") == "Revoked"


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(session):
    cookie = next(cookie for cookie in session.cookies if cookie.name == "sid")
    assert cookie.has_nonstandard_attr("HttpOnly") or cookie.has_nonstandard_attr("httponly")
    assert (cookie.get_nonstandard_attr("SameSite") or cookie.get_nonstandard_attr("samesite")) in {
        "Lax",
        "Strict",
    }
