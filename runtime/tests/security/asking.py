"""One request to the application, without a socket."""

from __future__ import annotations

import time
from typing import Any

from runtime.tests.security import canaries

SITE = "host.test"


def ask(client: Any, user: str, wanted: dict[str, Any]) -> tuple[int, str, float]:
    """Status, headers with text, and seconds of one request."""
    headers = {"X-Frappe-Site-Name": SITE, "Accept": "application/json"}
    if user != "Guest":
        headers["Authorization"] = f"token key-{user}:{canaries.SECRET}-{user}"
    options = {key: wanted[key] for key in ("json", "data") if key in wanted}
    if "files" in wanted:
        from io import BytesIO

        name, content = wanted["files"]["file"]
        options["data"] = {**options.get("data", {}), "file": (BytesIO(content), name)}
    started = time.monotonic()
    response = client.open(wanted["path"], method=wanted["method"], headers=headers, **options)
    text = f"{response.headers}{response.get_data().decode(errors='replace')}"
    response.close()
    return response.status_code, text, time.monotonic() - started
