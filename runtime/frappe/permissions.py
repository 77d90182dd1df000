"""Who may do what. `has_permission` answers for a DocType or one document; `row_condition` gives the SQL condition
for the rows a user may see. Every door of the host goes through these two.

Rights come from roles (DocPerm, or Custom DocPerm where the site has any for the DocType), are narrowed by
`if_owner`, user permissions and the apps' hooks, and widened by shares.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import cint, cstr

rights = (
    "select", "read", "write", "create", "delete", "submit", "cancel", "amend",
    "print", "email", "report", "import", "export", "share",
)  # fmt: skip
GUEST_ROLE = "Guest"
ALL_USER_ROLE = "All"
SYSTEM_USER_ROLE = "Desk User"
ADMIN_ROLE = "Administrator"
AUTOMATIC_ROLES = (GUEST_ROLE, ALL_USER_ROLE, SYSTEM_USER_ROLE, ADMIN_ROLE)
SHAREABLE = {"read", "write", "share", "submit", "email", "print"}


# -- roles


def get_roles(user: str | None = None, with_standard: bool = True) -> list[str]:
    """Roles of a user, the automatic ones included."""
    user = user or frappe.session.user
    cache = frappe.local.request_cache.setdefault("roles", {})
    if user not in cache:
        cache[user] = _load_roles(user)
    roles = cache[user]
    return list(roles) if with_standard else [role for role in roles if role not in AUTOMATIC_ROLES]


def _load_roles(user: str) -> list[str]:
    from frappe.utils.caching import user_cache

    if user == "Guest":
        return [GUEST_ROLE]
    if user == "Administrator":
        return frappe.get_all("Role", pluck="name", order_by=None)
    return user_cache(user, "roles", lambda: _query_roles(user))


def _query_roles(user: str) -> list[str]:
    own = frappe.db.get_values("Has Role", {"parent": user, "parenttype": "User"}, "role", pluck="role")
    disabled = set(frappe.db.get_values("Role", {"disabled": 1}, "name", pluck="name"))
    automatic = [ALL_USER_ROLE, GUEST_ROLE]
    if frappe.db.get_value("User", user, "user_type") == "System User":
        automatic.append(SYSTEM_USER_ROLE)
    return [role for role in dict.fromkeys([*own, *automatic]) if role and role not in disabled]


def is_system_user(user: str | None = None) -> bool:
    """Whether the user may work in the back office."""
    return SYSTEM_USER_ROLE in get_roles(user) or (user or frappe.session.user) == "Administrator"


# -- rights from roles


def get_valid_perms(doctype: str | None = None, user: str | None = None) -> list:
    """The permission rules of a DocType that concern the user's roles."""
    roles = set(get_roles(user))
    return [rule for rule in frappe.get_meta(doctype).permissions if rule.role in roles]


def get_role_permissions(
    doctype_meta: Any, user: str | None = None, is_owner: bool | None = None, debug: bool = False
) -> dict[str, Any]:
    """Rights on a DocType by roles alone: `{"read": 1, …, "if_owner": {…}, "has_if_owner_enabled": False}`.

    :param is_owner: the answer is for a document that the user owns
    """
    meta = frappe.get_meta(doctype_meta) if isinstance(doctype_meta, str) else doctype_meta
    user = user or frappe.session.user
    if user == "Administrator":
        return allow_everything()
    key = (meta.name, user, bool(is_owner))
    cache = frappe.local.role_permissions
    if key not in cache:
        cache[key] = _combine(meta, set(get_roles(user)), bool(is_owner))
    return cache[key]


def _combine(meta: Any, roles: set[str], is_owner: bool) -> dict[str, Any]:
    rules = [rule for rule in meta.permissions if rule.role in roles and not cint(rule.permlevel)]
    has_if_owner = any(cint(rule.get("if_owner")) for rule in rules)
    perms: dict[str, Any] = {"if_owner": {}, "has_if_owner_enabled": has_if_owner}
    for right in rights:
        granting = [rule for rule in rules if cint(rule.get(right))]
        perms[right] = 1 if granting else 0
        unconditional = any(not cint(rule.get("if_owner")) for rule in granting)
        if granting and not unconditional and right != "create":
            perms["if_owner"][right] = 1 if is_owner else 0
            # Reading stays open, so that a list can be shown and narrowed to the user's own rows.
            perms[right] = 1 if right in {"select", "read"} else 0
    return perms


