"""Calls of whitelisted methods, by `cmd` or by /api/method."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from werkzeug.wrappers import Response

import frappe
from frappe import _, is_whitelisted
from frappe._whitelist import fitting_kwargs, is_valid_http_method
from frappe.utils import response as answers

#: Levels of a JSON body. Those who write it have deeper ones read, those who answer cannot.
DEEPEST = 100
_dotted = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")


def parse_body(data: bytes) -> dict[str, Any]:
    """The arguments in a JSON body.

    :raises frappe.ValidationError: when it is no JSON object; the message names the position
    """
    try:
        arguments = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        frappe.local.flags.disable_traceback = True
        frappe.throw(_("The body is not valid JSON: {0}").format(str(error)), frappe.DataError)
    if not isinstance(arguments, dict):
        frappe.throw(_("Invalid request arguments"), frappe.DataError)
    if data.count(b"[") + data.count(b"{") > DEEPEST and _is_deep(arguments):
        frappe.throw(_("The request is nested too deeply."), frappe.DataError)
    return arguments


def _is_deep(value: Any) -> bool:
    """Whether there are more levels than an answer could quote."""
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def handle() -> Response:
    """Runs `form_dict.cmd` and answers with `message`."""
    cmd = frappe.local.form_dict.cmd
    data = execute_cmd(cmd) if cmd != "login" else None
    if isinstance(data, Response):
        return data
    if data is not None:
        frappe.local.response["message"] = data
    return answers.build_response()


def execute_cmd(cmd: str, from_async: bool = False) -> Any:
    """Runs a whitelisted method with the arguments of the request.

    :raises frappe.PermissionError: when it is not whitelisted, or not for this HTTP method
    """
    overrides = frappe.get_hooks("override_whitelisted_methods") or {}
    if overrides.get(cmd):
        cmd = overrides[cmd][-1]
    method = get_attr(cmd)
    if method is not run_doc_method:
        is_whitelisted(method)
        check_http_method(method)
    return call(method, frappe.local.form_dict)


def check_http_method(method: Callable) -> None:
    """Refuses an HTTP method that the function does not take.

    :raises frappe.PermissionError: then
    """
    request = frappe.local.request
    if request is not None and not is_valid_http_method(method, request.method):
        frappe.throw(_("Not permitted"), frappe.PermissionError, title=_("Method Not Allowed"))


def get_attr(cmd: str) -> Callable:
    """The function behind a command.

    :raises frappe.ValidationError: when there is none
    """
    if cmd in _COMMANDS:
        return _COMMANDS[cmd]
    if not _dotted.match(cmd or "") or cmd.split(".", 1)[0] not in frappe.get_installed_apps():
        _no_method(cmd)
    try:
        method = frappe.get_attr(cmd)
    except (ImportError, AttributeError) as error:
        if isinstance(error, ImportError) and not cmd.startswith(str(error.name or "\n")):
            raise
        _no_method(cmd)
    if not callable(method):
        _no_method(cmd)
    _check_annotations(method, cmd.split(".", 1)[0])
    return method


def _no_method(cmd: str) -> None:
    frappe.local.flags.disable_traceback = True
    frappe.throw(_("Failed to get method for command {0}").format(frappe.utils.escape_html(str(cmd)[:140])))


def _check_annotations(method: Callable, app: str) -> None:
    if not frappe.get_hooks("require_type_annotated_api_methods", default=[], app_name=app):
        return
    from frappe.utils.typing_validations import require_annotations

    require_annotations(inspect.unwrap(method))


@lru_cache(maxsize=2048)
def _required(method: Callable) -> frozenset[str]:
    parameters = inspect.signature(method).parameters.values()
    return frozenset(
        entry.name
        for entry in parameters
        if entry.default is entry.empty and entry.kind in (entry.POSITIONAL_OR_KEYWORD, entry.KEYWORD_ONLY)
    )


def call(method: Callable, arguments: dict[str, Any], **fixed: Any) -> Any:
    """Calls with those arguments that the function takes.

    :raises frappe.ValidationError: naming the arguments that are missing
    """
    arguments = fitting_kwargs(method, {**arguments, **fixed})
    plain = getattr(method, "__func__", method)
    missing = _required(plain) - arguments.keys() - {"self", "cls"}
    if missing:
        frappe.throw(_("Missing arguments: {0}").format(", ".join(sorted(missing))))
    return method(**arguments)


@frappe.whitelist()
def run_doc_method(
    method: str,
    docs: str | dict | None = None,
    dt: str | None = None,
    dn: str | int | None = None,
    arg: Any = None,
    args: Any = None,
) -> None:
    """Runs a whitelisted method of a document: of a stored one (`dt`, `dn`) or of one that is being edited (`docs`)."""
    if not isinstance(method, str) or method.startswith("_"):
        raise frappe.PermissionError
    doc = frappe.get_doc(dt, dn if dn is not None else dt) if dt else _edited_document(docs)
    if doc.is_new() and not dt:
        doc.check_permission("create")
    else:
        frappe.get_doc(doc.doctype, doc.name).check_permission("read")
    answer = call_document_method(doc, method, _arguments(args if args is not None else arg))
    frappe.local.response.docs.append(doc)
    if isinstance(answer, dict) and answer.get("type") in {"csv", "download"}:
        frappe.local.response.update(answer)
        return
    frappe.local.response["message"] = answer


def _edited_document(docs: Any) -> Any:
    if docs is None:
        frappe.throw(_("Missing arguments: {0}").format("docs"))
    doc = frappe.get_doc(frappe.parse_json(docs))
    doc._original_modified = doc.modified
    if not doc.is_new():
        doc.check_if_latest()
    return doc


def _arguments(args: Any) -> Any:
    if isinstance(args, str):
        try:
            return orjson.loads(args)
        except orjson.JSONDecodeError:
            return args
    return args


def call_document_method(doc: Any, method: str, args: Any = None) -> Any:
    """Runs a document's whitelisted method.

    :raises frappe.PermissionError: when it is not whitelisted
    """
    bound = getattr(doc, method, None)
    if not callable(bound):
        frappe.throw(_("Method {0} not found").format(frappe.utils.escape_html(method)))
    is_whitelisted(bound)
    check_http_method(bound)
    if isinstance(args, dict):
        return call(bound, args)
    names = list(inspect.signature(bound).parameters)
    return bound() if args in (None, "") or not names else bound(args)


@frappe.whitelist(allow_guest=True)
def logout() -> None:
    """Ends the session."""
    frappe.local.login_manager.logout()
    frappe.local.flags.commit = True


@frappe.whitelist(allow_guest=True)
def web_logout() -> None:
    """Ends the session and shows a page."""
    logout()
    frappe.local.response.update({"type": "redirect", "location": "/login"})


@frappe.whitelist(allow_guest=True, methods=["POST"])
def upload_file() -> Any:
    """Stores the uploaded file as a File document; see `frappe.core.api.upload`."""
    from frappe.core.api.upload import receive

    return receive()


_COMMANDS: dict[str, Callable] = {
    "ping": frappe.ping,
    "logout": logout,
    "web_logout": web_logout,
    "upload_file": upload_file,
    "run_doc_method": run_doc_method,
    "runserverobj": run_doc_method,
}
