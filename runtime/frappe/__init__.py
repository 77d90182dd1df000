"""The public namespace of the framework: re-exports and thin calls, nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from frappe import _apps, _config, _context, _messages, _whitelist
from frappe._apps import (
    call,
    get_all_apps,
    get_app_path,
    get_app_source_path,
    get_attr,
    get_domains,
    get_file_items,
    get_hooks,
    get_installed_apps,
    get_module,
    get_module_list,
    get_module_path,
    get_pymodule_path,
    get_site_path,
    scrub,
    unscrub,
)
from frappe._context import Local, LocalProxy, connect, destroy, init, local, set_user
from frappe._documents import (
    clear_document_cache,
    copy_doc,
    delete_doc,
    delete_doc_if_exists,
    get_all,
    get_cached_doc,
    get_cached_value,
    get_desk_link,
    get_doc,
    get_document_cache_key,
    get_last_doc,
    get_lazy_doc,
    get_list,
    get_meta,
    get_meta_module,
    get_precision,
    get_single,
    get_single_value,
    get_system_settings,
    get_test_records,
    get_value,
    is_table,
    make_property_setter,
    new_doc,
    reload_doc,
    reload_doctype,
    rename_doc,
    set_value,
)
from frappe._messages import (
    clear_last_message,
    clear_messages,
    errprint,
    get_message_log,
    msgprint,
    throw,
)
from frappe._whitelist import is_whitelisted, whitelist
from frappe.exceptions import *  # noqa: F403
from frappe.exceptions import DoesNotExistError, PermissionError, ValidationError
from frappe.types import _dict

if TYPE_CHECKING:
    from frappe.database.database import Database

__version__ = "15.121.0"
__title__ = "Frappe Framework"
STANDARD_USERS = ("Guest", "Administrator")

db: Database = local("db")
qb = local("qb")
conf = local("conf")
form = form_dict = local("form_dict")
request = local("request")
job = local("job")
response = local("response")
session = local("session")
user = local("user")
flags = local("flags")
error_log = local("error_log")
debug_log = local("debug_log")
message_log = local("message_log")
lang = local("lang")
whitelisted = _whitelist.whitelisted
guest_methods = _whitelist.guest_methods
xss_safe_methods = _whitelist.xss_safe_methods
allowed_http_methods_for_whitelisted_func = _whitelist.allowed_http_methods_for_whitelisted_func
get_conf = _config.get_site_config
read_only = lambda: lambda function: function  # noqa: E731


def __getattr__(name: str) -> Any:
    """What is heavy or not always needed is imported when it is first asked for."""
    import importlib

    if name == "cache":
        from frappe.utils.redis_wrapper import cache

        globals()["cache"] = cache
        return cache
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return importlib.import_module(f"frappe.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"frappe.{name}":
            raise AttributeError(f"module 'frappe' has no attribute '{name}'") from None
        raise


# -- texts and messages


def _(msg: str, lang: str | None = None, context: str | None = None) -> str:
    """Translate a text into the user's language."""
    from frappe.translate import translate

    return translate(msg, lang, context)


def _lt(msg: str, lang: str | None = None, context: str | None = None) -> Any:
    """A text that is translated when it is shown, for constants of modules."""
    from frappe.translate import LazyTranslate

    return LazyTranslate(msg, lang, context)


def bold(text: str | int | float) -> str:
    """The text in bold type."""
    return f"<strong>{text}</strong>"


def get_traceback(with_context: bool = False) -> str:
    """The traceback of the error that is being handled."""
    from frappe.utils.error import get_traceback

    return get_traceback(with_context=with_context)


def log_error(
    title: str | None = None,
    message: str | None = None,
    reference_doctype: str | None = None,
    reference_name: str | None = None,
    *,
    defer_insert: bool = False,
) -> Any:
    """Keep an error as an Error Log; without a message the current traceback."""
    from frappe.utils.error import log_error

    return log_error(title, message, reference_doctype, reference_name, defer_insert=defer_insert)


def logger(module: str | None = None, with_more_info: bool = False, **kwargs: Any) -> Any:
    """A logger that writes into the site's log folder."""
    from frappe.utils.logger import get_logger

    return get_logger(module=module, with_more_info=with_more_info, **kwargs)


def log(msg: str) -> None:
    """Add to the debug log of the request."""
    local.debug_log.append(str(msg))


