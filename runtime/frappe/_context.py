"""What is bound to the running request, job or command.

`local` belongs to one thread of execution (a context variable, so an asyncio task has its own as well);
the proxies (`frappe.db`, `frappe.session`, …) look their target up in `local` every time they are used.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from frappe.types.frappedict import _dict


class Local:
    """A namespace per execution context. Assigning copies it, so that a child context never leaks upward."""

    __slots__ = ("_storage",)

    def __init__(self) -> None:
        object.__setattr__(self, "_storage", ContextVar("frappe_local"))

    def __getattr__(self, name: str) -> Any:
        try:
            return self._storage.get()[name]
        except (LookupError, KeyError):
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        values = self._storage.get(None)
        self._storage.set({**values, name: value} if values else {name: value})

    def __delattr__(self, name: str) -> None:
        values = dict(self._storage.get(None) or {})
        if name not in values:
            raise AttributeError(name)
        del values[name]
        self._storage.set(values)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter((self._storage.get(None) or {}).items())

    def bind(self, values: dict[str, Any]) -> None:
        """Replace everything at once."""
        self._storage.set(values)

    def release(self) -> None:
        """Forget everything that is bound."""
        self._storage.set({})

    def __call__(self, name: str) -> LocalProxy:
        return LocalProxy(self, name)


class LocalProxy:
    """Stands for `local.<name>`, whatever that is at the moment of use."""

    __slots__ = ("_current", "_name")

    def __init__(self, source: Local | Callable[[], Any], name: str = "") -> None:
        if isinstance(source, Local):
            storage = object.__getattribute__(source, "_storage")

            def current() -> Any:
                try:
                    return storage.get()[name]
                except (LookupError, KeyError):
                    raise RuntimeError(f"object is not bound: {name}") from None
        else:
            current = source
        object.__setattr__(self, "_current", current)
        object.__setattr__(self, "_name", name)

    def _get_current_object(self) -> Any:
        return self._current()

    @property
    def __class__(self) -> type:
        return type(self._current())

    @property
    def __dict__(self) -> dict:
        return self._current().__dict__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._current(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._current(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._current(), name)

    def __bool__(self) -> bool:
        try:
            return bool(self._current())
        except RuntimeError:
            return False

    def __repr__(self) -> str:
        try:
            return repr(self._current())
        except RuntimeError:
            return f"<unbound {self._name}>"

    def __dir__(self) -> list[str]:
        try:
            return dir(self._current())
        except RuntimeError:
            return []


def _forward(function: Callable) -> Callable:
    def method(self: LocalProxy, *args: Any, **kwargs: Any) -> Any:
        return function(self._current(), *args, **kwargs)

    return method


for _name, _function in {
    "__str__": str, "__bytes__": bytes, "__hash__": hash, "__len__": len, "__iter__": iter, "__next__": next,
    "__reversed__": reversed, "__int__": int, "__float__": float, "__index__": operator.index,
    "__getitem__": operator.getitem, "__setitem__": operator.setitem, "__delitem__": operator.delitem,
    "__contains__": operator.contains, "__eq__": operator.eq, "__ne__": operator.ne, "__lt__": operator.lt,
    "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge, "__add__": operator.add,
    "__iadd__": operator.iadd, "__or__": operator.or_, "__mod__": operator.mod, "__format__": format,
    "__call__": lambda target, *args, **kwargs: target(*args, **kwargs),
    "__enter__": lambda target: target.__enter__(),
    "__exit__": lambda target, *args: target.__exit__(*args),
}.items():  # fmt: skip
    setattr(LocalProxy, _name, _forward(_function))


local = Local()

#: Names of `local` that are also names of the `frappe` module.
PROXIED = (
    "db",
    "qb",
    "conf",
    "form_dict",
    "request",
    "job",
    "response",
    "session",
    "user",
    "flags",
    "error_log",
    "debug_log",
    "message_log",
    "lang",
    "site",
    "jenv",
)


def init(site: str, sites_path: str = ".", new_site: bool = False, force: bool = False) -> None:
    """Bind a site: read its configuration and start with empty request state. No connection is opened.

    :raises frappe.IncorrectSitePath: when the site's folder is missing and `new_site` is not set
    """
    from frappe import _config

    if getattr(local, "initialised", False) and not force:
        return
    site_path = os.path.join(sites_path, site) if site else ""
    conf = _config.get_site_config(sites_path, site_path, missing_ok=new_site)
    flags = _dict(
        currently_saving=[], redirect_location="", in_install_db=False, in_install_app=False, in_import=False,
        in_test=False, mute_messages=False, ignore_links=False, mute_emails=False, has_dataurl=False,
        new_site=new_site, read_only=False,
    )  # fmt: skip
    local.bind(
        {
            "flags": flags, "error_log": [], "message_log": [], "debug_log": [], "realtime_log": [],
            "rollback_observers": [], "locked_documents": [], "test_objects": {}, "site": site,
            "sites_path": sites_path, "site_path": site_path, "all_apps": None, "request_ip": None,
            "request": None, "job": None, "response": _dict({"docs": []}), "response_headers": None,
            "conf": conf, "config": conf, "lang": conf.get("lang") or "en", "lang_full_dict": None,
            "module_app": None, "app_modules": None, "user": None, "user_perms": None, "session": None,
            "session_obj": None, "role_permissions": {}, "valid_columns": {}, "new_doc_templates": {},
            "jenv": None, "jloader": None, "cache": {}, "form_dict": _dict(), "preload_assets": None,
            "dev_server": False, "db": None, "qb": LocalProxy(_query_builder), "login_manager": None,
            "system_settings": None, "request_cache": {}, "hooks": None, "initialised": True,
            "document_cache": {}, "session_data_changed": False,
        }
    )  # fmt: skip


def _query_builder() -> Any:
    from frappe.query_builder import get_query_builder

    return get_query_builder(local.conf.get("db_type") or "sqlite")


def connect(site: str | None = None, db_name: str | None = None, set_admin_as_user: bool = True) -> None:
    """Open the site's database (initialising the site first when it is named)."""
    from frappe.database import get_db

    if site:
        init(site)
    if local.db is None:
        local.db = get_db()
    if set_admin_as_user:
        set_user("Administrator")
    else:
        local.session = local.session or _dict(user=None, data=_dict())


def destroy() -> None:
    """Give the connection back and forget the request."""
    db = getattr(local, "db", None)
    if db is not None:
        db.close()
    local.release()


def set_user(username: str) -> None:
    """Act as `username` from here on: session, permissions and roles are read anew."""
    local.session = _dict(user=username, sid=username, data=_dict())
    local.user = username
    local.cache = {}
    local.form_dict = _dict()
    local.jenv = None
    local.role_permissions = {}
    local.new_doc_templates = {}
    local.user_perms = None
