"""Prints."""

from lendery.trace import note


def header(soup=None, head=None, content=None, styles=None, html_id=None, css=None, **kwargs):
    note("pdf_header_html", html_id=html_id)
    return f"<html><body>{content}</body></html>"


def footer(soup=None, head=None, content=None, styles=None, html_id=None, css=None, **kwargs):
    note("pdf_footer_html", html_id=html_id)
    return f"<html><body>{content}</body></html>"


def body(*args, **kwargs):
    note("pdf_body_html", args=[type(arg).__name__ for arg in args], kwargs=sorted(kwargs))
    template, values = kwargs.get("template") or args[0], kwargs.get("args") or args[1]
    return template.render(values, filters={"len": len}) + "<!-- printed by lendery -->"


def template(*args, **kwargs):
    note("get_print_format_template", args=[type(arg).__name__ for arg in args], kwargs=sorted(kwargs))
    return None
