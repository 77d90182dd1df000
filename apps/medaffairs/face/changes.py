"""Changes that an administrator made without code: each is kept as a version of the DocType and can be taken back."""

import json

import frappe

KEY = "medaffairs_setup"
SHOWN = 100


def record(doctype: str, kind: str, words: str, before: object, after: object, undoes: str = "") -> str:
    """Keep a change beside the versions of the DocType; answers its name.

    `before` and `after` are what `take_back` needs to go back, and to see whether somebody changed it again since.
    """
    payload = {"kind": kind, "words": words, "before": before, "after": after, "undoes": undoes}
    version = frappe.get_doc(
        {
            "doctype": "Version",
            "ref_doctype": "DocType",
            "docname": doctype,
            "data": json.dumps(
                {"changed": [[words, _text(before), _text(after)]], KEY: payload}, ensure_ascii=False
            ),
        }
    )
    version.insert(ignore_permissions=True)
    return version.name


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def history(doctype: str) -> list[dict]:
    """The changes of a DocType, newest first: `name`, `kind`, `words`, `by`, `at`, `undone`."""
    versions = frappe.get_all(
        "Version",
        filters={"ref_doctype": "DocType", "docname": doctype},
        fields=["name", "data", "owner", "creation"],
        order_by="creation desc",
        limit_page_length=SHOWN,
    )
    found = [(row, json.loads(row.data or "{}").get(KEY)) for row in versions]
    undone = {payload["undoes"] for _row, payload in found if payload and payload["undoes"]}
    return [
        {
            "name": row.name,
            "kind": payload["kind"],
            "words": payload["words"],
            "before": payload["before"],
            "after": payload["after"],
            "by": frappe.utils.get_fullname(row.owner),
            "at": str(row.creation),
            "undone": row.name in undone,
            "undoes": payload["undoes"],
        }
        for row, payload in found
        if payload
    ]


def change_of(version: str) -> tuple[str, dict]:
    """The DocType and the payload of a change.

    :raises frappe.ValidationError: when the version is no change made here
    """
    doc = frappe.get_doc("Version", version)
    payload = json.loads(doc.data or "{}").get(KEY)
    if doc.ref_doctype != "DocType" or not payload:
        frappe.throw(
            frappe._("This change was not made here and cannot be taken back."), frappe.ValidationError
        )
    return doc.docname, payload
