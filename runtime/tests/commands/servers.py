"""Web servers of one worker each, so that a test knows which process answers."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import requests

from runtime.tests.commands.conftest import PASSWORD, SITE, Bench


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One web process of the site, spoken to as Administrator."""

    def __init__(self, bench: Bench, port: int, workers: int = 1) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.process = bench.start("serve", "--port", str(port), "--workers", str(workers))
        self.session = requests.Session()

    def wait(self) -> Server:
        """Until it answers; then logs in."""
        deadline = time.monotonic() + 40
        while True:
            try:
                if requests.get(f"{self.base}/api/method/ping", timeout=5).ok:
                    break
            except requests.ConnectionError:
                assert time.monotonic() < deadline and self.process.poll() is None, "the server did not start"
                time.sleep(0.1)
        answer = self.post("login", usr="Administrator", pwd=PASSWORD)
        assert answer.status_code == 200, answer.text
        return self

    def post(self, method: str, **arguments: Any) -> requests.Response:
        """Calls a method."""
        return self.session.post(f"{self.base}/api/method/{method}", json=arguments, timeout=60)

    def run(self, code: str) -> Any:
        """What an expression gives in a request of this process."""
        answer = self.post("shop.web.run", code=code)
        assert answer.status_code == 200, answer.text
        return answer.json().get("message")

    def stop(self) -> None:
        """Ends it at once: SIGTERM would wait for connections that are kept."""
        self.session.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)


@contextmanager
def serving(bench: Bench, count: int = 1) -> Iterator[list[Server]]:
    """Several web processes of the same site."""
    with ExitStack() as stack:
        bench.ok("set-config", "ignore_csrf", "1", "-p")
        servers = [Server(bench, free_port()) for _ in range(count)]
        for server in servers:
            stack.callback(server.stop)
        for server in servers:
            server.wait()
        yield servers


__all__ = ["SITE", "Server", "free_port", "serving"]