def allow_everything() -> dict[str, Any]:
    """All rights: the Administrator's."""
    perms: dict[str, Any] = dict.fromkeys(rights, 1)
    return perms | {"if_owner": {}, "has_if_owner_enabled": False}


def get_all_perms(role: str) -> list:
    """Every rule of a role."""
    own = frappe.get_all("DocPerm", fields="*", filters={"role": role})
    custom = frappe.get_all("Custom DocPerm", fields="*", filters={"role": role})
    replaced = set(frappe.get_all("Custom DocPerm", pluck="parent", distinct=True))
    return [rule for rule in own if rule.parent not in replaced] + custom


def levels_with(meta: Any, right: str, user: str | None = None) -> set[int]:
    """Permission levels of fields on which the user has `read` or `write`."""
    user = user or frappe.session.user
    if user == "Administrator":
        return set(range(10))
    cache = frappe.local.role_permissions
    key = ("levels", meta.name, right, user)
    if key not in cache:
        roles = set(get_roles(user))
        cache[key] = {
            cint(rule.permlevel) for rule in meta.permissions if rule.role in roles and cint(rule.get(right))
        }
    return cache[key]


# -- the answer for a DocType or document


def has_permission(
    doctype: str,
    ptype: str = "read",
    doc: Any = None,
    user: str | None = None,
    raise_exception: bool = True,
    *,
    parent_doctype: str | None = None,
    debug: bool = False,
    ignore_share_permissions: bool = False,
    print_logs: bool = True,
) -> bool:
    """Whether the user may do `ptype` with the DocType, or with one document when it is given."""
    user = user or frappe.local.session.user
    if user == "Administrator":
        return True
    if ptype == "share" and cint(frappe.get_system_settings("disable_document_sharing")):
        return False
    meta = frappe.get_meta(doctype)
    if isinstance(doc, str | int):
        doc = frappe.get_doc(doctype, doc) if not meta.issingle else frappe.get_single(doctype)
    if meta.istable:
        return has_child_permission(doctype, ptype, doc, user, parent_doctype)
    if doc is not None:
        allowed = bool(get_doc_permissions(doc, user=user, ptype=ptype).get(ptype))
    else:
        allowed = bool(_fitting(meta, get_role_permissions(meta, user)).get(ptype))
    if not allowed and not ignore_share_permissions:
        allowed = _is_shared(doctype, ptype, doc, user)
    return allowed


def _is_shared(doctype: str, ptype: str, doc: Any, user: str) -> bool:
    from frappe.share import get_shared

    if ptype not in SHAREABLE:
        return False
    right = ptype if ptype in {"read", "write", "share", "submit"} else "read"
    if doc is None:
        return bool(get_shared(doctype, user, rights=[right], limit=1))
    if not doc.get("name"):
        return False
    return bool(get_shared(doctype, user, rights=[right], filters=[["share_name", "=", doc.name]], limit=1))


def get_doc_permissions(
    doc: Any, user: str | None = None, ptype: str | None = None, debug: bool = False
) -> dict:
    """All rights of the user on one document, hooks and user permissions considered."""
    user = user or frappe.session.user
    meta = frappe.get_meta(doc.doctype)
    if user == "Administrator":
        return _fitting(meta, allow_everything())
    if not has_controller_permissions(doc, ptype or "read", user=user):
        return {ptype: 0} if ptype else {}
    is_owner = cstr(doc.get("owner")).lower() == user.lower()
    perms = dict(get_role_permissions(meta, user, is_owner=is_owner))
    owner_rights = perms.get("if_owner") or {}
    if perms["has_if_owner_enabled"]:
        for right, value in owner_rights.items():
            perms[right] = value
    if not has_user_permission(doc, user):
        # Whoever made a document keeps what the rules give its owner.
        perms = {**owner_rights, "if_owner": owner_rights} if is_owner else {}
    return _fitting(meta, perms)


def _fitting(meta: Any, perms: dict[str, Any]) -> dict[str, Any]:
    perms = dict(perms)
    if not cint(meta.is_submittable):
        perms["submit"] = perms["cancel"] = perms["amend"] = 0
    if not cint(meta.allow_import):
        perms["import"] = 0
    return perms


def has_controller_permissions(doc: Any, ptype: str, user: str | None = None, debug: bool = False) -> bool:
    """Whether no app's `has_permission` hook refuses. A hook that answers None has no opinion."""
    hooks = frappe.get_hooks("has_permission") or {}
    methods = [*hooks.get(doc.doctype, []), *hooks.get("*", [])]
    for method in reversed(methods):
        answer = frappe.call(frappe.get_attr(method), doc=doc, ptype=ptype, user=user, debug=debug)
        if answer is not None and not answer:
            return False
    return True


