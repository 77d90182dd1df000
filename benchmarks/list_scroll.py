"""A list of 100,000 rows in Chromium: how long its tasks are while somebody scrolls from its first row to its last.

The page fetches by keyset. Beside that stands what the host's own list does with an offset at the same depth. Run at
the machine's speed and with the processor slowed down four times, as on an old computer of a ward.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import frappe
import requests
from playwright.sync_api import sync_playwright
from support import hospital

ROWS, SLOWER = int(os.environ.get("ROWS", 100_000)), (1, 4)
ROUNDS = 7
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--lang=zh-CN", "--enable-precise-memory-info"]
SCROLL = """async (rows) => {
    const tasks = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
    const frame = document.querySelector('[data-list-frame]')
    const shown = () => Number(document.querySelector('[data-list-footer]').innerText.match(/\\d+/)[0])
    const frames = []
    const begin = performance.now()
    let last = begin, blank = 0, steps = 0
    while (performance.now() - begin < 300000) {
        await new Promise(requestAnimationFrame)
        const now = performance.now()
        frames.push(now - last)
        last = now
        frame.scrollTop += 3000
        steps++
        if (!document.querySelector('tbody tr[data-name]')) blank++
        if (shown() >= rows && frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 2) break
    }
    frames.sort((a, b) => a - b)
    return { seconds: (performance.now() - begin) / 1000, shown: shown(), longest: Math.max(0, ...tasks), tasks: tasks.length,
        over200: tasks.filter((duration) => duration > 200).length, blank, steps,
        frame95: frames[Math.floor(frames.length * 0.95)], drawn: document.querySelectorAll('tbody tr').length,
        megabytes: performance.memory.usedJSHeapSize / 1048576 }
}"""


def fill() -> None:
    """Operations of a few years."""
    moment = datetime(2024, 1, 1)
    columns = [
        "name", "operation_no", "procedure_name", "surgeon", "level", "status", "scheduled_at", "creation", "modified",
        "owner", "modified_by", "docstatus", "idx",
    ]  # fmt: skip
    frappe.db.bulk_insert(
        "Operation Record", columns,
        (
            (f"OP{n:07}", f"OP{n:07}", f"手术{n % 977}", f"D{n % hospital.PEOPLE:05}", str(1 + n % 4), ("Finished", "Scheduled")[n % 2],
             moment + timedelta(minutes=7 * n), moment, moment + timedelta(seconds=n), "Administrator", "Administrator", 0, 0)
            for n in range(ROWS)
        ),
    )  # fmt: skip
    frappe.db.commit()


def serve(folder: Path) -> tuple[subprocess.Popen, str]:
    """The web server of the site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = hospital.command("--sites-path", str(folder), "--site", hospital.SITE, "serve", "--port", str(port))
    process = subprocess.Popen(run, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _attempt in range(300):
        try:
            requests.get(f"{url}/api/method/ping", timeout=1)
            break
        except requests.RequestException:
            time.sleep(0.1)
    return process, url


def best(session: requests.Session, url: str, parameters: dict) -> float:
    """The quickest of some answers, in milliseconds."""
    times = []
    for _round in range(ROUNDS):
        begin = time.perf_counter()
        session.get(url, params=parameters, timeout=60).raise_for_status()
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def depths(session: requests.Session, url: str) -> None:
    """What a page of 500 rows costs at the top and at the bottom, by keyset and by offset."""
    own, host = (
        f"{url}/api/method/medaffairs.face.listing.api.page",
        f"{url}/api/method/frappe.desk.reportview.get",
    )
    ours = {"doctype": "Operation Record", "fields": '["procedure_name","surgeon","status"]', "limit": 500}
    # The list's own order is the newest first: the last page begins after the 501st oldest.
    place = '["2024-01-01 00:08:20", "OP0000500"]'
    theirs = {
        "doctype": "Operation Record", "fields": '["name","procedure_name","surgeon","status","modified"]',
        "order_by": "`tabOperation Record`.`modified` desc", "page_length": 500,
    }  # fmt: skip
    sort = '[["modified","desc"]]'
    top = best(session, own, ours | {"sort": sort})
    bottom = best(session, own, ours | {"sort": sort, "after": place})
    print(f"500 rows by keyset: first page {top:.1f} ms, last page {bottom:.1f} ms ({bottom / top:.2f}×)")
    first, last = (best(session, host, theirs | {"start": start}) for start in (0, ROWS - 500))
    print(
        f"500 rows by offset (reference): first page {first:.1f} ms, last page {last:.1f} ms ({last / first:.2f}×)"
    )


def tasks_of(trace: bytes) -> list[float]:
    """Processor time of the tasks of the page's main thread in milliseconds: other programs' turns do not count."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [
        event["tdur"] / 1000
        for event in events
        if event.get("name", "").endswith("RunTask")
        and "tdur" in event
        and (event["pid"], event["tid"]) in mains
    ] or [0.0]


def scroll(session: requests.Session, url: str) -> None:
    """From the first row to the last, at each speed of the processor."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for slower in SLOWER:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            context.add_cookies(
                [{"name": key, "value": value, "url": url} for key, value in session.cookies.items()]
            )
            page = context.new_page()
            page.goto(f"{url}/medaffairs/list/Operation Record?sort=modified desc")
            page.locator("tbody tr[data-name]").first.wait_for(timeout=60_000)
            page.wait_for_timeout(1500)
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
            page.set_default_timeout(400_000)
            browser.start_tracing(page=page, categories=["toplevel"])
            found = page.evaluate(SCROLL, ROWS)
            own = tasks_of(browser.stop_tracing())
            print(
                f"processor {slower}× slower: {found['shown']:,} rows in {found['seconds']:.1f} s; longest task {found['longest']:.0f} ms, "
                f"{found['over200']} over 200 ms of {found['tasks']} over 50 ms; of processor time the longest took {max(own):.0f} ms, "
                f"{sum(task > 200 for task in own)} over 200 ms; 95 % of frames within {found['frame95']:.0f} ms; "
                f"{found['blank']} blank frames of {found['steps']}; {found['drawn']} rows drawn; {found['megabytes']:.0f} MB of heap"
            )  # fmt: skip
            context.close()
        browser.close()


def main() -> None:
    """Print what was measured."""
    print(f"# {hospital.machine()}")
    with hospital.site(grants=100) as folder:
        fill()
        process, url = serve(folder)
        try:
            session = requests.Session()
            session.post(
                f"{url}/api/method/login", json={"usr": "Administrator", "pwd": "bench"}, timeout=20
            ).raise_for_status()
            depths(session, url)
            scroll(session, url)
        finally:
            process.terminate()
            process.wait(timeout=20)


if __name__ == "__main__":
    main()
