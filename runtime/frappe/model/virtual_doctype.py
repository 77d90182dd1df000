"""Virtual DocTypes: records without a table. What an app's controller must have, and how lists ask it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import frappe
from frappe.utils import cint


@runtime_checkable
class VirtualDoctype(Protocol):
    """What the controller of a virtual DocType answers."""

    @staticmethod
    def get_list(args: Any) -> list[Any]:
        """The rows of a list."""

    @staticmethod
    def get_count(args: Any) -> int:
        """How many rows there are."""

    @staticmethod
    def get_stats(args: Any) -> Any:
        """Counts by value for the side of a list."""

    def db_insert(self, *args: Any, **kwargs: Any) -> None:
        """Keeps a new record."""

    def load_from_db(self) -> None:
        """Fills the record from where it is kept."""

    def db_update(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the changes of a record."""

    def delete(self, *args: Any, **kwargs: Any) -> None:
        """Takes a record away."""


def validate_controller(doctype: str) -> None:
    """Says what the controller of a virtual DocType lacks."""
    from frappe.model.base_document import get_controller

    controller = get_controller(doctype)
    names = ("get_list", "get_count", "get_stats", "db_insert", "load_from_db", "db_update", "delete")
    inherited = [
        name
        for name in names
        if getattr(controller, name, None) is getattr(frappe.model.document.Document, name, None)
    ]
    if inherited:
        frappe.msgprint(
            frappe._("Virtual DocType {0} needs these methods: {1}").format(doctype, ", ".join(inherited))
        )


def is_virtual_doctype(doctype: str) -> bool:
    """Whether the records of a DocType have no table."""
    return bool(cint(frappe.get_meta(doctype).get("is_virtual")))


def ask_controller(doctype: str, method: str, **arguments: Any) -> Any:
    """An answer of a virtual DocType's controller, for who may read it.

    :raises frappe.PermissionError: for who may not
    """
    from frappe.model.base_document import get_controller

    frappe.has_permission(doctype, "read", throw=True)
    asked = frappe._dict(doctype=doctype, **arguments)
    return frappe.call(getattr(get_controller(doctype), method), asked, **asked)
