"""Workspaces as people arrange them: public ones by Workspace Managers, private ones by everybody for himself."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr
from frappe.utils.typing_validations import parsed

MANAGER = "Workspace Manager"
#: Blocks of a page: the kind, the table of the workspace, what in the block names the row.
_WIDGETS = {
    "shortcut": ("shortcuts", "shortcut_name"),
    "chart": ("charts", "chart_name"),
    "number_card": ("number_cards", "number_card_name"),
    "quick_list": ("quick_lists", "quick_list_name"),
    "custom_block": ("custom_blocks", "custom_block_name"),
}


class Workspace(Document):
    """One page."""

    def validate(self) -> None:
        """Public pages belong to nobody, private ones to their user; blocks are a list.

        :raises frappe.PermissionError: for who may not arrange the page
        """
        if not (frappe.flags.in_install or frappe.flags.in_migrate or self.flags.ignore_permissions):
            _may_arrange(self)
        if not isinstance(frappe.parse_json(self.content or "[]"), list):
            frappe.throw(_("The content of a workspace is a list of blocks"))
        self.for_user = "" if cint(self.public) else self.for_user or frappe.session.user
        if self.is_new() and not self.sequence_id:
            self.sequence_id = last_sequence_id(self) + 1


def last_sequence_id(doc: Any) -> float:
    """The number of the last page beside this one."""
    pages = {"public": cint(doc.public), "for_user": doc.for_user or ""}
    return frappe.db.get_value("Workspace", pages, "sequence_id", order_by="sequence_id desc") or 0


def _may_arrange(page: Any) -> None:
    if cint(page.get("public")):
        if not {MANAGER, "System Manager"} & set(frappe.get_roles()):
            frappe.throw(
                _("Need {0} role to change public workspaces").format(MANAGER), frappe.PermissionError
            )
    elif (page.get("for_user") or frappe.session.user) != frappe.session.user:
        frappe.throw(_("Private workspaces are arranged by their own user alone"), frappe.PermissionError)


def _page(title: str, public: Any) -> Any:
    """A page by its title: a public one, or the user's own."""
    name = title if cint(public) else f"{title}-{frappe.session.user}"
    page = frappe.get_doc("Workspace", name)
    _may_arrange(page)
    return page


def _saved(page: Any) -> dict[str, Any]:
    page.save(ignore_permissions=True)
    return {"name": page.name, "public": page.public, "label": page.label}


@frappe.whitelist(methods=["POST"])
def new_page(new_page: Any) -> dict | None:
    """A new page; nothing happens when somebody who may not asks for a public one."""
    given = parsed(new_page, dict, "new_page")
    if cint(given.get("public")) and not {MANAGER, "System Manager"} & set(frappe.get_roles()):
        return None
    _may_arrange(given)
    page = frappe.new_doc("Workspace")
    for field in ("title", "icon", "indicator_color", "parent_page", "content", "public", "label", "module"):
        page.set(field, given.get(field))
    own = cstr(given.get("title")) if cint(page.public) else f"{given.get('title')}-{frappe.session.user}"
    page.update({"label": page.label or own, "content": page.content or "[]"})
    page.for_user = "" if cint(page.public) else frappe.session.user
    page.name = given.get("name") or own
    return page.insert(ignore_permissions=True, set_name=page.name).as_dict()


@frappe.whitelist(methods=["POST"])
def save_page(title: str, public: Any, new_widgets: Any, blocks: Any) -> dict:
    """The blocks of a page, new rows for them; rows that no block shows any longer go."""
    page = _page(title, public)
    shown = parsed(blocks, list, "blocks")
    page.content = json.dumps(shown, ensure_ascii=False)
    new = parsed(new_widgets or "{}", dict, "new_widgets")
    for kind, (table, name) in _WIDGETS.items():
        wanted = {
            block.get("data", {}).get(name)
            for block in shown
            if isinstance(block, dict) and block.get("type") == kind
        }
        page.set(table, [row for row in page.get(table) or [] if row.label in wanted])
        for row in new.get(kind) or []:
            page.append(
                table, {key: value for key, value in dict(row).items() if key not in {"name", "doctype"}}
            )
    return _saved(page)


