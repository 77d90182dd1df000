"""Templates of apps, and short templates that administrators write, in a sandbox."""

from __future__ import annotations

import os
import re
import secrets
from typing import Any

import frappe

_SCRIPT = re.compile(r"<script(?![^>]*\bnonce=)(\s|>)", re.IGNORECASE)


def get_jenv() -> Any:
    """The site's environment: templates of the installed apps, the apps' methods and filters."""
    if frappe.local.jenv is None:
        frappe.local.jenv = _make()
    return frappe.local.jenv


def _make() -> Any:
    from jinja2 import DebugUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from frappe.utils.safe_exec import MOST_PARTS, is_small_power

    class Sandbox(ImmutableSandboxedEnvironment):
        """Multiplying makes nothing huge: a text of 10**9 characters is memory that others need."""

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" and not is_small_power(left, right):
                raise OverflowError("the power is too large")
            for text, number in ((left, right), (right, left)):
                if (
                    isinstance(text, str | list | tuple)
                    and isinstance(number, int)
                    and len(text) * number > MOST_PARTS
                ):
                    raise OverflowError("the text is too long")
            return super().call_binop(context, operator, left, right)

    environment = Sandbox(loader=get_jloader(), undefined=DebugUndefined, autoescape=True)
    from frappe.website.assets import include_script, include_style

    environment.globals.update(
        _=frappe._, frappe=_public(), resolve_class=frappe.utils.resolve_class, include_script=include_script,
        include_style=include_style, csp_nonce=csp_nonce,
    )  # fmt: skip
    environment.filters.update(json=frappe.as_json, len=len, int=frappe.utils.cint, str=frappe.utils.cstr,
                               flt=frappe.utils.flt, markdown=frappe.utils.markdown)  # fmt: skip
    hooks = frappe.get_hooks("jinja") or {}
    for path in hooks.get("methods", []):
        environment.globals |= _functions(path)
    for path in hooks.get("filters", []):
        environment.filters |= _functions(path)
    return environment


def _functions(path: str) -> dict[str, Any]:
    try:
        found = frappe.get_attr(path)
    except AttributeError:
        found = frappe.get_module(path)
    if callable(found):
        return {found.__name__: found}
    return {
        name: value for name, value in vars(found).items() if callable(value) and not name.startswith("_")
    }


def _public() -> Any:
    """The part of the framework that a template may use: reading with the user's rights, wording, no writing."""
    utils = frappe.utils
    return frappe._dict(
        _=frappe._, get_doc=_readable, get_list=frappe.get_list, get_all=frappe.get_all, get_meta=frappe.get_meta, format=frappe.format_value,
        format_value=frappe.format_value, format_date=utils.format_date, session=frappe._dict(user=frappe.session.user),
        form_dict=frappe._dict(frappe.local.form_dict or {}), get_system_settings=frappe.get_system_settings,
        get_fullname=utils.get_fullname, render_template=frappe.render_template,
        db=frappe._dict(
            get_value=frappe.db.get_value, get_single_value=frappe.db.get_single_value, count=frappe.db.count,
            exists=frappe.db.exists, get_default=frappe.db.get_default,
        ),
        get_url=utils.get_url, bold=frappe.bold, full_name=utils.get_fullname(), lang=frappe.local.lang,
        utils=frappe._dict(
            nowdate=utils.nowdate, now=utils.now, format_date=utils.format_date, format_datetime=utils.format_datetime,
            format_time=utils.format_time, fmt_money=utils.fmt_money, cint=utils.cint, flt=utils.flt, cstr=utils.cstr,
            get_url=utils.get_url, escape_html=utils.escape_html, add_days=utils.add_days, getdate=utils.getdate,
            strip_html=utils.strip_html, formatdate=utils.formatdate, date_diff=utils.date_diff,
        ),
    )  # fmt: skip


def _readable(doctype: str, name: Any = None) -> Any:
    doc = frappe.get_doc(doctype, name if name is not None else doctype)
    doc.check_permission("read")
    return doc


def get_jloader() -> Any:
    """Finds templates by `<app>/…`, or `templates/…` in any app."""
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

    folders = {app: frappe.get_app_path(app) for app in reversed(frappe.get_installed_apps())}
    prefixed = PrefixLoader({app: FileSystemLoader(folder) for app, folder in folders.items()})
    return _with_nonces(ChoiceLoader([prefixed, *(FileSystemLoader(folder) for folder in folders.values())]))


def _with_nonces(loader: Any) -> Any:
    """Scripts that stand in an app's template carry the page's nonce, so that the content policy lets them run.

    The mark is put into the template, never into what a template has printed: a script in somebody's text stays dead.
    """
    from jinja2 import FunctionLoader, TemplateNotFound

    def load(name: str) -> Any:
        try:
            source, filename, uptodate = loader.get_source(None, name)
        except TemplateNotFound:
            return None
        if name.endswith((".html", ".md")):
            source = _SCRIPT.sub(r'<script nonce="{{ csp_nonce() }}"\1', source)
        return source, filename, uptodate

    return FunctionLoader(load)


def csp_nonce() -> str:
    """The word of this answer by which its content policy knows the scripts of templates."""
    flags = frappe.local.flags
    if not flags.csp_nonce:
        flags.csp_nonce = secrets.token_urlsafe(16)
    return flags.csp_nonce


def get_template(path: str) -> Any:
    """A template of an app."""
    return get_jenv().get_template(path)


def validate_template(html: str) -> None:
    """Refuse a text that is no template.

    :raises frappe.ValidationError: naming the line
    """
    from jinja2 import TemplateSyntaxError

    try:
        get_jenv().from_string(html or "")
    except TemplateSyntaxError as error:
        frappe.throw(
            frappe._("Syntax error in template as line {0}: {1}").format(error.lineno, error.message)
        )


def render_template(
    template: str, context: dict | None = None, is_path: bool | None = None, safe_render: bool = True
) -> str:
    """A template's text; given by its path when it ends like a file.

    :raises frappe.ValidationError: for a template that reaches for something private
    """
    if not template:
        return ""
    if is_path or _is_path(template):
        return get_jenv().get_template(template).render(context or {})
    if safe_render and "__" in template:
        frappe.throw(frappe._("Illegal template"))
    return get_jenv().from_string(template).render(context or {})


def _is_path(text: str) -> bool:
    return (
        "\n" not in text and "{" not in text and os.path.splitext(text)[1] in {".html", ".md", ".txt", ".xml"}
    )
