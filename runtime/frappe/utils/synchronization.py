"""A part of the code that only one process at a time may run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.utils.file_lock import LockTimeoutError

LOCKS_DIR = "locks"


@contextmanager
def filelock(lock_name: str, *, timeout: float = 30, is_global: bool = False) -> Iterator[Any]:
    """Holds a lock that all processes of the site, or with `is_global` of all sites of the folder, respect.

    It ends with the process that holds it, however that ends; the file itself stays and means nothing.

    :param timeout: seconds to wait for another holder
    :raises LockTimeoutError: when he does not let go
    """
    from filelock import FileLock, Timeout

    base = frappe.local.sites_path if is_global else frappe.local.site_path
    path = os.path.abspath(os.path.join(base, LOCKS_DIR, f"{lock_name}.lock"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with FileLock(path, timeout=timeout) as held:
            yield held
    except Timeout as error:
        frappe.log_error(f"The lock {lock_name} was not free for {timeout} s")
        raise LockTimeoutError(
            frappe._("The lock {0} is held by another process: {1}").format(lock_name, path)
        ) from error
