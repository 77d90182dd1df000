"""What the face is delivered with: who is signed in, what he may open, in which language."""

import hashlib
from pathlib import Path

import frappe
from frappe.sessions import get_csrf_token

from medaffairs import __version__
from medaffairs.face.favourites import get_favourites

#: What the face is written in; the first where nothing else fits.
LANGUAGES = ("zh", "en")


def get_boot() -> dict:
    """The facts about the signed-in user that every page of the face needs.

    For a guest only what the sign-in page shows is returned.
    """
    user = frappe.session.user
    settings = frappe.get_cached_doc("Medical Affairs Settings")
    facts = {
        "user": user,
        "lang": nearest_language(frappe.local.lang),
        "hospital": settings.hospital_name,
        "version": __version__,
        "now": frappe.utils.now(),
        "translations_version": translations_version(),
        "csrf_token": get_csrf_token(),
    }
    if user == "Guest":
        return facts
    practitioner = frappe.db.get_value(
        "Practitioner", {"user": user}, ["name", "practitioner_name", "department"], as_dict=True
    )
    return facts | {
        "full_name": frappe.utils.get_fullname(user),
        "roles": frappe.get_roles(user),
        "modules": frappe.get_module_list("medaffairs"),
        "practitioner": practitioner,
        "site": frappe.local.site,
        "favourites": get_favourites(),
    }


def nearest_language(asked: str | None) -> str:
    """The delivered language nearest to what the host chose; browsers ask for `en-US` or `zh-TW`."""
    base = (asked or "").replace("_", "-").split("-")[0].lower()
    return base if base in LANGUAGES else LANGUAGES[0]


def translations_version() -> str:
    """Changes when the delivered translations change or a hospital edits its own."""
    delivered = Path(frappe.get_app_path("medaffairs", "translations", "zh.csv"))
    stamp = delivered.stat().st_mtime_ns if delivered.exists() else 0
    edited = frappe.get_all("Translation", fields=["modified"], order_by="modified desc", limit=1)
    text = f"{__version__}{stamp}{edited[0].modified if edited else ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
