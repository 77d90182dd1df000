"""Fields as an administrator arranges them: properties, new fields, their order. Each change can be taken back.

A field of the app is changed by Property Setters, a field of the site is a Custom Field; the difference is nobody's
concern but this module's.
"""

import json

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_field

from medaffairs.face.changes import change_of, record
from medaffairs.face.rules import CHANGEABLE, NEW_FIELDTYPES, RuleError, check_field, moved

_FLAGS = ("reqd", "hidden", "read_only", "in_list_view", "in_standard_filter", "bold")


def fields_of(doctype: str) -> list[dict]:
    """The fields in their order with what may be changed of them; `own` where the site added the field."""
    meta = frappe.get_meta(doctype, cached=False)
    changed = frappe.get_all(
        "Property Setter",
        filters={"doc_type": doctype, "doctype_or_field": "DocField"},
        fields=["field_name", "property"],
    )
    properties: dict[str, list[str]] = {}
    for row in changed:
        properties.setdefault(row.field_name, []).append(row.property)
    return [
        {
            "fieldname": field.fieldname,
            "fieldtype": field.fieldtype,
            "own": bool(field.get("is_custom_field")),
            "changed": sorted(properties.get(field.fieldname, [])),
            **_values(field),
        }
        for field in meta.fields
    ]


def _values(field) -> dict[str, object]:
    return {
        name: int(field.get(name) or 0) if name in _FLAGS else field.get(name) or "" for name in CHANGEABLE
    }


def _current(doctype: str, fieldname: str) -> dict[str, object]:
    field = frappe.get_meta(doctype, cached=False).get_field(fieldname)
    if not field:
        frappe.throw(
            frappe._("{0} has no field {1}").format(frappe._(doctype), fieldname), frappe.ValidationError
        )
    return {"fieldtype": field.fieldtype, "own": bool(field.get("is_custom_field")), **_values(field)}


def change_field(doctype: str, fieldname: str, values: dict, undoes: str = "") -> dict:
    """Change properties of a field; those that stay as they are cost nothing.

    :raises frappe.ValidationError: for a property that may not be changed here, or values that make no sense together
    """
    current = _current(doctype, fieldname)
    if set(values) - set(CHANGEABLE):
        frappe.throw(frappe._("This property of a field cannot be changed here."), frappe.ValidationError)
    wanted = {name: int(value or 0) if name in _FLAGS else value or "" for name, value in values.items()}
    try:
        check_field({**current, **wanted}, wanted)
    except RuleError as problem:
        frappe.throw(frappe._(str(problem)), frappe.ValidationError)
    after = {name: value for name, value in wanted.items() if value != current[name]}
    if not after:
        return current
    before = {name: current[name] for name in after}
    if current["own"]:
        field = frappe.get_doc("Custom Field", {"dt": doctype, "fieldname": fieldname})
        field.update(after)
        field.save()
    else:
        for name, value in after.items():
            _set_property(doctype, fieldname, name, value)
    frappe.clear_cache(doctype=doctype)
    label = str(current["label"] or fieldname)
    record(
        doctype, "field", label, {"fieldname": fieldname, **before}, {"fieldname": fieldname, **after}, undoes
    )
    return _current(doctype, fieldname)


def _set_property(doctype: str, fieldname: str, name: str, value: object) -> None:
    delivered = frappe.db.get_value("DocField", {"parent": doctype, "fieldname": fieldname}, name)
    setters = frappe.get_all(
        "Property Setter",
        filters={"doc_type": doctype, "field_name": fieldname, "property": name},
        pluck="name",
    )
    for setter in setters:
        frappe.delete_doc("Property Setter", setter, ignore_permissions=True)
    if str(delivered or ("0" if name in _FLAGS else "")) == str(value):
        return
    frappe.make_property_setter(
        {
            "doctype": doctype,
            "fieldname": fieldname,
            "property": name,
            "value": value,
            "property_type": "Check" if name in _FLAGS else "Text",
        },
        is_system_generated=False,
    )


