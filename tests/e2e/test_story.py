"""The whole story: apply, four approvals with a vote, grant, allowed, suspended, denied, listed, audited."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests

APPLICANT = "yishi"
MEMBERS = ("weiyuan", *(f"weiyuan{number}" for number in range(2, 10)))


@pytest.fixture
def procedure(caller: Callable) -> dict[str, str]:
    """A procedure that the applicant does not hold and whose conditions he meets."""
    person = caller(APPLICANT)
    own = person.read("medaffairs.face.api.boot")["practitioner"]["name"]
    known = {row["code"] for row in person.read("medaffairs.privileging.api.grants_of", practitioner=own)}
    for level in ("3", "2", "1"):
        for start in (0, 50, 100):
            rows = person.read(
                "medaffairs.privileging.sheets.catalogue", kind="SURGERY", level=level, start=start
            )
            free = [row for row in rows if row["code"] not in known]
            verdicts = person.read(
                "medaffairs.privileging.sheets.eligibility",
                kind="SURGERY",
                codes=json.dumps([row["code"] for row in free]),
            )
            fit = {verdict["code"] for verdict in verdicts if verdict["eligible"]}
            for row in free:
                if row["code"] in fit:
                    return {"code": row["code"], "name": row["item_name"]}
    pytest.fail("the demo has no procedure that the applicant may still apply for")


@pytest.fixture
def key(caller: Callable) -> str:
    """An API key of the operating-theatre system's account."""
    office = caller("Administrator")
    secret = office.write("frappe.core.doctype.user.user.generate_keys", user="jicheng@demo.hospital")
    name = office.read(
        "frappe.client.get_value", doctype="User", filters="jicheng@demo.hospital", fieldname="api_key"
    )
    return f"{name['api_key']}:{secret['api_secret']}"


def ask(stack, key: str, practitioner: str, code: str) -> dict:
    """The theatre's question: may this surgeon do this now?"""
    answer = requests.get(
        f"{stack.gate_url}/check",
        params={"practitioner": practitioner, "kind": "SURGERY", "code": code},
        headers={"Authorization": f"token {key}"},
        timeout=10,
    )
    assert answer.ok, answer.text
    return answer.json()


def ask_until(allowed: bool, stack, key: str, practitioner: str, code: str) -> dict:
    """Asks until the gate has followed the ledger, which takes it a second at most on an idle machine."""
    deadline = time.monotonic() + 10
    while (answer := ask(stack, key, practitioner, code))["allowed"] != allowed:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return answer


