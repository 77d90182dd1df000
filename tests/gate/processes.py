"""A gate in a process of its own, as an operator starts it, and the site's web server beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from e2e.stack import bench_command, free_port

START_SECONDS = 60


def wait_until(condition: Callable[[], Any], seconds: float = 15.0, what: str = "") -> Any:
    """What a condition returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


class Process:
    """One process of the system."""

    def __init__(self, folder: Path, name: str, *arguments: str, ready: str) -> None:
        self.log = folder / f"{name}.log"
        sites = Path(os.environ["SITES_PATH"]).resolve()
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                [bench_command(), "--site", os.environ["SITE"], *arguments],
                cwd=sites,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"SITES_PATH": str(sites)},
            )
        try:
            wait_until(lambda: self._answers(ready), START_SECONDS, f"{name}: {self.log.read_text()[-2000:]}")
        except BaseException:
            self.process.kill()
            raise

    def _answers(self, url: str) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")
        try:
            return requests.get(url, timeout=2).status_code < 500
        except requests.RequestException:
            return False

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Ends it and returns its exit code."""
        self.process.send_signal(sign)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()


class Gate(Process):
    """The gate, asked with one user's key."""

    def __init__(self, folder: Path, token: str, *options: str) -> None:
        self.token, self.port = token, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = requests.Session()
        ports = ("--http-port", str(self.port), "--mllp-port", str(free_port()))
        arguments = ("medaffairs-gate", *ports, *options)
        super().__init__(folder, "gate", *arguments, ready=f"{self.url}/health")

    def get(
        self, path: str, token: str | None = None, headers: dict | None = None, **query: Any
    ) -> requests.Response:
        """A GET with the key."""
        sent = {"Authorization": f"token {token or self.token}"} | (headers or {})
        return self.session.get(f"{self.url}{path}", params=query, headers=sent, timeout=30)

    def check(self, practitioner: str, kind: str, code: str, **more: Any) -> dict[str, Any]:
        """One question's answer."""
        response = self.get("/check", practitioner=practitioner, kind=kind, code=code, **more)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, body: Any, token: str | None = None, **options: Any) -> requests.Response:
        """Many questions."""
        sent = {"Authorization": f"token {token or self.token}"}
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return self.session.post(f"{self.url}/check", headers=sent, timeout=30, **content, **options)

    def figures(self) -> dict[str, float]:
        """What `/metrics` tells, by name and labels."""
        from prometheus_client.parser import text_string_to_metric_families

        text = requests.get(f"{self.url}/metrics", timeout=10).text
        return {
            f"{sample.name}{sorted(sample.labels.items()) if sample.labels else ''}": sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


class Web(Process):
    """The site's web server, asked with one user's key."""

    def __init__(self, folder: Path, token: str) -> None:
        port = free_port()
        self.url, self.token, self.session = f"http://127.0.0.1:{port}", token, requests.Session()
        super().__init__(folder, "web", "serve", "--port", str(port), ready=f"{self.url}/api/method/ping")

    def check(self, **asked: Any) -> dict[str, Any]:
        """The whitelisted twin of the gate's question."""
        response = self.session.get(
            f"{self.url}/api/method/medaffairs.privileging.api.check",
            params=asked,
            headers={"Authorization": f"token {self.token}", "Host": os.environ["SITE"]},
            timeout=30,
        )
        assert response.status_code == 200, response.text
        return response.json()["message"]
