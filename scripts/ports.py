"""Ports are looked at before anything is done: a busy one is an error that names it."""

from __future__ import annotations

import socket

from console import fail


def check_ports(wanted: dict[str, int]) -> None:
    """Ends with a clear error when a port is taken or named twice."""
    seen: dict[int, str] = {}
    for name, port in wanted.items():
        if port in seen:
            fail(f"{name} and {seen[port]} are both {port}", f"for example: make run {name}={port + 1}")
        seen[port] = name
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                fail(
                    f"Port {port} ({name}) is in use", f"stop what uses it, or: make run {name}={port + 1000}"
                )
