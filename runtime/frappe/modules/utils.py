"""Where a module's files are."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Any

import frappe
from frappe._apps import get_module_app, get_module_path, scrub


def scrub_dt_dn(dt: str, dn: str) -> tuple[str, str]:
    """Folder names of a DocType and of a document."""
    return scrub(dt), scrub(dn)


def get_module_name(
    doctype: str, module: str, prefix: str = "", suffix: str = "", app: str | None = None
) -> str:
    """The dotted name of a DocType's Python module."""
    app = scrub(app or get_module_app(module))
    folder = scrub(doctype)
    return f"{app}.{scrub(module)}.doctype.{folder}.{prefix}{folder}{suffix}"


def load_doctype_module(
    doctype: str, module: str | None = None, prefix: str = "", suffix: str = ""
) -> ModuleType:
    """The Python module of a DocType.

    :raises ImportError: when there is none
    """
    module = module or frappe.db.get_value("DocType", doctype, "module") or "Core"
    name = get_module_name(doctype, module, prefix, suffix)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            raise ImportError(f"Module import failed for {doctype}, the DocType you're trying to open might be deleted. Error: {error}") from error  # fmt: skip
        raise


def reload_doc(
    module: str, dt: str | None = None, dn: str | None = None, force: bool = False, **kwargs: Any
) -> Any:
    """Reads a standard document anew from its file."""
    from frappe.model.sync import import_file

    path = os.path.join(get_module_path(module), scrub(dt or ""), scrub(dn or ""), f"{scrub(dn or '')}.json")
    return import_file(path, force=True)


def export_doc(doctype: str, name: str, module: str | None = None) -> None:
    """Standard documents live in the app's repository; a running site does not write them."""
    frappe.throw(
        frappe._("{0} {1} is part of an app and cannot be exported from a site").format(doctype, name)
    )
