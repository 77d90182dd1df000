"""Helpers that apps import from `frappe.utils`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils.data import *  # noqa: F403
from frappe.utils.data import cstr


def get_fullname(user: str | None = None) -> str:
    """The name of a user as people read it; the user's own by default."""
    user = user or frappe.session.user
    cache = frappe.local.request_cache.setdefault("fullnames", {})
    if user not in cache:
        row = frappe.db.get_value("User", user, ["full_name", "first_name"], as_dict=True)
        cache[user] = (row and (row.full_name or row.first_name)) or user
    return cache[user]


def get_fullname_and_avatar(user: str) -> dict:
    """Name and picture of a user."""
    row = (
        frappe.db.get_value("User", user, ["user_image", "first_name", "last_name"], as_dict=True)
        or frappe._dict()
    )
    return frappe._dict(fullname=get_fullname(user), image=row.user_image, name=user)


def get_user_info_for_avatar(user_id: str) -> dict:
    """Mail address, name and picture of a user."""
    row = get_fullname_and_avatar(user_id)
    return {"email": user_id, "image": row.image or "", "name": row.fullname}


def get_email_address(user: str | None = None) -> str | None:
    """The user's mail address."""
    return frappe.db.get_value("User", user or frappe.session.user, "email")


def get_formatted_email(user: str, mail: str | None = None) -> str:
    """Name and mail address in one."""
    from email.utils import formataddr

    return formataddr((get_fullname(user), mail or get_email_address(user) or ""))


def get_files_path(*path: str, is_private: bool = False) -> str:
    """The folder of uploaded files, with a path in it."""
    return frappe.get_site_path("private" if is_private else "public", "files", *path)


def get_site_base_path() -> str:
    """The folder of the site."""
    return frappe.local.site_path


def get_site_path(*path: str) -> str:
    """A path in the site's folder."""
    return get_site_base_path() if not path else os.path.join(get_site_base_path(), *path)


def get_bench_path() -> str:
    """The folder that holds `sites`."""
    return os.path.dirname(os.path.abspath(frappe.local.sites_path))


def get_backups_path() -> str:
    """The folder of backups."""
    return get_site_path("private", "backups")


def get_request_site_address(full_address: bool = False) -> str:
    """The site's address."""
    from frappe.utils.data import get_url

    return get_url(full_address=full_address)


def touch_file(path: str) -> str:
    """Makes an empty file, or renews its time."""
    with open(path, "a"):
        os.utime(path, None)
    return path


def execute_in_shell(cmd: list[str], check_exit_code: bool = False) -> tuple[bytes, bytes]:
    """Runs a program without a shell; what it printed and what it complained.

    :raises frappe.CommandFailedError: with `check_exit_code`, when it fails
    """
    import subprocess

    done = subprocess.run(cmd, capture_output=True, check=False)  # noqa: S603 - no shell, arguments are a list
    if check_exit_code and done.returncode:
        frappe.throw(frappe._("Command failed"), frappe.CommandFailedError)
    return done.stderr, done.stdout


def get_hook_method(hook_name: str, fallback: Callable | None = None) -> Callable | None:
    """The last app's method for a hook."""
    method = frappe.get_hooks(hook_name)
    return frappe.get_attr(method[-1]) if method else fallback


def call_hook_method(hook: str, *args: Any, **kwargs: Any) -> Any:
    """Calls every app's method for a hook; the last answer counts."""
    answer = None
    for method in frappe.get_hooks(hook):
        answer = frappe.get_attr(method)(*args, **kwargs) or answer
    return answer


def is_cli() -> bool:
    """Whether this is a command and neither a request nor a job."""
    return getattr(frappe.local, "request", None) is None and getattr(frappe.local, "job", None) is None


def get_sites(sites_path: str | None = None) -> list[str]:
    """Names of the sites in a folder."""
    folder = sites_path or getattr(frappe.local, "sites_path", None) or "."
    return sorted(
        name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name, "site_config.json"))
    )


def get_build_version() -> str:
    """Changes when the apps' assets are built anew."""
    try:
        return str(os.path.getmtime(os.path.join(frappe.local.sites_path, ".build")))
    except OSError:
        return frappe.__version__


def get_assets_json() -> dict:
    """Addresses of built assets, by name."""
    return {}


def gravatar_url(email: str, default: str | None = None) -> str:
    """No address of somebody else's server is ever used for pictures."""
    return ""


def has_gravatar(email: str) -> str:
    """No address of somebody else's server is ever used for pictures."""
    return ""


def resolve_class(classes: Any) -> str:
    """Names of CSS classes as one text."""
    if isinstance(classes, dict):
        classes = [name for name, wanted in classes.items() if wanted]
    return classes if isinstance(classes, str) else " ".join(cstr(name) for name in classes or [])


def is_job_queued(job_name: str, queue: str = "default") -> bool:
    """Whether a job of this name waits."""
    from frappe.utils.background_jobs import is_job_enqueued

    return is_job_enqueued(job_name)


def groupby_metric(iterable: dict[str, list], key: str) -> dict:
    """Rows of several metrics, grouped by the value of a key."""
    records: dict = {}
    for category, rows in iterable.items():
        for row in rows:
            records.setdefault(row[key], {})[category] = row
    return records


class CallbackManager:
    """Functions to run once at a later moment, in the order in which they were added."""

    def __init__(self) -> None:
        self._functions: list[Callable] = []

    def add(self, func: Callable) -> None:
        """Adds a function."""
        self._functions.append(func)

    __call__ = add

    def run(self) -> None:
        """Runs and forgets them; functions that they add run as well."""
        while self._functions:
            self._functions.pop(0)()

    def reset(self) -> None:
        """Forgets them."""
        self._functions.clear()
