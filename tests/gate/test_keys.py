"""Who may ask: keys, roles, oneself; and what somebody who guesses meets."""

from __future__ import annotations

import base64
from collections.abc import Callable

import frappe
import pytest
import requests
from gate.conftest import CODES
from gate.processes import Gate, wait_until

from medaffairs.integration.gate.keys import FAILURES, credentials

ASKED = {"practitioner": "TG-nobody", "kind": "SURGERY", "code": CODES[0]}


def status(gate: Gate, authorization: str | None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    return requests.get(f"{gate.url}/check", params=ASKED, headers=headers, timeout=30).status_code


def test_key_and_secret_are_read_from_both_schemes() -> None:
    basic = base64.b64encode(b"key:se:cret").decode()
    assert credentials("token key:se:cret") == credentials(f"Basic {basic}") == ("key", "se:cret")
    for wrong in (
        "",
        "token",
        "token key",
        "token :secret",
        "token key:",
        "Bearer key:secret",
        "Basic !",
        "Basic /w==",
    ):
        assert credentials(wrong) is None


def test_a_key_opens_the_door_in_both_schemes(gate: Gate, token: str) -> None:
    assert status(gate, f"token {token}") == 200
    assert status(gate, f"Basic {base64.b64encode(token.encode()).decode()}") == 200


def test_without_a_valid_key_nothing_is_told(own_gate: Callable[..., Gate], token: str) -> None:
    gate = own_gate()
    key, secret = token.split(":")
    for wrong in (
        None,
        "token",
        f"token {key}:wrong",
        f"token wrong:{secret}",
        f"Bearer {token}",
        "token ' or 1=1:x",
    ):
        assert status(gate, wrong) == 401
    response = requests.get(f"{gate.url}/check", params=ASKED, timeout=10)
    assert response.headers["WWW-Authenticate"] == "token"
    assert response.json() == {"error": "请在 Authorization 头中提供有效的 API 密钥：token key:secret"}


def test_who_guesses_has_to_wait_and_nobody_else_has(own_gate: Callable[..., Gate], token: str) -> None:
    gate = own_gate()
    assert status(gate, f"token {token}") == 200
    seen = [status(gate, f"token guess:{number}") for number in range(FAILURES + 5)]
    assert seen == [401] * FAILURES + [429] * 5
    response = requests.get(f"{gate.url}/check", params=ASKED, timeout=10)
    assert (response.status_code, int(response.headers["Retry-After"]) > 0) == (429, True)
    assert "密钥错误次数过多" in response.json()["error"]
    # A key that was right before is right from the same address; it is checked anew after some seconds.
    wait_until(lambda: status(gate, f"token {token}") == 200, 1)
    import time

    time.sleep(3.5)
    assert status(gate, f"token {token}") == 200


def test_a_role_is_needed_and_everybody_may_ask_about_himself(
    gate: Gate, hire: Callable[..., str], make_user: Callable[..., tuple[str, str]]
) -> None:
    user, plain = make_user("gate-plain", "Nurse")
    person, other = hire(user=user), hire()
    own = {"practitioner": person, "kind": "SURGERY", "code": CODES[0]}
    wait_until(lambda: gate.check(**own)["reason"] == "NO_GRANT")
    assert gate.get("/check", token=plain, **own).status_code == 200
    response = gate.get("/check", token=plain, **(own | {"practitioner": other}))
    assert (response.status_code, response.json()["error"]) == (403, "只能查询本人的权限")
    assert gate.post([own, own | {"practitioner": other}], token=plain).status_code == 403


@pytest.mark.parametrize("change", ["disabled", "new secret", "without role"])
def test_a_key_that_is_taken_back_is_refused_within_seconds(
    gate: Gate, make_user: Callable[..., tuple[str, str]], site: str, change: str
) -> None:
    user, key = make_user(f"gate-{change.replace(' ', '-')}", "Integration")
    assert status(gate, f"token {key}") == 200
    if change == "disabled":
        # Frappe lets nobody be disabled by the document where Administrator is the only System Manager.
        frappe.db.set_value("User", user, "enabled", 0)
    else:
        doc = frappe.get_doc("User", user)
        doc.update({"api_secret": "another-secret"} if change == "new secret" else {"roles": []})
        doc.save()
    frappe.db.commit()
    refused = 403 if change == "without role" else 401
    wait_until(lambda: status(gate, f"token {key}") == refused, 5)
