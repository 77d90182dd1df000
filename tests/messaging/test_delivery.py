"""What people are told reaches them by every channel, once, late rather than never, and without a word about patients."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime
from messaging.conftest import FIRST, NOBODY, SECOND
from support.vendors import APP_SECRET, SMS_SECRET, Vendors

from medaffairs.messaging import api, delivery, outbox

PATIENT = "王小明"
IN_APP = "站内消息"


def tell(template: str, *users: str, key: str = "event|1", **options: object) -> list[str]:
    made = outbox.send(template, users, {"number": "AE-7"}, private={"patient": PATIENT}, key=key, **options)
    frappe.db.commit()
    return made


def rows(key: str = "event|1", **filters: object) -> list[dict]:
    frappe.db.rollback()
    return frappe.get_all(
        "Outbound Message", filters={"series": ("like", f"{key}|%"), **filters}, fields=["*"], order_by="name"
    )


def states(**filters: object) -> list[str]:
    return [row.status for row in rows(**filters)]


def at_once(name: int | str) -> None:
    frappe.db.set_value("Outbound Message", name, "not_before", now_datetime() - timedelta(seconds=1))
    frappe.db.commit()


# -- each vendor


@pytest.mark.parametrize(
    ("channel", "vendor", "receiver"),
    [
        ("T 钉钉", "dingtalk", "ding-1"),
        ("T 机器人", "robot", "13800000001"),
        ("T 短信", "gateway", "13800000001"),
        ("T 阿里云", "aliyun", "13800000001"),
    ],
)
def test_a_message_reaches_its_vendor_signed(
    template, vendors: Vendors, channel: str, vendor: str, receiver: str
):
    tell(template(channel), FIRST)
    assert delivery.deliver_due() == 1
    assert [sent[:2] for sent in vendors.sent] == [(vendor, receiver)]
    assert states() == ["Sent"]


def test_wecom_is_asked_for_the_person_behind_the_number_once(template, vendors: Vendors):
    code = template("T 企业微信")
    tell(code, SECOND)
    tell(code, SECOND, key="event|2")
    assert delivery.deliver_due() == 2
    assert [sent[:2] for sent in vendors.sent] == [("wecom", "wx-2")] * 2
    assert (
        vendors.asked.count("/cgi-bin/user/getuserid") == 1 and vendors.asked.count("/cgi-bin/gettoken") == 1
    )
    assert (
        frappe.db.get_value("External Account", {"user": SECOND, "provider": "WeCom"}, "external_id")
        == "wx-2"
    )


def test_in_the_system_it_is_a_notice_with_its_document(template, vendors: Vendors):
    tell(template(IN_APP), FIRST, reference=("Clinical Department", "T-MSG"))
    delivery.deliver_due()
    notice = frappe.get_all("Notification Log", filters={"for_user": FIRST}, fields=["*"])[0]
    assert (notice.subject, notice.document_name) == ("事件 AE-7 已交您处理", "T-MSG")
    assert PATIENT in notice.email_content


# -- nothing about patients outside


def test_the_patient_stays_inside(template, vendors: Vendors):
    tell(template(IN_APP, "T 钉钉", "T 短信"), FIRST)
    delivery.deliver_due()
    told = {row.channel: row.text for row in rows()}
    assert PATIENT in told[IN_APP]
    assert vendors.sent and PATIENT not in str(vendors.sent)
    assert "/medaffairs/go/" in str([sent for sent in vendors.sent if sent[0] == "dingtalk"])
    assert FIRST not in str(vendors.sent)


def test_a_private_value_in_an_open_one_is_refused(template, vendors: Vendors):
    with pytest.raises(frappe.ValidationError, match="who a patient is"):
        outbox.send(
            template("T 短信"),
            [FIRST],
            {"number": f"{PATIENT} 的事件"},
            private={"patient": PATIENT},
            key="event|1",
        )


@pytest.mark.parametrize("field", ["title", "outside_text"])
def test_a_template_cannot_send_private_places_outside(template, vendors: Vendors, field: str):
    with pytest.raises(frappe.ValidationError, match="patient"):
        template("T 短信", **{field: "{patient} 的事件"})


def test_what_users_type_is_no_template(template, vendors: Vendors):
    outbox.send(
        template(IN_APP),
        [FIRST],
        {"number": "{{ 7*7 }} {patient}"},
        private={"patient": PATIENT},
        key="event|1",
    )
    frappe.db.commit()
    assert rows()[0].title == "事件 {{ 7*7 }} {patient} 已交您处理"


def test_a_missing_value_is_named(template, vendors: Vendors):
    with pytest.raises(frappe.ValidationError, match="number"):
        outbox.send(template(IN_APP), [FIRST], {}, private={"patient": PATIENT}, key="event|1")


# -- once, and late rather than never


def test_the_same_thing_is_told_once(template, vendors: Vendors):
    code = template(IN_APP, "T 短信")
    assert len(tell(code, FIRST, FIRST)) == 2
    assert tell(code, FIRST) == []
    delivery.deliver_due()
    assert delivery.deliver_due() == 0 and len(vendors.sent) == 1


def test_an_undone_event_tells_nobody(template, vendors: Vendors):
    code = template(IN_APP)
    outbox.send(code, [FIRST], {"number": "1"}, private={"patient": PATIENT}, key="event|1")
    frappe.db.rollback()
    assert rows() == [] and delivery.deliver_due() == 0


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, "no json"),
        (200, {"errcode": -1, "errmsg": "busy"}),
        (429, {"errcode": 1, "errmsg": "slow down"}),
        (200, 3.0),
    ],
    ids=["error", "busy", "too many", "silence"],
)
def test_what_may_succeed_later_is_tried_again(template, vendors: Vendors, status: int, answer: object):
    tell(template("T 机器人"), FIRST)
    vendors.fail(status, answer)
    assert delivery.deliver_due() == 0
    waiting = rows()[0]
    assert (
        waiting.status == "Queued"
        and waiting.error
        and waiting.not_before > now_datetime() + timedelta(seconds=20)
    )
    assert frappe.db.get_value("Message Channel", "T 机器人", "last_error")
    assert delivery.deliver_due() == 0
    at_once(waiting.name)
    assert delivery.deliver_due() == 1 and rows()[0].attempts == 2
    assert not frappe.db.get_value("Message Channel", "T 机器人", "last_error")


def test_what_is_refused_for_good_is_not_tried_again_and_the_next_channel_comes_at_once(
    template, vendors: Vendors
):
    tell(template("T 机器人", ("T 短信", 30)), FIRST)
    vendors.fail(200, {"errcode": 310000, "errmsg": "sign not match"})
    delivery.deliver_due()
    failed, next_one = rows()
    assert failed.status == "Failed" and "310000" in failed.error
    assert next_one.status == "Sent" or delivery.deliver_due() == 1


def test_after_so_many_attempts_it_has_failed(template, vendors: Vendors):
    tell(template("T 短信"), FIRST)
    for _ in range(3):
        vendors.fail(503, "away")
        at_once(rows()[0].name)
        delivery.deliver_due()
    assert (rows()[0].status, rows()[0].attempts) == ("Failed", 3)


def test_a_token_that_ended_early_is_renewed(template, vendors: Vendors):
    code = template("T 钉钉")
    tell(code, FIRST)
    delivery.deliver_due()
    vendors.forget_tokens()
    tell(code, FIRST, key="event|2")
    assert delivery.deliver_due() == 1 and vendors.tokens == 2


def test_secrets_are_in_no_error(template, vendors: Vendors):
    frappe.db.set_value("Message Channel", "T 钉钉", "app_key", "wrong")
    frappe.db.commit()
    tell(template("T 钉钉"), FIRST)
    delivery.deliver_due()
    error = rows()[0].error
    assert "40089" in error and APP_SECRET not in error and SMS_SECRET not in error


def test_one_dead_vendor_delays_only_itself(template, vendors: Vendors):
    frappe.db.set_value("Message Channel", "T 机器人", "base_url", "http://127.0.0.1:9")
    frappe.db.commit()
    tell(template("T 机器人", "T 短信", IN_APP), FIRST)
    assert delivery.deliver_due() == 2
    assert {row.channel: row.status for row in rows()} == {
        "T 机器人": "Queued",
        "T 短信": "Sent",
        IN_APP: "Sent",
    }


def test_a_vendor_that_is_away_is_asked_once_and_nobody_waits_for_the_rest(template, vendors: Vendors):
    code = template("T 机器人", "T 短信")
    for number in range(5):
        tell(code, FIRST, key=f"event|{number}")
    frappe.db.set_value("Message Channel", "T 机器人", "base_url", "http://127.0.0.1:9")
    frappe.db.commit()
    assert delivery.deliver_due() == 5
    tried = [row.attempts for number in range(5) for row in rows(f"event|{number}", channel="T 机器人")]
    assert sum(tried) == 1


def test_long_keys_stay_apart(template, vendors: Vendors):
    code, long = template(IN_APP), "event|" + "a" * 150
    assert len(tell(code, FIRST, key=long + "1")) == len(tell(code, FIRST, key=long + "2")) == 1
    assert tell(code, FIRST, key=long + "1") == []
    frappe.db.delete("Outbound Message", {"series": ("like", f"{long[:60]}%")})
    frappe.db.commit()


def test_a_process_that_died_after_its_claim_delays_its_message_only(template, vendors: Vendors):
    tell(template("T 短信"), FIRST)
    name = rows()[0].name
    claimed = {"status": "Sending", "claimed_until": now_datetime() + timedelta(minutes=1)}
    frappe.db.set_value("Outbound Message", name, claimed)
    frappe.db.commit()
    assert delivery.deliver_due() == 0
    frappe.db.set_value("Outbound Message", name, "claimed_until", now_datetime() - timedelta(seconds=1))
    frappe.db.commit()
    assert delivery.deliver_due() == 1 and states() == ["Sent"]


def test_a_vendor_s_limit_is_kept(template, vendors: Vendors):
    frappe.db.set_value("Message Channel", "T 机器人", "per_minute", 2)
    frappe.db.commit()
    code = template("T 机器人")
    for number in range(4):
        tell(code, FIRST, key=f"event|{number}")
    assert delivery.deliver_due() == 2 and delivery.deliver_due() == 0


# -- whom, when


def test_quiet_hours_wait_and_urgent_ones_do_not(template, vendors: Vendors):
    now = now_datetime()
    quiet = {
        "quiet_from": (now - timedelta(minutes=5)).strftime("%H:%M:%S"),
        "quiet_to": (now + timedelta(minutes=5)).strftime("%H:%M:%S"),
    }
    frappe.db.set_value("Message Channel", "T 短信", quiet)
    frappe.db.commit()
    tell(template("T 短信"), FIRST)
    tell(template("T 短信", urgent=1), FIRST, key="event|2")
    assert delivery.deliver_due() == 1
    assert rows()[0].status == "Queued" and rows()[0].not_before > now + timedelta(minutes=4)
    assert rows("event|2")[0].status == "Sent"


def test_people_mute_channels_but_not_what_they_must_hear(template, vendors: Vendors, as_user):
    as_user(FIRST)
    frappe.get_doc(doctype="Message Preference", user=FIRST, channel="T 短信", category="All").insert()
    frappe.db.commit()
    as_user("Administrator")
    tell(template(IN_APP, "T 短信"), FIRST)
    tell(template(IN_APP, "T 短信", mandatory=1), FIRST, key="event|2")
    assert {row.channel for row in rows()} == {IN_APP}
    assert {row.channel for row in rows("event|2")} == {IN_APP, "T 短信"}


def test_nobody_mutes_for_others_nor_what_is_in_the_system(template, vendors: Vendors, as_user):
    as_user(FIRST)
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc(doctype="Message Preference", user=SECOND, channel="T 短信", category="All").insert()
    with pytest.raises(frappe.ValidationError, match="cannot be muted"):
        frappe.get_doc(doctype="Message Preference", user=FIRST, channel=IN_APP, category="All").insert()


def test_who_has_no_address_finds_it_in_the_system(template, vendors: Vendors):
    tell(template(IN_APP, "T 短信", "T 钉钉"), NOBODY)
    assert [row.channel for row in rows()] == [IN_APP]


def test_a_disabled_account_hears_nothing_more(template, vendors: Vendors):
    tell(template("T 短信"), FIRST)
    frappe.db.set_value("User", FIRST, "enabled", 0)
    frappe.db.commit()
    try:
        assert delivery.deliver_due() == 0 and states() == ["Cancelled"]
    finally:
        frappe.db.set_value("User", FIRST, "enabled", 1)
        frappe.db.commit()


# -- receipts and repetitions


def test_who_has_read_it_hears_it_by_no_other_channel(template, vendors: Vendors, as_user):
    tell(template(IN_APP, ("T 短信", 30)), FIRST, route="/medaffairs/workbench")
    delivery.deliver_due()
    as_user(FIRST)
    assert api.open(str(rows()[0].name)) == {"route": "/medaffairs/workbench"}
    frappe.db.commit()
    assert states() == ["Read", "Cancelled"]
    assert delivery.deliver_due() == 0 and vendors.sent == []


def test_nobody_reads_another_s_message(template, vendors: Vendors, as_user):
    tell(template(IN_APP), FIRST)
    as_user(SECOND)
    with pytest.raises(frappe.PermissionError):
        api.open(str(rows()[0].name))
    assert frappe.get_list("Outbound Message", filters={"recipient": FIRST}) == []


def test_a_read_notice_is_a_receipt(template, vendors: Vendors):
    tell(template(IN_APP), FIRST)
    delivery.deliver_due()
    frappe.db.set_value("Notification Log", rows()[0].vendor_id, "read", 1)
    frappe.db.commit()
    assert delivery.fetch_receipts() == 1 and states() == ["Read"]


def test_dingtalk_tells_who_has_read(template, vendors: Vendors):
    tell(template("T 钉钉", IN_APP), FIRST)
    delivery.deliver_due()
    assert delivery.fetch_receipts() == 0
    vendors.read.add("ding-1")
    assert delivery.fetch_receipts() == 2 and set(states()) == {"Read"}


def test_what_nobody_reads_is_said_again_until_the_limit(template, vendors: Vendors):
    tell(template("T 短信", repeat_minutes=60, repeat_limit=2), FIRST)
    delivery.deliver_due()
    for repeated in (1, 1, 0):
        for row in rows():
            frappe.db.set_value(
                "Outbound Message", row.name, "sent_at", now_datetime() - timedelta(minutes=61)
            )
        frappe.db.commit()
        assert outbox.repeat_unread() == repeated
        assert outbox.repeat_unread() == 0
        frappe.db.commit()
        delivery.deliver_due()
    assert [row.repeat_number for row in rows()] == [0, 1, 2] and len(vendors.sent) == 3


def test_expired_messages_are_not_sent(template, vendors: Vendors):
    tell(template("T 短信", expires_hours=1), FIRST)
    frappe.db.set_value(
        "Outbound Message", rows()[0].name, "expires_at", now_datetime() - timedelta(seconds=1)
    )
    frappe.db.commit()
    assert delivery.deliver_due() == 0 and states() == ["Cancelled"]


def test_what_has_become_needless_is_taken_back(template, vendors: Vendors):
    tell(template(IN_APP, ("T 短信", 30)), FIRST, SECOND)
    delivery.deliver_due()
    assert outbox.withdraw("event|1") == 2
    frappe.db.commit()
    assert sorted(states()) == ["Cancelled", "Cancelled", "Sent", "Sent"]


# -- the office


def test_one_click_tells_the_head_and_the_team_leaders(vendors: Vendors):
    department = frappe.get_doc(
        doctype="Exam Result", practitioner="T-M003", exam=frappe.get_all("Dictionary Item", filters={"dictionary": "EXAM"}, pluck="name")[0],
        score=60, pass_score=80, exam_date="2026-05-01",
    ).insert()  # fmt: skip
    try:
        people = api.heads_and_leaders("Exam Result", department.name)
        assert [(person["user"], person["role"]) for person in people] == [
            (FIRST, "Department Head"), (SECOND, "Team Leader"),
        ]  # fmt: skip
        assert api.remind("Exam Result", department.name, "请尽快补考") == 2
        frappe.db.commit()
        told = frappe.get_all(
            "Outbound Message", filters={"reference_name": department.name}, fields=["recipient", "text"]
        )
        assert {(row.recipient, row.text) for row in told} == {(FIRST, "请尽快补考"), (SECOND, "请尽快补考")}
    finally:
        frappe.db.delete("Outbound Message", {"reference_name": department.name})
        frappe.delete_doc("Exam Result", department.name, force=True)
        frappe.db.commit()


def test_only_the_office_reminds(vendors: Vendors, as_user):
    as_user(FIRST)
    with pytest.raises(frappe.PermissionError):
        api.remind("Clinical Department", "T-MSG", "快")


def test_an_administrator_tries_a_channel_and_sees_what_the_vendor_says(vendors: Vendors):
    frappe.db.set_value("User", "Administrator", "mobile_no", "13800000001")
    try:
        vendors.fail(200, {"code": "BALANCE", "message": "no money left"})
        assert api.try_channel("T 短信") == {"sent": False, "error": "BALANCE: no money left"}
    finally:
        frappe.db.set_value("User", "Administrator", "mobile_no", None)
        frappe.db.commit()


@pytest.mark.parametrize("kind", ["DingTalk Work Notice", "WeCom", "SMS (Gateway)"])
def test_an_enabled_channel_has_what_it_needs(site: str, kind: str):
    with pytest.raises(frappe.MandatoryError):
        frappe.get_doc(doctype="Message Channel", channel_name="T 缺", kind=kind, enabled=1).insert()


def test_plain_http_leaves_this_machine_never(site: str):
    with pytest.raises(frappe.ValidationError, match="https"):
        frappe.get_doc(
            doctype="Message Channel", channel_name="T 明文", kind="SMS (Gateway)", enabled=1, app_key="a", app_secret="b",
            base_url="http://gateway.hospital.example",
        ).insert()  # fmt: skip
