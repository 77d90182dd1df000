"""The monitor of gate and messages."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest


def test_the_gate_is_well_and_known_to_be(visitor) -> None:
    visitor.enter("jicheng").open("/integration")
    visitor.page.locator("[data-gate]").get_by_text("实时校验服务正常").wait_for()
    visitor.picture("monitor")


def test_refused_messages_are_found_read_and_sent_again(visitor) -> None:
    page = visitor.enter("yiwu").open("/integration").page
    card = page.locator("[data-endpoint]").filter(has=page.locator("text=被拒收")).filter(has_text="手术麻醉")
    card.get_by_text("条被拒收").click()
    page.locator("[data-message]").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("消息头").first.wait_for()
    visitor.picture("monitor-message")
    dialog.get_by_role("tab", name="原文").click()
    dialog.get_by_text("MSH|^~\\&|").wait_for()
    dialog.get_by_role("button", name="重新发送").click()
    asking = page.get_by_role("dialog").last
    asking.get_by_role("button", name="确定").click()
    asking.get_by_text("请填写原因").wait_for()
    asking.locator("textarea").fill("对方已修正工号")
    asking.get_by_role("button", name="确定").click()
    visitor.says("已重新排队")


def test_received_messages_are_filtered(visitor) -> None:
    page = visitor.enter("jicheng").open("/integration").page
    page.get_by_role("tab", name="收到的消息").click()
    page.locator("[data-message]").first.wait_for()
    page.get_by_label("消息类型").fill("SIU^S12")
    page.locator("#page").get_by_role("button", name="检索").click()
    visitor.quiet()
    kinds = {text.split("\n")[0] for text in page.locator("[data-message]").all_inner_texts()}
    assert kinds == {"SIU^S12"}
    visitor.picture("monitor-received")


def test_an_endpoint_that_does_not_listen_is_told_in_words(visitor) -> None:
    page = visitor.enter("jicheng").open("/integration").page
    page.locator("[data-endpoint]").first.get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name="测试连接").click()
    visitor.says("连接失败")


class Acknowledging(socketserver.StreamRequestHandler):
    """Another system: it takes every message and says so."""

    def handle(self) -> None:
        buffer = b""
        while chunk := self.request.recv(65536):
            buffer += chunk
            while b"\x1c\r" in buffer:
                frame, buffer = buffer.split(b"\x1c\r", 1)
                message = frame.lstrip(b"\x0b").decode()
                self.server.taken.append(message)
                head = message.split("\r")[0].split("|")
                kind = head[8].split("^")
                answer = (
                    f"MSH|^~\\&|{head[4]}|{head[5]}|{head[2]}|{head[3]}|{head[6]}||ACK^{kind[1]}^ACK|{uuid4().hex[:12]}|P|{head[11]}\r"
                    f"MSA|AA|{head[9]}\r"
                )
                self.request.sendall(b"\x0b" + answer.encode() + b"\x1c\r")


@pytest.fixture
def peer() -> Iterator[socketserver.ThreadingTCPServer]:
    """A system that listens."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Acknowledging) as server:
        server.daemon_threads, server.taken = True, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def endpoint(peer, caller) -> Iterator[str]:
    """That system among those that are told about privileges."""
    name, office = f"输血系统{uuid4().hex[:4]}", caller("Administrator")
    doc = {"doctype": "HL7 Endpoint", "endpoint_name": name, "direction": "Outbound", "host": "127.0.0.1",
           "port": peer.server_address[1], "start_mode": "From Now", "receiving_application": "BLOOD"}  # fmt: skip
    office.write("frappe.client.insert", doc=doc)
    yield name
    office.write(
        "frappe.client.set_value", doctype="HL7 Endpoint", name=name, fieldname={"enabled": 0, "paused": 0}
    )


@pytest.fixture
def grant_something(caller) -> Iterator[Callable[[], None]]:
    """Grants a privilege that nobody had before, and takes it back afterwards: what is held already is no news."""
    office, code = caller("yiwu"), "55.0197"
    # Somebody whose privileges no other story suspends.
    who = office.read(
        "frappe.client.get_list", doctype="Practitioner", order_by="name desc", limit_page_length=1,
        filters=json.dumps({"profession": "Physician", "employment_status": "Active", "user": ["is", "not set"]}),
    )[0]["name"]  # fmt: skip

    def withdraw() -> None:
        held = office.read(
            "frappe.client.get_list", doctype="Privilege Grant", fields='["name"]',
            filters=json.dumps({"practitioner": who, "code": code, "status": "Active"}),
        )  # fmt: skip
        for row in held:
            office.write("medaffairs.privileging.api.revoke", grant=row["name"], reason="测试结束")

    def grant() -> None:
        valid_to = (datetime.now() + timedelta(days=9)).strftime("%Y-%m-%d %H:%M:%S")
        office.write(
            "medaffairs.privileging.api.grant_temporary", practitioner=who, kind="SURGERY", code=code, valid_to=valid_to,
            reason="来院会诊",
        )  # fmt: skip

    withdraw()
    yield grant
    withdraw()


def test_a_paused_system_waits_and_is_told_afterwards(visitor, grant_something, endpoint: str, peer) -> None:
    page = visitor.enter("jicheng").open("/integration").page
    card = page.locator(f'[data-endpoint="{endpoint}"]')
    card.get_by_role("button", name="暂停发送").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("对方今晚升级")
    dialog.get_by_role("button", name="确定").click()
    card.get_by_text("对方今晚升级").wait_for()
    grant_something()
    waiting = card.get_by_role("button").filter(has_text="条未确认")
    visitor.open_until("/integration", waiting.filter(has_text="1"))
    assert waiting.filter(has_text="1").is_visible()
    assert peer.taken == []
    visitor.picture("monitor-paused")
    card.get_by_role("button", name="恢复发送").click()
    deadline = time.monotonic() + 10
    while not peer.taken and time.monotonic() < deadline:
        time.sleep(0.1)
    assert any("PMU^B07" in message for message in peer.taken)
    visitor.open_until("/integration", waiting.filter(has_text="0"))
    assert waiting.filter(has_text="0").is_visible()


@pytest.fixture
def sender(caller) -> Iterator[str]:
    """The name of a sender to set up. It is gone afterwards: while one is listed, nobody else is heard."""
    name = f"检验系统{uuid4().hex[:4]}"
    yield name
    caller("Administrator").write("frappe.client.delete", doctype="HL7 Endpoint", name=name)


def test_a_strict_sender_is_set_up_by_its_form(visitor, caller, sender: str) -> None:
    page = visitor.enter("Administrator").open("/new/HL7 Endpoint").page
    visitor.field("endpoint_name").fill(sender)
    visitor.field("direction").select_option(label="接入")
    visitor.field("sending_application").fill("LIS")
    page.get_by_label("严格校验").check()
    visitor.picture("endpoint-strict")
    visitor.button("保存").click()
    page.wait_for_url(lambda url: "/form/" in url)
    kept = caller("Administrator").read("frappe.client.get", doctype="HL7 Endpoint", name=sender)
    assert (kept["direction"], kept["validate_strictly"]) == ("Inbound", 1)
