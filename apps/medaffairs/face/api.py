"""What the face asks beside Frappe's own methods."""

import frappe
from frappe.translate import get_all_translations

from medaffairs.face.boot import LANGUAGES, get_boot


@frappe.whitelist(allow_guest=True, methods=["GET"])
def boot() -> dict:
    """The facts a page is delivered with, again: after signing in they are new."""
    return get_boot()


@frappe.whitelist(allow_guest=True, methods=["GET"])
def translations(lang: str = "zh", v: str = "") -> dict[str, str]:
    """The table of a language, English source → text; `v` only makes the address unique per version.

    Guests read it too, because the sign-in page is translated; it holds labels, never records.
    """
    if lang not in LANGUAGES:
        frappe.throw(frappe._("This language is not available: {0}").format(lang), frappe.ValidationError)
    return get_all_translations(lang)


@frappe.whitelist(methods=["GET"])
def link_titles(doctype: str, names: str | list) -> dict[str, str]:
    """Titles of the records that a list links to, at most 500 in one question.

    Only records that the user may read or choose are answered; a DocType without a title field gives nothing.
    """
    meta = frappe.get_meta(doctype)
    wanted = frappe.parse_json(names)
    if not meta.title_field or not isinstance(wanted, list) or not _may_choose(doctype):
        return {}
    rows = frappe.get_list(
        doctype,
        filters={"name": ("in", wanted[:500])},
        fields=["name", meta.title_field],
        limit_page_length=500,
    )
    return {row.name: row.get(meta.title_field) for row in rows}


def _may_choose(doctype: str) -> bool:
    return any(frappe.has_permission(doctype, right) for right in ("read", "select"))
