"""Ports are looked at before anything is done: a busy one is an error that names it, its variable and who has it."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from console import fail

_LISTENING = "0A"


def check_ports(wanted: dict[str, int]) -> None:
    """Ends with a clear error when a port is taken, named twice or no port at all."""
    seen: dict[int, str] = {}
    for name, port in wanted.items():
        if not 0 < port < 65536:
            fail(f"{name}={port} is not a port", f"for example: make run {name}=18000")
        if port in seen:
            fail(f"{name} and {seen[port]} are both {port}", f"for example: make run {name}={port + 1}")
        seen[port] = name
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                fail(f"Port {port} ({name}) is reserved for the system", f"for example: make run {name}=8000")
            except OSError:
                another = port + 1000 if port < 64000 else port - 1000
                fail(
                    f"Port {port} ({name}) is in use{holder(port)}",
                    f"stop what uses it, or: make run {name}={another}",
                )


def holder(port: int) -> str:
    """Who listens on a port, as far as this system and this user can tell."""
    sockets = _listening_sockets(port)
    for entry in Path("/proc").glob("[0-9]*") if sockets else ():
        with contextlib.suppress(OSError):
            if any(os.readlink(link) in sockets for link in (entry / "fd").iterdir()):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                return f" by process {entry.name}: {words.strip()[:300]}"
    return ""


def _listening_sockets(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                parts = line.split()
                if parts[3] == _LISTENING and int(parts[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{parts[9]}]")
    return found
