"""Forgotten passwords: a link that is good once and for a while."""

import frappe
import pytest
from host.sign_in import PASSWORD, inside

UPDATE = "frappe.core.doctype.user.user.update_password"


@pytest.fixture
def forgetful(account):
    """A user and the key of a link for him."""
    user = account("forgetful", "Website Manager")
    return user, inside(lambda: frappe.get_doc("User", user).reset_password()).split("key=")[1]


def test_the_link_sets_a_password_once(browser, forgetful):
    user, key = forgetful
    door = browser()
    answer = door.call(UPDATE, new_password=f"{PASSWORD}2", key=key)
    assert answer.status == 200 and answer.message.startswith("/")
    assert door.who() == user
    assert browser().login(user, f"{PASSWORD}2").status == 200
    assert browser().call(UPDATE, new_password=f"{PASSWORD}3", key=key).status == 410
    assert browser().login(user, f"{PASSWORD}3").status == 401


def test_only_a_hash_of_the_key_is_stored(forgetful):
    user, key = forgetful
    stored = inside(lambda: frappe.db.get_value("User", user, "reset_password_key"))
    assert stored and stored != key


def test_an_old_link_is_worth_nothing(browser, forgetful, settings):
    user, key = forgetful
    settings(reset_password_link_expiry_duration=60)
    moment = "2020-01-01 00:00:00"
    inside(lambda: frappe.db.set_value("User", user, "last_reset_password_key_generated_on", moment))
    assert browser().call(UPDATE, new_password=f"{PASSWORD}2", key=key).status == 410


def test_a_new_link_ends_the_one_before(browser, forgetful):
    user, key = forgetful
    inside(lambda: frappe.get_doc("User", user).reset_password())
    assert browser().call(UPDATE, new_password=f"{PASSWORD}2", key=key).status == 410


def test_a_made_up_key_is_refused(browser, account):
    assert browser().call(UPDATE, new_password=f"{PASSWORD}2", key="made-up").status == 410


def test_a_weak_password_is_refused_and_the_link_stays_good(browser, forgetful, settings):
    _user, key = forgetful
    settings(enable_password_policy=1, minimum_password_score="2")
    assert browser().call(UPDATE, new_password="abc", key=key).status == 417
    assert browser().call(UPDATE, new_password=f"{PASSWORD}2", key=key).status == 200


def test_a_wrong_old_password_is_refused(browser, account):
    user = account("own")

    def signed_in():
        door = browser()
        door.login(user)
        return door

    verify = "frappe.core.doctype.user.user.verify_password"
    assert signed_in().call(UPDATE, new_password=f"{PASSWORD}2", old_password="wrong").status == 401
    assert signed_in().call(verify, password="wrong").status == 401
    door = signed_in()
    assert door.call(verify, password=PASSWORD).status == 200
    assert door.call(UPDATE, new_password=f"{PASSWORD}2", old_password=PASSWORD).status == 200


def test_the_strength_of_a_password_can_be_asked(browser, forgetful, settings):
    settings(enable_password_policy=1, minimum_password_score="2")
    _user, key = forgetful
    method = "frappe.core.doctype.user.user.test_password_strength"
    weak = browser().call(method, new_password="abc", key=key).message
    strong = browser().call(method, new_password=PASSWORD, key=key).message
    assert weak["score"] < strong["score"]
    assert not weak["feedback"]["password_policy_validation_passed"]
    assert strong["feedback"]["password_policy_validation_passed"]
