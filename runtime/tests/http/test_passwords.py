"""Passwords: what is strong enough, and what happens to who guesses."""

import json
import subprocess
import sys

import pytest

from runtime.tests.http.conftest import PASSWORD, SITE, Client

CHANGE = "/api/method/frappe.core.doctype.user.user.update_password"


@pytest.mark.parametrize("weak", ["123456", "password", "clerk@example.com", "aaaaaaaa", "short"])
def test_a_weak_password_is_refused_with_the_reason(clerk, weak):
    answer = clerk.post(CHANGE, json={"new_password": weak, "old_password": PASSWORD})
    assert answer.status_code == 417 and answer.json()["_server_messages"]
    assert (
        clerk.post("/api/method/login", json={"usr": "clerk@example.com", "pwd": PASSWORD}).status_code == 200
    )


def test_nobody_changes_a_password_without_the_old_one(clerk, guest):
    assert (
        clerk.post(CHANGE, json={"new_password": "Another-horse-9", "old_password": "wrong"}).status_code
        == 401
    )
    assert guest.post(CHANGE, json={"new_password": "Another-horse-9", "key": "guess"}).status_code in {
        401,
        403,
        410,
        417,
    }
    assert guest.post(CHANGE, json={"new_password": "Another-horse-9"}).status_code in {401, 403, 410, 417}


def stored(server, statement: str) -> list:
    """What the database holds, asked from outside the server."""
    script = (
        "import sys, frappe; frappe.init(sys.argv[1], sites_path='.'); frappe.connect();"
        " print(frappe.as_json(frappe.db.sql(sys.argv[2], as_list=True)))"
    )
    command = [sys.executable, "-c", script, SITE, statement]
    done = subprocess.run(
        command, cwd=server.sites, env=server.environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_a_password_is_stored_as_a_hash_alone(server, admin):
    made = admin.post(
        "/api/resource/User",
        json={
            "email": "fresh@example.com",
            "first_name": "Fresh",
            "new_password": "Zebra-horse-77",
            "send_welcome_email": 0,
        },
    )
    assert made.status_code == 200 and "Zebra-horse-77" not in made.text
    rows = stored(server, "select `password` from `__Auth` where `name` = 'fresh@example.com'")
    assert rows and all(row[0].startswith("$") and "Zebra-horse" not in row[0] for row in rows)
    assert "Zebra-horse-77" not in str(stored(server, "select * from `tabUser`"))
    assert Client(server.url).sign_in("fresh@example.com", "Zebra-horse-77").status_code == 200


def test_who_guesses_waits_and_others_do_not(server):
    guesser = Client(server.url)
    for _ in range(6):
        guesser.post("/api/method/login", json={"usr": "reader@example.com", "pwd": "guess"})
    refused = guesser.post("/api/method/login", json={"usr": "reader@example.com", "pwd": PASSWORD})
    assert refused.status_code in {401, 403, 417, 429}
    assert Client(server.url).sign_in("clerk@example.com").status_code == 200
