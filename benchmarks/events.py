"""Adverse events at size: lists of 200,000, the overview of all of them, and reports that come in from 20 people at once.

The server is one as production has it (2 workers). Each list is asked for again and again at the HTTP door, by the office and by a nurse who
sees only her own; people who report think between two reports. Beside the reports stands the same POST that only signs a sheet: a comment.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import frappe
from frappe.utils import now_datetime
from frappe.utils.password import update_password
from support import hospital

EVENTS, ASKED = 200_000, 60
PEOPLE, REPORTS_EACH, THINK = 20, 12, (0.5, 3.5)
LIST_BUDGET, REPORT_BUDGET, SUBMIT_BUDGET = 50, 1000, 100
WARDS, PASSWORD = 40, "bench-password"
REPORT = "Adverse Event Report"
STATES = (("Archived", 94), ("Analysis", 2), ("Managing Review", 2), ("Reported", 2))


def fill() -> None:
    """Wards, people who report, 200,000 events of two years."""
    at = str(now_datetime())
    standard = ["name", "creation", "modified", "owner", "modified_by", "docstatus", "idx"]
    wards = [f"W{number:02d}" for number in range(WARDS)]
    for ward in wards:
        frappe.get_doc(
            doctype="Clinical Department", department_code=ward, department_name=f"病区{ward}", department_type="Clinical"
        ).insert(ignore_permissions=True)  # fmt: skip
    for number in range(PEOPLE + 1):
        role = "Medical Affairs Officer" if number == PEOPLE else "Nurse"
        user = f"bench{number}@test.example"
        frappe.get_doc(
            doctype="User", email=user, first_name=user, send_welcome_email=0, roles=[{"role": role}]
        ).insert(ignore_permissions=True)  # fmt: skip
        update_password(user, PASSWORD)
    chosen = random.Random(7)
    now = now_datetime()
    fields = [
        "subject", "category", "near_miss", "grade", "workflow_state", "occurred_at", "department", "place", "identity", "reported_at",
        "description", "route", "announced_at", "late_report", "managing_department", "archived_at",
    ]  # fmt: skip
    rows = []
    for number in range(EVENTS):
        moment = now - timedelta(minutes=chosen.randint(1, 1_050_000))
        state = chosen.choices([name for name, _ in STATES], [share for _, share in STATES])[0]
        owner = f"bench{number % PEOPLE}@test.example" if number % 50 == 0 else "Administrator"
        rows.append((
            f"AE-B-{number:06d}", str(moment), str(moment), owner, owner, 0, 0, f"护理不良事件：第{number}件", f"AE{chosen.randint(1, 19):02d}",
            int(number % 3 == 0), chosen.choice(("I", "II", "III", "III", "III", "IV", "IV")), state, str(moment), chosen.choice(wards),
            "EVENT_PLACE-WARD", "Open", str(moment), "患者在病房跌倒，已处理。", "Stepwise", at, 0, chosen.choice(wards[:6]),
            str(moment + timedelta(days=chosen.randint(1, 20))) if state == "Archived" else None,
        ))  # fmt: skip
    frappe.db.bulk_insert(REPORT, standard + fields, rows)
    frappe.db.commit()


def serve(folder: Path) -> tuple[subprocess.Popen, int]:
    """A server with two workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
               "--worker-class", "gthread", "--keep-alive", "60", "--log-level", "warning", "frappe.app:application"]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder, env=os.environ | {"SITES_PATH": str(folder)})
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.1)
    return process, port


