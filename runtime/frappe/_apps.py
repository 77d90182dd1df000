"""Installed apps, their modules and their hooks."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from frappe._context import local
from frappe.types.frappedict import _dict

_SKIPPED_HOOKS = frozenset(
    {"app_name", "app_title", "app_publisher", "app_description", "app_version", "app_email", "app_license"}
)
_hook_cache: dict[tuple, dict[str, Any]] = {}
_module_cache: dict[tuple, tuple[dict, dict]] = {}


def scrub(text: str) -> str:
    """ "Clinical Department" → "clinical_department": the name of a module's or DocType's folder."""
    return str(text or "").replace(" ", "_").replace("-", "_").lower()


def unscrub(text: str) -> str:
    """ "clinical_department" → "Clinical Department"."""
    return str(text or "").replace("_", " ").replace("-", " ").title()


def get_module(name: str) -> ModuleType:
    """Import a module by its dotted name."""
    return importlib.import_module(name)


def get_attr(path: str) -> Any:
    """The object behind a dotted path.

    :raises frappe.AppNotInstalledError: when the path belongs to an app that this site does not have
    :raises AttributeError, ImportError: when there is no such object
    """
    if "." not in path:
        raise AttributeError(f"{path} is not the dotted path of an object")
    app = path.split(".", 1)[0]
    if (
        getattr(local, "db", None) is not None
        and not (local.flags.in_install or local.flags.in_uninstall)
        and app != "frappe"
    ):
        installed = get_installed_apps()
        if app not in installed and app in get_all_apps(with_internal_apps=False):
            from frappe import _messages, exceptions

            _messages.throw(f"App {app} is not installed", exceptions.AppNotInstalledError)
    module, attribute = path.rsplit(".", 1)
    # Asked many times in a save: what is imported is not looked for again. What another thread is still importing
    # has not all its names yet; importing it once more waits for that.
    known = sys.modules.get(module)
    if known is None or getattr(known.__spec__, "_initializing", False):
        known = get_module(module)
    return getattr(known, attribute)


def call(function: str | Callable, *args: Any, **kwargs: Any) -> Any:
    """Call a function (or the function behind a dotted path) with those keyword arguments that it takes."""
    from frappe._whitelist import fitting_kwargs

    if isinstance(function, str):
        function = get_attr(function)
    return function(*args, **fitting_kwargs(function, kwargs))


def get_all_apps(with_internal_apps: bool = True, sites_path: str | None = None) -> list[str]:
    """Apps listed in the folder's apps.txt; "frappe" is always the first."""
    path = os.path.join(sites_path or getattr(local, "sites_path", "."), "apps.txt")
    apps = ["frappe"]
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name = line.strip()
                if name and not name.startswith("#") and name not in apps:
                    apps.append(name)
    return apps


def get_installed_apps(*, _ensure_on_bench: bool = False) -> list[str]:
    """Apps installed in the site, in the order of installation."""
    if getattr(local, "db", None) is None:
        return ["frappe"]
    known = local.request_cache.get("installed_apps")
    if known is None:
        from frappe.utils.caching import kept

        known = (
            _read_installed_apps() if local.flags.in_install else kept("installed_apps", _read_installed_apps)
        )
        local.request_cache["installed_apps"] = known
    if _ensure_on_bench:
        present = get_all_apps()
        return [app for app in known if app in present]
    return list(known)


def _read_installed_apps() -> list[str]:
    import json

    return json.loads(local.db.get_global("installed_apps") or "[]")


def get_app_path(app_name: str, *joins: str) -> str:
    """A path inside the app's package."""
    return get_pymodule_path(app_name, *joins)


def get_app_source_path(app_name: str, *joins: str) -> str:
    """A path inside the folder that holds the app's package."""
    return os.path.abspath(os.path.join(get_pymodule_path(app_name), "..", *joins))


