"""What every renderer has: an address, and an answer that is built from a text."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

import frappe
from frappe.utils.response import CONTENT_POLICY, NO_STORE


class BaseRenderer:
    """A renderer says whether an address is its own, and answers it."""

    def __init__(self, path: str | None = None, http_status_code: int | None = None) -> None:
        self.headers: dict[str, str] | None = None
        self.http_status_code = http_status_code or 200
        self.path = (path or getattr(frappe.local.request, "path", "")).strip("/")
        self.basepath = ""
        self.basename = ""
        self.name = ""
        self.route = ""

    def can_render(self) -> bool:
        """Whether this renderer answers the address."""
        raise NotImplementedError

    def render(self) -> Response:
        """The answer."""
        raise NotImplementedError

    def build_response(
        self, data: Any, http_status_code: int | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """A page from its text; nothing of it is stored by browsers."""
        all_headers = {
            "X-Page-Name": self.path.encode("ascii", "xmlcharrefreplace").decode(),
            "Cache-Control": NO_STORE,
        }
        all_headers |= self.headers or {}
        all_headers |= headers or {}
        nonce = frappe.local.flags.csp_nonce
        if nonce:
            policy = CONTENT_POLICY.format(nonce=f" 'nonce-{nonce}'")
            all_headers.setdefault("Content-Security-Policy", policy)
        kind = all_headers.pop("Content-Type", "text/html; charset=utf-8")
        return Response(
            data, status=http_status_code or self.http_status_code, content_type=kind, headers=all_headers
        )