class Person:
    """Somebody who is signed in."""

    def __init__(self, port: int, user: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {
            "Host": hospital.SITE,
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._send("POST", "/api/method/login", {"usr": user, "pwd": PASSWORD})
        boot = self._send("GET", "/api/method/medaffairs.face.api.boot")[1]["message"]
        self.headers["X-Frappe-CSRF-Token"] = boot["csrf_token"]

    def _send(self, method: str, path: str, body: dict | None = None) -> tuple[float, dict]:
        start = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        response = self.connection.getresponse()
        answer = response.read()
        elapsed = time.perf_counter() - start
        for cookie in response.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("sid="):
                self.headers["Cookie"] = cookie.split(";")[0]
        if response.status != 200:
            raise RuntimeError(answer.decode(errors="replace")[:1500])
        return elapsed, json.loads(answer)

    def read(self, path: str) -> float:
        """Milliseconds of a question."""
        return self._send("GET", path.replace(" ", "%20").replace('"', "%22"))[0] * 1000

    def write(self, method: str, **body: object) -> float:
        """Milliseconds of a write."""
        return self._send("POST", f"/api/method/{method}", body)[0] * 1000


FIELDS = '["name","subject","category","grade","workflow_state","occurred_at","department","due_at"]'
LISTS = {
    "the newest 20": "",
    "those in analysis": '&filters=[["workflow_state","=","Analysis"]]',
    "grave ones of a ward": '&filters=[["department","=","W07"],["grade","in",["I","II"]]]',
    "of a day, by time": '&filters=[["occurred_at",">","2026-06-01"]]&order_by=occurred_at desc',
}


def lists(port: int) -> None:
    """Lists' first pages and the overview."""
    for who, number in (("the office", PEOPLE), ("a nurse", 0)):
        person = Person(port, f"bench{number}@test.example")
        for name, more in LISTS.items():
            path = f"/api/resource/{REPORT}?fields={FIELDS}&limit_page_length=20{more}"
            times = sorted(person.read(path) for _ in range(ASKED))
            print(f"  list, {who}, {name}: median {statistics.median(times):.1f} ms, 95 % within {times[int(ASKED * 0.95)]:.1f} ms"
                  f" (budget {LIST_BUDGET} ms)")  # fmt: skip
    office = Person(port, f"bench{PEOPLE}@test.example")
    for group in ("Category", "Month"):
        filters = json.dumps({"group_by": group, "from_date": "2024-01-01", "to_date": "2027-01-01"})
        path = (
            f"/api/method/frappe.desk.query_report.run?report_name=Adverse Event Overview&filters={filters}"
        )
        times = [office.read(path) for _ in range(7)]
        print(
            f"  overview of all by {group.lower()}: median {statistics.median(times):.0f} ms (budget {REPORT_BUDGET} ms)"
        )
    figures(office)


def figures(office: Person) -> None:
    """The five statistics over all events."""
    everything = {"from_date": "2024-01-01", "to_date": "2027-01-01"}
    for name in ("Analysis", "Trend", "Heat Map", "Report Quality", "Handling Quality"):
        path = f"/api/method/frappe.desk.query_report.run?report_name=Adverse Event {name}&filters={json.dumps(everything)}"
        times = [office.read(path) for _ in range(7)]
        print(
            f"  {name.lower()} of all: median {statistics.median(times):.0f} ms (budget {REPORT_BUDGET} ms)"
        )


def submits(port: int) -> None:
    """Reports of 20 people at once, near misses and others, each with a thought between."""
    times: list[float] = []
    notes: list[float] = []
    lock = threading.Lock()

    def work(number: int) -> None:
        chosen = random.Random(number)
        person = Person(port, f"bench{number}@test.example")
        for turn in range(REPORTS_EACH):
            time.sleep(chosen.uniform(*THINK))
            took = person.write(
                "medaffairs.adverse_event.api.submit", key=uuid.uuid4().hex, identity="Open",
                values={
                    "category": "AE11", "department": f"W{number:02d}", "near_miss": turn % 2, "harm_level": "" if turn % 2 else "C",
                    "occurred_at": str(datetime.now() - timedelta(hours=1))[:19], "description": f"第{turn}次：走廊地面积水，已擦干。",
                },
            )  # fmt: skip
            note = person.write(
                "frappe.client.insert",
                doc={
                    "doctype": "ToDo",
                    "description": f"走廊地面积水 {turn}",
                    "allocated_to": f"bench{number}@test.example",
                },
            )
            with lock:
                times.append(took)
                notes.append(note)

    # Both workers have the code before anybody is measured, as after the first minute of a day.
    for _ in range(10):
        Person(port, "bench0@test.example").write(
            "medaffairs.adverse_event.api.check", values={"category": "AE11"}
        )
    threads = [threading.Thread(target=work, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, found in (("submit of an event", times), ("insert of a ToDo beside it", notes)):
        found.sort()
        print(f"  {name}, {PEOPLE} people: median {statistics.median(found):.0f} ms, 95 % within {found[int(len(found) * 0.95)]:.0f} ms"
              f" of {len(found)}")  # fmt: skip
    print(f"  (budget of the submit: 95 % within {SUBMIT_BUDGET} ms)")


def main() -> None:
    """Fills a hospital, serves it, asks."""
    print(hospital.machine())
    with hospital.site(grants=10) as folder:
        started = time.perf_counter()
        fill()
        print(f"  {EVENTS:,} events written in {time.perf_counter() - started:.1f} s")
        process, port = serve(folder)
        try:
            lists(port)
            submits(port)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
