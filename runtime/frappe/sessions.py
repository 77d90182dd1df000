"""Sessions: a random number in a cookie stands for who has signed in, in the table `tabSessions`."""

from __future__ import annotations

import datetime
import json
import secrets
from typing import Any

import frappe
from frappe.translate import site_language
from frappe.utils import cint, now_datetime
from frappe.utils.caching import NEWS, learn

#: How seldom an active session is written again.
UPDATE_SECONDS = 600


def expiry_seconds() -> int:
    """How long a session lives without a request, from System Settings (`hh:mm`)."""
    text = frappe.get_system_settings("session_expiry") or "12:00"
    hours, _, minutes = str(text).partition(":")
    return max(cint(hours) * 3600 + cint(minutes) * 60, 60)


class Session:
    """The session of a request."""

    def __init__(self, user: str | None = None, sid: str | None = None, full_name: str = "") -> None:
        self.user = user
        self.data = frappe._dict(data=frappe._dict())
        self._changed = False
        self._last_update: datetime.datetime | None = None
        self.language: str | None = None
        if user and user != "Guest":
            self.start(user)
        elif sid and sid != "Guest":
            self.resume(sid)
        else:
            self.be_guest()

    def start(self, user: str) -> None:
        """A new session under a new number: one that was planted before signing in is worth nothing."""
        sid = secrets.token_hex(28)
        details = {"user": user, "session_ip": frappe.local.request_ip, "csrf_token": frappe.generate_hash(),
                   "last_updated": str(now_datetime()), "lang": frappe.local.lang,
                   "session_seconds": expiry_seconds()}  # fmt: skip
        self.data = frappe._dict(user=user, sid=sid, data=frappe._dict(details))
        frappe.db.sql(
            "insert into `tabSessions` (`user`, `sid`, `sessiondata`, `ipaddress`, `lastupdate`, `status`)"
            " values (%s, %s, %s, %s, %s, 'Active')",
            (user, sid, json.dumps(details), frappe.local.request_ip, now_datetime()),
        )
        frappe.db.set_value(
            "User",
            user,
            {"last_login": now_datetime(), "last_ip": frappe.local.request_ip},
            update_modified=False,
        )
        self._bind()

    def resume(self, sid: str) -> None:
        """The session of a cookie; an unknown or old one makes a guest."""
        rows = frappe.db.sql(
            "select s.`user`, s.`sessiondata`, s.`lastupdate`, u.`enabled`, u.`language`, u.`restrict_ip`,"
            f" {NEWS} from `tabSessions` s left join `tabUser` u on u.`name` = s.`user` where s.`sid` = %s",
            (sid,),
        )
        if rows:
            learn(*rows[0][-2:])
        if not rows or not rows[0][3]:
            self._expired()
            return
        user, text, updated, _, language, addresses, *_ = rows[0]
        details = frappe._dict(json.loads(text or "{}"))
        lifetime = cint(details.session_seconds) or expiry_seconds()
        if updated is None or (now_datetime() - updated).total_seconds() > lifetime:
            delete_session(sid)
            frappe.local.flags.commit = True
            self._expired()
            return
        self._last_update = updated
        self.data = frappe._dict(user=user, sid=sid, data=details)
        self.language = language or site_language()
        self._bind()
        if addresses:
            self._validate_address(user)

    def _validate_address(self, user: str) -> None:
        """A session that has been carried to a foreign address is worth nothing there."""
        from frappe._sign_in import validate_ip_address

        try:
            validate_ip_address(user)
        except frappe.AuthenticationError:
            self.be_guest()
            raise

    def _expired(self) -> None:
        self.be_guest()
        frappe.local.response["session_expired"] = 1

    def be_guest(self) -> None:
        """Nobody has signed in."""
        self.data = frappe._dict(user="Guest", sid="Guest", data=frappe._dict())
        self._bind()

    def _bind(self) -> None:
        frappe.local.session = self.data
        frappe.local.user = self.data.user
        frappe.local.session_obj = self

    def update(self, force: bool = False) -> bool:
        """Notes that the session is in use, once in a while; whether it was written."""
        if self.data.user == "Guest":
            return False
        age = (
            (now_datetime() - self._last_update).total_seconds() if self._last_update else UPDATE_SECONDS + 1
        )
        if not (force or self._changed or age > UPDATE_SECONDS):
            return False
        frappe.db.sql(
            "update `tabSessions` set `sessiondata` = %s, `lastupdate` = %s where `sid` = %s",
            (json.dumps(self.data.data, default=str), now_datetime(), self.data.sid),
        )
        frappe.db.commit()
        return True


