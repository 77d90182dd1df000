"""Thin calls of the public namespace that make, read and change documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe._apps import get_module_path, scrub
from frappe._context import local
from frappe._messages import throw
from frappe.exceptions import DoesNotExistError

if TYPE_CHECKING:
    from frappe.model.document import Document
    from frappe.model.meta import Meta


def get_doc(*args: Any, **kwargs: Any) -> Document:
    """A document from the database (doctype, name), a single (doctype), or a new one (dict or keywords)."""
    from frappe.model.document import get_doc

    return get_doc(*args, **kwargs)


def new_doc(
    doctype: str, *, parent_doc: Any = None, parentfield: str | None = None, as_dict: bool = False, **kwargs
):
    """A new document with its defaults, not yet saved."""
    from frappe.model.create_new import get_new_doc

    doc = get_new_doc(doctype, parent_doc, parentfield, as_dict=as_dict)
    return doc.update(kwargs)


def get_cached_doc(*args: Any, **kwargs: Any) -> Document:
    """Like `get_doc`, but perhaps from the cache. Never change what it returns."""
    from frappe.model.document_cache import get_cached_doc

    return get_cached_doc(*args, **kwargs)


def get_lazy_doc(doctype: str, name: str, *, for_update: bool | None = None) -> Document:
    """A document from the database."""
    return get_doc(doctype, name, for_update=for_update)


def get_cached_value(doctype: str, name: str, fieldname: Any = "name", as_dict: bool = False) -> Any:
    """Values of a document that is kept in the cache."""
    from frappe.model.document_cache import get_cached_value

    return get_cached_value(doctype, name, fieldname, as_dict)


def clear_document_cache(doctype: str, name: str | None = None) -> None:
    """Forget cached documents after writing past them."""
    from frappe.model.document_cache import clear_document_cache

    clear_document_cache(doctype, name)


def get_last_doc(
    doctype: str, filters: Any = None, order_by: str = "creation desc", *, for_update: bool = False
) -> Document:
    """The newest document that fits the filters.

    :raises frappe.DoesNotExistError: when there is none
    """
    name = get_all(doctype, filters=filters, limit_page_length=1, order_by=order_by, pluck="name")
    if not name:
        throw(frappe._("No {0} found").format(frappe._(doctype)), DoesNotExistError)
    return get_doc(doctype, name[0], for_update=for_update)


def get_single(doctype: str) -> Document:
    """The one document of a single DocType."""
    return get_doc(doctype, doctype)


def get_single_value(setting: str, fieldname: str) -> Any:
    """One field of a single DocType."""
    return local.db.get_single_value(setting, fieldname)


def get_meta(doctype: str, cached: bool = True) -> Meta:
    """The compiled metadata of a DocType."""
    from frappe.model.meta import get_meta

    return get_meta(doctype, cached=cached)


def get_meta_module(doctype: str) -> Any:
    """The Python module of a DocType."""
    from frappe.modules import load_doctype_module

    return load_doctype_module(doctype)


def get_system_settings(key: str) -> Any:
    """A field of System Settings."""
    return get_cached_value("System Settings", "System Settings", key)


def copy_doc(doc: Document | dict, ignore_no_copy: bool = True) -> Document:
    """A new unsaved document with the values of another."""
    from frappe.model.create_new import copy_doc

    return copy_doc(doc, ignore_no_copy)


def delete_doc(
    doctype: str | None = None, name: Any = None, force: bool = False, **kwargs: Any
) -> bool | None:
    """Delete a document after checking permission and links."""
    from frappe.model.delete_doc import delete_doc

    return delete_doc(doctype, name, force, **kwargs)


def delete_doc_if_exists(doctype: str, name: str, force: bool = False) -> None:
    """Delete a document if it is there."""
    delete_doc(doctype, name, force=force, ignore_missing=True)


def rename_doc(
    doctype: str, old: str, new: str, force: bool = False, merge: bool = False, **kwargs: Any
) -> str:
    """Give a document another name and change every link to it."""
    from frappe.model.rename_doc import rename_doc

    return rename_doc(doctype=doctype, old=old, new=new, force=force, merge=merge, **kwargs)


def reload_doc(
    module: str, dt: str | None = None, dn: str | None = None, force: bool = False, **kwargs: Any
) -> Any:
    """Read a standard document anew from the module's folder."""
    from frappe.modules.utils import reload_doc

    return reload_doc(module, dt, dn, force=force, **kwargs)


def reload_doctype(doctype: str, force: bool = False, **kwargs: Any) -> Any:
    """Read a DocType anew from its module's folder."""
    module = scrub(get_meta(doctype).module)
    return reload_doc(module, "doctype", scrub(doctype), force=force, **kwargs)


def get_list(doctype: str, *args: Any, **kwargs: Any) -> list:
    """Rows that the user may see."""
    from frappe.model.db_query import DatabaseQuery

    return DatabaseQuery(doctype).execute(*args, **kwargs)


def get_all(doctype: str, *args: Any, **kwargs: Any) -> list:
    """Rows, whoever the user is; all of them unless a limit is given."""
    kwargs["ignore_permissions"] = True
    if not kwargs.keys() & {"limit_page_length", "limit", "page_length"}:
        kwargs["limit_page_length"] = 0
    return get_list(doctype, *args, **kwargs)


def get_value(*args: Any, **kwargs: Any) -> Any:
    """See `frappe.db.get_value`."""
    return local.db.get_value(*args, **kwargs)


def set_value(doctype: str, docname: str, fieldname: Any, value: Any = None) -> dict:
    """Change a document with all its checks, over its controller."""
    from frappe.client import set_value

    return set_value(doctype, docname, fieldname, value)


def make_property_setter(
    args: dict,
    ignore_validate: bool = False,
    validate_fields_for_doctype: bool = True,
    is_system_generated: bool = True,
) -> None:
    """Change a property of a field, or of a DocType; without `doctype` of every field of that name."""
    from frappe.custom.doctype.property_setter.property_setter import make_from_arguments

    make_from_arguments(args, ignore_validate, is_system_generated)


def get_test_records(doctype: str) -> list:
    """Rows of the DocType's test_records.json."""
    import json
    import os

    path = os.path.join(
        get_module_path(get_meta(doctype).module), "doctype", scrub(doctype), "test_records.json"
    )
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def get_document_cache_key(doctype: str, name: str) -> str:
    """The key of a document in the cache."""
    return f"document_cache::{doctype}::{name}"


def is_table(doctype: str) -> bool:
    """Whether documents of the DocType are rows of others."""
    return bool(get_meta(doctype).istable)


def get_precision(doctype: str, fieldname: str, currency: str | None = None, doc: Any = None) -> int:
    """Digits after the decimal point of a field."""
    from frappe.model.meta import get_field_precision

    return get_field_precision(get_meta(doctype).get_field(fieldname), doc, currency)


def get_desk_link(doctype: str, name: str) -> str:
    """A link to a document, which shows its title."""
    title = get_value(doctype, name, get_meta(doctype).get_title_field())
    text = f"{frappe._(doctype)} {title}"
    href = frappe.utils.escape_html(f"/app/Form/{doctype}/{name}")
    return f'<a href="{href}" style="font-weight: bold;">{frappe.utils.escape_html(text)}</a>'