def has_child_permission(
    child_doctype: str, ptype: str, child_doc: Any, user: str, parent_doctype: str | None = None
) -> bool:
    """Rows of a child table are ruled by their parent, and by the level of the table's field."""
    parenttype = (child_doc and child_doc.get("parenttype")) or parent_doctype
    if not parenttype:
        return False
    parent_meta = frappe.get_meta(parenttype)
    fields = [field for field in parent_meta.get_table_fields() if field.options == child_doctype]
    if child_doc and child_doc.get("parentfield"):
        fields = [field for field in fields if field.fieldname == child_doc.parentfield]
    if not fields:
        return False
    readable = levels_with(parent_meta, "write" if ptype in {"write", "create", "delete"} else "read", user)
    if not any(not cint(field.permlevel) or cint(field.permlevel) in readable for field in fields):
        return False
    parent = child_doc.get("parent") if child_doc else None
    if parent and frappe.db.exists(parenttype, parent):
        return has_permission(parenttype, ptype, doc=frappe.get_doc(parenttype, parent), user=user)
    return has_permission(parenttype, ptype, user=user)


def throw_permission_error(doctype: str, ptype: str, doc: Any = None) -> None:
    """Say in words what is not permitted.

    :raises frappe.PermissionError: always
    """
    name = str(doc) if isinstance(doc, str | int) else (doc and doc.get("name"))
    target = frappe._(doctype) + (f" {frappe.bold(name)}" if name else "")
    frappe.throw(
        frappe._("User {0} does not have {1} access to {2}").format(
            frappe.bold(frappe.session.user), frappe._(ptype), target
        ),
        frappe.PermissionError,
        title=frappe._("Not Permitted"),
    )


# -- user permissions


def get_user_permissions(user: str | None = None) -> dict[str, list]:
    """User permissions by linked DocType: rows with `doc`, `applicable_for`, `is_default`, `hide_descendants`."""
    from frappe.utils.caching import user_cache

    user = user or frappe.session.user
    if user in {"Administrator", "Guest"}:
        return {}
    cache = frappe.local.request_cache.setdefault("user_permissions", {})
    if user not in cache:
        cache[user] = user_cache(user, "user_permissions", lambda: _query_user_permissions(user))
    return {allow: [frappe._dict(row) for row in rows] for allow, rows in cache[user].items()}


def _query_user_permissions(user: str) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    rows = frappe.get_all(
        "User Permission",
        filters={"user": user},
        fields=["allow", "for_value", "applicable_for", "is_default", "hide_descendants"],
    )
    for row in rows:
        entries = found.setdefault(row.allow, [])
        values = [row.for_value]
        if frappe.get_meta(row.allow).is_nested_set() and not cint(row.hide_descendants):
            from frappe.utils.nestedset import get_descendants_of

            values += get_descendants_of(row.allow, row.for_value, ignore_permissions=True)
        entries.extend(
            {
                "doc": value,
                "applicable_for": row.applicable_for,
                "is_default": cint(row.is_default) if value == row.for_value else 0,
                "hide_descendants": cint(row.hide_descendants),
            }
            for value in values
        )
    return found


def get_allowed_docs_for_doctype(user_permissions: Iterable, doctype: str) -> list[str]:
    """Values that user permissions allow when they concern documents of `doctype`."""
    return [row.doc for row in user_permissions if not row.applicable_for or row.applicable_for == doctype]


filter_allowed_docs_for_doctype = get_allowed_docs_for_doctype


def has_user_permission(doc: Any, user: str | None = None, debug: bool = False) -> bool:
    """Whether a document's name and links are among what the user is limited to."""
    permissions = get_user_permissions(user)
    # Who may change user permissions could lift his own, so they do not bind him here.
    if not permissions or get_role_permissions("User Permission", user).get("write"):
        return True
    doctype = doc.get("doctype")
    if doctype in permissions:
        allowed = get_allowed_docs_for_doctype(permissions[doctype], doctype)
        if allowed and doc.get("name") and str(doc.name) not in allowed and not doc.get("__islocal"):
            return False
    # The links of a settings document are often empty: strictness would lock it for everybody.
    single = cint(frappe.get_meta(doctype).issingle)
    strict = 0 if single else cint(frappe.get_system_settings("apply_strict_user_permissions"))
    if not _links_allowed(doc, frappe.get_meta(doctype), doctype, permissions, strict):
        return False
    return all(
        _links_allowed(row, frappe.get_meta(row.doctype), doctype, permissions, strict)
        for row in (doc.get_all_children() if hasattr(doc, "get_all_children") else [])
    )


