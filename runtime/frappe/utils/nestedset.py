"""Trees of documents, kept as nested sets: a node's descendants are those whose `lft` lies inside its own."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.names import identifier
from frappe.model.document import Document
from frappe.utils import cint


class NestedSetRecursionError(frappe.ValidationError):
    """A node cannot stand below itself."""


class NestedSetMultipleRootsError(frappe.ValidationError):
    """A tree has one root only."""


class NestedSetChildExistsError(frappe.ValidationError):
    """A node with children cannot be deleted."""


class NestedSetInvalidMergeError(frappe.ValidationError):
    """A group and a leaf cannot be merged."""


class NestedSet(Document):
    """A document with a place in a tree."""

    def __setup__(self) -> None:
        field = self.meta.get("nsm_parent_field")
        if field:
            self.nsm_parent_field = field

    @property
    def _parent_field(self) -> str:
        return self.meta.get("nsm_parent_field") or f"parent_{frappe.scrub(self.doctype)}"

    def on_update(self) -> None:
        """Puts the node where it belongs."""
        update_nsm(self)
        self.validate_ledger()

    def on_trash(self, allow_root_deletion: bool = False) -> None:
        """Takes the node out of the tree.

        :raises NestedSetChildExistsError: while it has children
        """
        if frappe.db.exists(self.doctype, {self._parent_field: self.name}):
            frappe.throw(
                frappe._("Cannot delete {0} as it has child nodes").format(self.name),
                NestedSetChildExistsError,
            )
        self.set(self._parent_field, "")
        update_nsm(self)

    def validate_ledger(self, group_identifier: str = "is_group") -> None:
        """A node with children is a group."""
        if not self.meta.has_field(group_identifier) or cint(self.get(group_identifier)):
            return
        if frappe.db.exists(self.doctype, {self._parent_field: self.name, "docstatus": ("!=", 2)}):
            frappe.throw(
                frappe._("{0} {1} cannot be a leaf node as it has children").format(
                    frappe._(self.doctype), self.name
                )
            )

    def after_rename(self, olddn: str, newdn: str, merge: bool = False) -> None:
        """Children follow the new name."""
        if merge:
            rebuild_tree(self.doctype)

    def get_children(self) -> Any:
        """The nodes directly below."""
        for name in frappe.get_all(self.doctype, filters={self._parent_field: self.name}, pluck="name"):
            yield frappe.get_doc(self.doctype, name)

    def get_ancestors(self) -> list[str]:
        """The nodes above, the nearest first."""
        return get_ancestors_of(self.doctype, self.name)

    def get_parent(self) -> Document | None:
        """The node above."""
        parent = self.get(self._parent_field)
        return frappe.get_doc(self.doctype, parent) if parent else None


def _parent_field(doctype: str) -> str:
    return frappe.get_meta(doctype).get("nsm_parent_field") or f"parent_{frappe.scrub(doctype)}"


def update_nsm(doc: Any) -> None:
    """Brings the sets of a tree into line with a node's parent.

    :raises NestedSetRecursionError: for a node below itself
    """
    field = doc.meta.get("nsm_parent_field") or f"parent_{frappe.scrub(doc.doctype)}"
    parent = doc.get(field) or ""
    stored = frappe.db.get_value(doc.doctype, doc.name, ["lft", "rgt", "old_parent"], as_dict=True)
    if stored and cint(stored.rgt) and (stored.old_parent or "") == parent:
        return
    if parent and stored and cint(stored.rgt):
        above = frappe.db.get_value(doc.doctype, parent, ["lft", "rgt"])
        if parent == doc.name or (above and stored.lft <= above[0] and above[1] <= stored.rgt):
            frappe.throw(frappe._("Item cannot be added to its own descendants"), NestedSetRecursionError)
    frappe.db.set_value(doc.doctype, doc.name, "old_parent", parent, update_modified=False)
    if not stored or not cint(stored.rgt):
        _append(doc, field, parent)
    else:
        rebuild_tree(doc.doctype, field)
    lft, rgt = frappe.db.get_value(doc.doctype, doc.name, ["lft", "rgt"]) or (0, 0)
    doc.__dict__.update(lft=lft, rgt=rgt, old_parent=parent)


def _append(doc: Any, field: str, parent: str) -> None:
    """A new leaf as the last below its parent: two statements instead of a whole tree."""
    table = f"`tab{doc.doctype}`"
    if parent:
        # Locked, so that of two who add below one parent the second sees where the first has put his.
        edge = cint(frappe.db.get_value(doc.doctype, parent, "rgt", for_update=True))
        if not edge:
            rebuild_tree(doc.doctype, field)
            return
        frappe.db.sql(f"update {table} set `rgt` = `rgt` + 2 where `rgt` >= %s", (edge,))
        frappe.db.sql(f"update {table} set `lft` = `lft` + 2 where `lft` > %s", (edge,))
    else:
        last = frappe.db.sql(f"select `rgt` from {table} order by `rgt` desc limit 1 for update")
        edge = cint(last[0][0] if last else 0) + 1
    frappe.db.set_value(doc.doctype, doc.name, {"lft": edge, "rgt": edge + 1}, update_modified=False)


def rebuild_tree(doctype: str, parent_field: str | None = None) -> None:
    """Numbers the whole tree anew."""
    field = parent_field or _parent_field(doctype)
    children: dict[str, list[str]] = {}
    rows = frappe.db.sql(
        f"select `name`, {identifier(field)} from {identifier(f'tab{doctype}')} order by `name` for update"
    )
    for name, parent in rows:
        children.setdefault(parent or "", []).append(name)
    counter, stack = 0, [(name, False) for name in reversed(children.get("", []))]
    starts: dict[str, int] = {}
    while stack:
        name, done = stack.pop()
        counter += 1
        if done:
            frappe.db.sql(
                f"update `tab{doctype}` set `lft` = %s, `rgt` = %s where `name` = %s",
                (starts[name], counter, name),
            )
            continue
        starts[name] = counter
        stack.append((name, True))
        stack.extend((child, False) for child in reversed(children.get(name, [])))


def get_descendants_of(
    doctype: str,
    name: str,
    order_by: str = "lft desc",
    limit: int | None = None,
    ignore_permissions: bool = False,
) -> list[str]:
    """The nodes below one."""
    lft, rgt = frappe.db.get_value(doctype, name, ["lft", "rgt"]) or (0, 0)
    if not rgt or rgt - lft <= 1:
        return []
    return frappe.get_list(
        doctype, filters={"lft": (">", lft), "rgt": ("<", rgt)}, pluck="name", order_by=order_by,
        limit_page_length=limit or 0, ignore_permissions=ignore_permissions,
    )  # fmt: skip


def get_ancestors_of(
    doctype: str, name: str, order_by: str = "lft desc", limit: int | None = None
) -> list[str]:
    """The nodes above one."""
    lft, rgt = frappe.db.get_value(doctype, name, ["lft", "rgt"]) or (0, 0)
    return frappe.get_all(
        doctype,
        filters={"lft": ("<", lft), "rgt": (">", rgt)},
        pluck="name",
        order_by=order_by,
        limit_page_length=limit or 0,
    )


def get_root_of(doctype: str) -> str | None:
    """The first node without a parent."""
    field = _parent_field(doctype)
    return frappe.db.get_value(doctype, {field: ("is", "not set")}, "name", order_by="lft asc")
