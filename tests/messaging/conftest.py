"""Channels that lead to stand-ins on a real socket, and people who can be reached by them; committed, and removed again."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
import pytest
from support import staff as people
from support import vendors as stand_ins
from support.vendors import Vendors

DEPARTMENT = "T-MSG"
FIRST, SECOND, NOBODY = "t-msg-1@test.example", "t-msg-2@test.example", "t-msg-3@test.example"
PEOPLE = {FIRST: ("T-M001", "13800000001"), SECOND: ("T-M002", "13800000002"), NOBODY: ("T-M003", "")}
CHANNELS = {
    "T 钉钉": {"kind": "DingTalk Work Notice", "app_key": stand_ins.APP_KEY, "app_secret": stand_ins.APP_SECRET,
             "agent_id": stand_ins.AGENT, "allow_sign_in": 1},
    "T 机器人": {"kind": "DingTalk Robot", "robot_token": stand_ins.ROBOT_TOKEN, "app_secret": stand_ins.ROBOT_SECRET},
    "T 企业微信": {"kind": "WeCom", "corp_id": stand_ins.CORPORATION, "app_secret": stand_ins.APP_SECRET,
               "agent_id": stand_ins.AGENT, "allow_sign_in": 1},
    "T 短信": {"kind": "SMS (Gateway)", "app_key": stand_ins.SMS_KEY, "app_secret": stand_ins.SMS_SECRET,
             "sign_name": stand_ins.SIGN_NAME},
    "T 阿里云": {"kind": "SMS (Alibaba Cloud)", "app_key": stand_ins.SMS_KEY, "app_secret": stand_ins.SMS_SECRET,
              "sign_name": stand_ins.SIGN_NAME},
}  # fmt: skip


def sweep() -> None:
    """Removes everything that these tests made."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.delete("Outbound Message", {"series": ("like", "%t-msg-%")})
    frappe.db.delete("Outbound Message", {"series": ("like", "trial|%")})
    for doctype in ("Message Preference", "External Account", "Notification Log"):
        field = "for_user" if doctype == "Notification Log" else "user"
        frappe.db.delete(doctype, {field: ("in", list(PEOPLE))})
    for doctype, filters in (
        ("Message Template", {"template_code": ("like", "T-%")}),
        ("Message Channel", {"channel_name": ("like", "T %")}),
        ("Practitioner", {"staff_no": ("like", "T-M%")}),
        ("Clinical Department", {"name": DEPARTMENT}),
    ):
        for name in frappe.get_all(doctype, filters=filters, pluck="name"):
            frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
    frappe.db.delete("User", {"name": ("in", list(PEOPLE))})
    frappe.db.delete("Has Role", {"parent": ("in", list(PEOPLE))})
    frappe.db.commit()
    frappe.clear_cache()


@pytest.fixture(scope="module")
def staff(connected_site: str) -> Iterator[None]:
    """Three people with accounts, two of them with a mobile number; the first leads the department."""
    sweep()
    people.department(DEPARTMENT)
    for user, (number, mobile) in PEOPLE.items():
        people.person(user, "Team Leader" if user == SECOND else "Practitioner", number, DEPARTMENT, mobile)
    frappe.db.set_value("Clinical Department", DEPARTMENT, "head", "T-M001")
    frappe.db.commit()
    yield
    sweep()


@pytest.fixture
def vendors(staff: None) -> Iterator[Vendors]:
    """Fresh stand-ins, with the channels leading to them."""
    server = Vendors()
    frappe.db.rollback()
    frappe.local.lang = "en"
    frappe.set_user("Administrator")
    for name, values in CHANNELS.items():
        known = frappe.db.exists("Message Channel", name)
        doc = frappe.get_doc("Message Channel", name) if known else frappe.new_doc("Message Channel")
        doc.update({"channel_name": name, "enabled": 1, "base_url": server.base, "new_api_url": server.base,
                    "timeout_seconds": 2, "quiet_from": None, "quiet_to": None, "max_attempts": 3, "per_minute": 0,
                    "last_error": None, **values})  # fmt: skip
        doc.save()
    frappe.cache.delete_keys("medaffairs:token")
    frappe.db.delete("Outbound Message", {"series": ("like", "%t-msg-%")})
    frappe.db.delete("External Account", {"user": ("in", list(PEOPLE))})
    frappe.db.delete("Message Preference", {"user": ("in", list(PEOPLE))})
    frappe.db.commit()
    yield server
    server.close()
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.delete("Outbound Message", {"series": ("like", "%t-msg-%")})
    frappe.db.commit()


@pytest.fixture
def template(vendors: Vendors):
    """Makes a template with some channels: a name, or a name and after how many minutes."""

    def make(*channels: str | tuple[str, int], **values: object) -> str:
        code = f"T-{frappe.generate_hash(length=8)}"
        rows = [(channel, 0) if isinstance(channel, str) else channel for channel in channels]
        frappe.get_doc(
            {"doctype": "Message Template", "template_code": code, "template_name": "测试", "category": "Notice",
             "title": "事件 {number} 已交您处理", "body": "患者 {patient} 的事件 {number}", "private_places": "patient",
             "outside_text": "事件 {number} 请登录查看", **values,
             "channels": [{"channel": name, "after_minutes": after, "vendor_template": "SMS_1"} for name, after in rows]}
        ).insert()  # fmt: skip
        frappe.db.commit()
        return code

    return make