def get_pymodule_path(modulename: str, *joins: str) -> str:
    """A path beside a Python module; the module itself is not imported when it is a top-level package."""
    spec = importlib.util.find_spec(scrub(modulename))
    if spec is None or not spec.origin:
        raise ImportError(f"No module named {modulename}")
    return os.path.abspath(os.path.join(os.path.dirname(spec.origin), *joins))


def get_site_path(*joins: str) -> str:
    """A path inside the folder of the current site."""
    return os.path.join(local.site_path, *joins)


def get_module_path(module: str, *joins: str) -> str:
    """A path inside the folder of a module ("Clinical" → …/app/clinical)."""
    return get_pymodule_path(f"{get_module_app(module)}", scrub(module), *joins)


def get_module_app(module: str) -> str:
    """The app that a module belongs to.

    :raises frappe.DoesNotExistError: when no app lists the module
    """
    app = modules()[1].get(scrub(module))
    if not app:
        from frappe import _messages, exceptions

        _messages.throw(f"Module {module} not found", exceptions.DoesNotExistError)
    return app


def get_module_list(app_name: str) -> list[str]:
    """Names in the app's modules.txt."""
    return get_file_items(get_app_path(app_name, "modules.txt"))


def get_file_items(path: str, raise_not_found: bool = False, ignore_empty_lines: bool = True) -> list[str]:
    """Lines of a text file without comments."""
    if not os.path.exists(path):
        if raise_not_found:
            raise FileNotFoundError(path)
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file.read().splitlines()]
    return [line for line in lines if (line or not ignore_empty_lines) and not line.startswith("#")]


def modules() -> tuple[dict[str, list[str]], dict[str, str]]:
    """(app → its modules' folder names, folder name → app) over all apps of the folder."""
    apps = get_all_apps()
    for app in get_installed_apps():
        if app not in apps:
            apps.append(app)
    key = tuple(apps)
    if key not in _module_cache:
        by_app: dict[str, list[str]] = {}
        by_module: dict[str, str] = {}
        for app in apps:
            if importlib.util.find_spec(app) is None:
                continue
            by_app[app] = [scrub(name) for name in get_module_list(app)]
            for name in by_app[app]:
                by_module.setdefault(name, app)
        _module_cache[key] = (by_app, by_module)
    return _module_cache[key]


def _load_hooks(apps: tuple[str, ...]) -> dict[str, Any]:
    """Merge the hooks.py of the apps: values become lists, dicts become dicts of lists."""
    merged: dict[str, Any] = {}
    for app in apps:
        if importlib.util.find_spec(app) is None:
            continue
        module = get_module(f"{app}.hooks")
        for key, value in vars(module).items():
            if key.startswith("_") or isinstance(value, ModuleType) or callable(value):
                continue
            append_hook(merged, key, value)
    return merged


def append_hook(target: dict, key: str, value: Any) -> None:
    """Add one hook value to what other apps have said before."""
    if isinstance(value, dict):
        inner = target.setdefault(key, {})
        for name, item in value.items():
            append_hook(inner, name, item)
    elif isinstance(value, list):
        target.setdefault(key, []).extend(value)
    else:
        target.setdefault(key, []).append(value)


def get_hooks(
    hook: str | None = None, default: Any = "_KEEP_DEFAULT_LIST", app_name: str | None = None
) -> Any:
    """The merged hooks of the installed apps, or one of them; a missing hook is an empty list."""
    apps = (app_name,) if app_name else (tuple(get_installed_apps()) or ("frappe",))
    hooks = _hook_cache.get(apps)
    if hooks is None:
        hooks = _hook_cache[apps] = _load_hooks(apps)
    if hook is None:
        return _dict(hooks)
    if hook in hooks:
        return hooks[hook]
    return [] if default == "_KEEP_DEFAULT_LIST" else default


def clear_hook_cache() -> None:
    """Read hooks and modules anew: an app was installed or removed."""
    _hook_cache.clear()
    _module_cache.clear()
    if getattr(local, "request_cache", None) is not None:
        local.request_cache.pop("installed_apps", None)


def get_domains() -> list[str]:
    """Domains are not supported; there are none."""
    return []
