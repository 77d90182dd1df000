"""Pages that a user keeps at hand: with the user, so that they are on his phone as they are at his desk."""

import json

import frappe

from medaffairs.face.rules import clean_favourites

KEY = "medaffairs_favourites"


def get_favourites() -> list[dict[str, str]]:
    """The user's favourites, `label` and `path`, in his order."""
    kept = frappe.defaults.get_user_default(KEY)
    return json.loads(kept) if kept else []


def keep_favourites(items: object) -> list[dict[str, str]]:
    """Put these favourites in the place of the user's.

    :raises frappe.ValidationError: when they are no list of labels and paths
    """
    try:
        favourites = clean_favourites(items if isinstance(items, list) else [items])
    except ValueError:
        frappe.throw(frappe._("A favourite needs a name and the address of a page."), frappe.ValidationError)
    frappe.defaults.set_user_default(KEY, json.dumps(favourites, ensure_ascii=False))
    return favourites
