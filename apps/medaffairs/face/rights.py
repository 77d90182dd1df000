"""Who may do what: the matrix of roles and levels, and why a user sees a record or does not."""

import frappe
from frappe.permissions import add_permission, setup_custom_perms, update_permission_property

from medaffairs.face.changes import change_of, record
from medaffairs.face.rules import RIGHTS, granted_by


def matrix(doctype: str) -> list[dict]:
    """One row a rule: role, level, whether only for own records, and each right."""
    return [
        {"role": rule.role, "permlevel": int(rule.permlevel or 0), "if_owner": int(rule.if_owner or 0)}
        | {right: int(rule.get(right) or 0) for right in RIGHTS}
        for rule in frappe.get_meta(doctype, cached=False).permissions
    ]


def set_right(
    doctype: str, role: str, permlevel: int, right: str, value: int, if_owner: int = 0, undoes: str = ""
) -> list[dict]:
    """Give a right of a rule or take it; answers the matrix.

    :raises frappe.ValidationError: for a right that there is not, or a rule that there is not
    """
    if right not in RIGHTS:
        frappe.throw(frappe._("There is no right {0}.").format(right), frappe.ValidationError)
    rule = _rule(doctype, role, permlevel, if_owner)
    before = rule[right]
    if before == int(value):
        return matrix(doctype)
    update_permission_property(doctype, role, permlevel, right, int(value), if_owner=if_owner)
    _forget(doctype)
    place = {"role": role, "permlevel": permlevel, "if_owner": if_owner, "right": right}
    words = f"{frappe._(role)} · {frappe._(right)}"
    record(doctype, "right", words, {**place, "value": before}, {**place, "value": int(value)}, undoes)
    return matrix(doctype)


def add_rule(doctype: str, role: str, permlevel: int, undoes: str = "") -> list[dict]:
    """Give a role a rule at a level, with the right to read."""
    if not frappe.db.exists("Role", role):
        frappe.throw(frappe._("There is no role {0}.").format(role), frappe.ValidationError)
    add_permission(doctype, role, permlevel)
    _forget(doctype)
    place = {"role": role, "permlevel": permlevel, "if_owner": 0}
    record(doctype, "rule added", frappe._(role), None, place, undoes)
    return matrix(doctype)


def remove_rule(doctype: str, role: str, permlevel: int, if_owner: int = 0, undoes: str = "") -> list[dict]:
    """Take a rule away.

    :raises frappe.ValidationError: for the last one
    """
    rule = _rule(doctype, role, permlevel, if_owner)
    setup_custom_perms(doctype)
    if len(matrix(doctype)) < 2:
        frappe.throw(frappe._("One rule has to stay."), frappe.ValidationError)
    frappe.db.delete(
        "Custom DocPerm", {"parent": doctype, "role": role, "permlevel": permlevel, "if_owner": if_owner}
    )
    _forget(doctype)
    record(doctype, "rule removed", frappe._(role), rule, None, undoes)
    return matrix(doctype)


def take_back(version: str) -> None:
    """Undo one change of a right, if nobody changed it again since."""
    doctype, change = change_of(version)
    before, after = change["before"], change["after"]
    if change["kind"] == "right":
        place = (after["role"], after["permlevel"])
        if _rule(doctype, *place, after["if_owner"])[after["right"]] != after["value"]:
            frappe.throw(
                frappe._("This was changed again since. Take the newer change back first."),
                frappe.ValidationError,
            )
        set_right(doctype, *place, after["right"], before["value"], after["if_owner"], undoes=version)
    elif change["kind"] == "rule added":
        remove_rule(doctype, after["role"], after["permlevel"], after["if_owner"], undoes=version)
    elif change["kind"] == "rule removed":
        add_rule(doctype, before["role"], before["permlevel"], undoes=version)
        for right in RIGHTS:
            update_permission_property(doctype, before["role"], before["permlevel"], right, before[right])
        _forget(doctype)


def _forget(doctype: str) -> None:
    frappe.clear_cache(doctype=doctype)


def _rule(doctype: str, role: str, permlevel: int, if_owner: int) -> dict:
    for rule in matrix(doctype):
        if (rule["role"], rule["permlevel"], rule["if_owner"]) == (role, permlevel, if_owner):
            return rule
    frappe.throw(
        frappe._("{0} has no rule at level {1} here.").format(frappe._(role), permlevel),
        frappe.ValidationError,
    )


def explain(user: str, doctype: str, name: str = "") -> dict:
    """What a user may do with a kind of record, and by which role; with `name`, whether that record is among them.

    `rights` maps each right to the rules that grant it. `rows` counts all records and those the user sees. `record`
    says for one record whether it is seen and what decides: `administrator`, `no role`, `row rule`, `own records`,
    `shared` or `role`.
    """
    if not frappe.db.exists("User", user):
        frappe.throw(frappe._("There is no user {0}.").format(user), frappe.ValidationError)
    roles = frappe.get_roles(user)
    rules = matrix(doctype)
    readable = frappe.has_permission(doctype, "read", user=user)
    answer = {
        "roles": sorted(role for role in roles if role in {rule["role"] for rule in rules}),
        "enabled": bool(frappe.db.get_value("User", user, "enabled")),
        "rights": {right: granted_by(rules, roles, right) for right in RIGHTS},
        "rows": {"all": frappe.db.count(doctype), "seen": _seen(user, doctype) if readable else 0},
        "restrictions": frappe.get_all(
            "User Permission", filters={"user": user}, fields=["allow", "for_value", "applicable_for"]
        ),
    }
    if name:
        answer["record"] = _why(user, doctype, name, granted_by(rules, roles, "read"))
    return answer


def _seen(user: str, doctype: str) -> int:
    rows = frappe.get_list(doctype, fields=["count(name) as total"], user=user, order_by=None)
    return int(rows[0].total or 0) if rows else 0


def _why(user: str, doctype: str, name: str, granting: list[dict]) -> dict:
    if not frappe.db.exists(doctype, name):
        frappe.throw(
            frappe._("There is no {0} {1}.").format(frappe._(doctype), name), frappe.DoesNotExistError
        )
    seen = bool(frappe.has_permission(doctype, "read", doc=name, user=user))
    if user == "Administrator":
        return {"seen": True, "because": "administrator"}
    shared = frappe.db.exists(
        "DocShare", {"share_doctype": doctype, "share_name": name, "user": user, "read": 1}
    )
    if seen:
        return {"seen": True, "because": "role" if granting else ("shared" if shared else "role")}
    if not granting:
        return {"seen": False, "because": "no role"}
    only_own = all(rule["if_owner"] for rule in granting)
    return {"seen": False, "because": "own records" if only_own else "row rule"}
