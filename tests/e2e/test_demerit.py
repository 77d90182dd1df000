"""A demerit's way on the screen: entered, told, appealed, upheld; the penalty is issued and the gate refuses."""

from __future__ import annotations

import time

import pytest
from e2e.test_story import ask_until, key

__all__ = ["key"]

RECORDER, OFFICE = "yaoxue", "ganshi"
FACTS = "处方点评发现：未按规定登记麻醉药品空安瓿。"
APPEAL = "当日夜班抢救两名患者，登记于次晨补齐，请予考虑。"


@pytest.fixture
def grant(caller) -> dict:
    """An operation that a member of the committee may do now, with his account."""
    for number in range(2, 10):
        doctor = caller(account := f"weiyuan{number}")
        person = doctor.read("medaffairs.face.api.boot")["practitioner"]["name"]
        for row in doctor.read("medaffairs.privileging.api.grants_of", practitioner=person):
            if (row["kind"], row["status"]) == ("SURGERY", "Active"):
                return row | {"practitioner": person, "account": account}
    pytest.fail("no member of the committee may operate")


def enter_record(visitor, person: str, item: str) -> str:
    """A functional department writes down what happened; the record's number."""
    page = visitor.enter(RECORDER).open("/new/Demerit Record").page
    visitor.choose("practitioner", person, person)
    visitor.choose("item", item, item)
    visitor.quiet()
    assert visitor.field("points").input_value() == "6"
    visitor.field("occurred_on").fill(page.evaluate("new Date().toISOString().slice(0, 10)"))
    visitor.field("description").fill(FACTS)
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/form/" in url)
    visitor.quiet()
    return page.url.rsplit("/", 1)[-1]


def step(visitor, name: str, picture: str = "", **values: str) -> None:
    """Takes a step of the bar, with what its dialogue asks for."""
    visitor.page.locator("[data-step-bar]").get_by_role("button", name=name, exact=True).click()
    dialog = visitor.page.get_by_role("dialog")
    for field, value in values.items():
        dialog.locator(f'[data-fieldname="{field}"]').locator("input, textarea").first.fill(value)
    if picture:
        visitor.picture(picture)
    dialog.get_by_role("button", name=name, exact=True).click()
    dialog.wait_for(state="detached")
    visitor.quiet()


def test_from_the_record_to_the_refusal_of_the_gate(visitor, caller, stack, grant, key) -> None:
    person, doctor, page = grant["practitioner"], grant["account"], visitor.page
    assert ask_until(True, stack, key, person, grant["code"])["allowed"]

    number = enter_record(visitor, person, "NL05")
    step(visitor, "下发通知书")
    page.locator("[data-step-bar]").get_by_text("已下发").wait_for()

    # Opening the notice is reading it.
    visitor.enter(doctor).open("/")
    page.locator("#notices").get_by_role("link").filter(has_text=number).first.click()
    page.wait_for_url(lambda url: number in url)
    visitor.says(FACTS)
    messages = caller(doctor).read("medaffairs.messaging.api.inbox", unread=1)
    assert number not in {row["reference_name"] for row in messages}
    step(visitor, "申诉", picture="demerit-appeal", words=APPEAL)
    visitor.says("复核中")
    assert page.locator("[data-step-bar]").get_by_role("button").count() == 0

    visitor.enter(OFFICE).open(f"/form/Demerit Record/{number}")
    visitor.says(APPEAL)
    step(visitor, "维持", words="登记应当场完成，维持记分。")
    page.locator("[data-step-bar]").get_by_text("已确认").wait_for()
    history = page.get_by_role("listitem").filter(has_text="维持 →")
    assert "登记应当场完成" in history.first.inner_text()
    visitor.picture("demerit-upheld")

    visitor.open(f"/list/Penalty?practitioner={person}&scope=Single Offence")
    page.locator("tbody tr").first.click()
    step(visitor, "下发")
    page.locator("[data-step-bar]").get_by_text("已下发").wait_for()
    visitor.picture("penalty-issued")
    denied = ask_until(False, stack, key, person, grant["code"])
    assert (denied["allowed"], denied["reason"]) == (False, "SUSPENDED")

    step(visitor, "改作其他处理", words="已完成专项培训，恢复权限。")
    assert ask_until(True, stack, key, person, grant["code"])["allowed"]


@pytest.fixture
def spotless(caller) -> dict:
    """An operation that somebody with an account may do now who has no points in this cycle."""
    for number in range(5, 10):
        doctor = caller(account := f"weiyuan{number}")
        person = doctor.read("medaffairs.face.api.boot")["practitioner"]["name"]
        if doctor.read("medaffairs.demerit.api.points_of", practitioner=person)["points"]:
            continue
        for row in doctor.read("medaffairs.privileging.api.grants_of", practitioner=person):
            if (row["kind"], row["status"]) == ("SURGERY", "Active"):
                return row | {"practitioner": person, "account": account}
    pytest.fail("no member of the committee without points may operate")


