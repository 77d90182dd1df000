"""A document that something long is done with: nobody else saves it meanwhile."""

from __future__ import annotations

import time

import frappe
from frappe.utils import file_lock

#: Seconds after which the holder of a lock is taken for dead.
_FORGOTTEN = 3 * 60 * 60


class DocumentLocks:
    """Locks of a document, seen by every process."""

    @property
    def is_locked(self) -> bool:
        """Whether somebody holds the document."""
        return file_lock.lock_exists(self.get_signature())

    def lock(self, timeout: int | None = None) -> None:
        """Holds the document until `unlock`.

        :param timeout: seconds to wait for somebody else who holds it
        :raises frappe.DocumentLockedError: when he does not let go
        """
        end = time.monotonic() + (timeout or 0)
        signature = self.get_signature()
        try:
            file_lock.check_lock(file_lock.get_lock_path(signature), _FORGOTTEN)
        except file_lock.LockTimeoutError:
            file_lock.delete_lock(signature)
        while not file_lock.create_lock(signature):
            if time.monotonic() >= end:
                raise frappe.DocumentLockedError
            time.sleep(0.1)
        frappe.local.locked_documents.append(self)

    def unlock(self) -> None:
        """Lets the document go."""
        file_lock.delete_lock(self.get_signature())
        if self in frappe.local.locked_documents:
            frappe.local.locked_documents.remove(self)

    def check_if_locked(self) -> None:
        """Refuses to change what somebody else holds.

        :raises frappe.DocumentLockedError: when somebody does
        """
        held = self.__dict__.get("name") and self.is_locked
        if held and not any(doc is self for doc in frappe.local.locked_documents):
            raise frappe.DocumentLockedError
