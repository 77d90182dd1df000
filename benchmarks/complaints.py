"""Lists and statistics over 50,000 complaints at the HTTP door: the first page of a list, each chart, the query."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import frappe
from support import hospital

COMPLAINTS, DAYS, DEPARTMENTS, ROUNDS = 50_000, 730, 60, 9
ASKED_LIST_MS, ASKED_STATISTIC_MS = 50, 1_000
STATES = (
    ("Archived", 70),
    ("Closed", 12),
    ("In Handling", 6),
    ("Answered", 5),
    ("Submitted", 2),
    ("Refused", 5),
)
READER = "leser@bench.example"


def fill() -> None:
    """Departments and complaints of two years, a tenth of a percent of them circulated to a reader."""
    random, now = Random(5), datetime.now().replace(microsecond=0)
    standard = (now, now, "Administrator", "Administrator", 0, 0)
    columns = list(hospital.STANDARD)
    frappe.db.bulk_insert(
        "Clinical Department", ["name", "department_code", "department_name", "department_type", "is_group", *columns],
        [(f"K{n:02d}", f"K{n:02d}", f"科室{n}", "Clinical", 0, *standard) for n in range(DEPARTMENTS)],
    )  # fmt: skip
    rows = []
    for number in range(COMPLAINTS):
        received = now - timedelta(days=random.uniform(0, DAYS))
        state = random.choices([name for name, _ in STATES], [share for _, share in STATES])[0]
        rows.append((
            f"MC-X-{number:06d}", f"投诉事由{number % 97}", received, f"COMPLAINT_SOURCE-{random.randint(1, 18):02d}",
            f"K{random.randrange(DEPARTMENTS):02d}", f"COMPLAINT_CAUSE-{random.choice(('11', '12', '21', '23', '32', '34'))}", state,
            f"患者{number}", f"投诉人{number}", "内容" * 60, int(random.random() < 0.1), received + timedelta(days=4),
            received, received, "Administrator", "Administrator", 0, 0,
        ))  # fmt: skip
    frappe.db.bulk_insert(
        "Medical Complaint",
        ["name", "subject", "received_at", "source", "department", "cause", "workflow_state", "patient_name", "complainant", "content",
         "answered_late", "answered_at", *columns],
        rows, chunk_size=5_000,
    )  # fmt: skip
    frappe.db.bulk_insert(
        "Dispute Circulation", ["name", "reference_doctype", "reference_name", "reader", "status", "asked_at", *columns],
        [(f"C{n}", "Medical Complaint", f"MC-X-{n * 1000:06d}", READER, "Open", now, *standard) for n in range(50)],
    )  # fmt: skip
    frappe.db.commit()


def token(user: str, role: str) -> str:
    """An account with a role; the header that signs its requests."""
    doc = frappe.get_doc(
        doctype="User", email=user, first_name=user, send_welcome_email=0, roles=[{"role": role}]
    ).insert()
    doc.api_key, doc.api_secret = f"key-{role[:4]}", "bench-secret"
    doc.save()
    frappe.db.commit()
    return f"token {doc.api_key}:bench-secret"


def door(authorization: str) -> Callable[..., float]:
    """Asks through the host's WSGI application, as a web server does; milliseconds."""
    from frappe.app import application
    from werkzeug.test import Client

    client = Client(application, use_cookies=False)
    headers = {"X-Frappe-Site-Name": hospital.SITE, "Host": hospital.SITE, "Authorization": authorization}

    def ask(method: str, **arguments: object) -> float:
        started = time.perf_counter()
        answer = client.get(f"/api/method/{method}", query_string=arguments, headers=headers)
        taken = (time.perf_counter() - started) * 1000
        assert answer.status_code == 200, answer.get_data(as_text=True)[-400:]
        # An empty answer would be no wonder.
        assert b"MC-X-" in answer.get_data() or b'"chart"' in answer.get_data()
        answer.close()
        return taken

    return ask


def measure(title: str, ask: Callable[[], float], asked: float) -> None:
    """Prints the best and the median of some rounds, the first not counted."""
    ask()
    taken = [ask() for _ in range(ROUNDS)]
    print(
        f"{title:<52} best {min(taken):7.1f} ms  median {statistics.median(taken):7.1f} ms  asked ≤ {asked} ms",
        flush=True,
    )


def main() -> None:
    """Fills and measures."""
    with hospital.site(grants=1_000) as folder:
        os.chdir(folder)
        started = time.perf_counter()
        fill()
        print(f"{COMPLAINTS} complaints written in {time.perf_counter() - started:.1f} s")
        officer, reader = token("desk@bench.example", "Complaint Officer"), token(READER, "Practitioner")
        desk, guest = door(officer), door(reader)
        fields = json.dumps(
            ["name", "subject", "received_at", "department", "workflow_state", "patient_name"]
        )
        page = "frappe.desk.reportview.get"
        base = {"doctype": "Medical Complaint", "fields": fields, "start": 0, "page_length": 20}
        lists = {
            "list, first page, latest change first": {"order_by": "modified desc"},
            "list, first page, latest receipt first": {"order_by": "received_at desc"},
            "list, those in handling": {"filters": json.dumps([["workflow_state", "=", "In Handling"]]), "order_by": "modified desc"},
            "list, one department": {"filters": json.dumps([["department", "=", "K07"]]), "order_by": "modified desc"},
        }  # fmt: skip
        for title, more in lists.items():
            measure(title, lambda more=more: desk(page, **base, **more), ASKED_LIST_MS)
        measure(
            "list of a circulated reader",
            lambda: guest(page, **base, order_by="modified desc"),
            ASKED_LIST_MS,
        )
        first = str(datetime.now() - timedelta(days=DAYS))[:10]
        for group in ("Month", "Department", "Source", "Cause"):
            filters = json.dumps({"from_date": first, "group_by": group})
            measure(
                f"statistics of two years by {group.lower()}",
                lambda filters=filters: desk(
                    "frappe.desk.query_report.run", report_name="Complaint Statistics", filters=filters
                ),
                ASKED_STATISTIC_MS,
            )
        month = json.dumps({"from_date": str(datetime.now() - timedelta(days=30))[:10]})
        measure(
            "query of a month with its course",
            lambda: desk("frappe.desk.query_report.run", report_name="Complaint Query", filters=month),
            ASKED_STATISTIC_MS,
        )


if __name__ == "__main__":
    main()
