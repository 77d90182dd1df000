"""Threads that own a database connection, so that the event loop never waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import frappe

Answer = TypeVar("Answer")


class DatabaseThread:
    """One thread in which work on the site's database is done, one piece after the other."""

    def __init__(self, site: str, sites_path: str, name: str) -> None:
        self._site, self._sites_path = site, sites_path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Does something as Administrator in a transaction of its own; what it raises is raised here.

        The transaction is committed when `work` returns and undone when it raises.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._connected, work, *arguments
        )

    def close(self) -> None:
        """Waits until everything that was begun is done and ends the thread."""
        self._thread.shutdown(wait=True)

    def _connected(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        frappe.init(self._site, sites_path=self._sites_path, force=True)
        frappe.connect()
        frappe.local.lang = "zh"
        try:
            answer = work(*arguments)
            frappe.db.commit()
            return answer
        except BaseException:
            frappe.db.rollback()
            raise
        finally:
            frappe.destroy()
