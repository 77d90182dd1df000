"""Sign-in, requests, jobs."""

import frappe

from lendery.trace import note


def boot_session(bootinfo):
    bootinfo.lendery_boot_session = frappe.session.user


def extend_bootinfo(bootinfo):
    bootinfo.lendery = {"items": frappe.db.count("Lending Item")}


def on_login(login_manager):
    note("on_login", user=login_manager.user, session=frappe.session.user)


def on_session_creation(login_manager):
    note("on_session_creation", user=login_manager.user, session=frappe.session.user)


def on_logout(login_manager):
    note("on_logout", user=frappe.session.user)


def authenticate():
    """Takes a library card's number in place of a password."""
    header = frappe.get_request_header("Authorization", "").split(" ")
    if header[0].lower() != "card":
        return
    user = frappe.db.get_value("Lending Member", {"card_no": header[1], "blocked": 0}, "user")
    if user:
        frappe.set_user(user)


def before_request():
    note("before_request", path=frappe.request.path, user=frappe.session.user)
    if frappe.get_request_header("X-Lendery-Closed"):
        frappe.throw("The library is closed", frappe.PermissionError)


def after_request(response=None, request=None):
    if response is not None:
        response.headers["X-Lendery"] = f"{request.method} {response.status_code}"


def before_job(method=None, kwargs=None, transaction_type=None):
    note("before_job", method=str(method), kwargs=kwargs, kind=transaction_type)


def after_job(method=None, kwargs=None, result=None):
    note("after_job", method=str(method), kwargs=kwargs, result=result)


def clear_cache():
    note("clear_cache")


def notification_config():
    return {
        "for_doctype": {
            "Lending Loan": {"docstatus": 0},
            "Lending Suggestion": "lendery.session.open_suggestions",
        }
    }


def open_suggestions():
    return 7
