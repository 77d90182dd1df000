"""Generated requests over every route and method: no internal error, nothing that the caller may not see, no waiting.

FUZZ_REQUESTS says how many (2,000 by default). Each batch runs in a process of its own on a fresh copy of the site,
so that what one batch destroys is whole again for the next. A failure names the number that makes the batch again.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runtime.tests.security import canaries, hostile
from runtime.tests.security.asking import SITE, ask

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "2000"))
BATCH = 200
#: Seconds that one request and one batch may take on a loaded machine.
LONGEST, BATCH_SECONDS = 10, 240
pytestmark = pytest.mark.timeout(max(300, REQUESTS // 20))
MOST_SHOWN = int(os.environ.get("FUZZ_SHOW", "10"))


def judge(user: str, status: int, text: str, seconds: float) -> str | None:
    """What is wrong with an answer; None when nothing is."""
    if status >= 500:
        return f"status {status}"
    if "Traceback (most recent" in text:
        return "a traceback"
    leaked = [canary for canary in canaries.FORBIDDEN[user] if canary in text]
    if leaked:
        return f"leaks {leaked}"
    return f"took {seconds:.1f} s" if seconds > LONGEST else None


class Places(logging.Handler):
    """Where the host's last error came from."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            frames = traceback.extract_tb(record.exc_info[2])[-3:]
            where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
            self.last = f"{record.exc_info[1]!r} at {where}"[:400]


def run_batch(seed: int, folder: Path, grounds: dict[str, Any]) -> list[str]:
    """Sends one batch from a child process; what was wrong."""
    import frappe.app
    from werkzeug.test import Client

    os.chdir(folder)
    frappe.app._sites_path = str(folder)
    client, wrong = Client(frappe.app.application, use_cookies=False), []
    user = list(canaries.FORBIDDEN)[seed % len(canaries.FORBIDDEN)]
    places = Places()
    logging.getLogger(f"frappe.app-{SITE}").addHandler(places)
    maker = hostile.Maker(seed, grounds["methods"], grounds["names"])
    for number in range(BATCH):
        wanted, places.last = maker.request(), ""
        try:
            answer = ask(client, user, wanted)
            reason = judge(user, *answer)
            excerpt = places.last or answer[1][-600:]
        except Exception as error:
            reason, excerpt = f"the application raised {error!r}", ""
        if reason:
            wrong.append(f"[{seed}/{number} {user}] {reason}: {str(wanted)[:700]} -> {excerpt}")
    return wrong


def in_a_child(seed: int, grounds: dict[str, Any], work: Path) -> list[str]:
    """A batch in a process of its own, killed when it hangs."""
    folder, report = work / "sites", work / "report.json"
    shutil.copytree(grounds["folder"], folder)
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(BATCH_SECONDS)
            report.write_text(json.dumps(run_batch(seed, folder, grounds)))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    try:
        return json.loads(report.read_text()) if report.exists() else [f"[{seed}] the batch hung or died"]
    finally:
        shutil.rmtree(work)


@pytest.fixture(scope="module")
def answers(grounds: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Sends everything; how many were sent, and what was wrong."""
    found: dict[str, Any] = {"sent": 0, "wrong": []}

    @settings(
        max_examples=max(REQUESTS // BATCH, 1), deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(seed=st.integers(0, 2**32))
    def send(seed: int) -> None:
        found["wrong"] += in_a_child(seed, grounds, tmp_path_factory.mktemp("batch"))
        found["sent"] += BATCH

    send()
    return found


def test_no_request_breaks_leaks_or_hangs(answers):
    wrong = answers["wrong"]
    assert not wrong, f"{len(wrong)} of {answers['sent']} requests:\n\n" + "\n\n".join(wrong[:MOST_SHOWN])


def test_as_many_requests_were_sent_as_asked_for(answers):
    assert answers["sent"] >= REQUESTS // BATCH * BATCH > 0
