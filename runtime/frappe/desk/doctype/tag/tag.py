"""Words by which people find documents again: kept with each document, and once more as links for the search."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import cstr
from frappe.utils.typing_validations import parsed


class Tag(Document):
    """A word that documents are tagged with."""


def _of(doctype: str, name: Any) -> list[str]:
    return [tag for tag in cstr(frappe.db.get_value(doctype, name, "_user_tags")).split(",") if tag.strip()]


class DocTags:
    """Tags of the documents of one DocType."""

    def __init__(self, dt: str) -> None:
        self.dt = dt

    def get_tags(self, dn: Any) -> str:
        """Tags of a document, with commas between them."""
        return ",".join(_of(self.dt, dn))

    def add(self, dn: Any, tag: str) -> None:
        """Adds a tag, unless the document has it."""
        tags = _of(self.dt, dn)
        if tag in tags:
            return
        if not frappe.db.exists("Tag", tag):
            frappe.get_doc(doctype="Tag", name=tag).insert(ignore_permissions=True)
        self.update(dn, [*tags, tag])

    def remove(self, dn: Any, tag: str) -> None:
        """Takes a tag away."""
        self.update(dn, [entry for entry in _of(self.dt, dn) if entry.lower() != tag.lower()])

    def remove_all(self, dn: Any) -> None:
        """Takes every tag away."""
        self.update(dn, [])

    def update(self, dn: Any, tags: list[str]) -> None:
        """Writes a document's tags and their links."""
        # The comma before the first tag lets a list find whole words.
        text = "".join(f",{tag}" for tag in tags)
        frappe.db.set_value(self.dt, dn, "_user_tags", text, update_modified=False)
        _link(self.dt, dn, tags)


def _link(doctype: str, name: Any, tags: list[str]) -> None:
    known = set(frappe.get_all("Tag Link", {"document_type": doctype, "document_name": name}, pluck="tag"))
    title = frappe.db.get_value(doctype, name, frappe.get_meta(doctype).get_title_field())
    for tag in tags:
        if tag not in known:
            frappe.get_doc(
                doctype="Tag Link", document_type=doctype, document_name=name, title=title, tag=tag,
                parenttype=doctype, parent=name,
            ).insert(ignore_permissions=True)  # fmt: skip
    for tag in known - set(tags):
        frappe.db.delete("Tag Link", {"document_type": doctype, "document_name": name, "tag": tag})


def delete_tags_for_document(doc: Document) -> None:
    """A document that goes takes its links along."""
    if frappe.db.table_exists("Tag Link"):
        frappe.db.delete("Tag Link", {"document_type": doc.doctype, "document_name": doc.name})


@frappe.whitelist(methods=["POST", "PUT"])
def add_tag(tag: str, dt: str, dn: str | int, color: str | None = None) -> str:
    """Adds a tag to a document that the user may read."""
    frappe.has_permission(dt, "read", dn, throw=True)
    DocTags(dt).add(dn, tag)
    return tag


@frappe.whitelist(methods=["POST", "PUT"])
def add_tags(tags: str | list, dt: str, docs: str | list, color: str | None = None) -> None:
    """Adds tags to several documents."""
    for name in parsed(docs, list, "docs"):
        for tag in parsed(tags, list, "tags"):
            add_tag(tag, dt, name)


@frappe.whitelist(methods=["POST", "PUT", "DELETE"])
def remove_tag(tag: str, dt: str, dn: str | int) -> None:
    """Takes a tag from a document that the user may read."""
    frappe.has_permission(dt, "read", dn, throw=True)
    DocTags(dt).remove(dn, tag)


@frappe.whitelist()
def get_tagged_docs(doctype: str, tag: str) -> list:
    """Documents with a tag that the user may read."""
    frappe.has_permission(doctype, throw=True)
    return frappe.get_list(doctype, filters=[[doctype, "_user_tags", "like", f"%,{tag}%"]], as_list=True)


@frappe.whitelist()
def get_tags(doctype: str, txt: str) -> list[str]:
    """Tags of a DocType's documents that begin with a text."""
    frappe.has_permission(doctype, throw=True)
    found = frappe.get_all("Tag Link", {"document_type": doctype, "tag": ["like", f"%{txt}%"]}, pluck="tag")
    return sorted(set(found), key=str.lower)


@frappe.whitelist()
def get_documents_for_tag(tag: str) -> list[dict]:
    """Documents of every kind with a tag, those that the user may read."""
    fields = ["document_type", "document_name", "title"]
    rows = frappe.get_all("Tag Link", {"tag": tag}, fields)
    return [
        {"doctype": row.document_type, "name": row.document_name, "content": row.title}
        for row in rows
        if frappe.has_permission(row.document_type, "read", row.document_name)
    ]
