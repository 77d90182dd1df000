"""The site with canaries, and the application before it, spoken to without a socket."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.tests.security import canaries, hostile
from runtime.tests.security.asking import SITE, ask


@pytest.fixture(scope="session")
def grounds(host_site: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A copy of the host's site with canaries in it, and what requests may name."""
    import frappe

    folder = tmp_path_factory.mktemp("canaries") / "sites"
    shutil.copytree(host_site[0], folder)
    before = dict(frappe.local)
    frappe.init(SITE, sites_path=str(folder), force=True)
    frappe.connect()
    names = canaries.plant()
    frappe.destroy()
    frappe.local.bind(before)
    return {"folder": folder, "names": names, "methods": hostile.whitelisted()}


@pytest.fixture
def send(grounds: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable]:
    """`send(user, verb, path, …)`: status and whole text of an answer."""
    import frappe
    import frappe.app
    from werkzeug.test import Client

    before = dict(frappe.local)
    monkeypatch.chdir(grounds["folder"])
    monkeypatch.setattr(frappe.app, "_sites_path", os.curdir)
    client = Client(frappe.app.application, use_cookies=False)

    def one(user: str, verb: str, path: str, **more: Any) -> tuple[int, str]:
        status, text, _seconds = ask(client, user, {"method": verb, "path": path, **more})
        return status, text

    yield one
    frappe.local.bind(before)
