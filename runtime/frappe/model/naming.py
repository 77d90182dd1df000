"""Names of new documents."""

from __future__ import annotations

import datetime
import re
from typing import Any

import frappe
from frappe.model import default_fields
from frappe.utils import cint, cstr, now_datetime

NAMING_SERIES_PATTERN = re.compile(r"^[\w\- \/.#{}]+$", re.UNICODE)
_BRACES = re.compile(r"\{([^{}]+)\}")
_FORBIDDEN_IN_NAMES = re.compile(r"[<>]")


class InvalidNamingSeriesError(frappe.ValidationError):
    """A naming series that cannot be used."""


def set_new_name(doc: Any) -> None:
    """Gives a new document its name: by its own `autoname`, by the DocType's rule, else a hash.

    :raises frappe.ValidationError: when the rule needs a value that is missing
    """
    doc.run_method("before_naming")
    meta = doc.meta
    rule = cstr(meta.autoname)
    if doc.flags.name_set:
        return
    if doc.__dict__.get("amended_from"):
        doc.name = _amended_name(doc)
        return
    if meta.issingle:
        doc.name = doc.doctype
        return
    if meta.istable:
        doc.name = doc.get("name") or frappe.generate_hash(length=10)
        return
    if rule == "autoincrement":
        doc.name = frappe.db.get_next_sequence_val(doc.doctype)
        return
    kept = doc.get("name")
    doc.run_method("autoname")
    if not doc.get("name") and rule:
        set_name_from_naming_options(rule, doc)
    if not doc.get("name") and kept:
        doc.name = kept
    if not doc.get("name"):
        doc.name = make_autoname("hash", doc.doctype)
    doc.name = validate_name(doc.doctype, doc.name)


def set_name_from_naming_options(autoname: str, doc: Any) -> None:
    """Applies a naming rule such as `field:code` or `PRE-.YYYY.-.####`."""
    kind = autoname.lower()
    if kind == "hash":
        doc.name = make_autoname(autoname, doc=doc)
    elif kind.startswith("field:"):
        doc.name = _field_autoname(autoname, doc)
    elif kind.startswith("naming_series:"):
        set_name_by_naming_series(doc)
    elif kind.startswith("prompt"):
        _prompt_autoname(doc)
    elif kind.startswith("format:"):
        doc.name = _format_autoname(autoname, doc)
    elif "#" in autoname or kind in {"hash", "uuid"} or "." in autoname:
        doc.name = make_autoname(autoname, doc=doc)


def _field_autoname(autoname: str, doc: Any) -> str:
    fieldname = autoname[6:].strip()
    value = cstr(doc.get(fieldname)).strip()
    if not value:
        label = frappe.get_meta(doc.doctype).get_label(fieldname)
        frappe.throw(frappe._("{0} is required").format(frappe._(label)), frappe.MandatoryError)
    return value


def _prompt_autoname(doc: Any) -> None:
    # Forms keep what the user typed apart from the name, which they have filled for themselves.
    doc.name = doc.get("__newname") or doc.get("name")
    if not doc.name:
        frappe.throw(frappe._("Please set the document name"))


def _format_autoname(autoname: str, doc: Any) -> str:
    """`format:{kind}-{YYYY}-{#####}`: each part in braces is a field, a date part or a counter."""
    template = autoname.split(":", 1)[1]
    prefix: list[str] = []
    position = 0
    for match in _BRACES.finditer(template):
        prefix.append(template[position : match.start()])
        prefix.append(parse_naming_series([match.group(1)], doc=doc, prefix="".join(prefix)))
        position = match.end()
    return "".join(prefix) + template[position:]


def set_name_by_naming_series(doc: Any) -> None:
    """The name from the document's `naming_series`, the first option when none is chosen."""
    if not doc.get("naming_series"):
        options = frappe.get_meta(doc.doctype).get_naming_series_options()
        doc.naming_series = options[0] if options else None
    if not doc.naming_series:
        frappe.throw(frappe._("Naming Series mandatory"), frappe.MandatoryError)
    doc.name = make_autoname(doc.naming_series + ("" if "#" in doc.naming_series else ".#####"), "", doc)