def confirmed_records(recorder, doctor, person: str, item: str, count: int) -> list[str]:
    """Records of an item that the person has accepted; their numbers."""
    listed = recorder.read(
        "frappe.client.get_value", doctype="Negative List Item", filters=item, fieldname="points"
    )
    names = []
    for _ in range(count):
        values = {"doctype": "Demerit Record", "practitioner": person, "item": item, "points": listed["points"],
                  "occurred_on": time.strftime("%Y-%m-%d"), "description": FACTS}  # fmt: skip
        name = recorder.write("frappe.client.insert", doc=values)["name"]
        recorder.write("medaffairs.demerit.api.take", name=name, action="Issue Notice")
        doctor.write("medaffairs.demerit.api.take", name=name, action="Accept")
        names.append(name)
    return names


def test_three_records_make_one_penalty_until_one_of_them_is_overturned(
    visitor, caller, stack, spotless, key
) -> None:
    person, doctor, page = spotless["practitioner"], spotless["account"], visitor.page
    item = caller(OFFICE).read(
        "frappe.client.get_list", doctype="Negative List Item", limit_page_length=1,
        filters='{"points": 2, "disabled": 0, "version": ["like", "院内试行版"]}',
    )[0]["name"]  # fmt: skip
    records = confirmed_records(caller(RECORDER), caller(doctor), person, item, 3)

    # One penalty of the cycle, with all three.
    visitor.enter(OFFICE).open(f"/list/Penalty?practitioner={person}&status=Not Issued")
    visitor.quiet()
    page.get_by_text("累计6—8分：院内通报").first.click()
    page.wait_for_url(lambda url: "/form/Penalty/" in url)
    for record in records:
        visitor.says(record)
    penalty = page.url.rsplit("/", 1)[-1]
    step(visitor, "下发")
    page.locator("[data-step-bar]").get_by_text("已下发").wait_for()
    denied = ask_until(False, stack, key, person, spotless["code"])
    assert (denied["allowed"], denied["reason"]) == (False, "SUSPENDED")

    # The notice waits until it is read.
    unread = caller(doctor).read("medaffairs.messaging.api.inbox", unread=1)
    assert penalty in {row["reference_name"] for row in unread}
    visitor.enter(doctor).open("/")
    page.locator("#notices").get_by_role("link").filter(has_text=penalty).first.click()
    page.wait_for_url(lambda url: penalty in url)
    unread = caller(doctor).read("medaffairs.messaging.api.inbox", unread=1)
    assert penalty not in {row["reference_name"] for row in unread}

    # Without the third record another rule holds: the penalty has lost its ground and the privilege is there again.
    visitor.enter("yiwu").open(f"/form/Demerit Record/{records[0]}")
    step(visitor, "撤销", words="补充的护理记录证明当日已登记，撤销记分。")
    page.locator("[data-step-bar]").get_by_text("已撤销").wait_for()
    assert ask_until(True, stack, key, person, spotless["code"])["allowed"]
    points = caller(doctor).read("medaffairs.demerit.api.points_of", practitioner=person)
    assert points["points"] == 4
    made = {row["rule"]: (row["status"], row["points"]) for row in points["penalties"]}
    assert made["累计6—8分：院内通报"] == ("Revoked", 0) and made["累计4—5分：诫勉"] == ("Not Issued", 4)


def test_a_message_of_somebody_else_is_told_so(visitor) -> None:
    visitor.enter(OFFICE).open("/go/nobody-s-message")
    visitor.says("这条消息不是发给您的")
    assert visitor.page.get_by_role("button", name="重试").count() == 0


@pytest.mark.parametrize(
    ("doctype", "field", "states"),
    [
        (
            "Demerit Record",
            "workflow_state",
            {"Draft", "Notice Issued", "Under Review", "Confirmed", "Dismissed", "Overturned"},
        ),
        ("Penalty", "status", {"Not Issued", "Issued", "Ended", "Other Handling"}),
        (
            "Improvement Action",
            "workflow_state",
            {"To Improve", "Improving", "Awaiting Re-inspection", "Improved", "Called Off"},
        ),
    ],
)
def test_the_demo_hospital_has_some_in_every_state(caller, doctype, field, states) -> None:
    rows = caller(OFFICE).read(
        "frappe.client.get_list", doctype=doctype, fields=f'["{field}"]', limit_page_length=0
    )
    assert states <= {row[field] for row in rows}
