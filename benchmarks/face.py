"""The face in Chromium with its processor slowed down: first load, change of page, script, memory, Lighthouse.

Needs a running system with the demo hospital (`make run`) and Debian's Chromium:

    BASE_URL=http://127.0.0.1:8000 .venv/bin/python benchmarks/face.py [rate of slowing down] [--lighthouse]

Each figure is the best and the median of its rounds. The same measurement on a page without any script stands beside
the first load: what the machine itself costs. Lighthouse comes from npm and is only run when asked for.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "apps" / "medaffairs" / "public" / "frontend"
BASE = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
USER, PASSWORD = os.environ.get("FACE_USER", "yiwu@demo.hospital"), os.environ.get("FACE_PASSWORD", "demo")
ROUNDS, CHANGES = 7, 200
LIGHTHOUSE = "lighthouse@12.2.3"
PAGES = [
    "/list/Practitioner",
    "/workspace/Privileging",
    "/form/Procedure/55.0197",
    "/report/Title%20Statistics",
    "/",
]
#: From the click on a link until the next page's title and the frame after it are painted.
CHANGE = """(path) => new Promise((resolve) => {
    const before = document.querySelector('main h1')?.textContent
    const started = performance.now()
    const look = () => {
        const title = document.querySelector('main h1')?.textContent
        if (title && title !== before) return requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)))
        if (performance.now() - started > 10000) return resolve(-1)
        setTimeout(look, 2)
    }
    history.pushState({...history.state, current: path}, '', '/medaffairs' + path)
    dispatchEvent(new PopStateEvent('popstate', {state: history.state}))
    look()
})"""
PAINTED = """() => new Promise((resolve) => {
    const seen = new PerformanceObserver((list) => { last = list.getEntries().at(-1).startTime })
    let last = 0
    seen.observe({type: 'largest-contentful-paint', buffered: true})
    setTimeout(() => resolve(last), 50)
})"""


def sign_in() -> list[dict[str, str]]:
    """A session's cookies, as the browser takes them."""
    answer = requests.post(f"{BASE}/api/method/login", json={"usr": USER, "pwd": PASSWORD}, timeout=20)
    answer.raise_for_status()
    return [{"name": name, "value": value, "url": BASE} for name, value in answer.cookies.items()]


def slow_down(page: Page, rate: float) -> CDPSession:
    """The debugger's session of a page whose processor is slower by a rate."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return debugger


def first_load(browser: Any, cookies: list[dict], rate: float, path: str) -> list[float]:
    """Milliseconds until the largest part is painted, each round in a browser that has kept nothing."""
    times = []
    for _ in range(ROUNDS):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
        context.add_cookies(cookies)
        page = context.new_page()
        slow_down(page, rate)
        page.goto(f"{BASE}{path}", wait_until="networkidle")
        painted = page.evaluate(PAINTED)
        if painted:
            times.append(painted)
        context.close()
    return times


def changes(page: Page, count: int) -> list[float]:
    """Milliseconds of changes of page, one page after the other."""
    times = []
    for index in range(count):
        times.append(page.evaluate(CHANGE, PAGES[index % len(PAGES)]))
        page.wait_for_load_state("networkidle")
    return [time for time in times if time >= 0]


def memory(debugger: CDPSession) -> tuple[float, int]:
    """(MB of script's heap, nodes) after the rubbish was collected."""
    debugger.send("HeapProfiler.collectGarbage")
    debugger.send("Performance.enable")
    metrics = {row["name"]: row["value"] for row in debugger.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"] / 2**20, int(metrics["Nodes"])


def scripts() -> dict[str, int]:
    """Bytes of compressed script per page: what it imports at once."""
    chunks = json.loads((BUILT / ".vite" / "manifest.json").read_text(encoding="utf-8"))

    def closure(name: str, seen: set[str]) -> set[str]:
        if name not in seen:
            seen.add(name)
            for other in chunks[name].get("imports", []):
                closure(other, seen)
        return seen

    def size(names: set[str]) -> int:
        return sum(len(gzip.compress((BUILT / chunks[name]["file"]).read_bytes())) for name in names)

    entry = closure("src/main.js", set())
    pages = {name: closure(name, set()) for name in chunks if name.startswith("src/pages/")}
    return {"entry": size(entry)} | {Path(name).stem: size(parts - entry) for name, parts in pages.items()}


def lighthouse(cookies: list[dict], path: str) -> str:
    """The three scores of a page, or why there are none."""
    header = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
    with tempfile.TemporaryDirectory() as folder:
        extra, report = Path(folder) / "headers.json", Path(folder) / "report.json"
        extra.write_text(json.dumps({"Cookie": header}) if cookies else "{}")
        command = [
            "npx", "--yes", LIGHTHOUSE, f"{BASE}{path}", "--quiet", "--preset=desktop", "--output=json",
            f"--output-path={report}", f"--extra-headers={extra}",
            "--only-categories=performance,accessibility,best-practices",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ]  # fmt: skip
        environment = os.environ | {"CHROME_PATH": shutil.which("chromium") or ""}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=300
        )
        if not report.exists():
            return f"no report: {done.stderr.strip()[-200:]}"
        found = json.loads(report.read_text())["categories"]
    return ", ".join(f"{name} {round((part['score'] or 0) * 100)}" for name, part in found.items())


def tell(label: str, times: list[float]) -> None:
    print(f"{label}: best {min(times):.0f} ms, median {statistics.median(times):.0f} ms of {len(times)}")


def main() -> None:
    from playwright.sync_api import sync_playwright

    numbers = [float(word) for word in sys.argv[1:] if word.replace(".", "").isdigit()]
    rate = numbers[0] if numbers else 4
    sizes = scripts()
    print("compressed script: " + ", ".join(f"{name} {size / 1024:.0f} KB" for name, size in sizes.items()))
    cookies = sign_in()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc"],
        )
        tell(f"a page without script, {rate:g} × slower", first_load(browser, [], rate, "/api/method/ping"))
        tell(
            f"first load of the workbench, {rate:g} × slower",
            first_load(browser, cookies, rate, "/medaffairs/"),
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(f"{BASE}/medaffairs/", wait_until="networkidle")
        debugger = slow_down(page, rate)
        changes(page, len(PAGES))
        tell(f"change of page, {rate:g} × slower", changes(page, 3 * len(PAGES)))
        debugger.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        for done in range(0, CHANGES + 1, 50):
            if done:
                changes(page, 50)
            heap, nodes = memory(debugger)
            print(f"after {done} changes of page: {heap:.1f} MB of heap, {nodes} nodes")
        browser.close()
    if "--lighthouse" in sys.argv:
        print(f"Lighthouse, sign-in page: {lighthouse([], '/medaffairs/login')}")
        print(f"Lighthouse, workbench: {lighthouse(cookies, '/medaffairs/')}")


if __name__ == "__main__":
    main()
