"""What a list asks: pages, counts, groups, whether something has changed. All of it reads."""

import hashlib
import hmac
from typing import Any

import frappe
from frappe.utils import cint
from frappe.utils.password import get_encryption_key
from pypika.functions import Count, Max

from medaffairs.face.api import link_titles
from medaffairs.face.listing import rules
from medaffairs.face.listing.query import Listing

MOST_GROUPS, MOST_FACETS, FACET_VALUES = 300, 12, 30
MOST_NAMES = 10_000
MOST_RIGHTS = 50
RIGHTS = ("write", "delete", "print", "submit")
READING = ["GET", "POST"]


@frappe.whitelist(methods=READING)
def page(
    doctype: str,
    fields: str | list | None = None,
    where: str | list | dict | None = None,
    search: str = "",
    sort: str | list | None = None,
    after: str | list | None = None,
    limit: int = 100,
) -> dict[str, Any]:
    """A page of rows as `{"keys", "values", "next", "titles"}`.

    `next` goes into `after` for the page that follows; it is None on the last one. `titles` has the titles behind
    the links on the page, by "DocType::name". At most 500 rows.
    """
    listing = Listing(doctype, where, search)
    wanted = [field for field in frappe.parse_json(fields) or [] if field in listing.types]
    rows, following = listing.page(wanted, sort, after, limit)
    keys = list(rows[0]) if rows else ["name", *wanted]
    return {
        "keys": keys,
        "values": [[row[key] for key in keys] for row in rows],
        "next": following,
        "titles": _titles(listing, wanted, rows),
    }


@frappe.whitelist(methods=READING)
def count(doctype: str, where: str | list | dict | None = None, search: str = "") -> int:
    """How many rows there are."""
    return Listing(doctype, where, search).rows(Count("*")).run()[0][0]


@frappe.whitelist(methods=READING)
def groups(
    doctype: str, field: str, where: str | list | dict | None = None, search: str = ""
) -> dict[str, Any]:
    """How often each value of a field occurs: `{"values": [[value, count], …], "titles": {…}}`, at most 300."""
    listing = Listing(doctype, where, search)
    counts = listing.counts(field, MOST_GROUPS)
    return {"values": counts, "titles": _titles(listing, [field], [{field: value} for value, _ in counts])}


@frappe.whitelist(methods=READING)
def facets(
    doctype: str, fields: str | list, where: str | list | dict | None = None, search: str = ""
) -> dict[str, Any]:
    """The counts of several fields for the panel beside a list; a field's own condition does not narrow its counts."""
    listing = Listing(doctype, where, search)
    asked = [field for field in frappe.parse_json(fields) or [] if field in listing.types][:MOST_FACETS]
    counts = {
        field: listing.counts(field, FACET_VALUES, rules.without(listing.where, field)) for field in asked
    }
    rows = [{field: value} for field in asked for value, _ in counts[field]]
    return {"counts": counts, "titles": _titles(listing, asked, rows)}


@frappe.whitelist(methods=READING)
def names(
    doctype: str,
    where: str | list | dict | None = None,
    search: str = "",
    sort: str | list | None = None,
    limit: int = MOST_NAMES,
) -> list[str]:
    """The names of all rows, in order, for what is done with all of them; at most 10,000."""
    listing = Listing(doctype, where, search)
    query = listing.rows(listing.table.name)
    for field, direction in listing.order(sort):
        query = query.orderby(
            listing.column(field), order=frappe.qb.desc if direction == "desc" else frappe.qb.asc
        )
    return [row[0] for row in query.limit(min(cint(limit), MOST_NAMES)).run()]


@frappe.whitelist(methods=READING)
def probe(doctype: str, where: str | list | dict | None = None, search: str = "") -> str:
    """A mark that is another one once a row was added, changed or taken away.

    Open lists ask for it again and again, so it costs one statement, and as it is keyed by a secret of the site it
    tells nothing but that something has changed.
    """
    listing = Listing(doctype, where, search)
    state = listing.rows(Count("*"), Max(listing.table.modified)).run()[0]
    text = f"{frappe.session.user}|{doctype}|{listing.where}|{listing.search}|{state[0]}|{state[1]}"
    return hmac.new(get_encryption_key().encode(), text.encode(), hashlib.sha256).hexdigest()[:24]


@frappe.whitelist(methods=READING)
def rights(doctype: str, names: str | list) -> dict[str, dict[str, bool]]:
    """What the user may do with each of up to 50 rows: write, delete, print, submit."""
    answer = {}
    for name in (frappe.parse_json(names) or [])[:MOST_RIGHTS]:
        if not frappe.db.exists(doctype, name):
            continue
        doc = frappe.get_doc(doctype, name)
        if doc.has_permission("read"):
            answer[str(name)] = {right: bool(doc.has_permission(right)) for right in RIGHTS}
    return answer


def _titles(listing: Listing, fields: list[str], rows: list[dict]) -> dict[str, str]:
    """Titles behind the links of a page, one question per DocType."""
    wanted: dict[str, dict] = {}
    for field in fields:
        if listing.types.get(field) != "Link":
            continue
        entry = listing.meta.get_field(field)
        target = entry.options if entry else "User"
        wanted.setdefault(target, {}).update(dict.fromkeys(row[field] for row in rows if row.get(field)))
    return {
        f"{target}::{name}": title
        for target, found in wanted.items()
        for name, title in link_titles(target, list(found)).items()
        if title
    }
