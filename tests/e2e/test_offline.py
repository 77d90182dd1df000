"""On a phone without a network: the page opens, a record is saved on the device and sent later, conflicts are shown."""

from __future__ import annotations

import json
import secrets

import pytest
import requests
from e2e.conftest import PHONE

READY = "() => navigator.serviceWorker.ready.then(() => caches.match('/medaffairs/')).then(Boolean)"


@pytest.fixture
def traveller(visit):
    """Somebody whose phone has kept the pages."""
    phone = visit(PHONE, worker=True)
    phone.enter("yiwu").open("/list/Committee")
    phone.page.wait_for_function(READY, timeout=40_000, polling=300)
    return phone


def test_the_page_can_be_installed(stack) -> None:
    page = requests.get(f"{stack.base_url}/medaffairs/login", timeout=10).text
    assert 'rel="manifest" href="/assets/medaffairs/manifest.json"' in page
    manifest = requests.get(f"{stack.base_url}/assets/medaffairs/manifest.json", timeout=10).json()
    assert manifest["display"] == "standalone"
    assert manifest["start_url"].startswith(manifest["scope"])
    icons = [requests.get(f"{stack.base_url}{icon['src']}", timeout=10) for icon in manifest["icons"]]
    assert all(icon.ok and icon.content.startswith(b"\x89PNG") for icon in icons)
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def some_day() -> str:
    """A day that no other run has written down."""
    return f"20{secrets.randbelow(50) + 49}-{secrets.randbelow(12) + 1:02}-{secrets.randbelow(28) + 1:02}"


def test_what_is_saved_without_a_network_is_sent_when_there_is_one(traveller, caller) -> None:
    phone, day, clerk = traveller, some_day(), caller("yiwu")
    phone.open("/new/Working%20Day%20Override")
    phone.field("reason").wait_for()
    phone.context.set_offline(True)
    phone.page.reload()
    phone.field("date").fill(day)
    phone.field("reason").fill("路上写的")
    phone.button("保存").click()
    phone.says("1 条待发送")
    phone.picture("offline")
    found = {"doctype": "Working Day Override", "filters": json.dumps({"date": day})}
    assert clerk.read("frappe.client.get_count", **found) == 0
    phone.context.set_offline(False)
    phone.says("已发送并保存")
    phone.page.wait_for_url("**/form/Working%20Day%20Override/**")
    assert clerk.read("frappe.client.get_count", **found) == 1


def test_somebody_else_was_faster_and_both_are_shown(traveller, caller) -> None:
    phone, day, clerk = traveller, some_day(), caller("yiwu")
    doc = {"doctype": "Working Day Override", "date": day, "reason": "以前的"}
    name = clerk.write("frappe.client.insert", doc=doc)["name"]
    phone.open(f"/form/Working%20Day%20Override/{name}")
    phone.field("reason").wait_for()
    phone.context.set_offline(True)
    phone.field("reason").fill("路上写的")
    phone.button("保存").click()
    phone.says("1 条待发送")
    theirs = {"doctype": "Working Day Override", "name": name, "fieldname": "reason", "value": "别人写的"}
    clerk.write("frappe.client.set_value", **theirs)
    phone.context.set_offline(False)
    phone.button("查看").click()
    phone.page.get_by_role("alert").first.wait_for()
    phone.picture("outbox")
    phone.page.get_by_role("link", name=name).click()
    dialog = phone.page.get_by_role("dialog")
    dialog.get_by_text("别人写的").wait_for()
    assert dialog.get_by_text("路上写的").is_visible()
    phone.picture("conflict-after-the-road")


def test_a_person_who_signs_out_leaves_nothing(traveller) -> None:
    phone = traveller
    phone.button("菜单").click()
    phone.page.get_by_role("navigation").get_by_role("button").filter(has_text="孔").click()
    phone.page.get_by_role("menuitem", name="退出登录").click()
    phone.page.wait_for_url("**/login")
    names = phone.page.evaluate("caches.keys()")
    assert [name for name in names if name.startswith("medaffairs-personal")] == []


def test_a_code_is_read_from_a_picture_or_typed(on_phone, tmp_path) -> None:
    page = on_phone.enter("yiwu").open("/scan").page
    page.get_by_label("或输入编号").fill("10012")
    on_phone.button("查找").click()
    page.wait_for_url("**/practitioner/10012")
