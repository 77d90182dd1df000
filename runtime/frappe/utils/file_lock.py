"""Locks that several processes of a site see: files in its folder `locks`."""

from __future__ import annotations

import contextlib
import os
import time

import frappe


class LockTimeoutError(Exception):
    """Somebody else holds the lock for too long."""


def get_lock_path(name: str) -> str:
    """Where the file of a lock is."""
    return os.path.abspath(frappe.get_site_path("locks", f"{name.lower()}.lock"))


def lock_exists(name: str) -> bool:
    """Whether somebody holds the lock."""
    return os.path.exists(get_lock_path(name))


def create_lock(name: str) -> str | bool:
    """Takes a lock; False when somebody has it."""
    path = get_lock_path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        # Made only when it is not there: of two who ask at once one gets it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return path


def check_lock(path: str, timeout: int = 600) -> bool:
    """Whether a lock is held.

    :param timeout: seconds after which its holder is taken for dead
    :raises LockTimeoutError: for a lock that is older
    """
    if not os.path.exists(path):
        return False
    if time.time() - os.path.getmtime(path) > timeout:
        raise LockTimeoutError(path)
    return True


def delete_lock(name: str) -> bool:
    """Gives a lock back; True when nobody has it afterwards."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(get_lock_path(name))
    return True
