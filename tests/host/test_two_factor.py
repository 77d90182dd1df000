"""Two factors: the password gets a `tmp_id`, the code of the app gets the session."""

import frappe
import pyotp
import pytest
from host.sign_in import PASSWORD, inside


@pytest.fixture
def guarded(account, settings):
    """A user whose role asks for a code, with his app: (name, current code)."""
    from frappe import twofactor

    user = account("guarded", "Website Manager")

    def mark(state: int) -> None:
        twofactor.toggle_two_factor_auth(state, roles=["Website Manager"])
        frappe.clear_cache()

    def register() -> str:
        twofactor.set_default(f"{user}_otplogin", 1)
        return twofactor.get_otpsecret_for_(user)

    settings(enable_two_factor_auth=1, two_factor_method="OTP App", allow_consecutive_login_attempts=20)
    inside(lambda: mark(1))
    app = pyotp.TOTP(inside(register))
    yield user, app
    inside(lambda: mark(0))


def test_the_password_alone_opens_nothing(browser, guarded):
    user, _ = guarded
    door = browser()
    answer = door.login(user)
    assert answer.status == 200 and answer.message is None
    assert answer.json["verification"] == {"method": "OTP App", "setup": True} and answer.json["tmp_id"]
    assert door.who() == "Guest"
    assert PASSWORD not in answer.text


def test_the_code_opens_the_session(browser, guarded):
    user, app = guarded
    door = browser()
    answer = door.again(door.login(user).json["tmp_id"], app.now())
    assert answer.status == 200 and answer.message == "Logged In" and door.who() == user


@pytest.mark.parametrize("otp", ["000000", "12345a", "１２３４５６", "' or 1=1", "9" * 400])
def test_a_wrong_code_is_refused(browser, guarded, otp):
    user, _ = guarded
    door = browser()
    answer = door.again(door.login(user).json["tmp_id"], otp)
    assert answer.status in {200, 401} and door.who() == "Guest"
    assert answer.message != "Logged In"


def test_a_made_up_number_is_refused(browser, guarded):
    assert browser().again("made-up", "123456").status == 401


def test_the_password_is_still_needed(browser, guarded):
    user, _ = guarded
    assert browser().login(user, "wrong").status == 401


def test_nobody_is_asked_whose_roles_do_not_ask(browser, guarded, account):
    assert browser().login(account("unguarded")).message == "No App"


def test_the_administrator_is_not_asked(guarded):
    from frappe.twofactor import two_factor_is_enabled

    user, _ = guarded
    assert inside(lambda: two_factor_is_enabled(user=user))
    assert inside(lambda: two_factor_is_enabled())


def test_a_known_address_may_stand_for_the_code(browser, guarded, settings):
    user, _ = guarded
    settings(bypass_2fa_for_retricted_ip_users=1)
    inside(lambda: (frappe.db.set_value("User", user, "restrict_ip", "10.20."), frappe.clear_cache()))
    assert browser("10.20.30.40").login(user).message == "Logged In"
    assert browser("66.6.6.6").login(user).message != "Logged In"


def test_the_code_may_stand_for_a_known_address(browser, guarded, settings):
    user, app = guarded
    settings(bypass_restrict_ip_check_if_2fa_enabled=1)
    inside(lambda: (frappe.db.set_value("User", user, "restrict_ip", "99."), frappe.clear_cache()))
    door = browser("66.6.6.6")
    assert door.again(door.login(user).json["tmp_id"], app.now()).message == "Logged In"


def test_a_secret_is_kept_encrypted_and_can_be_made_anew(browser, guarded):
    from frappe.twofactor import get_otpsecret_for_

    user, app = guarded
    door = browser()
    stored = inside(
        lambda: frappe.get_all(
            "DefaultValue", {"defkey": f"{user}_otpsecret"}, pluck="defvalue", parent_doctype="User"
        )
    )
    assert len(stored) == 1 and app.secret not in stored[0]
    door.again(door.login(user).json["tmp_id"], app.now())
    assert door.call("frappe.twofactor.reset_otp_secret", user="Administrator").status == 403
    assert inside(lambda: get_otpsecret_for_(user)) == app.secret


def test_saving_the_settings_asks_everybody(settings):
    from frappe.twofactor import toggle_two_factor_auth

    settings(enable_two_factor_auth=0)

    def switch_on() -> list[str]:
        doc = frappe.get_single("System Settings")
        doc.update({"enable_two_factor_auth": 1, "two_factor_method": "OTP App"})
        doc.language, doc.time_zone = doc.language or "en", doc.time_zone or "Asia/Shanghai"
        doc.save()
        return frappe.get_all("Role", {"two_factor_auth": 1}, pluck="name")

    try:
        assert "All" in inside(switch_on)
    finally:
        inside(lambda: (toggle_two_factor_auth(0, roles=["All"]), frappe.clear_cache()))