@frappe.whitelist(methods=["POST"])
def update_page(name: str, title: str, icon: str, indicator_color: str, parent: str, public: Any) -> dict:
    """Another title, icon or parent of a page; pages below it follow."""
    page = frappe.get_doc("Workspace", name)
    _may_arrange(page)
    before = page.title
    page.update(
        {
            "title": title,
            "icon": icon,
            "indicator_color": indicator_color,
            "parent_page": parent,
            "public": cint(public),
        }
    )
    _may_arrange(page)
    page.for_user = "" if cint(public) else frappe.session.user
    wanted = title if cint(public) else f"{title}-{page.for_user}"
    page.label = wanted
    page.save(ignore_permissions=True)
    if page.name != wanted:
        frappe.rename_doc("Workspace", page.name, wanted, force=True, ignore_permissions=True)
        for child in frappe.get_all(
            "Workspace", {"parent_page": before, "public": cint(public)}, pluck="name"
        ):
            frappe.db.set_value("Workspace", child, "parent_page", title)
    return {"name": wanted, "public": cint(public), "label": wanted}


def _hide(page_name: str, hidden: int) -> bool:
    page = frappe.get_doc("Workspace", page_name)
    _may_arrange(page)
    page.is_hidden = hidden
    page.save(ignore_permissions=True)
    return True


@frappe.whitelist(methods=["POST"])
def hide_page(page_name: str) -> bool:
    """The page is no longer offered."""
    return _hide(page_name, 1)


@frappe.whitelist(methods=["POST"])
def unhide_page(page_name: str) -> bool:
    """The page is offered again."""
    return _hide(page_name, 0)


@frappe.whitelist(methods=["POST"])
def duplicate_page(page_name: str, new_page: Any) -> dict | None:
    """A copy of a page that the user may open, under another title."""
    from frappe.desk.desktop import may_open

    given = parsed(new_page, dict, "new_page")
    page = frappe.get_doc("Workspace", page_name)
    if not may_open(page):
        raise frappe.PermissionError
    copy = frappe.copy_doc(page)
    public = cint(given.get("is_public"))
    name = cstr(given.get("title")) if public else f"{given.get('title')}-{frappe.session.user}"
    copy.update({"title": given.get("title"), "label": name, "icon": given.get("icon"), "parent_page": given.get("parent") or "",
                 "public": public, "for_user": "" if public else frappe.session.user, "module": "", "sequence_id": 0})  # fmt: skip
    _may_arrange(copy)
    return copy.insert(ignore_permissions=True, set_name=name).as_dict()


@frappe.whitelist(methods=["POST"])
def delete_page(page: Any) -> dict | None:
    """Takes a page away; one that is not there is no error."""
    given = parsed(page, dict, "page")
    if not frappe.db.exists("Workspace", given.get("name")):
        # What somebody sends is not sent back to him: it may be nested deeper than an answer can be.
        return {key: cstr(given.get(key))[:140] for key in ("name", "title", "public") if key in given}
    doc = frappe.get_doc("Workspace", given.get("name"))
    _may_arrange(doc)
    frappe.delete_doc("Workspace", doc.name, ignore_permissions=True)
    return {"name": doc.name, "public": doc.public, "title": doc.title}


@frappe.whitelist(methods=["POST"])
def sort_pages(sb_public_items: Any, sb_private_items: Any) -> bool:
    """The order of pages, as they stand in the lists."""
    for items, public in ((sb_public_items, 1), (sb_private_items, 0)):
        for number, item in enumerate(parsed(items or "[]", list, "sb_public_items"), 1):
            title = cstr(parsed(item, dict, "sb_public_items").get("title"))
            name = title if public else f"{title}-{frappe.session.user}"
            if not frappe.db.exists("Workspace", name):
                continue
            page = _page(title, public)
            frappe.db.set_value("Workspace", page.name, "sequence_id", number)
    return True
