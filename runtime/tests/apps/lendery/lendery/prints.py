"""Prints."""

import frappe

from lendery.trace import note


def header(soup=None, head=None, content=None, styles=None, html_id=None, css=None, **kwargs):
    note("pdf_header_html", html_id=html_id)
    return f"<html><body>{content}</body></html>"


def footer(soup=None, head=None, content=None, styles=None, html_id=None, css=None, **kwargs):
    note("pdf_footer_html", html_id=html_id)
    return f"<html><body>{content}</body></html>"


def body(jenv=None, template=None, print_format=None, args=None, **kwargs):
    note("pdf_body_html", print_format=print_format and print_format.name)
    return template.render(args, filters={"len": len}) + "<p>printed by lendery</p>"


def template(jenv=None, print_format=None, **kwargs):
    if print_format.name == "Lending Slip" and frappe.flags.short_slip:
        return jenv.from_string("<b>{{ doc.member }}</b>")
    return None
