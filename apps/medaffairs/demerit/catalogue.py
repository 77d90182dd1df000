"""Versions of the negative list: drafted, put in force, retired. What records refer to does not change."""

import frappe
from frappe.utils import getdate, nowdate

ITEM, VERSION = "Negative List Item", "Negative List Version"
COPIED = (
    "item_code",
    "category",
    "behaviour",
    "points",
    "severity",
    "managing_department",
    "basis",
    "certainty",
    "disabled",
)
KEEPER = "Medical Affairs Manager"


@frappe.whitelist(methods=["POST"])
def draft(version_name: str, source: str = "") -> str:
    """Begins a new version, with the items of another or without any; its name."""
    frappe.only_for(KEEPER)
    doc = frappe.get_doc(doctype=VERSION, version_name=version_name.strip()).insert()
    for row in frappe.get_all(
        ITEM, filters={"version": source or ""}, fields=list(COPIED), limit_page_length=0
    ):
        frappe.get_doc(doctype=ITEM, version=doc.name, **row).insert()
    return doc.name


@frappe.whitelist(methods=["POST"])
def put_in_force(version: str, effective_from: str = "") -> None:
    """Puts a draft in force from a day on, today if none is named; the version before ends the day before.

    :raises frappe.ValidationError: when it is no draft, is empty, or would begin before the one in force
    """
    frappe.only_for(KEEPER)
    doc = frappe.get_doc(VERSION, version, for_update=True)
    if doc.status != "Draft":
        frappe.throw(frappe._("Only a draft can be put in force"))
    if not frappe.db.count(ITEM, {"version": version, "disabled": 0}):
        frappe.throw(frappe._("The version has no items"))
    day = getdate(effective_from or nowdate())
    before = frappe.get_all(VERSION, filters={"status": "In Force"}, fields=["name", "effective_from"])
    for row in before:
        if row.effective_from and getdate(row.effective_from) >= day:
            frappe.throw(frappe._("{0} is in force from {1} on").format(row.name, row.effective_from))
    doc.flags.putting_in_force = True
    doc.update({"status": "In Force", "effective_from": day})
    doc.save()
    for row in before:
        old = frappe.get_doc(VERSION, row.name)
        old.flags.putting_in_force = True
        old.update({"status": "Retired", "effective_to": frappe.utils.add_days(day, -1)})
        old.save()
