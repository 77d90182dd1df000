"""Signing in with DingTalk or WeCom: only in the browser that began, only once, only for people who are known."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest
from messaging.conftest import FIRST, SECOND
from support.vendors import APP_KEY, CORPORATION, Vendors

from medaffairs.messaging import delivery, outbox
from medaffairs.messaging.signin import COOKIE


class Browser:
    """A browser with cookies, on the host's own application."""

    def __init__(self, site: str) -> None:
        from frappe.app import application
        from werkzeug.test import Client

        self._client = Client(application)
        self._site = site

    def get(self, path: str, **query: str):
        """One request; it has a thread, and so a connection, of its own."""
        return self._do(lambda: self._client.get(path, query_string=query, headers=self._headers))

    def post(self, path: str, **body: str):
        """One POST."""
        return self._do(lambda: self._client.post(path, json=body, headers=self._headers))

    @property
    def _headers(self) -> dict[str, str]:
        return {"X-Frappe-Site-Name": self._site, "Host": self._site, "Accept": "application/json"}

    def _do(self, action: Callable):
        answers: list = []
        worker = threading.Thread(target=lambda: answers.append(action()))
        worker.start()
        worker.join()
        return answers[0]

    @property
    def user(self) -> str:
        """Who is signed in."""
        answer = self.get("/api/method/frappe.auth.get_logged_user")
        return answer.json.get("message") if answer.status_code == 200 else "Guest"

    def begin(self, provider: str, **more: str) -> dict[str, str]:
        """Begins; what the vendor's page is asked with."""
        answer = self.get("/api/method/medaffairs.messaging.signin.begin", provider=provider, **more)
        assert answer.status_code in (301, 302), answer.get_data(as_text=True)
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}

    def back(self, **query: str):
        """The vendor sends the browser back."""
        return self.get("/api/method/medaffairs.messaging.signin.callback", **query)


@pytest.fixture
def browser(connected_site: str) -> Callable[[], Browser]:
    return lambda: Browser(connected_site)


def test_the_page_offers_what_is_set_up(vendors: Vendors, browser):
    answer = browser().get("/api/method/medaffairs.messaging.signin.providers")
    assert {"provider": "WeCom", "organization": CORPORATION} in answer.json["message"]
    assert {row["provider"] for row in answer.json["message"]} == {"DingTalk", "WeCom"}


def test_dingtalk_signs_in_who_alone_has_the_mobile_number(vendors: Vendors, browser):
    vendors.codes["c1"] = {"unionId": "union-1", "nick": "李四", "mobile": "13800000001"}
    person = browser()
    asked = person.begin("DingTalk", to="/medaffairs/workbench")
    assert asked["client_id"] == APP_KEY and asked["redirect_uri"].endswith(
        "/api/method/medaffairs.messaging.signin.callback"
    )
    answer = person.back(state=asked["state"], authCode="c1")
    assert answer.location.endswith("/medaffairs/workbench") and person.user == FIRST
    frappe.db.rollback()
    bound = frappe.db.get_value("External Account", "DingTalk-ding-1", ["user", "bound_by", "union_id"])
    assert bound == (FIRST, "Mobile Number", "union-1")


def test_who_has_signed_in_gets_his_messages_under_the_account_that_messages_know(
    vendors: Vendors, browser, template
):
    vendors.codes["c0"] = {"unionId": "union-1", "mobile": "13800000001"}
    person = browser()
    person.back(state=person.begin("DingTalk")["state"], authCode="c0")
    frappe.db.rollback()
    outbox.send(template("T 钉钉"), [FIRST], {"number": "1"}, private={"patient": "某"}, key="event|1")
    frappe.db.commit()
    assert delivery.deliver_due() == 1 and vendors.sent[0][:2] == ("dingtalk", "ding-1")


def test_wecom_signs_in_a_bound_account(vendors: Vendors, browser):
    frappe.get_doc(doctype="External Account", user=SECOND, provider="WeCom", external_id="wx-2").insert()
    frappe.db.commit()
    vendors.codes["c2"] = {"userid": "wx-2"}
    person = browser()
    asked = person.begin("WeCom", inside="1")
    assert asked["appid"] == CORPORATION and asked["scope"] == "snsapi_base"
    person.back(state=asked["state"], code="c2")
    assert person.user == SECOND


