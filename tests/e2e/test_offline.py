"""On a phone without a network: the page opens, a record is saved on the device and sent later, conflicts are shown."""

from __future__ import annotations

import json
import secrets

import pytest
import requests
from e2e.conftest import PHONE

READY = "navigator.serviceWorker.ready.then(() => caches.match('/medaffairs/')).then(Boolean)"


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


def test_what_is_saved_without_a_network_is_sent_when_there_is_one(traveller, caller) -> None:
    phone, title = traveller, f"离线委员会{secrets.token_hex(3)}"
    phone.open("/new/Committee")
    phone.context.set_offline(True)
    phone.page.reload()
    phone.field("committee_name").fill(title)
    phone.page.locator('[data-fieldname="committee_type"] select').select_option(index=1)
    phone.button("保存").click()
    phone.says("没有网络")
    phone.says("1 条待发送")
    phone.picture("offline")
    clerk = caller("yiwu")
    filters = json.dumps({"committee_name": title})
    assert clerk.read("frappe.client.get_count", doctype="Committee", filters=filters) == 0
    phone.context.set_offline(False)
    phone.says("已发送并保存")
    phone.page.wait_for_url("**/form/Committee/**")
    assert clerk.read("frappe.client.get_count", doctype="Committee", filters=filters) == 1


def test_somebody_else_was_faster(traveller, caller) -> None:
    phone, clerk = traveller, caller("yiwu")
    made = clerk.write(
        "frappe.client.insert",
        doc={"doctype": "Expert Pool", "pool_name": f"离线专家库{secrets.token_hex(3)}", "speciality": "旧"},
    )
    phone.open(f"/form/Expert Pool/{made['name']}")
    phone.context.set_offline(True)
    phone.field("speciality").fill("路上写的")
    phone.button("保存").click()
    phone.says("1 条待发送")
    clerk.write(
        "frappe.client.set_value",
        doctype="Expert Pool",
        name=made["name"],
        fieldname="speciality",
        value="别人写的",
    )
    phone.context.set_offline(False)
    phone.page.get_by_role("button", name="查看").click()
    phone.page.get_by_role("alert").first.wait_for()
    phone.picture("outbox")
    phone.button("丢弃").click()
    phone.button("是").click()
    phone.says("没有待发送的记录")


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
