"""What the face asks beside Frappe's own methods."""

import frappe
from frappe.translate import get_all_translations

from medaffairs.face.boot import LANGUAGES, get_boot
from medaffairs.face.favourites import keep_favourites
from medaffairs.face.places import get_places
from medaffairs.face.search import search_records
from medaffairs.face.work import get_work


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


@frappe.whitelist(methods=["GET"])
def search(text: str, limit: int = 20) -> list[dict]:
    """Records of every kind that answer a name, a number, pinyin or initials; only those the user may read."""
    _need_user()
    return search_records(text, min(max(limit, 1), 50))


@frappe.whitelist(methods=["GET"])
def places() -> dict[str, list[dict]]:
    """The kinds of records and the reports that the user may open."""
    _need_user()
    return get_places()


@frappe.whitelist(methods=["POST"])
def set_favourites(items: str | list) -> list[dict[str, str]]:
    """Keep the user's favourite pages, in his order; answers what was kept."""
    _need_user()
    return keep_favourites(frappe.parse_json(items))


@frappe.whitelist(methods=["GET"])
def work() -> list[dict]:
    """Long work of the user: imports and prepared reports that run or have ended within the last hours."""
    _need_user()
    return get_work()


def _need_user() -> None:
    if frappe.session.user == "Guest":
        frappe.throw(frappe._("Please sign in first."), frappe.PermissionError)


def _may_choose(doctype: str) -> bool:
    return any(frappe.has_permission(doctype, right) for right in ("read", "select"))