def _links_allowed(doc: Any, meta: Any, doctype: str, permissions: dict, strict: int) -> bool:
    for field in meta.get_link_fields():
        if cint(field.ignore_user_permissions) or field.options not in permissions:
            continue
        allowed = get_allowed_docs_for_doctype(permissions[field.options], doctype)
        value = doc.get(field.fieldname)
        if allowed and ((value and str(value) not in allowed) or (not value and strict)):
            return False
    return True


def user_permission_condition(
    doctype: str, user: str, reference_doctype: str | None = None
) -> tuple[str, dict[str, Any]]:
    """The user's limits as a condition on `tab<doctype>`; empty when there are none.

    :param reference_doctype: the DocType with the link field for which targets are searched
    """
    permissions = get_user_permissions(user)
    if not permissions:
        return "", {}
    meta = frappe.get_meta(doctype)
    strict = cint(frappe.get_system_settings("apply_strict_user_permissions"))
    conditions, values = [], {}
    columns = [("name", doctype, True)] if doctype in permissions else []
    columns += [
        (field.fieldname, field.options, bool(strict))
        for field in meta.get_link_fields()
        if field.options in permissions
        and not cint(field.ignore_user_permissions)
        and not cint(field.is_virtual)
    ]
    for number, (fieldname, target, exact) in enumerate(columns):
        concerned = reference_doctype if fieldname == "name" and reference_doctype else doctype
        allowed = get_allowed_docs_for_doctype(permissions[target], concerned)
        if not allowed:
            continue
        column = f"`tab{doctype}`.`{fieldname}`"
        parameter = f"up_{number}"
        values[parameter] = tuple(dict.fromkeys(allowed))
        listed = f"{column} in %({parameter})s"
        conditions.append(listed if exact else f"(ifnull({column}, '') = '' or {listed})")
    return " and ".join(conditions), values


# -- the rows a user may see


def row_condition(
    doctype: str, user: str | None = None, reference_doctype: str | None = None
) -> tuple[str, dict[str, Any]]:
    """The condition on `tab<doctype>` for rows that the user may read, with its values; empty for all rows.

    Child tables have no rules of their own: who may read the parent DocType may list them.

    :raises frappe.PermissionError: when the user may read none and nothing is shared with him
    """
    from frappe.share import get_shared

    user = user or frappe.session.user
    if user == "Administrator":
        return "", {}
    meta = frappe.get_meta(doctype)
    perms = get_role_permissions(meta, user)
    table = f"`tab{doctype}`"
    if not meta.istable and not (perms.get("read") or perms.get("select")):
        shared = get_shared(doctype, user)
        if not shared:
            throw_permission_error(doctype, "read")
        return f"{table}.`name` in %(shared)s", {"shared": tuple(shared)}
    if _only_own(perms):
        own, values = f"{table}.`owner` = %(row_owner)s", {"row_owner": user}
    else:
        own, values = user_permission_condition(doctype, user, reference_doctype)
    condition = " and ".join(f"({part})" for part in (own, hook_condition(doctype, user)) if part)
    # Who may see every row anyway needs no share.
    shared = get_shared(doctype, user) if condition else []
    if shared:
        values = {**values, "shared": tuple(shared)}
        condition = f"(({condition}) or {table}.`name` in %(shared)s)"
    return condition, values


def get_row_filter(doctype: str, user: str | None = None) -> str:
    """`row_condition` with its values written into it, for reports that compose statements of their own."""
    condition, values = row_condition(doctype, user)
    return condition % {name: frappe.db.literal(value) for name, value in values.items()} if condition else ""


def _only_own(perms: dict[str, Any]) -> bool:
    """Whether the rules open no more than the user's own documents."""
    owner_rights = perms.get("if_owner") or {}
    if not perms.get("has_if_owner_enabled") or not owner_rights:
        return False
    return not any(perms.get(right) and right not in owner_rights for right in ("select", "read"))