def add_field(doctype: str, field: dict, undoes: str = "") -> str:
    """Add a field of the site's own; answers its name.

    :raises frappe.ValidationError: for a type that cannot be added here, or without a label
    """
    given = {
        name: field.get(name) for name in ("label", "fieldtype", "insert_after", "fieldname", *CHANGEABLE)
    }
    given = {name: value for name, value in given.items() if value not in (None, "")}
    if given.get("fieldtype") not in NEW_FIELDTYPES or not given.get("label"):
        frappe.throw(
            frappe._("A new field needs a label and one of the offered types."), frappe.ValidationError
        )
    try:
        check_field({"options": "", "default": "", **given}, given)
    except RuleError as problem:
        frappe.throw(frappe._(str(problem)), frappe.ValidationError)
    made = create_custom_field(doctype, given, is_system_generated=False)
    kept = {name: made.get(name) for name in ("fieldname", "label", "fieldtype", "insert_after", *CHANGEABLE)}
    record(doctype, "add", str(made.label), None, kept, undoes)
    return made.fieldname


def remove_field(doctype: str, fieldname: str, undoes: str = "") -> None:
    """Take a field of the site's own away; its values stay in the table, so that it can come back with them.

    :raises frappe.ValidationError: for a field that the app delivers
    """
    name = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": fieldname})
    if not name:
        frappe.throw(frappe._("Only fields that were added here can be removed."), frappe.ValidationError)
    made = frappe.get_doc("Custom Field", name)
    kept = {name: made.get(name) for name in ("fieldname", "label", "fieldtype", "insert_after", *CHANGEABLE)}
    made.delete()
    frappe.clear_cache(doctype=doctype)
    record(doctype, "remove", str(made.label), kept, None, undoes)


def move_field(doctype: str, fieldname: str, step: int) -> list[str]:
    """Move a field up (-1) or down (1); answers the new order."""
    order = [field.fieldname for field in frappe.get_meta(doctype, cached=False).fields]
    return arrange(doctype, moved(order, fieldname, step))


def arrange(doctype: str, order: list[str], undoes: str = "") -> list[str]:
    """Put the fields into an order that names every field once.

    :raises frappe.ValidationError: when a field is missing or named twice
    """
    before = [field.fieldname for field in frappe.get_meta(doctype, cached=False).fields]
    if sorted(order) != sorted(before):
        frappe.throw(frappe._("The order has to name every field once."), frappe.ValidationError)
    if order == before:
        return before
    for setter in frappe.get_all(
        "Property Setter",
        filters={"doc_type": doctype, "doctype_or_field": "DocType", "property": "field_order"},
        pluck="name",
    ):
        frappe.delete_doc("Property Setter", setter, ignore_permissions=True)
    frappe.make_property_setter(
        {
            "doctype": doctype,
            "doctype_or_field": "DocType",
            "property": "field_order",
            "value": json.dumps(order),
            "property_type": "Text",
        },
        is_system_generated=False,
    )
    frappe.clear_cache(doctype=doctype)
    record(doctype, "order", frappe._("Order of the fields"), before, order, undoes)
    return order


def take_back(version: str) -> None:
    """Undo one change of a field, if nobody changed it again since.

    :raises frappe.ValidationError: when something newer stands in its place
    """
    doctype, change = change_of(version)
    before, after = change["before"], change["after"]
    if change["kind"] == "field":
        fieldname = before.pop("fieldname")
        current = _current(doctype, fieldname)
        if any(current[name] != after[name] for name in before):
            frappe.throw(
                frappe._("This was changed again since. Take the newer change back first."),
                frappe.ValidationError,
            )
        change_field(doctype, fieldname, before, undoes=version)
    elif change["kind"] == "add":
        remove_field(doctype, after["fieldname"], undoes=version)
    elif change["kind"] == "remove":
        add_field(doctype, before, undoes=version)
    elif change["kind"] == "order":
        known = [field.fieldname for field in frappe.get_meta(doctype, cached=False).fields]
        arrange(
            doctype,
            [*[f for f in before if f in known], *[f for f in known if f not in before]],
            undoes=version,
        )
