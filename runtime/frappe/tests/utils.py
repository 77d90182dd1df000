"""The test case that apps build on, and context managers around it."""

from __future__ import annotations

import copy
import signal
import unittest
import unittest.mock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import frappe
from frappe.utils import cint, cstr, flt


class FrappeTestCase(unittest.TestCase):
    """A test case whose class leaves the database as it was, unless a test commits."""

    TEST_SITE = "test_site"
    maxDiff = 10_000

    @classmethod
    def setUpClass(cls) -> None:
        """What others have left is made lasting, so that only this class is undone."""
        super().setUpClass()
        frappe.db.commit()
        cls._user_before = frappe.session.user
        cls.addClassCleanup(cls._undo)

    @classmethod
    def _undo(cls) -> None:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        frappe.local.message_log = []
        frappe.clear_cache()

    def assertSequenceSubset(self, larger: Any, smaller: Any, msg: str | None = None) -> None:
        """Everything of the smaller stands in the larger."""
        self.assertTrue(set(smaller).issubset(set(larger)), msg=msg)

    def assertDocumentEqual(self, expected: Any, actual: Any) -> None:
        """The document has the values that are expected, each compared as its field's type; rows of tables too."""
        values = expected.as_dict() if hasattr(expected, "as_dict") else expected
        for field, value in values.items():
            self._assert_value(field, value, actual)

    def _assert_value(self, field: str, value: Any, actual: Any) -> None:
        if isinstance(value, list):
            rows = actual.get(field)
            self.assertEqual(len(value), len(rows), msg=f"{field} has another number of rows")
            for row, found in zip(value, rows, strict=True):
                self.assertDocumentEqual(row, found)
            return
        found = actual.get(field)
        if isinstance(value, float):
            precision = actual.precision(field) if hasattr(actual, "precision") else 9
            self.assertAlmostEqual(value, flt(found), places=precision or 9, msg=field)
        elif isinstance(value, bool | int):
            self.assertEqual(value, cint(found), msg=field)
        elif value in (None, ""):
            self.assertIn(found, (None, ""), msg=field)
        else:
            self.assertEqual(cstr(value), cstr(found), msg=field)

    @contextmanager
    def assertQueryCount(self, count: int) -> Iterator[None]:
        """No more than so many statements are sent to the database."""
        before = frappe.db.query_count
        yield
        self.assertLessEqual(frappe.db.query_count - before, count)

    def assertQueryEqual(self, first: str, second: str) -> None:
        """Two statements are the same but for white space and the quotes of names."""
        self.assertEqual(_normalised(first), _normalised(second))

    @contextmanager
    def set_user(self, user: str) -> Iterator[None]:
        """Somebody else acts for a while."""
        before = frappe.session.user
        frappe.set_user(user)
        try:
            yield
        finally:
            frappe.set_user(before)

    @contextmanager
    def freeze_time(self, time_to_freeze: Any, *args: Any, **kwargs: Any) -> Iterator[None]:
        """The clock stands still; needs the package freezegun, which belongs to the app's own test requirements."""
        from freezegun import freeze_time

        with freeze_time(time_to_freeze, *args, **kwargs):
            yield

    change_settings = staticmethod(lambda *args, **kwargs: change_settings(*args, **kwargs))


def _normalised(query: Any) -> str:
    return " ".join(str(query).replace("`", "").replace('"', "").split()).lower()


@contextmanager
def change_settings(
    doctype: str, settings_dict: dict | None = None, /, commit: bool = False, **settings: Any
) -> Iterator[None]:
    """A single has other values for a while."""
    wanted = {**(settings_dict or {}), **settings}
    doc = frappe.get_doc(doctype)
    before = {key: copy.deepcopy(doc.get(key)) for key in wanted}

    def put(values: dict) -> None:
        current = frappe.get_doc(doctype)
        current.update(values)
        current.flags.ignore_mandatory = True
        current.save(ignore_permissions=True)
        frappe.local.request_cache.clear()
        if commit:
            frappe.db.commit()

    put(wanted)
    try:
        yield
    finally:
        put(before)


@contextmanager
def patch_hooks(overridden_hooks: dict[str, Any]) -> Iterator[None]:
    """Other values of some hooks for a while."""
    real = frappe.get_hooks

    def patched(
        hook: str | None = None, default: Any = "_KEEP_DEFAULT_LIST", app_name: str | None = None
    ) -> Any:
        if hook in overridden_hooks:
            return overridden_hooks[hook]
        return real(hook, default, app_name)

    with unittest.mock.patch.object(frappe, "get_hooks", patched):
        yield


def timeout(seconds: Any = 30, error_message: str = "Test timed out.") -> Any:
    """Decorator: a test that takes longer fails."""

    def decorator(function: Callable) -> Callable:
        @wraps(function)
        def limited(*args: Any, **kwargs: Any) -> Any:
            def stop(*_: Any) -> None:
                raise TimeoutError(error_message)

            previous = signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, 30 if callable(seconds) else seconds)
            try:
                return function(*args, **kwargs)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, previous)

        return limited

    return decorator(seconds) if callable(seconds) else decorator
