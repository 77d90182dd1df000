"""Secrets: passwords as Argon2 hashes, password fields encrypted with the site's key."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr


def _hasher() -> Any:
    from argon2 import PasswordHasher

    # A sign-in may take some 30 ms: enough against guessing, little enough for a morning's rush.
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def update_password(
    user: str, pwd: str, doctype: str = "User", fieldname: str = "password", logout_all_sessions: bool = False
) -> None:
    """Sets a user's password."""
    _store(doctype, user, fieldname, _hasher().hash(pwd), encrypted=0)
    if logout_all_sessions:
        from frappe.sessions import clear_sessions

        clear_sessions(user=user, keep_current=True, force=True)


def check_password(
    user: str, pwd: str, doctype: str = "User", fieldname: str = "password", delete_tracker_cache: bool = True
) -> str:
    """The user's name as it is stored, when the password is right.

    :raises frappe.AuthenticationError: when it is wrong; an unknown user takes as long as a wrong password
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    rows = frappe.db.sql(
        "select `name`, `password` from `__Auth` where `doctype` = %s and `name` = %s and `fieldname` = %s"
        " and `encrypted` = 0",
        (doctype, user, fieldname),
    )
    stored = rows[0][1] if rows else _DUMMY_HASH
    try:
        _hasher().verify(stored, pwd or "")
    except (VerificationError, InvalidHashError):
        raise frappe.AuthenticationError(frappe._("Incorrect User or Password")) from None
    if not rows:
        raise frappe.AuthenticationError(frappe._("Incorrect User or Password"))
    return rows[0][0]


_DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$3Y0n0XhXW1r4aX8w0m6bS2mS8kq3c9r7b5c1f6m2N9E"
)


def delete_all_passwords_for(doctype: str, name: str) -> None:
    """Forgets every secret of a document."""
    frappe.db.sql("delete from `__Auth` where `doctype` = %s and `name` = %s", (doctype, name))


def rename_password(doctype: str, old_name: str, new_name: str) -> None:
    """Secrets follow a renamed document."""
    frappe.db.sql(
        "update `__Auth` set `name` = %s where `doctype` = %s and `name` = %s", (new_name, doctype, old_name)
    )


def rename_password_field(doctype: str, old_fieldname: str, new_fieldname: str) -> None:
    """Secrets follow a renamed field."""
    frappe.db.sql(
        "update `__Auth` set `fieldname` = %s where `doctype` = %s and `fieldname` = %s",
        (new_fieldname, doctype, old_fieldname),
    )


def _store(doctype: str, name: Any, fieldname: str, value: str, encrypted: int) -> None:
    # One statement: between a deletion and an insertion two who store secrets could wait for each other.
    frappe.db.sql(
        "replace into `__Auth` (`doctype`, `name`, `fieldname`, `password`, `encrypted`) values (%s, %s, %s, %s, %s)",
        (doctype, cstr(name), fieldname, value, encrypted),
    )


def set_encrypted_password(doctype: str, name: Any, pwd: str, fieldname: str = "password") -> None:
    """Keeps the value of a password field."""
    _store(doctype, name, fieldname, encrypt(pwd), encrypted=1)


def get_decrypted_password(
    doctype: str, name: Any, fieldname: str = "password", raise_exception: bool = True
) -> str | None:
    """The value of a password field.

    :raises frappe.AuthenticationError: when there is none and `raise_exception` is set
    """
    rows = frappe.db.sql(
        "select `password` from `__Auth` where `doctype` = %s and `name` = %s and `fieldname` = %s and `encrypted` = 1",
        (doctype, cstr(name), fieldname),
    )
    if rows and rows[0][0]:
        return decrypt(rows[0][0])
    if raise_exception:
        frappe.throw(
            frappe._("Password not found for {0} {1} {2}").format(doctype, name, fieldname),
            frappe.AuthenticationError,
        )
    return None


def remove_encrypted_password(doctype: str, name: Any, fieldname: str = "password") -> None:
    """Forgets the value of a password field."""
    frappe.db.sql(
        "delete from `__Auth` where `doctype` = %s and `name` = %s and `fieldname` = %s",
        (doctype, cstr(name), fieldname),
    )


def get_encryption_key() -> str:
    """The site's key, made when it is missing."""
    key = frappe.local.conf.get("encryption_key")
    if not key:
        import os

        from cryptography.fernet import Fernet

        from frappe._config import update_site_config

        key = Fernet.generate_key().decode()
        update_site_config("encryption_key", key, os.path.join(frappe.local.site_path, "site_config.json"))
        frappe.local.conf["encryption_key"] = key
    return key


def encrypt(txt: str, encryption_key: str | None = None) -> str:
    """A text that only the site can read."""
    from cryptography.fernet import Fernet

    return Fernet((encryption_key or get_encryption_key()).encode()).encrypt(txt.encode()).decode()


def decrypt(txt: str, encryption_key: str | None = None) -> str:
    """The text again.

    :raises frappe.ValidationError: when it was encrypted with another key
    """
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet((encryption_key or get_encryption_key()).encode()).decrypt(txt.encode()).decode()
    except (InvalidToken, ValueError):
        frappe.throw(
            frappe._("Encryption key is invalid! Please check site_config.json"),
            title=frappe._("Error"),
        )
        return ""
