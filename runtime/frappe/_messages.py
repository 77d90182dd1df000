"""Messages and errors that reach the user."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from frappe import exceptions
from frappe._context import local
from frappe.types.frappedict import _dict


def msgprint(
    msg: Any,
    title: str | None = None,
    raise_exception: bool | type[Exception] | Exception = False,
    as_table: bool = False,
    as_list: bool = False,
    indicator: str | None = None,
    alert: bool = False,
    primary_action: dict | str | None = None,
    is_minimizable: bool = False,
    wide: bool = False,
    *,
    realtime: bool = False,
) -> None:
    """Show a message to the user with the answer of this request, and raise when told to.

    :param as_table: `msg` is a list of rows
    :param as_list: `msg` is a list of texts
    """
    text = _as_text(msg, as_table, as_list)
    if local.flags.mute_messages:
        _raise(raise_exception, text)
        return
    message = _dict(message=text, title=title or _default_title(raise_exception))
    if indicator or raise_exception:
        message.indicator = indicator or "red"
    if raise_exception:
        message.raise_exception = 1
    if as_table:
        message.as_table = True
    if as_list:
        message.as_list = True
    if alert:
        message.alert = 1
    if primary_action:
        message.primary_action = primary_action
    if is_minimizable:
        message.is_minimizable = True
    if wide:
        message.wide = True
    message["__frappe_exc_id"] = None
    if raise_exception:
        exception = _exception(raise_exception, text)
        message["__frappe_exc_id"] = exception.__frappe_exc_id = _exception_id()
        local.message_log.append(message)
        raise exception
    message.pop("__frappe_exc_id")
    local.message_log.append(message)
    if realtime:
        from frappe import publish_realtime

        publish_realtime("msgprint", message=message, user=local.session.user)


def _default_title(raise_exception: Any) -> str:
    return getattr(raise_exception, "title", None) or "Message"


def _as_text(msg: Any, as_table: bool, as_list: bool) -> Any:
    if as_table and isinstance(msg, (list, tuple)):
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in msg)
        return f'<table border="1px" style="border-collapse: collapse" cellpadding="2px">{rows}</table>'
    if isinstance(msg, (list, tuple)):
        return list(msg) if as_list and len(msg) > 1 else (msg[0] if len(msg) == 1 else list(msg))
    return msg


def _exception_id() -> str:
    import secrets

    return secrets.token_hex(8)


def _exception(raise_exception: Any, text: Any) -> Exception:
    text = text if isinstance(text, str) else json.dumps(text, default=str, ensure_ascii=False)
    if isinstance(raise_exception, Exception):
        return raise_exception
    if isinstance(raise_exception, type) and issubclass(raise_exception, Exception):
        return raise_exception(text)
    return exceptions.ValidationError(text)


def _raise(raise_exception: Any, text: Any) -> None:
    if raise_exception:
        raise _exception(raise_exception, text)


def throw(
    msg: Any,
    exc: type[Exception] | Exception = exceptions.ValidationError,
    title: str | None = None,
    is_minimizable: bool = False,
    wide: bool = False,
    as_list: bool = False,
    primary_action: dict | str | None = None,
) -> NoReturn:
    """Tell the user what is wrong and stop.

    :raises exc: always
    """
    msgprint(
        msg,
        raise_exception=exc,
        title=title,
        indicator="red",
        is_minimizable=is_minimizable,
        wide=wide,
        as_list=as_list,
        primary_action=primary_action,
    )
    raise exceptions.ValidationError(msg)


def clear_messages() -> None:
    """Forget the messages so far."""
    local.message_log = []


def get_message_log() -> list[_dict]:
    """Messages so far, oldest first."""
    return [_dict(message) for message in local.message_log]


def clear_last_message() -> None:
    """Forget the newest message, e.g. of an error that was handled."""
    if local.message_log:
        local.message_log = local.message_log[:-1]


def errprint(msg: str) -> None:
    """Add to the technical details that the answer of a failed request carries."""
    local.error_log.append({"exc": str(msg)})