def schedule(stack, practitioner: str, code: str, name: str) -> dict[str, str]:
    """The theatre schedules the operation over HL7: MSA-1 (processed?) and MSA-3 (permitted?) of the answer."""
    moment = datetime.now(ZoneInfo("Asia/Shanghai"))
    at, control = f"{moment + timedelta(hours=2):%Y%m%d%H%M%S}", uuid4().hex[:16].upper()
    message = "\r".join(
        (
            f"MSH|^~\\&|ORIS|DEMO|MEDAFFAIRS|DEMO|{moment:%Y%m%d%H%M%S}||SIU^S12^SIU_S12|{control}|P|2.5.1||||||UNICODE UTF-8",
            f"SCH|A{control}|||||择期手术|||60|min|^^60^{at}|||||{practitioner}||||{practitioner}|||||Booked",
            "PID|1||P0009001^^^DEMO^MR||王^小明||19800229|M",
            "RGS|1|A",
            f"AIS|1|A|{code}^{name}^ICD9CM3|{at}",
            f"AIP|1|A|{practitioner}|SURGEON",
            "",
        )
    )
    with socket.create_connection(stack.mllp, timeout=15) as connection:
        connection.sendall(b"\x0b" + message.encode() + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            answer += connection.recv(65536)
    fields = next(line for line in answer.decode().split("\r") if line.startswith("MSA")).split("|")
    return {"processed": fields[1], "control": fields[2], "permitted": fields[3]} | {"sent": control}


def approve(visitor, account: str, number: str, opinion: str, picture: str = "") -> None:
    """Opens the application from the workbench and agrees with an opinion."""
    visitor.enter(account).open("/")
    visitor.page.locator(f'a[href$="/application/{number}"]').first.click()
    visitor.page.locator("[data-item]").first.wait_for()
    if picture:
        visitor.picture(picture)
    visitor.page.locator("[data-actions]").get_by_role("button", name="同意", exact=True).click()
    visitor.page.fill("#decision-text", opinion)
    visitor.button("确定").click()
    visitor.says(opinion)


def apply_for(visitor, procedure: dict[str, str]) -> str:
    """Ticks the procedure, sees that the conditions are met, sends the sheet; its number."""
    visitor.sign_in(APPLICANT).open("/apply/SURGERY")
    visitor.page.get_by_role("searchbox").fill(procedure["code"])
    visitor.page.get_by_role("checkbox", name=re.compile(re.escape(procedure["name"]))).first.check()
    sheet = visitor.page.get_by_role("region", name="我的申请单")
    sheet.get_by_text(procedure["name"]).wait_for()
    visitor.page.fill("#reason", "已在上级医师指导下完成规定例数")
    visitor.quiet()
    visitor.picture("application-sheet")
    sheet.get_by_role("button", name="提交", exact=True).click()
    visitor.page.wait_for_url(re.compile(r"/application/PA-"))
    visitor.says("科室审核")
    return visitor.page.url.rsplit("/", 1)[-1]


def vote(visitor, caller: Callable, number: str, code: str) -> None:
    """One member votes on the page, the others from wherever they are."""
    visitor.enter(MEMBERS[0]).open(f"/application/{number}")
    visitor.page.get_by_role("link", name="查看表决").click()
    visitor.button("全部赞成").click()
    visitor.picture("ballot")
    visitor.button("投票").click()
    visitor.page.get_by_role("dialog").get_by_role("button", name="是", exact=True).click()
    visitor.says("投票成功")
    ballot = visitor.page.url.rsplit("/", 1)[-1]
    for member in MEMBERS[1:]:
        caller(member).write(
            "medaffairs.approval.api.vote", ballot=ballot, votes=[{"item_key": code, "vote": "For"}]
        )


def suspend(visitor, practitioner: str) -> None:
    """The office lets the privileges of the surgeon rest while he is away."""
    visitor.enter("yiwu").open(f"/practitioner/{practitioner}")
    visitor.button("暂停权限").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.locator('[data-fieldname="reason"]').locator("input").click()
    visitor.page.get_by_role("option").first.click()
    visitor.picture("suspend")
    dialog.get_by_role("button", name="确定", exact=True).click()
    dialog.wait_for(state="detached")
    visitor.says("已暂停")


def test_from_application_to_denial(visitor, caller, stack, procedure, key) -> None:
    person = caller(APPLICANT).read("medaffairs.face.api.boot")["practitioner"]["name"]
    assert not ask(stack, key, person, procedure["code"])["allowed"]

    number = apply_for(visitor, procedure)
    approve(visitor, "zhuren", number, "科室同意申请", picture="application")
    approve(visitor, "shuji", number, "党支部同意")
    approve(visitor, "ganshi", number, "材料齐全，提交委员会")
    vote(visitor, caller, number, procedure["code"])

    visitor.enter(APPLICANT).open(f"/application/{number}")
    visitor.page.locator("header").get_by_text("已授权").wait_for()
    visitor.picture("application-approved")
    answer = ask_until(True, stack, key, person, procedure["code"])
    assert answer["allowed"] and answer["grant"].startswith("PG-")
    told = schedule(stack, person, procedure["code"], procedure["name"])
    assert (told["processed"], told["permitted"], told["control"]) == ("AA", "OK", told["sent"])

    suspend(visitor, person)
    denied = ask_until(False, stack, key, person, procedure["code"])
    assert (denied["allowed"], denied["reason"]) == (False, "SUSPENDED")
    told = schedule(stack, person, procedure["code"], procedure["name"])
    assert (told["processed"], told["permitted"], told["control"]) == ("AA", "UA", told["sent"])

    row = visitor.page.locator("tbody tr").filter(has_text=procedure["name"]).first
    # What a message told becomes an act a moment after its answer.
    visitor.open_until(f"/list/Unauthorized Act?practitioner={person}&code={procedure['code']}", row)
    row.click()
    visitor.says("权限暂停中")
    visitor.page.go_back()
    visitor.page.locator("tbody tr").filter(has_text=procedure["name"]).first.wait_for()
    visitor.picture("unauthorized-acts")

    visitor.enter("shenji").open("/audit")
    visitor.button("校验完整性").click()
    visitor.says("日志完整，未被改动")
    visitor.picture("audit-verified")
