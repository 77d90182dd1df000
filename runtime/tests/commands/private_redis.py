"""A Redis server for these tests alone, on a free port, with its files in a temporary folder."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.tests.commands.servers import free_port


@contextmanager
def redis_server(folder: Path, *, lasting: bool = False) -> Iterator[str]:
    """Its address. With `lasting` every write is on the disk before it is acknowledged."""
    port = free_port()
    keeping = ["--appendonly", "yes", "--appendfsync", "always"] if lasting else ["--appendonly", "no"]
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *keeping],
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        import redis

        client = redis.Redis(port=port)
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        client.close()
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
