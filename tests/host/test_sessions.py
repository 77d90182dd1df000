"""Sessions: how they end, and how many there may be."""

import frappe
from host.sign_in import PASSWORD, inside


def test_signing_out_ends_the_session_on_the_server(browser, account):
    user, door, thief = account("leaver"), browser(), browser()
    door.login(user)
    thief.plant("sid", door.cookie("sid"))
    assert thief.who() == user
    assert door.call("logout").status == 200
    assert thief.who() == "Guest"
    subject = inside(
        lambda: frappe.get_all("Activity Log", {"user": user, "operation": "Logout"}, pluck="subject")
    )
    assert len(subject) == 1 and "leaver logged out" in subject[0]


def test_one_may_be_signed_in_at_several_places(browser, account):
    user, doors = account("several"), [browser() for _ in range(3)]
    for door in doors:
        door.login(user)
    assert [door.who() for door in doors] == [user] * 3


def test_where_the_site_forbids_it_the_oldest_sessions_end(browser, account, settings):
    user = account("few")
    inside(lambda: frappe.db.set_value("User", user, "simultaneous_sessions", 2))
    settings(deny_multiple_sessions=1)
    doors = [browser() for _ in range(4)]
    for door in doors:
        door.login(user)
    assert [door.who() for door in doors] == ["Guest", "Guest", user, user]


def test_a_new_password_ends_the_other_sessions(browser, account, settings):
    settings(logout_on_password_reset=1)
    user, mine, other = account("changed"), browser(), browser()
    mine.login(user)
    other.login(user)
    method = "frappe.core.doctype.user.user.update_password"
    answer = mine.call(method, new_password=f"{PASSWORD}2", old_password=PASSWORD, logout_all_sessions=1)
    assert answer.status == 200
    assert mine.who() == user and other.who() == "Guest"
    assert browser().login(user).status == 401 and browser().login(user, f"{PASSWORD}2").status == 200


def test_a_disabled_user_is_out_at_once(browser, account):
    account("remaining", "System Manager")  # Frappe does not let the last one go
    user, door = account("disabled"), browser()
    door.login(user)

    def disable() -> None:
        doc = frappe.get_doc("User", user)
        doc.enabled = 0
        doc.save(ignore_permissions=True)

    inside(disable)
    assert door.who() == "Guest"


def test_an_old_session_ends(browser, account):
    user, door = account("sleeper"), browser()
    door.login(user)

    def age() -> None:
        frappe.db.sql(
            "update `tabSessions` set `lastupdate` = '2020-01-01 00:00:00' where `user` = %s", (user,)
        )
        frappe.cache.delete_value("session")

    inside(age)
    assert door.who() == "Guest"
    assert door.send("GET", "/api/resource/ToDo").json.get("session_expired") == 1


def test_sessions_of_a_user_can_be_ended_by_code(browser, account):
    from frappe.sessions import clear_sessions

    user, door = account("cleared"), browser()
    door.login(user)
    inside(lambda: clear_sessions(user, force=True))
    assert door.who() == "Guest"
