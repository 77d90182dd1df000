"""Addresses of scripts and styles that apps name without a path: `name.bundle.js`."""

from __future__ import annotations

import functools
import os
from fnmatch import fnmatch
from pathlib import Path

from markupsafe import Markup

import frappe


def bundled_asset(path: str) -> str:
    """The address of an asset: a path as it is, a bundle where the app's own build has put it.

    An app that ships its built files has them below `public/dist` with a hash in the name, or below `public` without.
    """
    if path.startswith(("/", "http://", "https://")) or ".bundle." not in path:
        return path
    return _find(path, tuple(frappe.get_installed_apps())) or f"/assets/{path}"


@functools.lru_cache(maxsize=512)
def _find(name: str, apps: tuple[str, ...]) -> str | None:
    stem, _, kind = name.partition(".bundle.")
    for app in reversed(apps):
        root = frappe.get_app_path(app, "public")
        for folder, _folders, files in os.walk(root):
            for file in sorted(files):
                if file == name or fnmatch(file, f"{stem}.bundle.*.{kind}"):
                    relative = os.path.relpath(os.path.join(folder, file), root)
                    return f"/assets/{app}/{Path(relative).as_posix()}"
    return None


def include_script(path: str, preload: bool = True) -> Markup:
    """For templates: a script element."""
    return Markup('<script type="text/javascript" src="{}"></script>').format(bundled_asset(path))


def include_style(path: str, rtl: bool | None = None, preload: bool = True) -> Markup:
    """For templates: a style sheet."""
    return Markup('<link type="text/css" rel="stylesheet" href="{}">').format(bundled_asset(path))