def get_lang_dict(fortype: str | None = None, name: str | None = None) -> dict:
    """Translations of the current language."""
    from frappe.translate import get_all_translations

    return get_all_translations(local.lang)


def generate_hash(txt: str | None = None, length: int = 56) -> str:
    """Random hexadecimal digits."""
    return secrets.token_hex((length + 1) // 2)[:length]


def is_setup_complete() -> bool:
    """The set-up assistant is not part of this host; a site is complete when it is installed."""
    return True


# -- users and permissions


def has_permission(
    doctype: str | None = None,
    ptype: str = "read",
    doc: Any = None,
    user: str | None = None,
    throw: bool = False,
    *,
    parent_doctype: str | None = None,
    debug: bool = False,
    ignore_share_permissions: bool = False,
) -> bool:
    """Whether the user may do `ptype` to the DocType or document."""
    from frappe import permissions

    if not doctype and hasattr(doc, "doctype"):
        doctype = doc.doctype
    allowed = permissions.has_permission(
        doctype, ptype, doc=doc, user=user, print_logs=throw, parent_doctype=parent_doctype, debug=debug,
        ignore_share_permissions=ignore_share_permissions,
    )  # fmt: skip
    if throw and not allowed:
        from frappe.permissions import throw_permission_error

        throw_permission_error(doctype, ptype, doc)
    return bool(allowed)


def only_for(roles: str | list | tuple, message: bool = False) -> None:
    """Refuse users who have none of the roles.

    :raises frappe.PermissionError: when the user has none
    """
    if local.flags.in_test or local.session.user == "Administrator":
        return
    wanted = {roles} if isinstance(roles, str) else set(roles)
    if wanted.isdisjoint(get_roles()):
        if message:
            names = ", ".join(bold(_(role)) for role in sorted(wanted))
            throw(_("This action is only allowed for {}").format(names), PermissionError, _("Not Permitted"))
        raise PermissionError


def get_roles(username: str | None = None) -> list[str]:
    """Roles of a user, the current one by default."""
    if not local.session or not local.session.user:
        return ["Guest"]
    from frappe import permissions

    return permissions.get_roles(username or local.session.user)


def get_user() -> Any:
    """The current user's permissions in one object."""
    from frappe.utils.user import UserPermissions

    return UserPermissions(local.session.user)


def has_website_permission(
    doc: Any = None, ptype: str = "read", user: str | None = None, **kwargs: Any
) -> bool:
    """Whether the user may see the document on the website."""
    from frappe.website.permissions import has_website_permission

    return has_website_permission(doc, ptype, user, **kwargs)


@whitelist(allow_guest=True)
def ping() -> str:
    """Says that the server is there."""
    return "pong"


# -- jobs, messages to others, rendering


def enqueue(*args: Any, **kwargs: Any) -> Any:
    """Run a function in the background."""
    from frappe.utils.background_jobs import enqueue

    return enqueue(*args, **kwargs)


def enqueue_doc(*args: Any, **kwargs: Any) -> Any:
    """Run a document's method in the background."""
    from frappe.utils.background_jobs import enqueue_doc

    return enqueue_doc(*args, **kwargs)


def publish_progress(*args: Any, **kwargs: Any) -> None:
    """Show the progress of a long action."""
    from frappe.realtime import publish_progress

    publish_progress(*args, **kwargs)


def publish_realtime(*args: Any, **kwargs: Any) -> None:
    """Tell open pages about something."""
    from frappe.realtime import publish_realtime

    publish_realtime(*args, **kwargs)


def sendmail(*args: Any, **kwargs: Any) -> Any:
    """Queue an e-mail."""
    from frappe.email.queue import sendmail

    return sendmail(*args, **kwargs)


def render_template(
    template: str, context: dict | None = None, is_path: bool | None = None, safe_render: bool = True
):
    """Render a Jinja template, given as path or text."""
    from frappe.utils.jinja import render_template

    return render_template(template, context or {}, is_path=is_path, safe_render=safe_render)


def get_template(path: str) -> Any:
    """A Jinja template of an app."""
    from frappe.utils.jinja import get_template

    return get_template(path)


def get_jenv() -> Any:
    """The Jinja environment of the site."""
    from frappe.utils.jinja import get_jenv

    return get_jenv()


def get_print(*args: Any, **kwargs: Any) -> Any:
    """A document as HTML or PDF."""
    from frappe.utils.print_utils import get_print

    return get_print(*args, **kwargs)


def attach_print(*args: Any, **kwargs: Any) -> dict:
    """A document's print as an attachment of an e-mail."""
    from frappe.utils.print_utils import attach_print

    return attach_print(*args, **kwargs)


def format_value(*args: Any, **kwargs: Any) -> str:
    """A value as a user reads it."""
    from frappe.utils.formatters import format_value

    return format_value(*args, **kwargs)


format = format_value


def as_json(obj: Any, indent: int = 1, separators: tuple | None = None, ensure_ascii: bool = True) -> str:
    """JSON with dates, documents and sets in it."""
    from frappe.utils.json_encoding import as_json

    return as_json(obj, indent=indent, separators=separators, ensure_ascii=ensure_ascii)


def parse_json(val: Any) -> Any:
    """What a JSON text holds; anything else is returned as it is, dicts with attribute access."""
    from frappe.utils.json_encoding import parse_json

    return parse_json(val)


def safe_eval(code: str, eval_globals: dict | None = None, eval_locals: dict | None = None) -> Any:
    """Evaluate an expression that a configuration holds, without access to anything dangerous."""
    from frappe.utils.safe_exec import safe_eval

    return safe_eval(code, eval_globals, eval_locals)


def safe_encode(param: Any, encoding: str = "utf-8") -> Any:
    """Text as bytes."""
    return param.encode(encoding) if isinstance(param, str) else param


def safe_decode(param: Any, encoding: str = "utf-8") -> Any:
    """Bytes as text."""
    return param.decode(encoding) if isinstance(param, bytes) else param


def as_unicode(text: Any, encoding: str = "utf-8") -> str:
    """Any value as text."""
    return "" if text is None else safe_decode(text, encoding) if isinstance(text, bytes) else str(text)


def get_request_header(key: str, default: Any = None) -> Any:
    """A header of the request."""
    return local.request.headers.get(key, default) if local.request else default


def respond_as_web_page(*args: Any, **kwargs: Any) -> None:
    """Answer with a page that carries a message."""
    from frappe.website.responses import respond_as_web_page

    respond_as_web_page(*args, **kwargs)


def validate_and_sanitize_search_inputs(function: Callable) -> Callable:
    """Decorator of queries for link fields: checks their arguments."""
    from frappe.desk.search import validate_and_sanitize_search_inputs

    return validate_and_sanitize_search_inputs(function)


def redirect(url: str) -> None:
    """Answer the request with a redirect."""
    local.response["type"] = "redirect"
    local.response["location"] = url


# -- caches and configuration


def clear_cache(user: str | None = None, doctype: str | None = None) -> None:
    """Forget what is cached for a user, for a DocType, or everything."""
    from frappe.cache_manager import clear_cache

    clear_cache(user=user, doctype=doctype)


def get_site_config(sites_path: str | None = None, site_path: str | None = None) -> _dict:
    """The configuration of the current site."""
    return _config.get_site_config(sites_path or local.sites_path, site_path or local.site_path)


def get_common_site_config(sites_path: str | None = None) -> _dict:
    """The configuration that all sites share."""
    return _config.get_common_config(sites_path or local.sites_path)


def read_file(path: str, raise_not_found: bool = False, as_base64: bool = False) -> str | None:
    """The text of a file, None when there is none."""
    import base64
    import os

    if not os.path.exists(path):
        if raise_not_found:
            raise FileNotFoundError(path)
        return None
    with open(path, "rb") as file:
        content = file.read()
    return base64.b64encode(content).decode() if as_base64 else content.decode("utf-8")


def get_file_json(path: str) -> Any:
    """What a JSON file holds."""
    import json

    with open(path, encoding="utf-8") as file:
        return json.load(file)


def get_doc_hooks() -> dict[str, dict[str, list[str]]]:
    """The `doc_events` hooks by DocType and event."""
    from frappe.model.hooks import get_doc_hooks

    return get_doc_hooks()


def are_emails_muted() -> bool:
    """Whether e-mails are neither queued nor sent."""
    return bool(local.flags.mute_emails or local.conf.get("mute_emails"))


def in_test() -> bool:
    """Whether tests are running."""
    return bool(local.flags.in_test)
