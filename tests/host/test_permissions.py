"""Rights from roles, owners, levels, limits, shares: document and list give the same answer."""

import frappe
import pytest
from frappe.permissions import add_user_permission, has_permission
from frappe.share import add_docshare
from host.kit import SELECTOR, email
from host.visits import LINE, VISIT, WARD


def names(**kwargs):
    return set(frappe.get_list(VISIT, pluck="name", **kwargs))


def test_roles_decide(visit, as_user):
    doc = visit()
    as_user("clerk")
    assert doc.has_permission("read") and doc.has_permission("write")
    assert not doc.has_permission("delete") and not doc.has_permission("submit")
    as_user("chief")
    assert doc.has_permission("delete") and doc.has_permission("submit")
    as_user("nobody")
    assert not has_permission(VISIT, "read") and not doc.has_permission("read")
    with pytest.raises(frappe.PermissionError):
        frappe.get_list(VISIT)
    as_user("Guest")
    with pytest.raises(frappe.PermissionError):
        frappe.get_list(VISIT)


def test_owner_sees_his_own(visit, as_user):
    other = visit()
    as_user("own")
    mine = visit(subject="mine")
    assert names() == {mine.name}
    assert mine.has_permission("write") and not other.has_permission("read")


def test_levels_hide_fields(visit, as_user):
    visit(id_no="420101", lines=[{"item": "x", "secret_note": "hush"}])
    as_user("chief")
    assert frappe.get_list(VISIT, fields=["id_no"])[0].id_no == "420101"
    as_user("clerk")
    assert "id_no" not in frappe.get_list(VISIT, fields=["*"])[0]
    assert "id_no" not in frappe.get_list(VISIT, fields=["name", "id_no"])[0]


def test_who_may_only_select_sees_names_and_titles(visit, as_user):
    visit(score=7)
    as_user("selector")
    row = frappe.get_list(VISIT, fields=["*"])[0]
    assert set(row) == {"name", "subject", "status"}


def test_user_permission_limits_rows_and_documents(visit, as_user):
    inside, outside, empty = visit(ward="s1"), visit(ward="medicine"), visit()
    beside = visit(ward="s1", second_ward="medicine")
    add_user_permission(WARD, "surgery", email("clerk"))
    as_user("clerk")
    assert names() == {inside.name, empty.name, beside.name}
    assert inside.has_permission("read") and not outside.has_permission("read")
    assert set(frappe.get_list(WARD, pluck="name")) == {"surgery", "s1", "s2"}


def test_limit_without_descendants_and_for_one_doctype(visit, as_user):
    child, top = visit(ward="s1"), visit(ward="surgery")
    add_user_permission(WARD, "surgery", email("clerk"), hide_descendants=1, applicable_for=VISIT)
    as_user("clerk")
    assert names() == {top.name} and not child.has_permission("read")
    assert len(frappe.get_list(WARD)) == 5


def test_strict_limits_exclude_empty_links(visit, as_user):
    visit()
    inside = visit(ward="s1")
    add_user_permission(WARD, "s1", email("clerk"))
    settings = frappe.get_doc("System Settings")
    settings.apply_strict_user_permissions = 1
    settings.flags.ignore_mandatory = True
    settings.save()
    frappe.clear_cache()
    as_user("clerk")
    assert names() == {inside.name}


def test_shares_widen(visit, as_user):
    shared, other = visit(), visit()
    add_docshare(VISIT, shared.name, email("nobody"), write=1)
    as_user("nobody")
    assert names() == {shared.name}
    assert shared.has_permission("write") and not other.has_permission("read")
    as_user("own")
    assert names() == set()
    as_user("Administrator")
    add_docshare(VISIT, other.name, everyone=1)
    as_user("own")
    assert names() == {other.name} and not other.has_permission("write")


def test_child_rows_follow_their_parent(visit, as_user):
    visit(lines=[{"item": "x"}])
    as_user("clerk")
    assert frappe.get_list(LINE, fields=["item"], parent_doctype=VISIT)[0].item == "x"
    with pytest.raises(frappe.PermissionError):
        frappe.get_list(LINE, fields=["item"])
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        frappe.get_list(LINE, fields=["item"], parent_doctype=VISIT)


def test_custom_rules_replace_the_delivered_ones(visit, as_user):
    from frappe.permissions import reset_perms, update_permission_property

    doc = visit()
    update_permission_property(VISIT, SELECTOR, 0, "read", 1)
    as_user("selector")
    assert frappe.get_doc(VISIT, doc.name).has_permission("read") is True
    as_user("Administrator")
    reset_perms(VISIT)
    frappe.clear_cache(doctype=VISIT)
    as_user("selector")
    assert not frappe.get_doc(VISIT, doc.name).has_permission("read")
