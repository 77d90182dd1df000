"""DocTypes for rights, lists and workflows: wards in a tree, visits to them with rows; rules by role, owner and level."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest
from host.kit import ALL_RIGHTS, CHIEF, CLERK, OWN, SELECTOR, field, make_doctype, remove_doctypes, rule

WARD, VISIT, LINE = "Host Ward", "Host Visit", "Host Visit Line"


def make_all() -> None:
    """Every DocType of these tests."""
    make_doctype(
        WARD, autoname="field:code", is_tree=1, nsm_parent_field="parent_host_ward", title_field="ward_name",
        search_fields="ward_name,pinyin", show_title_field_in_link=1,
        fields=[field("code", reqd=1, unique=1), field("ward_name"), field("pinyin"), field("is_group", "Check"),
                field("parent_host_ward", "Link", options=WARD, ignore_user_permissions=1), field("lft", "Int"), field("rgt", "Int"),
                field("old_parent", "Link", options=WARD, ignore_user_permissions=1)],
        permissions=[rule(role, "select", "read") for role in (CHIEF, CLERK, OWN)],
    )  # fmt: skip
    make_doctype(
        LINE, istable=1, permissions=[],
        fields=[field("item"), field("amount", "Float"), field("secret_note", permlevel=1)],
    )  # fmt: skip
    make_doctype(
        VISIT, autoname="hash", is_submittable=1, title_field="subject", search_fields="subject,status",
        fields=[field("subject"), field("status", "Select", options="Open\nClosed\nLate"), field("score", "Int"),
                field("price", "Float"), field("seen_on", "Date"), field("seen_at", "Datetime"),
                field("ward", "Link", options=WARD), field("second_ward", "Link", options=WARD, ignore_user_permissions=1),
                field("id_no", permlevel=1), field("workflow_state", "Link", options="Workflow State", allow_on_submit=1),
                field("lines", "Table", options=LINE)],
        permissions=[rule(CHIEF, *ALL_RIGHTS, "submit", "cancel"), rule(CHIEF, "read", "write", permlevel=1),
                     rule(CLERK, "select", "read", "write", "create", "report"),
                     rule(OWN, "read", "write", "create", if_owner=1), rule(SELECTOR, "select")],
    )  # fmt: skip


@pytest.fixture(scope="module")
def visits_made(connected_site: str):
    """The DocTypes of visits; gone at the end of the file."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    make_all()
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    remove_doctypes([VISIT, LINE, WARD])


@pytest.fixture
def wards(site: str, visits_made: None) -> Iterator[dict[str, str]]:
    """A tree of wards: all → (surgery → (s1, s2)), medicine. What a method has stored by itself goes, too."""
    tree = {"all": None, "surgery": "all", "s1": "surgery", "s2": "surgery", "medicine": "all"}
    for code, parent in tree.items():
        values = {
            "code": code,
            "ward_name": f"Ward {code}",
            "pinyin": f"py{code}",
            "parent_host_ward": parent,
        }
        frappe.get_doc({"doctype": WARD, **values, "is_group": int(code in {"all", "surgery"})}).insert()
    yield tree
    frappe.db.rollback()
    if frappe.db.count(WARD):
        for doctype in (LINE, VISIT, WARD):
            frappe.db.delete(doctype)
        frappe.db.delete("ToDo", {"reference_type": VISIT})
        frappe.db.commit()


@pytest.fixture
def visit(wards: dict) -> Callable:
    """Makes a visit."""

    def make(**values: object):
        doc = frappe.get_doc({"doctype": VISIT, "subject": "a visit", "status": "Open", **values})
        return frappe.get_doc(VISIT, doc.insert(ignore_permissions=True).name)

    return make
