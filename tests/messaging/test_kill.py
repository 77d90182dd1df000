"""Whoever kills what delivers half-way loses no message and makes nobody hear one twice: real processes, ended at once.

`OUTBOX_MESSAGES=5000` makes the same with many.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter

import frappe
import pytest
from e2e.stack import bench_command
from messaging.conftest import FIRST, SECOND
from support.vendors import Vendors

from medaffairs.messaging import outbox

MESSAGES = int(os.environ.get("OUTBOX_MESSAGES", "60"))
SECONDS = 30 + MESSAGES / 20


def deliverer() -> subprocess.Popen:
    """The job as a worker runs it, in a process of its own."""
    arguments = ["--site", os.environ["SITE"], "execute", "medaffairs.messaging.delivery.deliver_due"]
    return subprocess.Popen(
        [bench_command(), *arguments],
        cwd=os.environ["SITES_PATH"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def kill_at(process: subprocess.Popen, vendors: Vendors, sent: int) -> None:
    """Ends a process as soon as so many messages have arrived."""
    deadline = time.monotonic() + SECONDS
    while len(vendors.sent) < sent and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(vendors.sent) >= sent, process.stderr.read().decode()[-2000:]


@pytest.mark.parametrize(
    ("channel", "vendor"), [("T 短信", "gateway"), ("T 钉钉", "dingtalk"), ("T 企业微信", "wecom")]
)
def test_a_killed_worker_s_messages_arrive_once(
    template, vendors: Vendors, channel: str, vendor: str
) -> None:
    code = template(channel)
    users = [SECOND] if vendor == "wecom" else [FIRST]
    for number in range(MESSAGES):
        outbox.send(
            code, users, {"number": f"AE-{number}"}, private={"patient": "王小明"}, key=f"kill|{number}"
        )
    frappe.db.commit()
    for part in (1, 2):
        kill_at(deliverer(), vendors, MESSAGES * part // 3)
    last = deliverer()
    assert last.wait(SECONDS) == 0, last.stderr.read().decode()[-2000:]
    frappe.db.rollback()
    states = frappe.get_all(
        "Outbound Message", filters={"template": code}, pluck="status", limit_page_length=0
    )
    assert Counter(states) == {"Sent": MESSAGES}
    arrived = Counter(str(body) for _, _, body in vendors.sent)
    assert len(arrived) == MESSAGES and set(arrived.values()) == {1}
