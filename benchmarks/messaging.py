"""How fast the outbox is emptied, and that a worker who is killed half-way costs neither a message nor makes one arrive twice.

5,000 messages to a stand-in on a socket that checks signatures and drops what it knows; the floor is the same number of the same
requests from one process that keeps nothing.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import frappe
import support
from support import hospital

# The stand-ins are those of the tests.
support.__path__.append(str(Path(__file__).parents[1] / "tests" / "support"))
MESSAGES, PEOPLE = 5_000, 500
ASKED_SECONDS = 60
CODE = "BENCH"


def people() -> list[str]:
    """Accounts with mobile numbers."""
    users = []
    for number in range(PEOPLE):
        user = frappe.get_doc(
            doctype="User", email=f"bench-{number}@bench.example", first_name=f"员工{number}", send_welcome_email=0
        ).insert()  # fmt: skip
        changes = {"user": user.name, "mobile": f"139{number:08d}"}
        frappe.db.set_value("Practitioner", f"D{number:05d}", changes)
        users.append(user.name)
    frappe.db.commit()
    return users


def channel(base: str) -> None:
    """The hospital's own gateway and a template that uses it alone."""
    from support import vendors

    frappe.get_doc(
        doctype="Message Channel", channel_name="测试网关", kind="SMS (Gateway)", enabled=1, base_url=base,
        app_key=vendors.SMS_KEY, app_secret=vendors.SMS_SECRET, sign_name=vendors.SIGN_NAME, timeout_seconds=5,
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="Message Template", template_code=CODE, template_name="测试", category="Notice", title="事件 {number} 已交您处理",
        body="事件 {number}", channels=[{"channel": "测试网关", "after_minutes": 0, "vendor_template": "SMS_1"}],
    ).insert()  # fmt: skip
    frappe.db.commit()


def fill(users: list[str]) -> float:
    """Writes the messages; seconds."""
    from medaffairs.messaging import outbox

    started = time.perf_counter()
    for number in range(MESSAGES):
        outbox.send(CODE, [users[number % PEOPLE]], {"number": f"AE-{number}"}, key=f"bench|{number}")
    frappe.db.commit()
    return time.perf_counter() - started


def deliverer(folder: Path) -> subprocess.Popen:
    """The job as a worker runs it."""
    arguments = ["--site", hospital.SITE, "execute", "medaffairs.messaging.delivery.deliver_due"]
    return subprocess.Popen(hospital.command(*arguments), cwd=folder, stdout=subprocess.DEVNULL)


def deliver(folder: Path, server: object) -> float:
    """Until nothing waits, with one worker killed when half has arrived; seconds."""
    started = time.perf_counter()
    first = deliverer(folder)
    while len(server.sent) < MESSAGES // 2:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait()
    deliverer(folder).wait()
    return time.perf_counter() - started


def floor(bodies: list[dict], server: object) -> float:
    """The same requests without an outbox; seconds."""
    from support import vendors

    from medaffairs.messaging.vendors.base import Endpoint, Notice
    from medaffairs.messaging.vendors.sms import Gateway

    gateway = Gateway(Endpoint(server.base, 5), vendors.SMS_KEY, vendors.SMS_SECRET, vendors.SIGN_NAME)
    started = time.perf_counter()
    for body in bodies:
        gateway.send(Notice("", "", "", f"again-{body['key']}", body["parameters"], "SMS_1"), body["mobile"])
    return time.perf_counter() - started


def main() -> None:
    """Everything on a site of its own."""
    from support.vendors import Vendors

    print(hospital.machine())
    server = Vendors()
    with hospital.site(grants=1_000) as folder:
        users = people()
        channel(server.base)
        written = fill(users)
        taken = deliver(folder, server)
        frappe.db.rollback()
        states = Counter(frappe.get_all("Outbound Message", pluck="status", limit_page_length=0))
        arrived = Counter(body["key"] for _, _, body in server.sent)
        bare = floor([body for _, _, body in server.sent], server)
    print(f"written to the outbox: {MESSAGES / written:,.0f}/s")
    print(f"delivered, a worker killed half-way: {taken:.1f} s ({ASKED_SECONDS} s asked), {MESSAGES / taken:,.0f}/s; "
          f"{taken / bare:.1f} × the requests alone ({bare:.1f} s)")  # fmt: skip
    print(f"states {dict(states)}; arrived {len(arrived):,}, more than once {sum(n > 1 for n in arrived.values())}, "
          f"sent again and dropped by the vendor {server.repeated}")  # fmt: skip


if __name__ == "__main__":
    main()