def test_inside_dingtalk_the_code_of_the_page_signs_in(vendors: Vendors, browser):
    frappe.get_doc(doctype="External Account", user=FIRST, provider="DingTalk", external_id="ding-1").insert()
    frappe.db.commit()
    vendors.codes["c3"] = {"userid": "ding-1", "name": "李四"}
    person = browser()
    answer = person.post("/api/method/medaffairs.messaging.signin.inside", provider="DingTalk", code="c3")
    assert answer.json["message"] == {"user": FIRST} and person.user == FIRST


def test_a_code_of_another_browser_signs_nobody_in(vendors: Vendors, browser):
    vendors.codes["c4"] = {"unionId": "union-1", "mobile": "13800000001"}
    attacker, victim = browser(), browser()
    state = attacker.begin("DingTalk")["state"]
    answer = victim.back(state=state, authCode="c4")
    assert "problem=" in answer.location and victim.user == "Guest"
    assert "c4" in vendors.codes, "the code was used for a browser that had not begun"


def test_a_state_is_good_once(vendors: Vendors, browser):
    person = browser()
    vendors.codes["c5"] = {"unionId": "union-1", "mobile": "13800000001"}
    state = person.begin("DingTalk")["state"]
    person.back(state=state, authCode="c5")
    person._client.set_cookie(COOKIE, state, domain="localhost")
    assert "problem=" in person.back(state=state, authCode="c5").location


@pytest.mark.parametrize(
    "who",
    [
        {"unionId": "union-9", "mobile": "13900000009"},
        {"unionId": "union-9"},
        {"unionId": "", "mobile": "13800000001"},
        {"unionId": "union-of-another-organization", "mobile": "13800000001"},
        None,
    ],
    ids=["an unknown number", "no number", "no account", "another organization", "a wrong code"],
)
def test_a_stranger_stays_outside(vendors: Vendors, browser, who):
    if who:
        vendors.codes["c6"] = who
    person = browser()
    answer = person.back(state=person.begin("DingTalk")["state"], authCode="c6")
    assert "problem=" in answer.location and person.user == "Guest"


def test_a_number_of_two_people_signs_in_neither(vendors: Vendors, browser):
    frappe.db.set_value("Practitioner", "T-M003", "mobile", "13800000001")
    frappe.db.commit()
    try:
        vendors.codes["c7"] = {"unionId": "union-1", "mobile": "13800000001"}
        person = browser()
        person.back(state=person.begin("DingTalk")["state"], authCode="c7")
        assert person.user == "Guest"
    finally:
        frappe.db.set_value("Practitioner", "T-M003", "mobile", "")
        frappe.db.commit()


def test_a_disabled_user_stays_outside(vendors: Vendors, browser):
    frappe.db.set_value("User", FIRST, "enabled", 0)
    frappe.db.commit()
    try:
        vendors.codes["c8"] = {"unionId": "union-1", "mobile": "13800000001"}
        person = browser()
        person.back(state=person.begin("DingTalk")["state"], authCode="c8")
        assert person.user == "Guest"
    finally:
        frappe.db.set_value("User", FIRST, "enabled", 1)
        frappe.db.commit()


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/medaffairs/..//evil", "/medaffairs\\evil", "/app"]
)
def test_it_leads_to_pages_of_ours_only(vendors: Vendors, browser, to: str):
    vendors.codes["c9"] = {"unionId": "union-1", "mobile": "13800000001"}
    person = browser()
    answer = person.back(state=person.begin("DingTalk", to=to)["state"], authCode="c9")
    assert urlsplit(answer.location).path == "/medaffairs" and "evil" not in answer.location


def test_what_is_not_set_up_is_not_there(vendors: Vendors, browser):
    frappe.db.set_value("Message Channel", "T 企业微信", "allow_sign_in", 0)
    frappe.db.commit()
    answer = browser().get("/api/method/medaffairs.messaging.signin.begin", provider="WeCom")
    assert answer.status_code == 404
