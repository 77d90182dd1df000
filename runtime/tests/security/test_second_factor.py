"""What the contract leaves open: codes are good once, attempts are limited, the QR page ends with the registration."""

from __future__ import annotations

import re
import time

import frappe
import pyotp
import pytest
from frappe import twofactor

USER = "clerk@host.test"


@pytest.fixture
def first_step(site):
    """The first step of signing in: the waiting number, and the user's app. What is cached is forgotten afterwards."""
    frappe.local.request_ip = "10.0.0.1"
    frappe.db.set_single_value("System Settings", "enable_two_factor_auth", 1)
    frappe.clear_cache()
    twofactor.set_default(f"{USER}_otplogin", 1)
    app = pyotp.TOTP(twofactor.get_otpsecret_for_(USER))

    def begin() -> str:
        twofactor.authenticate_for_2factor(USER)
        return frappe.local.response.tmp_id

    yield begin, app
    frappe.cache.delete_keys("login_failed")
    twofactor.clear_default(f"{USER}_otpsecret")
    twofactor.clear_default(f"{USER}_otplogin")
    frappe.db.set_single_value("System Settings", "enable_two_factor_auth", 0)
    frappe.db.commit()
    frappe.clear_cache()


class Manager:
    """Refuses as the sign-in does."""

    def fail(self, message: str, user: str | None = None) -> None:
        raise frappe.AuthenticationError(message)


def test_a_code_and_a_number_are_good_once(first_step):
    begin, app = first_step
    number, code = begin(), app.now()
    assert twofactor.confirm_otp_token(Manager(), otp=code, tmp_id=number)
    with pytest.raises(frappe.AuthenticationError):
        twofactor.confirm_otp_token(Manager(), otp=code, tmp_id=number)
    with pytest.raises(frappe.AuthenticationError):
        twofactor.confirm_otp_token(Manager(), otp=code, tmp_id=begin())


def test_the_code_before_is_taken_an_older_one_is_not(first_step):
    begin, app = first_step
    now = time.time()
    with pytest.raises(frappe.AuthenticationError):
        twofactor.confirm_otp_token(Manager(), otp=app.at(now - 90), tmp_id=begin())
    assert twofactor.confirm_otp_token(Manager(), otp=app.at(now - 30), tmp_id=begin())


def test_guessing_codes_is_limited_over_all_first_steps(first_step):
    begin, app = first_step
    limit = int(frappe.get_system_settings("allow_consecutive_login_attempts"))
    for _ in range(limit):
        with pytest.raises(frappe.AuthenticationError):
            twofactor.confirm_otp_token(Manager(), otp="000000", tmp_id=begin())
    with pytest.raises(frappe.SecurityException):
        twofactor.confirm_otp_token(Manager(), otp=app.now(), tmp_id=begin())


def test_nothing_secret_waits_between_the_steps(first_step):
    begin, app = first_step
    waiting = frappe.cache.get_value(f"2fa::{begin()}")
    assert waiting == {"user": USER, "method": "OTP App"} and app.secret not in str(waiting)


def test_the_page_of_the_code_ends_with_the_registration(first_step):
    _begin, app = first_step
    twofactor.clear_default(f"{USER}_otplogin")
    link = twofactor.get_link_for_qrcode(USER, app.provisioning_uri(name=USER, issuer_name="Test"))
    key = re.search(r"/qrcode\?k=(\w+)", link).group(1)
    assert "<svg" in twofactor.get_qr_svg_code(twofactor.qrcode_of(key)["uri"])
    assert twofactor.qrcode_of("made-up") is None
    twofactor.set_default(f"{USER}_otplogin", 1)
    assert twofactor.qrcode_of(key) is None
