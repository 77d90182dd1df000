"""Workspaces: pages that modules bring and people arrange, what each of them sees there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.desk.desktop import get_desktop_page, get_workspace_sidebar_items
from frappe.desk.doctype.workspace import workspace
from host import kit

CASE, CLERK = "Host Shown Case", kit.email("clerk")
PARTS = {"charts", "shortcuts", "cards", "onboardings", "quick_lists", "number_cards", "custom_blocks"}


@pytest.fixture(scope="module")
def cases_made(make_doctype) -> None:
    make_doctype(CASE, [kit.field("subject")])


@pytest.fixture
def pages(site, cases_made) -> Iterator[Callable]:
    """Makes a page as the user of the moment; all of them are gone afterwards."""

    def make(title: str = "Host Page", public: int = 1, **more: object) -> dict:
        user = frappe.session.user
        name = title if public else f"{title}-{user}"
        given = {"title": title, "label": name, "name": name, "public": public, "for_user": "" if public else user,
                 "icon": "folder", "parent_page": "", "content": "[]", **more}  # fmt: skip
        return workspace.new_page(frappe.as_json(given))

    def forget() -> None:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        frappe.db.delete("Workspace", {"name": ["like", "Host %"]})
        frappe.db.commit()
        frappe.clear_cache()

    forget()
    yield make
    forget()


def sidebar() -> dict[str, dict]:
    """Pages of these tests that the user is offered."""
    return {
        page["name"]: page
        for page in get_workspace_sidebar_items()["pages"]
        if page["name"].startswith("Host ")
    }


def shown(name: str) -> dict:
    return get_desktop_page(frappe.as_json({"name": name, "title": name, "public": 1}))


def test_a_public_page_is_offered_to_everybody(pages, as_user):
    made = pages()
    assert (made.name, made.title, made.public) == ("Host Page", "Host Page", 1)
    assert sidebar()["Host Page"]["title"] == "Host Page"
    assert set(shown("Host Page")) == PARTS
    as_user("clerk")
    assert "Host Page" in sidebar()


def test_titles_are_taken_once(pages):
    pages()
    with pytest.raises(frappe.DuplicateEntryError):
        pages()


def test_blocks_and_shortcuts_are_saved(pages, as_user):
    pages()
    blocks = [
        {"id": "a", "type": "header", "data": {"text": "Hello"}},
        {"id": "b", "type": "shortcut", "data": {"shortcut_name": "Cases"}},
    ]
    new = {"shortcut": [{"label": "Cases", "type": "DocType", "link_to": CASE, "doc_view": "List"}]}
    answer = workspace.save_page("Host Page", 1, frappe.as_json(new), frappe.as_json(blocks))
    assert answer["name"] == "Host Page"
    assert frappe.parse_json(frappe.db.get_value("Workspace", "Host Page", "content")) == blocks
    assert [row["link_to"] for row in shown("Host Page")["shortcuts"]["items"]] == [CASE]
    as_user("clerk")
    assert [row["link_to"] for row in shown("Host Page")["shortcuts"]["items"]] == [CASE]
    as_user("nobody")
    assert shown("Host Page")["shortcuts"]["items"] == []


def test_another_title(pages):
    pages()
    answer = workspace.update_page("Host Page", "Host Better Page", "star", "green", "", 1)
    assert answer["name"] == "Host Better Page" and set(sidebar()) == {"Host Better Page"}
    assert frappe.db.get_value("Workspace", "Host Better Page", ["title", "icon"]) == (
        "Host Better Page",
        "star",
    )


def test_hidden_and_back(pages, as_user):
    pages()
    assert workspace.hide_page("Host Page")
    assert frappe.db.get_value("Workspace", "Host Page", "is_hidden") == 1
    as_user("clerk")
    assert "Host Page" not in sidebar()
    as_user("Administrator")
    assert workspace.unhide_page("Host Page")
    as_user("clerk")
    assert "Host Page" in sidebar()


def test_a_copy(pages):
    pages(content='[{"id": "a", "type": "header", "data": {"text": "Hello"}}]')
    given = {"title": "Host Copied Page", "icon": "x", "parent": "", "is_public": 1}
    copy = workspace.duplicate_page("Host Page", frappe.as_json(given))
    assert (
        copy.name == "Host Copied Page"
        and "Hello" in copy.content
        and set(sidebar()) == {"Host Page", "Host Copied Page"}
    )


def test_the_order_of_pages(pages):
    pages("Host Page")
    pages("Host Second Page")
    titles = [{"title": "Host Second Page"}, {"title": "Host Page"}]
    assert workspace.sort_pages(frappe.as_json(titles), "[]")
    assert list(sidebar()) == ["Host Second Page", "Host Page"]


def test_a_page_goes(pages):
    pages()
    page = {"name": "Host Page", "title": "Host Page", "public": 1}
    assert workspace.delete_page(frappe.as_json(page))["name"] == "Host Page"
    assert sidebar() == {} and workspace.delete_page(frappe.as_json(page))["name"] == "Host Page"


def test_ones_own_pages(pages, as_user):
    as_user("clerk")
    made = pages("Host Mine", public=0)
    assert (made.name, made.for_user) == (f"Host Mine-{CLERK}", CLERK)
    assert f"Host Mine-{CLERK}" in sidebar()
    as_user("chief")
    assert f"Host Mine-{CLERK}" not in sidebar()
    with pytest.raises(frappe.PermissionError):
        workspace.delete_page(
            frappe.as_json({"name": f"Host Mine-{CLERK}", "title": "Host Mine", "public": 0})
        )
    as_user("clerk")
    workspace.delete_page(frappe.as_json({"name": f"Host Mine-{CLERK}", "title": "Host Mine", "public": 0}))
    assert sidebar() == {}


def test_public_pages_are_arranged_by_their_managers(pages, as_user):
    pages()
    as_user("clerk")
    assert pages("Host Public Of A Clerk") is None
    for refused in (
        lambda: workspace.hide_page("Host Page"),
        lambda: workspace.delete_page(
            frappe.as_json({"name": "Host Page", "title": "Host Page", "public": 1})
        ),
    ):
        with pytest.raises(frappe.PermissionError):
            refused()
    assert "Host Page" in sidebar()


def test_pages_for_a_role(pages, as_user):
    pages()
    page = frappe.get_doc("Workspace", "Host Page")
    page.append("roles", {"role": kit.CHIEF})
    page.save()
    frappe.clear_cache()
    as_user("clerk")
    assert "Host Page" not in sidebar()
    as_user("chief")
    assert "Host Page" in sidebar()
