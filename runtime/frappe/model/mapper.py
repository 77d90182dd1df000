"""New documents made of others: fields of the same name are taken along, rows of tables, too, as far as a map says."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.model import default_fields, display_fieldtypes, table_fields
from frappe.utils import cint
from frappe.utils.typing_validations import parsed

_OWN = {*default_fields, "amended_from", "naming_series"}


@frappe.whitelist()
def make_mapped_doc(method: str, source_name: str, selected_children: Any = None, args: Any = None) -> Any:
    """A new document by an app's whitelisted method, which gets the name of the source."""
    function = _whitelisted(method, 1)
    if selected_children:
        frappe.flags.selected_children = frappe.parse_json(selected_children) or None
    if args:
        frappe.flags.args = frappe._dict(parsed(args, dict, "args"))
    return function(source_name)


@frappe.whitelist()
def map_docs(method: str, source_names: Any, target_doc: Any, args: Any = None) -> Any:
    """One document made of several sources, one after the other."""
    more = (frappe._dict(parsed(args, dict, "args")),) if args else ()
    function = _whitelisted(method, 2 + len(more))
    for name in parsed(source_names, list, "source_names"):
        target_doc = function(name, target_doc, *more)
    return target_doc


def _whitelisted(method: str, arguments: int) -> Callable:
    """An app's method that takes so many arguments.

    :raises frappe.PermissionError: when it is not open to callers
    """
    from frappe.handler import check_http_method, get_attr

    overrides = frappe.get_hooks("override_whitelisted_methods") or {}
    function = get_attr((overrides.get(method) or [method])[-1])
    frappe.is_whitelisted(function)
    check_http_method(function)
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        frappe.throw(_("{0} makes no document of another").format(frappe.utils.escape_html(method)))
    return function


def get_mapped_doc(
    from_doctype: str,
    from_docname: Any,
    table_maps: dict[str, dict],
    target_doc: Any = None,
    postprocess: Callable | None = None,
    ignore_permissions: bool = False,
    ignore_child_tables: bool = False,
    cached: bool = False,
) -> Any:
    """A new document of another, or more rows of one that is being edited.

    :param table_maps: by DocType of the source: `doctype` of the target, `field_map`, `field_no_map`, `validation`,
        `condition`, `filter`, `postprocess`, `add_if_empty`, `reset_value`
    :raises frappe.PermissionError: for who may not read the source or create the target
    :raises frappe.ValidationError: when the source is not in the state that the map asks for
    """
    top = table_maps[from_doctype]
    target = _target(target_doc, top["doctype"])
    source = (frappe.get_cached_doc if cached else frappe.get_doc)(from_doctype, from_docname)
    if not ignore_permissions:
        source.check_permission("read")
        target.check_permission("create" if target.is_new() else "write")
    map_doc(source, target, top)
    if not ignore_child_tables:
        for row_doctype, table in _tables(source, target, table_maps, top):
            _map_rows(source, target, row_doctype, table, table_maps)
    target.run_method("before_mapping", source, table_maps) if hasattr(target, "before_mapping") else None
    if postprocess:
        postprocess(source, target)
    target.set_onload("load_after_mapping", True)
    if top.get("validation") and hasattr(target, "after_mapping"):
        target.run_method("after_mapping", source)
    return target


def _target(given: Any, doctype: str) -> Any:
    if isinstance(given, str):
        given = frappe.parse_json(given)
    if isinstance(given, dict) and not hasattr(given, "check_permission"):
        given = frappe.get_doc(given)
    return given or frappe.new_doc(doctype)


def _tables(source: Any, target: Any, maps: dict, top: dict) -> list[tuple[str, Any]]:
    """Tables of the source that have a place in the target."""
    found = []
    for table in source.meta.get_table_fields():
        if table.options in maps:
            found.append((table.options, table))
        elif table.fieldname not in (top.get("field_no_map") or []) and not cint(table.no_copy):
            same = target.meta.get_field(table.fieldname)
            if (
                same
                and same.fieldtype in table_fields
                and same.options == table.options
                and not cint(same.no_copy)
            ):
                found.append((table.options, table))
    return found


def _map_rows(source: Any, target: Any, row_doctype: str, table: Any, maps: dict) -> None:
    rule = maps.get(row_doctype) or {"doctype": row_doctype}
    same = target.meta.get_field(table.fieldname)
    if same and same.options == rule["doctype"]:
        place = same.fieldname
    else:
        place = next(
            (field.fieldname for field in target.meta.get_table_fields() if field.options == rule["doctype"]),
            None,
        )
    if place is None:
        return
    if rule.get("reset_value"):
        target.set(place, [])
    if rule.get("add_if_empty") and target.get(place):
        return
    for row in source.get(table.fieldname) or []:
        if (rule.get("condition") and not rule["condition"](row)) or (
            rule.get("filter") and rule["filter"](row)
        ):
            continue
        map_child_doc(row, target, rule, source, place)


def map_child_doc(
    source_d: Any,
    target_parent: Any,
    table_map: dict,
    source_parent: Any = None,
    parentfield: str | None = None,
) -> Any:
    """One more row of the target, made of a row of the source."""
    place = parentfield or next(
        field.fieldname
        for field in target_parent.meta.get_table_fields()
        if field.options == table_map["doctype"]
    )
    row = target_parent.append(place, {})
    map_doc(source_d, row, table_map, source_parent)
    row.idx = len(target_parent.get(place))
    return row


def map_doc(source_doc: Any, target_doc: Any, table_map: dict, source_parent: Any = None) -> None:
    """The fields of one record.

    :raises frappe.ValidationError: when the source is not in the state that the map asks for
    """
    for field, (operator, wanted) in (table_map.get("validation") or {}).items():
        value = source_doc.get(field)
        if (
            (operator == "=" and value != wanted)
            or (operator == "!=" and value == wanted)
            or (operator == "in" and value not in wanted)
        ):
            frappe.throw(
                _("Cannot map because following condition fails:")
                + f" {_(source_doc.meta.get_label(field))} {operator} {wanted}"
            )
    map_fields(source_doc, target_doc, table_map, source_parent)
    if table_map.get("postprocess"):
        table_map["postprocess"](source_doc, target_doc, source_parent)


def map_fields(source_doc: Any, target_doc: Any, table_map: dict, source_parent: Any = None) -> None:
    """Values of the same name, then those that the map renames."""
    left_out = {*(table_map.get("field_no_map") or []), *_OWN}
    left_out |= {
        field.fieldname
        for meta in (source_doc.meta, target_doc.meta)
        for field in meta.fields
        if cint(field.no_copy)
    }
    for field in target_doc.meta.fields:
        if (
            field.fieldname in left_out
            or field.fieldtype in table_fields
            or field.fieldtype in display_fieldtypes
        ):
            continue
        value = source_doc.get(field.fieldname)
        if value not in (None, ""):
            target_doc.set(field.fieldname, value)
        elif (
            field.fieldtype == "Link"
            and field.options == source_doc.doctype
            and not target_doc.get(field.fieldname)
        ):
            target_doc.set(field.fieldname, source_doc.name)
    pairs = table_map.get("field_map") or {}
    for source_field, target_field in pairs.items() if isinstance(pairs, dict) else pairs:
        value = source_doc.get(source_field)
        if value not in (None, ""):
            target_doc.set(target_field, value)
