"""The one way in which vendors are asked: bounded in time, without redirects, with secrets kept out of every text."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

log = logging.getLogger("medaffairs.messaging")
LOCAL = ("127.0.0.1", "localhost", "::1")


class VendorError(Exception):
    """A vendor refused or could not be asked.

    `code` is the vendor's (or HTTP's), `again` tells whether the same may succeed later, `renew` whether the token was
    refused and a new one may help, `away` whether the vendor did not answer at all, so that nothing else need be asked now.
    """

    def __init__(
        self, code: str, words: str, again: bool = False, renew: bool = False, away: bool = False
    ) -> None:
        self.code, self.words, self.again, self.renew, self.away = code, words, again, renew, away
        super().__init__(f"{code}: {words}" if code else words)


class Notice(NamedTuple):
    """What one person is told outside of the system. `key` is the same when it is sent again.

    `text` names no patient; what it is about is behind `link` (an absolute address that asks for a sign-in).
    """

    title: str
    text: str
    link: str
    key: str
    parameters: Mapping[str, str] = {}
    template: str = ""


@dataclass(frozen=True)
class Endpoint:
    """Where a vendor is: its address, and how long to wait for it (seconds)."""

    base: str
    timeout: float = 10.0
    secrets: tuple[str, ...] = field(default=(), repr=False)
    # Keeps the connection: most of the time of one message to a vendor far away is the handshake.
    session: requests.Session = field(default_factory=requests.Session, repr=False, compare=False)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The vendor's answer to one question.

        :raises VendorError: when it cannot be reached, answers with an error of HTTP or with something that is no JSON object
        """  # fmt: skip
        self._check_address()
        started = time.perf_counter()
        try:
            response = self.session.request(
                method, self.base.rstrip("/") + path, params=query, json=body, data=form, headers=dict(headers or {}),
                timeout=self.timeout, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            reason = "no answer in time" if isinstance(error, requests.Timeout) else "cannot be reached"
            raise VendorError(
                "", f"{urlsplit(self.base).hostname}: {reason}", again=True, away=True
            ) from None
        taken = (time.perf_counter() - started) * 1000
        log.info("%s %s%s: %s in %.0f ms", method, self.base, path, response.status_code, taken)
        return self._read(response)

    def _check_address(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL):
            return
        raise VendorError("", f"{parts.hostname or self.base}: only https is used outside of this machine")

    def _read(self, response: requests.Response) -> dict[str, Any]:
        again = response.status_code >= 500 or response.status_code == 429
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise VendorError(str(response.status_code), "the answer is not understood", again)
        if response.status_code >= 400:
            code = str(
                answer.get("code") or answer.get("errcode") or answer.get("Code") or response.status_code
            )
            words = str(answer.get("message") or answer.get("errmsg") or answer.get("Message") or "")
            raise VendorError(code, self.masked(words), again, renew=response.status_code == 401)
        return answer

    def masked(self, text: str) -> str:
        """A text of the vendor without our secrets, at most 300 characters."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "***")
        return text[:300]


class Tokens:
    """Access tokens that vendors give for two hours, kept until shortly before their end.

    `read` and `write` keep a text for some seconds where all processes find it.
    """

    MARGIN = 300

    def __init__(self, read: Callable[[str], str | None], write: Callable[[str, str, int], None]) -> None:
        self._read, self._write = read, write

    def get(self, key: str, fetch: Callable[[], tuple[str, int]], renew: bool = False) -> str:
        """The token of a key; fetched when there is none or it was refused."""
        known = None if renew else self._read(key)
        if known:
            return known
        token, seconds = fetch()
        self._write(key, token, max(int(seconds) - self.MARGIN, 60))
        return token

    def using(self, key: str, fetch: Callable[[], tuple[str, int]], ask: Callable[[str], Any]) -> Any:
        """What is answered with the token; asked once more when the vendor has ended it early."""
        try:
            return ask(self.get(key, fetch))
        except VendorError as error:
            if not error.renew:
                raise
            return ask(self.get(key, fetch, renew=True))
