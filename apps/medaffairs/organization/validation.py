"""From a rule that is broken to the message that a user reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import frappe
from frappe import _

from medaffairs.organization.rules import RuleError


@contextmanager
def rules_apply() -> Iterator[None]:
    """Turn a `RuleError` raised inside into a `frappe.ValidationError` in the user's language."""
    try:
        yield
    except RuleError as broken:
        refuse(broken)


def refuse(broken: RuleError) -> NoReturn:
    """Throw what a broken rule says; labels among its arguments are translated too."""
    arguments = [_(value) if isinstance(value, str) else value for value in broken.arguments]
    frappe.throw(_(broken.message).format(*arguments), frappe.ValidationError)