def make_autoname(key: str = "", doctype: str = "", doc: Any = None, *, ignore_validate: bool = False) -> str:
    """The next name of a series: `PRE-.YYYY.-.#####`, or `hash` for a random one."""
    if key == "hash":
        return frappe.generate_hash(length=10)
    if key == "uuid":
        import uuid

        return str(uuid.uuid4())
    if "#" not in key:
        key += ".#####"
    elif "." not in key:
        frappe.throw(
            frappe._("Invalid naming series (. missing)")
            + (frappe._(" for {0}").format(doctype) if doctype else ""),
            InvalidNamingSeriesError,
        )
    return parse_naming_series(key.split("."), doctype, doc)


def parse_naming_series(
    parts: list[str] | str, doctype: str = "", doc: Any = None, number_generator: Any = None, prefix: str = ""
) -> str:
    """The text of a series' parts; the counter counts per text before it."""
    if isinstance(parts, str):
        parts = parts.split(".")
    name, counted = "", False
    today = now_datetime()
    for part in parts:
        if not part:
            continue
        if part.startswith("#"):
            if not counted:
                digits = len(part)
                name += (number_generator or getseries)(prefix + name, digits)
                counted = True
            continue
        name += _series_part(part, doc, today)
    return name


def _series_part(part: str, doc: Any, today: datetime.datetime) -> str:
    dates = {
        "YY": "%y", "MM": "%m", "DD": "%d", "YYYY": "%Y", "JJJ": "%j", "WW": "%W", "timestamp": "%Y-%m-%d %H:%M:%S",
    }  # fmt: skip
    if part in dates:
        return today.strftime(dates[part])
    own = (frappe.get_hooks("naming_series_variables") or {}).get(part)
    if own:
        return cstr(frappe.get_attr(own[-1])(doc, part))
    if part == "FY":
        return today.strftime("%Y")
    fieldname = part.strip("{}")
    if doc is not None and (
        part.startswith("{") or part in default_fields or frappe.get_meta(doc.doctype).has_field(part)
    ):
        return cstr(doc.get(fieldname)).strip()
    return part


def getseries(key: str, digits: int) -> str:
    """The next number of a counter, filled with zeros. Counting is part of the transaction."""
    return str(frappe.db.count_up("tabSeries", "name", key, "current")).zfill(digits)


def revert_series_if_last(key: str, name: str, doc: Any = None) -> None:
    """Gives a number back when its document was the newest."""
    if ".#" not in key and not key.endswith("#"):
        return
    prefix = parse_naming_series([part for part in key.split(".") if not part.startswith("#")], doc=doc)
    if not name.startswith(prefix) or not name[len(prefix) :].isdigit():
        return
    number = cint(name[len(prefix) :])
    frappe.db.sql(
        "update `tabSeries` set `current` = `current` - 1 where `name` = %s and `current` = %s",
        (prefix, number),
    )


def get_default_naming_series(doctype: str) -> str | None:
    """The first series of a DocType."""
    options = frappe.get_meta(doctype).get_naming_series_options()
    return options[0] if options else None


def validate_name(doctype: str, name: Any) -> Any:
    """The name, stripped, when it can be one.

    :raises frappe.NameError: when it cannot
    """
    if not name and name != 0:
        frappe.throw(frappe._("No Name Specified for {0}").format(doctype))
    if isinstance(name, int):
        return name
    if not isinstance(name, str):
        frappe.throw(frappe._("{0} cannot be a name").format(cstr(name)[:40]), frappe.NameError)
    name = name.strip()
    if name.startswith("New " + doctype) and not frappe.get_meta(doctype).get("allow_rename"):
        frappe.throw(
            frappe._("There were some errors setting the name, please contact the administrator"),
            frappe.NameError,
        )
    if _FORBIDDEN_IN_NAMES.search(name):
        frappe.throw(
            frappe._("Name cannot contain special characters like {0}").format("<, >"), frappe.NameError
        )
    if len(name) > 140:
        frappe.throw(frappe._("A name has at most 140 characters: {0}").format(name[:40]), frappe.NameError)
    return name


def append_number_if_name_exists(
    doctype: str, value: str, fieldname: str = "name", separator: str = "-", filters=None
):
    """A value that no document has yet, by a number behind it."""
    candidate, number = value, 0
    while frappe.db.exists(doctype, {**(filters or {}), fieldname: candidate}):
        number += 1
        candidate = f"{value}{separator}{number}"
    return candidate


def _amended_name(doc: Any) -> str:
    base, number = doc.amended_from, 1
    previous = frappe.db.get_value(doc.doctype, doc.amended_from, "amended_from")
    if previous:
        base, _, last = doc.amended_from.rpartition("-")
        number = cint(last) + 1
    return f"{base}-{number}"
