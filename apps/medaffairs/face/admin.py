"""Administration without code, as the pages call it: only for system managers, every change recorded."""

import frappe

from medaffairs.face import changes, customize, kinds, rights

_FIELD_KINDS = ("field", "add", "remove", "order")


def _administrator() -> None:
    frappe.only_for("System Manager")


@frappe.whitelist(methods=["GET"])
def fields(doctype: str) -> list[dict]:
    """The fields of a kind of record in their order, with what may be changed of them."""
    _administrator()
    return customize.fields_of(doctype)


@frappe.whitelist(methods=["POST"])
def change_field(doctype: str, fieldname: str, values: str | dict) -> dict:
    """Change label, options, default and flags of a field."""
    _administrator()
    return customize.change_field(doctype, fieldname, frappe.parse_json(values))


@frappe.whitelist(methods=["POST"])
def add_field(doctype: str, field: str | dict) -> str:
    """Add a field; answers its name."""
    _administrator()
    return customize.add_field(doctype, frappe.parse_json(field))


@frappe.whitelist(methods=["POST"])
def remove_field(doctype: str, fieldname: str) -> None:
    """Take a field away that was added here."""
    _administrator()
    customize.remove_field(doctype, fieldname)


@frappe.whitelist(methods=["POST"])
def move_field(doctype: str, fieldname: str, step: int) -> list[str]:
    """Move a field up or down."""
    _administrator()
    return customize.move_field(doctype, fieldname, step)


@frappe.whitelist(methods=["POST"])
def add_kind(name: str, label: str, title: str) -> str:
    """Make a new kind of record; its fields are added afterwards."""
    _administrator()
    return kinds.add_kind(name, label, title)


@frappe.whitelist(methods=["POST"])
def remove_kind(name: str) -> None:
    """Take a kind of record away that was made here and has no records."""
    _administrator()
    kinds.remove_kind(name)


@frappe.whitelist(methods=["GET"])
def rules(doctype: str) -> list[dict]:
    """The matrix of rights of a kind of record."""
    _administrator()
    return rights.matrix(doctype)


@frappe.whitelist(methods=["POST"])
def set_right(
    doctype: str, role: str, permlevel: int, right: str, value: int, if_owner: int = 0
) -> list[dict]:
    """Give or take one right of a rule."""
    _administrator()
    return rights.set_right(doctype, role, permlevel, right, value, if_owner)


@frappe.whitelist(methods=["POST"])
def add_rule(doctype: str, role: str, permlevel: int = 0) -> list[dict]:
    """Give a role a rule, with the right to read."""
    _administrator()
    return rights.add_rule(doctype, role, permlevel)


@frappe.whitelist(methods=["POST"])
def remove_rule(doctype: str, role: str, permlevel: int = 0, if_owner: int = 0) -> list[dict]:
    """Take a rule away."""
    _administrator()
    return rights.remove_rule(doctype, role, permlevel, if_owner)


@frappe.whitelist(methods=["GET"])
def explain(user: str, doctype: str, name: str = "") -> dict:
    """What a user sees of a kind of record, and why."""
    _administrator()
    return rights.explain(user, doctype, name)


@frappe.whitelist(methods=["GET"])
def history(doctype: str) -> list[dict]:
    """What was changed here of a kind of record, newest first."""
    _administrator()
    return changes.history(doctype)


@frappe.whitelist(methods=["POST"])
def take_back(version: str) -> None:
    """Undo one change; refused where something newer stands in its place."""
    _administrator()
    doctype, change = changes.change_of(version)
    if change["kind"] == "kind":
        return kinds.remove_kind(doctype)
    return (customize if change["kind"] in _FIELD_KINDS else rights).take_back(version)
