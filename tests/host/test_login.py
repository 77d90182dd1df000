"""Signing in by name and password: what is answered, what is refused, what is noted."""

import frappe
import pytest
from host.sign_in import PASSWORD, inside


def logged(user: str) -> list[tuple]:
    """The user's Activity Log, latest first."""
    fields = ["operation", "status", "subject", "ip_address"]
    order = {"order_by": "creation desc, name desc", "as_list": True}
    return inside(
        lambda: [tuple(row) for row in frappe.get_all("Activity Log", {"user": user}, fields, **order)]
    )


def set_user(user: str, **values) -> None:
    def write() -> None:
        frappe.db.set_value("User", user, values)
        frappe.clear_cache()

    inside(write)


def test_a_right_password_opens_a_session(browser, account):
    user, door = account("plain", "Website Manager"), browser()
    answer = door.login(user)
    assert answer.status == 200 and answer.message == "Logged In" and answer.json["full_name"] == "plain"
    assert door.who() == user
    cookies = {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert "HttpOnly" in cookies["sid"] and "SameSite=Lax" in cookies["sid"]
    assert {"system_user", "full_name", "user_id"} <= cookies.keys()
    assert logged(user)[0] == ("Login", "Success", "plain logged in", "10.20.30.40")


def test_a_user_without_a_role_for_the_desk_lands_on_the_website(browser, account):
    assert browser().login(account("website")).message == "No App"


def test_wrong_unknown_and_disabled_are_refused_alike(browser, account):
    user = account("refused")
    wrong, unknown = browser().login(user, "wrong"), browser().login("ghost@host-security.example", "wrong")
    assert wrong.status == unknown.status == 401 and wrong.message == unknown.message
    assert wrong.json["exc_type"] == "AuthenticationError"
    assert logged(user)[0][:3] == ("Login", "Failed", "Invalid login credentials")
    set_user(user, enabled=0)
    assert browser().login(user).status == 401


def test_half_a_form_is_refused(browser, account):
    assert browser().call("login", usr=account("half")).status == 401
    assert browser().call("login", usr="", pwd="").status == 401


def test_a_planted_session_number_is_not_taken_over(browser, account):
    user, door = account("planted"), browser()
    door.plant("sid", "f" * 56)
    door.login(user)
    assert door.cookie("sid") not in {None, "f" * 56} and door.who() == user
    first = door.cookie("sid")
    door.login(user)
    assert door.cookie("sid") != first


def test_the_site_may_forbid_passwords(browser, account, settings):
    user = account("nopassword")
    settings(disable_user_pass_login=1)
    assert browser().login(user).status == 401
    settings(disable_user_pass_login=0)
    assert browser().login(user).status == 200


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"restrict_ip": "192.168.1.,10.20.3"}, 200),
        ({"restrict_ip": "192.168.1.,10.99."}, 401),
        ({"login_before": 24, "login_after": 0}, 200),
        ({"login_after": 24}, 401),
    ],
)
def test_addresses_and_hours(browser, account, values, status):
    user = account("bounded")
    set_user(user, **values)
    assert browser().login(user).status == status


def test_a_session_is_worth_nothing_at_a_foreign_address(browser, account):
    user, door = account("carried"), browser("10.20.30.40")
    door.login(user)
    set_user(user, restrict_ip="10.20.30.")
    assert door.who() == user
    door.address = "66.6.6.6"
    assert door.send("GET", "/api/method/frappe.auth.get_logged_user").status == 401


def test_who_guesses_waits_even_with_the_right_password_from_elsewhere(browser, account, settings):
    user = account("guessed")
    settings(allow_consecutive_login_attempts=2, allow_login_after_fail=60)
    answers = [browser("77.1.1.1").login(user, "wrong") for _ in range(4)]
    assert answers[0].status == 401 and answers[-1].json["exc_type"] == "SecurityException"
    assert browser("77.1.1.2").login(user).json["exc_type"] == "SecurityException"
    assert browser("77.1.1.1").login(account("bystander")).status == 200


def test_an_old_password_must_be_changed_first(browser, account, settings):
    user, door = account("aged"), browser()
    settings(force_user_to_reset_password=30)
    set_user(user, last_password_reset_date="2020-01-01")
    answer = door.login(user)
    assert answer.status == 200 and answer.message == "Password Reset"
    assert "/update-password?key=" in answer.json["redirect_to"] and door.who() == "Guest"
    key = answer.json["redirect_to"].split("key=")[1].split("&")[0]
    changed = door.call("frappe.core.doctype.user.user.update_password", new_password=f"{PASSWORD}2", key=key)
    assert changed.status == 200
    assert browser().login(user, f"{PASSWORD}2").message in {"Logged In", "No App"}


def test_the_latest_login_is_noted_with_the_user(browser, account):
    user = account("noted")
    browser("10.20.30.41").login(user)
    assert inside(lambda: frappe.db.get_value("User", user, "last_ip")) == "10.20.30.41"
    assert inside(lambda: frappe.db.get_value("User", user, "last_login"))
