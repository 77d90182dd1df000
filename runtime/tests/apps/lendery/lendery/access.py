"""Who sees and does what."""

import frappe


def may_see_app():
    return "Lending Clerk" in frappe.get_roles() or frappe.session.user == "Administrator"


def is_clerk(user):
    return user == "Administrator" or "Lending Clerk" in frappe.get_roles(user)


def loans_of(user=None):
    user = user or frappe.session.user
    if is_clerk(user):
        return ""
    return f"`tabLending Loan`.`owner_user` = {frappe.db.escape(user)}"


def may_loan(doc, ptype=None, user=None):
    user = user or frappe.session.user
    if is_clerk(user):
        return True
    return doc.owner_user == user


def may_loan_on_web(doc, ptype=None, user=None, verbose=False):
    return doc.owner_user == (user or frappe.session.user)


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def members_by_name(doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict):
    """Members who are not blocked, by their name; the number of the card stands beside it."""
    member = frappe.qb.DocType("Lending Member")
    query = (
        frappe.qb.from_(member)
        .select(member.name, member.member_name, member.card_no)
        .where((member.blocked == 0) & member.member_name.like(f"%{txt}%"))
        .orderby(member.member_name)
    )
    return query.run()
