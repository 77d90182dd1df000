"""Configuration: `common_site_config.json`, then the site's `site_config.json`, then the environment."""

from __future__ import annotations

import json
import os
from typing import Any

from frappe.types.frappedict import _dict

_cache: dict[str, tuple[float, dict]] = {}


def _read_json(path: str) -> dict:
    """The file's content, parsed again only when the file has changed; {} when there is none."""
    try:
        changed = os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return {}
    known = _cache.get(path)
    if known is None or known[0] != changed:
        with open(path, encoding="utf-8") as file:
            known = (changed, json.load(file))
        _cache[path] = known
    return known[1]


def get_common_config(sites_path: str) -> _dict:
    """What holds for every site of the folder."""
    return _dict(_read_json(os.path.join(sites_path, "common_site_config.json")))


def get_site_config(sites_path: str, site_path: str = "", missing_ok: bool = False) -> _dict:
    """The merged configuration of a site.

    :raises frappe.IncorrectSitePath: when the site has no `site_config.json`
    """
    from frappe.exceptions import IncorrectSitePath

    config = get_common_config(sites_path)
    if site_path:
        path = os.path.join(site_path, "site_config.json")
        if os.path.exists(path):
            config.update(_read_json(path))
        elif not missing_ok:
            raise IncorrectSitePath(f"{site_path} is not a site: it has no site_config.json")
    for key, variable in (
        ("db_type", "FRAPPE_DB_TYPE"),
        ("db_host", "FRAPPE_DB_HOST"),
        ("db_port", "FRAPPE_DB_PORT"),
        ("db_socket", "FRAPPE_DB_SOCKET"),
        ("db_name", "FRAPPE_DB_NAME"),
        ("db_user", "FRAPPE_DB_USER"),
        ("db_password", "FRAPPE_DB_PASSWORD"),
        ("redis_cache", "FRAPPE_REDIS_CACHE"),
        ("redis_queue", "FRAPPE_REDIS_QUEUE"),
    ):
        if os.environ.get(variable):
            config[key] = os.environ[variable]
    config.setdefault("db_type", "sqlite")
    return config


def update_site_config(key: str, value: Any, site_config_path: str) -> None:
    """Write one key of the file; the text "None" removes it. The file is replaced in one step."""
    config = dict(_read_json(site_config_path))
    if value == "None":
        config.pop(key, None)
    else:
        config[key] = value
    partial = f"{site_config_path}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=1, sort_keys=True, ensure_ascii=False)
    os.chmod(partial, 0o600)
    os.replace(partial, site_config_path)
