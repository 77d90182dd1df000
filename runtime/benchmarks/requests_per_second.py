"""Requests per second through the real server with two workers, beside a bare Werkzeug application that reads
the same twenty rows from the same file. One keep-alive client process with a few connections drives both."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import frappe
from frappe import installer

DOCTYPE, SITE, TOKEN, PASSWORD = (
    "Bench Visit",
    "bench.test",
    "bench-key:bench-secret",
    "a password 4 Benchmarks",
)
ROWS, SECONDS, CONNECTIONS, ROUNDS = 20_000, 2.0, 8, 3
BARE = """
import json, sqlite3, threading
from werkzeug.wrappers import Request, Response
own = threading.local()

def application(environ, start_response):
    request = Request(environ)
    if not hasattr(own, "connection"):
        own.connection = sqlite3.connect(PATH)
    rows = own.connection.execute(
        "select name, subject, status, score, modified from `tabBench Visit` order by modified desc limit 20").fetchall()
    body = json.dumps({"data": [dict(zip(("name", "subject", "status", "score", "modified"), row)) for row in rows]})
    return Response(body, mimetype="application/json")(environ, start_response)
"""


def prepare(sites: str) -> str:
    """A site with rows and a reader with an API key; returns the database's path."""
    installer.new_site(SITE, sites, PASSWORD, "sqlite", force=True)
    frappe.init(SITE, sites_path=sites, force=True)
    frappe.connect()
    fields = [("subject", "Data"), ("status", "Data"), ("score", "Int"), ("seen_on", "Date")]
    frappe.get_doc(
        doctype="DocType", name=DOCTYPE, module="Core", custom=1, autoname="hash",
        fields=[{"fieldname": name, "fieldtype": kind, "label": name} for name, kind in fields],
        permissions=[{"role": "All", "read": 1, "write": 1, "create": 1}],
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="User", email="reader@bench.test", first_name="Reader", send_welcome_email=0, user_type="System User", new_password=PASSWORD,
        api_key=TOKEN.split(":")[0], api_secret=TOKEN.split(":")[1],
    ).insert()  # fmt: skip
    columns = ["name", "creation", "modified", "owner", "modified_by", "subject", "status", "score"]
    frappe.db.bulk_insert(
        DOCTYPE, columns,
        ((f"row{number:06d}", "2026-01-01 00:00:00", f"2026-01-01 00:00:{number % 60:02d}.{number:06d}", "Administrator",
          "Administrator", f"subject {number}", "Open", number % 100) for number in range(ROWS)),
    )  # fmt: skip
    frappe.db.commit()
    path = os.path.abspath(frappe.db.path)
    frappe.destroy()
    return path


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request_bytes(method: str, path: str, host: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole request, ready to be sent again and again."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{key}: {value}" for key, value in headers.items())]  # fmt: skip
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Sends a request and reads its whole answer."""
    connection.sendall(request)
    data = more(connection)
    while b"\r\n\r\n" not in data:
        data += more(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(rest) < length:
        rest += more(connection)
    return head + b"\r\n\r\n" + rest


def more(connection: socket.socket) -> bytes:
    """What comes next; a connection that ends is an error."""
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError
    return data


def rate(port: int, request: bytes) -> float:
    """Answers per second over some connections, the best of some rounds; anything but 200 ends the run."""

    def drive(until: float, counts: list[int], index: int) -> None:
        while time.perf_counter() < until:
            # A worker that has served its number of requests ends, and its connections with it: a client comes again.
            with suppress(ConnectionResetError), socket.create_connection(("127.0.0.1", port)) as connection:
                ask(connection, until, counts, index)

    def ask(connection: socket.socket, until: float, counts: list[int], index: int) -> None:
        while time.perf_counter() < until:
            answer = exchange(connection, request)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(answer.decode(errors="replace")[:2000])
            counts[index] += 1

    best = 0.0
    for _ in range(ROUNDS):
        counts = [0] * CONNECTIONS
        start = time.perf_counter()
        threads = [
            threading.Thread(target=drive, args=(start + SECONDS, counts, index))
            for index in range(CONNECTIONS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        best = max(best, sum(counts) / (time.perf_counter() - start))
    return best


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Until the server listens."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def serve(command: list[str], port: int, folder: str, environment: dict[str, str]) -> subprocess.Popen:
    """Starts a server and waits for it."""
    process = subprocess.Popen(command, cwd=folder, env=os.environ | environment)
    wait_for(port, process)
    return process


def measure(folder: str, database: str) -> None:
    """Both servers, one after the other."""
    (Path(folder) / "bare.py").write_text(BARE.replace("PATH", repr(database)))
    port = free_port()
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
                "--worker-class", "gthread", "--preload", "--keep-alive", "30", "--log-level", "warning", "bare:application"]  # fmt: skip
    process = serve(gunicorn, port, folder, {"PYTHONPATH": folder})
    floor = rate(port, request_bytes("GET", "/", "x", {}))
    process.terminate()
    process.wait()
    print(f"{'bare Werkzeug, 20 rows':<40} {floor:9,.0f}/s")
    port = free_port()
    bench = [str(Path(sys.executable).with_name("bench")), "--sites-path", folder, "--site", SITE,
             "serve", "--port", str(port), "--workers", "2"]  # fmt: skip
    process = serve(bench, port, folder, {})
    listing = f'/api/resource/{DOCTYPE.replace(" ", "%20")}?fields=["name","subject","status","score","modified"]&limit=20'
    listing = listing.replace('"', "%22")
    token = {"Authorization": f"token {TOKEN}"}
    sid = sign_in(port)
    cookie = {"Cookie": f"sid={sid}"}
    for what, request in (
        ("list of 20, session", request_bytes("GET", listing, SITE, cookie)),
        ("list of 20, API key", request_bytes("GET", listing, SITE, token)),
        ("one document", request_bytes("GET", f"/api/resource/{DOCTYPE.replace(' ', '%20')}/row000010", SITE, cookie)),
        ("POST of a document", request_bytes("POST", f"/api/resource/{DOCTYPE.replace(' ', '%20')}", SITE, token,
                                             b'{"subject": "a visit", "status": "Open", "score": 3}')),
        ("ping", request_bytes("GET", "/api/method/ping", SITE, {})),
    ):  # fmt: skip
        ours = rate(port, request)
        print(f"{what:<40} {ours:9,.0f}/s   ratio to bare {floor / ours:5.1f}")
    process.terminate()
    process.wait()


def sign_in(port: int) -> str:
    """The cookie of a session of the reader."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        body = json.dumps({"usr": "reader@bench.test", "pwd": PASSWORD}).encode()
        answer = exchange(connection, request_bytes("POST", "/api/method/login", SITE, {}, body)).decode()
    return answer.split("sid=", 1)[1].split(";", 1)[0]


def main() -> None:
    """Runs everything in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        measure(folder, prepare(folder))


if __name__ == "__main__":
    main()
