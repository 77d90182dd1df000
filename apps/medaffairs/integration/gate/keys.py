"""Who asks: API keys, each believed for a few seconds, and patience with those who guess."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

import frappe
from frappe.utils.password import get_decrypted_password

from medaffairs.integration.gate.ledger import Ledger
from medaffairs.privileging.api import CHECKERS

BELIEVED_SECONDS = 3.0
CHECK_SECONDS = 3.0
FAILURES, FAILURE_SECONDS = 10, 60.0
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Caller:
    """Whom a key belongs to and about whom he may ask; everybody may ask about himself."""

    user: str
    about_anybody: bool
    practitioner: str = ""

    def may_ask_about(self, practitioner: str) -> bool:
        """Whether the answer is his to know."""
        return self.about_anybody or practitioner == self.practitioner


class Unreachable(Exception):
    """A key that was never seen before cannot be checked now."""


class TooManyFailures(Exception):
    """Too many wrong keys came from there; `seconds` until the next is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Keys:
    """API keys as the site knows them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # Only digests are kept: secrets do not lie about in memory.
        self._known: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()
        self._checks: dict[bytes, asyncio.Task] = {}
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def caller(self, header: str, address: str) -> Caller | None:
        """Who an `Authorization` header belongs to, None when to nobody.

        A key is believed for `BELIEVED_SECONDS` after it was checked, and beyond that only while the database
        is out of reach: otherwise the fail mode, which is for that time, could help nobody.

        :raises TooManyFailures: when wrong keys came from this address and this one was not right before
        :raises Unreachable: when the database is out of reach and the key was not right before
        """
        digest = sha256(header.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known and known[0] > time.monotonic():
            return known[1]
        if not known:
            self._be_patient(address)
        try:
            caller = await self._check(digest, header)
        except Exception:
            if known:
                return known[1]
            raise Unreachable from None
        if caller is None:
            self._known.pop(digest, None)
            self._count_failure(address)
        else:
            _keep(self._known, digest, (time.monotonic() + BELIEVED_SECONDS, caller))
        return caller

    async def _check(self, digest: bytes, header: str) -> Caller | None:
        """Requests with the same key wait for one check."""
        task = self._checks.get(digest)
        if task is None:
            task = self._checks[digest] = asyncio.create_task(self._ledger.read(_caller_of, header))
            task.add_done_callback(
                lambda done: (self._checks.pop(digest, None), done.cancelled() or done.exception())
            )
        return await asyncio.wait_for(asyncio.shield(task), CHECK_SECONDS)

    def _be_patient(self, address: str) -> None:
        count, until = self._failures.get(address, (0, 0.0))
        if count >= FAILURES and until > time.monotonic():
            raise TooManyFailures(max(1, round(until - time.monotonic())))

    def _count_failure(self, address: str) -> None:
        count, until = self._failures.get(address, (0, 0.0))
        now = time.monotonic()
        _keep(self._failures, address, (count + 1 if until > now else 1, now + FAILURE_SECONDS))


def _keep(kept: OrderedDict, key: object, value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def credentials(header: str) -> tuple[str, str] | None:
    """Key and secret from `token key:secret` or `Basic …`, None when there are none."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            rest = base64.b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif scheme.lower() != "token":
        return None
    key, _, secret = rest.strip().partition(":")
    return (key, secret) if key and secret else None


def _caller_of(header: str) -> Caller | None:
    given = credentials(header)
    if not given:
        return None
    user = frappe.db.get_value("User", {"api_key": given[0], "enabled": 1})
    if not user:
        return None
    stored = get_decrypted_password("User", user, "api_secret", raise_exception=False) or ""
    if not hmac.compare_digest(stored.encode(), given[1].encode("utf-8", "replace")):
        return None
    roles = set(frappe.get_all("Has Role", filters={"parenttype": "User", "parent": user}, pluck="role"))
    practitioner = frappe.db.get_value("Practitioner", {"user": user}) or ""
    return Caller(user, user == "Administrator" or bool(roles & set(CHECKERS)), practitioner)
