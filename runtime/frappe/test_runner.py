"""Runs the tests of an app in its site: `bench run-tests`."""

from __future__ import annotations

import importlib
import os
import sys
import unittest
from collections.abc import Iterator
from types import ModuleType

import frappe


def run(
    app: str | None = None,
    doctype: str | None = None,
    module: str | None = None,
    tests: tuple[str, ...] = (),
    failfast: bool = False,
    skip_test_records: bool = False,
    skip_before_tests: bool = False,
) -> bool:
    """Runs the tests of an app, a DocType or a module; whether all succeeded.

    :raises frappe.ValidationError: when the site does not allow tests
    """
    if not frappe.conf.get("allow_tests"):
        frappe.throw("Testing is disabled for the site! Run: bench --site … set-config allow_tests true")
    frappe.flags.in_test = frappe.flags.mute_emails = True
    frappe.clear_cache()
    if not skip_before_tests:
        for hook in frappe.get_hooks("before_tests", app_name=app):
            frappe.get_attr(hook)()
    suite = unittest.TestSuite()
    for name in _module_names(app, doctype, module):
        found = importlib.import_module(name)
        if not skip_test_records:
            _make_records_for(found)
        suite.addTests(_chosen(found, tests))
    frappe.db.commit()
    result = unittest.TextTestRunner(failfast=failfast, stream=sys.stderr).run(suite)
    frappe.db.rollback()
    return result.wasSuccessful()


def _module_names(app: str | None, doctype: str | None, module: str | None) -> Iterator[str]:
    if module:
        yield module
    elif doctype:
        meta, name = frappe.get_meta(doctype), frappe.scrub(doctype)
        owner = frappe._apps.get_module_app(meta.module)
        yield f"{owner}.{frappe.scrub(meta.module)}.doctype.{name}.test_{name}"
    else:
        for each in [app] if app else frappe.get_installed_apps():
            yield from _tests_of(each)


def _tests_of(app: str) -> Iterator[str]:
    root = frappe.get_app_path(app)
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in {"node_modules", "public", "locals", ".git"}
        )
        relative = os.path.relpath(folder, root)
        package = [app, *(relative.split(os.sep) if relative != "." else [])]
        for name in sorted(files):
            if name.startswith("test_") and name.endswith(".py") and name != "test_runner.py":
                yield ".".join([*package, name[:-3]])


def _chosen(module: ModuleType, names: tuple[str, ...]) -> Iterator[unittest.TestCase]:
    for case in _flat(unittest.defaultTestLoader.loadTestsFromModule(module)):
        if not names or case.id().rsplit(".", 1)[-1] in names:
            yield case


def _flat(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from _flat(entry)
        else:
            yield entry


def _make_records_for(module: ModuleType) -> None:
    parts = module.__name__.split(".")
    if "doctype" in parts:
        folder = parts[parts.index("doctype") + 1]
        for name in frappe.get_all("DocType", pluck="name"):
            if frappe.scrub(name) == folder:
                make_test_records(name, done=set(getattr(module, "test_ignore", [])))
    for dependency in getattr(module, "test_dependencies", []):
        make_test_records(dependency)


def make_test_records(doctype: str, done: set[str] | None = None) -> None:
    """Inserts a DocType's `test_records.json`, and before it those of the DocTypes that it links to."""
    done = set() if done is None else done
    if not doctype or doctype == "[Select]" or doctype in done:
        return
    done.add(doctype)
    meta = frappe.get_meta(doctype)
    targets = [field.options for field in meta.get_link_fields()]
    for table in meta.get_table_fields():
        targets += [field.options for field in frappe.get_meta(table.options).get_link_fields()]
    for target in targets:
        make_test_records(target, done)
    for record in frappe.get_test_records(doctype):
        doc = frappe.get_doc(dict(record))
        doc.flags.ignore_permissions = True
        try:
            doc.insert()
        except (frappe.DuplicateEntryError, frappe.NameError):
            continue
        if record.get("docstatus") == 1:
            doc.submit()
    frappe.db.commit()
