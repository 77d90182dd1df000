"""REST: /api/resource, /api/method, /api/v1 and /api/v2."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

import frappe
from frappe.utils import response as answers


@lru_cache(maxsize=1)
def url_map() -> Map:
    """Addresses of all versions; without a version it is the first."""
    from frappe.api import v1, v2

    rules: list[Rule] = []
    for prefix, source in (("/api", v1.RULES), ("/api/v1", v1.RULES), ("/api/v2", v2.RULES)):
        rules += [
            Rule(prefix + path, methods=methods, endpoint=endpoint) for path, methods, endpoint in source
        ]
    return Map(rules, strict_slashes=False, merge_slashes=False)


def handle(request: Request) -> Response:
    """The answer to a request under /api."""
    endpoint, arguments = url_map().bind_to_environ(request.environ).match()
    data: Any = endpoint(**arguments)
    if isinstance(data, Response):
        return data
    if data is not None:
        frappe.local.response["data"] = data
    return answers.build_response()
