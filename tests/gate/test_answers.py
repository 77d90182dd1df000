"""What the gate answers, and that every door answers the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import frappe
import pytest
import requests
from frappe.utils import now_datetime
from gate.conftest import CODES
from gate.processes import Gate, Web, wait_until

from medaffairs.privileging import ledger, rules
from medaffairs.privileging.api import check, check_many


def follow(gate: Gate) -> None:
    """Until the gate has seen what this test has committed."""
    newest = frappe.get_all("Privilege Event", pluck="sequence", order_by="sequence desc", limit=1)[0]
    people = frappe.get_all(
        "Practitioner", filters={"name": ("like", "TG-P%")}, pluck="name", order_by="creation desc"
    )
    wait_until(lambda: requests.get(f"{gate.url}/health", timeout=5).json()["version"] >= newest)
    wait_until(lambda: gate.check(people[0], "SURGERY", "TG-1")["reason"] != rules.UNKNOWN_PRACTITIONER)


def test_a_permission_names_its_grant_and_how_long_it_holds(gate: Gate, hire: Callable[..., str]) -> None:
    person, end = hire(), (now_datetime() + timedelta(days=30)).replace(microsecond=0)
    name = ledger.grant(person, "SURGERY", CODES[0], valid_to=end)
    frappe.db.commit()
    follow(gate)
    answer = gate.check(person, "SURGERY", CODES[0])
    version = answer.pop("version")
    assert answer == {
        "allowed": True,
        "reason": "GRANTED",
        "message": f"已授权，有效期至 {end:%Y-%m-%d %H:%M}",
        "grant": name,
        "valid_to": str(end),
    }
    assert version >= frappe.db.get_value("Privilege Event", {"grant": name}, "sequence")


def test_a_refusal_says_why_in_the_callers_language(gate: Gate, surgeon: str) -> None:
    follow(gate)
    answer = gate.check(surgeon, "SURGERY", CODES[1])
    assert (answer["allowed"], answer["reason"], answer["grant"]) == (False, "NO_GRANT", None)
    assert answer["message"] == "未获得该项目的授权"
    asked = {"practitioner": surgeon, "kind": "SURGERY", "code": CODES[1]}
    english = gate.get("/check", headers={"Accept-Language": "en-GB,en;q=0.9"}, **asked).json()
    assert english["message"] == "No privilege has been granted for this item"


def test_many_questions_are_answered_in_their_order(gate: Gate, surgeon: str) -> None:
    follow(gate)
    asked = [
        {"practitioner": surgeon, "kind": "SURGERY", "code": code, "emergency": False} for code in CODES
    ] * 300
    response = gate.post(asked)
    assert response.status_code == 200
    answers = response.json()
    assert [a["allowed"] for a in answers] == [True, False, False] * 300
    assert gate.post([]).json() == []


def test_a_time_with_a_zone_is_converted_and_one_without_is_the_hospitals(
    gate: Gate, hire: Callable[..., str]
) -> None:
    person, start = hire(), (now_datetime() + timedelta(days=1)).replace(microsecond=0)
    ledger.grant(person, "SURGERY", CODES[0], valid_from=start)
    frappe.db.commit()
    follow(gate)
    ask = {"practitioner": person, "kind": "SURGERY", "code": CODES[0]}
    zone = frappe.utils.get_system_timezone()
    from zoneinfo import ZoneInfo

    utc = start.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    second = timedelta(seconds=1)
    for moment, reason in ((start, "GRANTED"), (start - second, "NOT_YET_VALID")):
        assert gate.check(**ask, at=moment.isoformat())["reason"] == reason
    for moment, reason in ((utc, "GRANTED"), (utc - second, "NOT_YET_VALID")):
        assert gate.check(**ask, at=moment.isoformat())["reason"] == reason
        assert gate.check(**ask, at=f"{moment:%Y-%m-%dT%H:%M:%SZ}")["reason"] == reason
    assert gate.check(**ask)["reason"] == "NOT_YET_VALID"


@pytest.fixture
def in_chinese(site: str) -> Iterator[None]:
    """The calls inside this process answer in the language of the others."""
    before, frappe.local.lang = frappe.local.lang, "zh"
    yield
    frappe.local.lang = before


def test_what_was_known_then_is_answered_too(
    gate: Gate, web: Web, hire: Callable[..., str], in_chinese: None
) -> None:
    person = hire()
    ledger.grant(person, "SURGERY", CODES[0], valid_from=now_datetime() - timedelta(days=9))
    frappe.db.commit()
    follow(gate)
    asked = {"practitioner": person, "kind": "SURGERY", "code": CODES[0]}
    before = str(now_datetime() - timedelta(hours=1))
    then, now = gate.check(**asked, as_of=before), gate.check(**asked, as_of=str(now_datetime()))
    assert (then["reason"], now["reason"]) == ("NO_GRANT", "GRANTED")
    assert then["version"] < now["version"]
    assert then == web.check(**asked, as_of=before) == check(**asked, as_of=before)


def test_every_door_gives_the_same_answer(
    gate: Gate, web: Web, hire: Callable[..., str], in_chinese: None
) -> None:
    chance, now = random.Random(11), now_datetime().replace(microsecond=0)
    people = [hire() for _ in range(5)]
    for _ in range(25):
        person, code = chance.choice(people), chance.choice(CODES)
        start = now + timedelta(days=chance.randint(-20, 10))
        end = start + timedelta(days=chance.randint(1, 20)) if chance.random() < 0.7 else None
        name = ledger.grant(person, "SURGERY", code, valid_from=start, valid_to=end)
        if chance.random() < 0.5:
            ledger.revoke(name, "测试", start + timedelta(days=chance.randint(0, 9)))
    frappe.db.commit()
    follow(gate)
    cases = []
    for _ in range(150):
        cases.append(
            {
                "practitioner": chance.choice([*people, "TG-nobody"]),
                "kind": chance.choice(["SURGERY", "SURGERY", "SURGERY", "ANTIMICROBIAL", "DENTAL"]),
                "code": chance.choice([*CODES, "TG-9"]),
                "at": (now + timedelta(hours=chance.randint(-600, 600))).isoformat(),
            }
        )
    single = [gate.check(**case) for case in cases]
    assert gate.post(cases).json() == single
    assert check_many(cases) == single
    assert [web.check(**case) for case in cases] == single
    assert {answer["reason"] for answer in single} >= {
        "GRANTED", "NO_GRANT", "EXPIRED", "NOT_YET_VALID", "REVOKED", "UNKNOWN_KIND", "UNKNOWN_CODE", "UNKNOWN_PRACTITIONER",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": None}, "code", "缺少参数 code"),
        ({"at": "gestern"}, "at", "at 不是有效的日期时间：gestern"),
        ({"record": "perhaps"}, "record", "参数 record 应为 0 或 1：perhaps"),
        ({"emergancy": "1"}, "?", "不认识的参数：emergancy"),
        ({"practitioner": "x" * 141}, "practitioner", "参数 practitioner 超过 140 个字符"),
        ({"code": ["A", "B"]}, "code", "参数 code 重复"),
    ],
)
def test_a_wrong_parameter_is_named(gate: Gate, changes: dict, field: str, words: str) -> None:
    asked = {"practitioner": "D1", "kind": "SURGERY", "code": "A"} | changes
    response = gate.get("/check", **asked)
    assert response.status_code == 400
    assert response.json() == {"error": words, "field": field}


def test_in_many_questions_the_row_is_named(gate: Gate) -> None:
    good = {"practitioner": "D1", "kind": "SURGERY", "code": "A"}
    response = gate.post([good, {**good, "at": "x"}])
    assert (response.status_code, response.json()) == (
        400,
        {"error": "第 2 条：at 不是有效的日期时间：x", "field": "at", "row": 2},
    )
    assert gate.post([good, "text"]).json()["row"] == 2
    assert gate.post([good] * 1001).json()["error"] == "一次最多查询 1000 条"
    assert gate.post(good).json()["error"] == "请求内容应为查询数组"
    assert gate.post(b"{not json").json()["error"] == "请求内容不是有效的 JSON"
    assert gate.post(b"[" * 100_000).status_code == 400


def test_other_addresses_methods_and_sizes_are_refused_in_words(gate: Gate) -> None:
    assert (gate.get("/nothing").status_code, gate.get("/nothing").json()["error"]) == (404, "该地址不存在")
    response = requests.put(f"{gate.url}/check", timeout=10)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET,POST")
    response = gate.post(b'"' + b"x" * 2_000_000 + b'"')
    assert (response.status_code, response.json()["error"]) == (413, "请求内容过大")
    assert gate.get("/check", practitioner="x" * 20_000).status_code == 400


def test_a_refused_act_is_kept_when_asked_for(gate: Gate, surgeon: str) -> None:
    follow(gate)
    gate.check(surgeon, "SURGERY", CODES[1], record=1, source="手麻系统", department="HIS-TG", emergency=1)
    gate.check(surgeon, "SURGERY", CODES[2], record=0)
    gate.check(surgeon, "SURGERY", CODES[0], record=1)

    def kept() -> list:
        frappe.db.rollback()
        return frappe.get_all(
            "Unauthorized Act",
            filters={"practitioner": surgeon},
            fields=["code", "decision_reason", "department", "source_system", "was_emergency", "status"],
        )

    act = wait_until(kept)
    assert act == [
        {"code": CODES[1], "decision_reason": "NO_GRANT", "department": "TG-DEP", "source_system": "手麻系统",
         "was_emergency": 1, "status": "Open"}
    ]  # fmt: skip


def test_an_act_of_somebody_unknown_is_kept_with_what_was_said(gate: Gate) -> None:
    gate.check("TG-nobody", "SURGERY", "TG-77", record=1, department="ward 9")

    def kept() -> list:
        frappe.db.rollback()
        return frappe.get_all(
            "Unauthorized Act", filters={"code": "TG-77"}, fields=["practitioner", "explanation"]
        )

    act = wait_until(kept)[0]
    assert not act.practitioner
    assert "TG-nobody" in act.explanation and "ward 9" in act.explanation