def hook_condition(doctype: str, user: str) -> str:
    """What the apps' `permission_query_conditions` add. They are SQL by contract; `%` in them stands for itself."""
    conditions = []
    hooks = frappe.get_hooks("permission_query_conditions") or {}
    for method in [*hooks.get(doctype, []), *hooks.get("*", [])]:
        answer = frappe.call(frappe.get_attr(method), user, doctype=doctype)
        if answer:
            conditions.append(f"({str(answer).replace('%', '%%')})")
    return " and ".join(conditions)


# -- changes by administrators


def setup_custom_perms(parent: str) -> bool:
    """Copies a DocType's rules into Custom DocPerm, so that they can be changed. False when it was done before."""
    if frappe.db.exists("Custom DocPerm", {"parent": parent}):
        return False
    for rule in frappe.get_all("DocPerm", filters={"parent": parent}, fields="*"):
        custom = frappe.new_doc("Custom DocPerm")
        custom.update(
            {key: value for key, value in rule.items() if key in {"role", "permlevel", "if_owner", *rights}}
        )
        custom.parent = parent
        custom.insert(ignore_permissions=True)
    return True


def add_permission(doctype: str, role: str, permlevel: int = 0, ptype: str | None = None) -> str | None:
    """Gives a role a right, `read` by default, by a Custom DocPerm."""
    setup_custom_perms(doctype)
    filters = {"parent": doctype, "role": role, "permlevel": permlevel, "if_owner": 0}
    if frappe.db.exists("Custom DocPerm", filters):
        return None
    rule = frappe.get_doc(doctype="Custom DocPerm", **filters, **{ptype or "read": 1})
    rule.insert(ignore_permissions=True)
    frappe.clear_cache(doctype=doctype)
    return rule.name


def update_permission_property(
    doctype: str,
    role: str,
    permlevel: int,
    ptype: str,
    value: Any = None,
    validate: bool = True,
    if_owner: int = 0,
) -> bool:
    """Changes one right of a role."""
    setup_custom_perms(doctype)
    filters = {"parent": doctype, "role": role, "permlevel": permlevel, "if_owner": if_owner}
    name = frappe.db.get_value("Custom DocPerm", filters)
    if not name:
        frappe.throw(frappe._("No permission rule of {0} for {1}").format(role, doctype))
    frappe.db.set_value("Custom DocPerm", name, ptype, cint(value))
    frappe.clear_cache(doctype=doctype)
    return True


def reset_perms(doctype: str) -> None:
    """Back to the rules that the DocType was delivered with."""
    frappe.db.delete("Custom DocPerm", {"parent": doctype})
    frappe.clear_cache(doctype=doctype)


def add_user_permission(
    doctype: str,
    name: str,
    user: str,
    ignore_permissions: bool = False,
    applicable_for: str | None = None,
    is_default: int = 0,
    hide_descendants: int = 0,
) -> None:
    """Limits a user to a document of `doctype`."""
    frappe.get_doc(
        doctype="User Permission", user=user, allow=doctype, for_value=name, is_default=is_default,
        applicable_for=applicable_for, apply_to_all_doctypes=0 if applicable_for else 1,
        hide_descendants=hide_descendants,
    ).insert(ignore_permissions=ignore_permissions, ignore_if_duplicate=True)  # fmt: skip


def remove_user_permission(doctype: str, name: str, user: str) -> None:
    """Takes a user's limit back."""
    found = frappe.db.get_value("User Permission", {"user": user, "allow": doctype, "for_value": name})
    if found:
        frappe.delete_doc("User Permission", found)


def clear_user_permissions_for_doctype(doctype: str, user: str | None = None) -> None:
    """Takes all limits of a DocType back."""
    filters = {"allow": doctype} | ({"user": user} if user else {})
    for name in frappe.get_all("User Permission", filters=filters, pluck="name"):
        frappe.delete_doc("User Permission", name)


def can_import(doctype: str, raise_exception: bool = False) -> bool:
    """Whether the user may import records of a DocType."""
    allowed = is_importable(doctype)
    if not allowed and raise_exception:
        throw_permission_error(doctype, "import")
    return allowed


def is_importable(doctype: str) -> bool:
    """Whether roles and DocType allow an import."""
    return bool(cint(frappe.get_meta(doctype).allow_import) and get_role_permissions(doctype).get("import"))


def can_export(doctype: str, raise_exception: bool = False, is_owner: bool = False) -> bool:
    """Whether the user may export records of a DocType."""
    allowed = has_permission(doctype, "export")
    if not allowed and raise_exception:
        throw_permission_error(doctype, "export")
    return allowed
