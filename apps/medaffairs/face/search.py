"""One search over records: each kind that the user may read is asked once, with the rights of its rows."""

import frappe
from frappe.model.meta import Meta

from medaffairs.face.rules import score, shares, words

#: Rows of one kind that are weighed; more would not be looked at.
PER_KIND = 200
_TEXTS = ("Data", "Small Text", "Select", "Link", "Dynamic Link", "Read Only", "Text")


def search_records(text: str, limit: int = 20) -> list[dict]:
    """Records that answer `text`, best kinds first: `doctype`, `name`, `title`, `detail`.

    Kinds are those of the hook `global_search_doctypes` and those that the hospital made itself; a kind that the user
    may not read is not asked. Costs one statement a kind.
    """
    wanted = words(text)
    if not wanted:
        return []
    found = {}
    for doctype in searched_doctypes():
        if not frappe.has_permission(doctype, "read"):
            continue
        rows = _ask(frappe.get_meta(doctype), wanted)
        if rows:
            found[doctype] = rows
    best = sorted(found, key=lambda doctype: -found[doctype][0]["score"])
    chosen = shares({doctype: found[doctype] for doctype in best}, limit)
    return [row for rows in chosen.values() for row in rows]


def searched_doctypes() -> list[str]:
    """The kinds that are searched, the most wanted first."""
    hooked = frappe.get_hooks("global_search_doctypes", app_name="medaffairs") or {}
    named = [entry["doctype"] for entry in hooked.get("Default", [])]
    own = frappe.get_all(
        "DocType", filters={"custom": 1, "istable": 0, "issingle": 0}, pluck="name", limit=20
    )
    return [*named, *own]


def _ask(meta: Meta, wanted: str) -> list[dict]:
    fields = _fields(meta, pinyin=wanted.isascii())
    pattern = ("like", f"%{wanted}%")
    title = meta.title_field or "name"
    rows = frappe.get_list(
        meta.name,
        or_filters={field: pattern for field in fields},
        fields=list(dict.fromkeys(["name", title, *fields, *_details(meta)])),
        limit_page_length=PER_KIND,
        # The table is named: what is looked up in linked records has a time of its own.
        order_by=f"`tab{meta.name}`.modified desc",
    )
    weighed = [
        {
            "doctype": meta.name,
            "name": row.name,
            "title": str(row.get(title) or row.name),
            "detail": " · ".join(
                str(row.get(field)) for field in _shown(meta, title) if row.get(field) not in (None, "")
            ),
            "score": score(wanted, [row.get(field) for field in fields]),
        }
        for row in rows
    ]
    return sorted(weighed, key=lambda row: -row["score"])


def _fields(meta: Meta, pinyin: bool) -> list[str]:
    """The fields a record is found by; pinyin only counts where Latin letters were typed."""
    named = [meta.title_field, *(field.strip() for field in (meta.search_fields or "").split(","))]
    fields = []
    for name in named:
        field = meta.get_field(name) if name else None
        if not field or field.permlevel or field.fieldtype not in _TEXTS:
            continue
        if not pinyin and name.startswith("pinyin"):
            continue
        fields.append(name)
    return list(dict.fromkeys(["name", *fields]))


def _details(meta: Meta) -> list[str]:
    """The title of a linked department, read in the same statement."""
    field = meta.get_field("department")
    known = field and field.fieldtype == "Link" and field.options == "Clinical Department"
    return ["department.department_name as department_title"] if known else []


def _shown(meta: Meta, title: str) -> list[str]:
    state = next((name for name in ("workflow_state", "status") if meta.has_field(name)), "")
    return [
        name
        for name in ("department_title", "name" if title != "name" else "", state)
        if name and name != title
    ]
