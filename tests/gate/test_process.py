"""How the gate starts and stops."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable

import requests
from e2e.stack import bench_command
from gate.processes import Gate


def test_a_port_in_use_is_told_in_a_line(gate: Gate) -> None:
    ended = subprocess.run(
        [bench_command(), "--site", os.environ["SITE"], "medaffairs-gate", "--http-port", str(gate.port),
         "--mllp-port", "0"],
        cwd=os.environ["SITES_PATH"], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "the gate cannot listen" in ended.stderr and str(gate.port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_listens_on_this_machine_alone_unless_told_otherwise(
    gate: Gate, own_gate: Callable[..., Gate]
) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        own = "127.0.0.2"
    with socket.socket() as probe:
        assert probe.connect_ex((own, gate.port)) != 0
    wide = own_gate("--host", "0.0.0.0")
    assert requests.get(f"http://{own}:{wide.port}/health/live", timeout=5).status_code == 200


def test_a_connection_that_asks_nothing_is_closed(gate: Gate) -> None:
    with socket.create_connection(("127.0.0.1", gate.port)) as silent:
        silent.settimeout(20)
        silent.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        assert silent.recv(1) == b""
    assert requests.get(f"{gate.url}/health/live", timeout=5).status_code == 200
