"""Files: an app's assets, and what people have uploaded."""

from __future__ import annotations

import mimetypes
import os
import re
from typing import Any

from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.utils import safe_join, send_file
from werkzeug.wrappers import Request, Response

import frappe
from frappe import _apps

# A build's hash holds a digit or a capital letter; a word of eight letters is no hash.
_HASHED = re.compile(r"-(?=[\w-]*[A-Z0-9])[\w-]{8}\.\w+$")
_PACKED = (("br", ".br"), ("gzip", ".gz"))
#: What a browser may show; everything else is downloaded.
_SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "video/mp4", "audio/mpeg",
          "text/plain"}  # fmt: skip


def asset(request: Request, sites_path: str) -> Response | None:
    """`/assets/<app>/…` from the app's `public` folder; None for another address."""
    if not request.path.startswith("/assets/"):
        return None
    app, _, rest = request.path[len("/assets/") :].partition("/")
    if (
        app not in _apps.get_all_apps(sites_path=sites_path)
        or not rest
        or any(part.startswith(".") for part in rest.split("/"))
    ):
        return Response("Not found", status=404, mimetype="text/plain")
    try:
        path = safe_join(os.path.join(_apps.get_pymodule_path(app), "public"), rest)
    except ImportError:
        path = None
    if not path or not os.path.isfile(path):
        return Response("Not found", status=404, mimetype="text/plain")
    age = 31536000 if _HASHED.search(path) else 300
    kind = mimetypes.guess_type(path)[0]
    packed, encoding = _packed(request, path)
    response = send_file(packed, request.environ, mimetype=kind, conditional=True, max_age=age)
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if age > 1000:
        response.headers["Cache-Control"] = f"public, max-age={age}, immutable"
    return response


def _packed(request: Request, path: str) -> tuple[str, str]:
    """The file that the build has compressed already, where the browser takes it."""
    if not request.headers.get("Range"):
        for encoding, suffix in _PACKED:
            if encoding in request.accept_encodings and os.path.isfile(path + suffix):
                return path + suffix, encoding
    return path, ""


def site_file(request: Request) -> Response:
    """`/files/…` for everybody, `/private/files/…` for who may read the File's document.

    :raises NotFound: for a file that does not exist
    :raises Forbidden: for one that the user may not read
    """
    address = request.path
    private = address.startswith("/private/")
    folder = frappe.get_site_path("private" if private else "public", "files")
    path = safe_join(folder, address.split("/files/", 1)[1])
    if not path or not os.path.isfile(path):
        raise NotFound
    if private:
        _check(address)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return send_file(
        path, request.environ, mimetype=kind, conditional=True, max_age=0 if private else 300,
        as_attachment=kind not in _SHOWN, download_name=_shown_name(address),
    )  # fmt: skip


def _check(address: str) -> None:
    for row in frappe.get_all("File", filters={"file_url": address}, fields=["name"], limit_page_length=20):
        if frappe.get_doc("File", row.name).is_downloadable():
            return
    raise Forbidden


def _shown_name(address: str) -> str:
    name: Any = frappe.db.get_value("File", {"file_url": address}, "file_name")
    return name or os.path.basename(address)
