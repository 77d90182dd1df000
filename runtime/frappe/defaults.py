"""Default values of the site and of users.

A key that is the name of a DocType ("Company") is answered by the user's default user permission when there is one.
"""

from __future__ import annotations

from typing import Any

import frappe

GLOBAL = "__default"


def set_user_default(key: str, value: Any, user: str | None = None, parenttype: str | None = None) -> None:
    """Sets a default of one user, the current one by default."""
    set_default(key, value, user or frappe.session.user, parenttype)


def add_user_default(key: str, value: Any, user: str | None = None, parenttype: str | None = None) -> None:
    """Adds a further value to a default of one user."""
    add_default(key, value, user or frappe.session.user, parenttype)


def get_user_default(key: str, user: str | None = None) -> Any:
    """A user's default: his own, else the site's. Of several values the first."""
    user = user or frappe.session.user
    if is_a_user_permission_key(key):
        chosen = _default_permission(key, user)
        if chosen:
            return chosen
    value = _lookup(get_defaults_for(user), key)
    if value is None:
        value = _lookup(get_defaults_for(GLOBAL), key)
    return value[0] if isinstance(value, list) and value else value


def get_user_default_as_list(key: str, user: str | None = None) -> list:
    """All values of a user's default."""
    user = user or frappe.session.user
    if is_a_user_permission_key(key):
        chosen = _default_permission(key, user)
        if chosen:
            return [chosen]
    value = _lookup(get_defaults_for(user), key) or _lookup(get_defaults_for(GLOBAL), key)
    values = value if isinstance(value, list) else [value]
    return [entry for entry in values if entry not in (None, "")]


def is_a_user_permission_key(key: str) -> bool:
    """Whether a key is written like a DocType's name, not like a field's."""
    return ":" not in key and key != frappe.scrub(key)


def not_in_user_permission(key: str, value: Any, user: str | None = None) -> bool:
    """Whether user permissions exclude a value."""
    from frappe.permissions import get_user_permissions

    rows = get_user_permissions(user or frappe.session.user).get(frappe.unscrub(key)) or []
    return bool(rows) and value not in {row.doc for row in rows}


def get_user_permissions(user: str | None = None) -> dict:
    """See `frappe.permissions.get_user_permissions`."""
    from frappe.permissions import get_user_permissions

    return get_user_permissions(user)


def _default_permission(doctype: str, user: str) -> str | None:
    rows = get_user_permissions(user).get(doctype) or []
    if len(rows) == 1:
        return rows[0].doc
    return next((row.doc for row in rows if row.is_default), None)


def _lookup(values: dict, key: str) -> Any:
    found = values.get(key)
    return values.get(frappe.scrub(key)) if found in (None, "") else found


def get_defaults(user: str | None = None) -> frappe._dict:
    """The site's defaults overlaid by the user's, with `user` and `owner` in them."""
    user = user or (frappe.session.user if frappe.session else "Guest")
    merged = frappe._dict(get_defaults_for(GLOBAL))
    merged.update({key: value for key, value in get_defaults_for(user).items() if value not in (None, "")})
    return merged.update({"user": user, "owner": user})


def clear_user_default(key: str, user: str | None = None) -> None:
    """Forgets a default of one user."""
    clear_default(key, parent=user or frappe.session.user)


def set_global_default(key: str, value: Any) -> None:
    """Sets a default of the site."""
    set_default(key, value, GLOBAL)


def add_global_default(key: str, value: Any) -> None:
    """Adds a further value to a default of the site."""
    add_default(key, value, GLOBAL)


def get_global_default(key: str) -> Any:
    """A default of the site."""
    value = _lookup(get_defaults_for(GLOBAL), key)
    return value[0] if isinstance(value, list) and value else value


def set_default(key: str, value: Any, parent: str, parenttype: str = "__default") -> None:
    """Replaces every value of a key by one."""
    _delete({"defkey": key, "parent": parent})
    if value is not None:
        add_default(key, value, parent, parenttype)
    else:
        clear_defaults_cache(parent)


def add_default(key: str, value: Any, parent: str, parenttype: str | None = None) -> None:
    """Adds a value to a key."""
    now = frappe.utils.now()
    frappe.db.sql(
        "insert into `tabDefaultValue` (`name`, `creation`, `modified`, `owner`, `modified_by`, `docstatus`, `idx`,"
        " `parent`, `parenttype`, `parentfield`, `defkey`, `defvalue`)"
        " values (%s, %s, %s, %s, %s, 0, 0, %s, %s, 'system_defaults', %s, %s)",
        (
            frappe.generate_hash(length=10), now, now, "Administrator", "Administrator",
            parent, parenttype or GLOBAL, key, frappe.utils.cstr(value),
        ),
    )  # fmt: skip
    clear_defaults_cache(parent)


def clear_default(
    key: str | None = None,
    value: Any = None,
    parent: str | None = None,
    name: str | None = None,
    parenttype: str | None = None,
) -> None:
    """Forgets defaults by key, value, owner or name.

    :raises frappe.ValidationError: when nothing says which
    """
    given = {"name": name, "defkey": key, "defvalue": value, "parent": parent, "parenttype": parenttype}
    conditions = {column: entry for column, entry in given.items() if entry}
    if not conditions:
        frappe.throw(frappe._("Say which defaults to forget: by key, value, owner or name."))
    _delete(conditions)
    clear_defaults_cache(parent)


def _delete(conditions: dict[str, Any]) -> None:
    where = " and ".join(f"`{column}` = %({column})s" for column in conditions)
    frappe.db.sql(f"delete from `tabDefaultValue` where {where}", conditions)


def get_defaults_for(parent: str = GLOBAL) -> frappe._dict:
    """Defaults of one user or of the site; several values of a key are a list."""
    cache = frappe.local.request_cache.setdefault("defaults", {})
    if parent not in cache:
        found = frappe._dict()
        rows = frappe.db.sql(
            "select `defkey`, `defvalue` from `tabDefaultValue` where `parent` = %s order by `creation`",
            (parent,),
        )
        for key, value in rows:
            if key not in found:
                found[key] = value
            elif isinstance(found[key], list):
                found[key].append(value)
            elif found[key] != value:
                found[key] = [found[key], value]
        cache[parent] = found
    return cache[parent]


def clear_defaults_cache(user: str | None = None) -> None:
    """Reads defaults anew."""
    cache = frappe.local.request_cache.get("defaults") or {}
    if user:
        cache.pop(user, None)
    else:
        cache.clear()
