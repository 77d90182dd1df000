"""This host beside a real Frappe on the same machine, where there is one; else beside the figures that are asked for.

FRAPPE_PYTHON   the interpreter of its bench (<bench>/env/bin/python)
FRAPPE_SITES    its folder of sites
FRAPPE_SITE     a site for trials; DocTypes are made in it and removed again
FRAPPE_PORT     the port of its web server with two workers that serves the site (HTTP is left out without it)
FRAPPE_TOKEN    key:secret of a System Manager there
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import frappe
import requests_per_second as http
from frappe import installer

HERE = Path(__file__).parent
# How many times as fast as Frappe each thing is to be.
ASKED = {
    "insert of 10 fields, one transaction": 5, "insert of 10 fields, a commit each": 5, "get_doc of 10 fields, ms": 5,
    "get_doc with 3 rows, ms": 5, "get_list 20 of 20,000, ms": 3, "HTTP list of 20": 4, "HTTP POST": 4, "HTTP ping": 4,
}  # fmt: skip
NOTE = "/api/resource/ToDo"
LIST = f'{NOTE}?fields=["name","description","status","modified"]&limit_page_length=20'.replace('"', "%22")
MANY = 100


def in_process(python: str, sites: str, site: str) -> dict[str, float]:
    """The figures of one host, measured by its own interpreter."""
    done = subprocess.run(
        [python, str(HERE / "neutral.py"), sites, site],
        capture_output=True,
        text=True,
        cwd=sites,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def over_http(port: int, site: str, token: str) -> dict[str, float]:
    """Requests per second of a server that runs."""
    headers = {"Authorization": f"token {token}", "Accept": "application/json"}
    body = b'{"description": "a task", "status": "Open"}'
    post = http.request_bytes("POST", NOTE, site, headers, body)
    for _ in range(MANY):
        one_request(port, post)
    return {
        "HTTP list of 20": http.rate(port, http.request_bytes("GET", LIST, site, headers)),
        "HTTP POST": http.rate(port, post),
        "HTTP ping": http.rate(port, http.request_bytes("GET", "/api/method/ping", site, {})),
    }


def one_request(port: int, request: bytes) -> None:
    """One request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answer = http.exchange(connection, request)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(answer.decode(errors="replace")[:2000])


def ours() -> dict[str, float]:
    """This host on a fresh site."""
    with tempfile.TemporaryDirectory() as folder:
        installer.new_site(http.SITE, folder, http.PASSWORD, "sqlite", force=True)
        frappe.init(http.SITE, sites_path=folder, force=True)
        frappe.connect()
        frappe.get_doc(
            doctype="User", email="speed@bench.test", first_name="Speed", send_welcome_email=0, user_type="System User",
            roles=[{"role": "System Manager"}], api_key="speed", api_secret="secret",
        ).insert()  # fmt: skip
        frappe.db.commit()
        frappe.destroy()
        figures = in_process(sys.executable, folder, http.SITE)
        port = http.free_port()
        bench = str(Path(sys.executable).with_name("bench"))
        command = [
            bench,
            "--sites-path",
            folder,
            "--site",
            http.SITE,
            "serve",
            "--port",
            str(port),
            "--workers",
            "2",
        ]
        process = http.serve(command, port, folder, {})
        try:
            return figures | over_http(port, http.SITE, "speed:secret")
        finally:
            process.terminate()
            process.wait()


def theirs() -> dict[str, float]:
    """Frappe, as far as the environment names one."""
    given = {
        name: os.environ.get(f"FRAPPE_{name}", "") for name in ("PYTHON", "SITES", "SITE", "PORT", "TOKEN")
    }
    if not (given["PYTHON"] and given["SITES"] and given["SITE"]):
        return {}
    figures = in_process(given["PYTHON"], given["SITES"], given["SITE"])
    if given["PORT"] and given["TOKEN"]:
        figures |= over_http(int(given["PORT"]), given["SITE"], given["TOKEN"])
    return figures


def main() -> None:
    """Prints one table."""
    mine, other = ours(), theirs()
    if not other:
        print("no Frappe is named in the environment: this host alone")
    for what, figure in mine.items():
        per_second = not what.endswith("ms")
        line = f"{what:<40} {figure:10,.{0 if per_second else 3}f}"
        if what in other:
            ratio = figure / other[what] if per_second else other[what] / figure
            asked = f" (asked ≥ {ASKED[what]})" if what in ASKED else ""
            line += f"   Frappe {other[what]:10,.{0 if per_second else 3}f}   {ratio:6.1f} ×{asked}"
        print(line)


if __name__ == "__main__":
    main()