def get_csrf_token() -> str:
    """The session's token, made when it is missing."""
    session = frappe.local.session
    if not session.data.get("csrf_token"):
        generate_csrf_token()
    return session.data.csrf_token


def generate_csrf_token() -> str:
    """A new token for the session."""
    session = frappe.local.session
    session.data.csrf_token = frappe.generate_hash()
    if getattr(frappe.local, "session_obj", None) and session.user != "Guest":
        frappe.local.session_obj.update(force=True)
    return session.data.csrf_token


def delete_session(sid: str, user: str | None = None, reason: str = "Session Expired") -> None:
    """Ends a session and notes why."""
    from frappe.core.doctype.activity_log.activity_log import add_authentication_log

    rows = frappe.db.sql("select `user` from `tabSessions` where `sid` = %s", (sid,))
    if not rows:
        return
    frappe.db.sql("delete from `tabSessions` where `sid` = %s", (sid,))
    owner = user or rows[0][0]
    name = frappe.utils.get_fullname(owner) or owner
    text = frappe._("{0} logged out: {1}").format(name, frappe.bold(frappe._(reason)))
    add_authentication_log(text, owner, operation="Logout")


def end_sessions(user: str, keep: int = 0, but: str | None = None, reason: str = "Logged out") -> int:
    """Ends a user's sessions but the `keep` latest ones and the one named `but`; how many ended."""
    rows = frappe.db.sql(
        "select `sid` from `tabSessions` where `user` = %s order by `lastupdate` desc", (user,)
    )
    ending = [sid for (sid,) in rows if sid != but][max(keep, 0) :]
    for sid in ending:
        delete_session(sid, user, reason)
    return len(ending)


def clear_sessions(user: str | None = None, keep_current: bool = False, force: bool = False) -> None:
    """Ends a user's sessions: all with `force`, else those beyond his number of simultaneous ones."""
    user = user or frappe.session.user
    own = bool(frappe.session) and frappe.session.user == user
    but = frappe.session.get("sid") if own and keep_current else None
    keep = 0
    if own and not force:
        keep = (cint(frappe.db.get_value("User", user, "simultaneous_sessions")) or 1) - bool(but)
    end_sessions(user, keep=keep, but=but, reason="Logged out" if force else "Logged In From Another Session")


def clear_all_sessions(reason: str | None = None) -> None:
    """Ends everybody's sessions.

    :raises frappe.PermissionError: for anybody but Administrator
    """
    frappe.only_for("Administrator")
    for (sid,) in frappe.db.sql("select `sid` from `tabSessions`"):
        delete_session(sid, reason=reason or "Deleted All Active Session")


def get_expired_sessions() -> list[str]:
    """Sessions that nobody has used for long."""
    now, found = now_datetime(), []
    for sid, text, updated in frappe.db.sql("select `sid`, `sessiondata`, `lastupdate` from `tabSessions`"):
        lifetime = cint(json.loads(text or "{}").get("session_seconds")) or expiry_seconds()
        if updated is None or (now - updated).total_seconds() > lifetime:
            found.append(sid)
    return found


def clear_expired_sessions() -> None:
    """Deletes sessions that nobody has used for long."""
    for sid in get_expired_sessions():
        delete_session(sid, reason="Session Expired")


@frappe.whitelist()
def clear() -> None:
    """Forgets what is cached for the user."""
    frappe.clear_cache(user=frappe.session.user)
    frappe.local.response["message"] = frappe._("Cache Cleared")


@frappe.whitelist()
def get_sessions() -> list[dict[str, Any]]:
    """The user's own sessions."""
    rows = frappe.db.sql(
        "select `ipaddress`, `lastupdate`, `sid` from `tabSessions` where `user` = %s order by `lastupdate` desc",
        (frappe.session.user,),
    )
    return [
        {"ip": ip, "last_used": str(moment), "current": sid == frappe.session.sid} for ip, moment, sid in rows
    ]


@frappe.whitelist(methods=["POST"])
def log_out_everywhere() -> None:
    """Ends all other sessions of the user."""
    clear_sessions(keep_current=True, force=True)


def get() -> frappe._dict:
    """What a page of a signed-in user starts with: the boot data, and what the apps add by `boot_session`."""
    from frappe.boot import get_bootinfo

    info = get_bootinfo()
    for hook in frappe.get_hooks("boot_session"):
        frappe.get_attr(hook)(info)
    return info
