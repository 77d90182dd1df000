"""From installation to removal."""

import frappe

from lendery.trace import note


def before_install():
    note("before_install", has_doctype=bool(frappe.db.exists("DocType", "Lending Item")))


def after_install():
    note("after_install", has_doctype=bool(frappe.db.exists("DocType", "Lending Item")), fixtures=_fixtures())
    for name, parent, group in (("All", None, 1), ("Fiction", "All", 0), ("Science", "All", 0)):
        frappe.get_doc(
            doctype="Lending Shelf", shelf_name=name, parent_lending_shelf=parent, is_group=group
        ).insert(ignore_permissions=True)


def _fixtures():
    return bool(frappe.db.exists("Role", "Lending Clerk") and frappe.db.exists("Lending Fee Class", "Film"))


def after_sync():
    note("after_sync", fixtures=_fixtures())


def before_uninstall():
    note("before_uninstall", has_doctype=bool(frappe.db.exists("DocType", "Lending Item")))


def after_uninstall():
    note("after_uninstall", has_doctype=bool(frappe.db.exists("DocType", "Lending Item")))


def before_app_install(app):
    note("before_app_install", app=app)


def after_app_install(app):
    note("after_app_install", app=app)


def before_app_uninstall(app):
    note("before_app_uninstall", app=app)


def after_app_uninstall(app):
    note("after_app_uninstall", app=app)


def before_migrate():
    note("before_migrate", in_migrate=bool(frappe.flags.in_migrate))


def after_migrate():
    note("after_migrate", in_migrate=bool(frappe.flags.in_migrate))


def before_tests():
    note("before_tests", in_test=bool(frappe.flags.in_test))
