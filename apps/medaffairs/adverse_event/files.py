"""Files that come with a report: few kinds, checked by what they begin with, under names of our own, private.

Photographs are stored anew without what the camera wrote into them (place, time, serial number), and in reports that hide the reporter there
is nothing but photographs: documents name their authors.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import frappe
from PIL import Image, ImageOps, UnidentifiedImageError

from medaffairs.adverse_event import rules
from medaffairs.adverse_event.rules import Fault, amiss

LABEL = "Files"
MOST_BYTES = 10 * 1024 * 1024
# More than any camera has; what claims more is made to exhaust the server.
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 2400
PHOTOS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
DOCUMENTS = {"pdf": b"%PDF", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04"}
ALLOWED = "JPG, PNG, WEBP, PDF, DOCX, XLSX"


class Upload(NamedTuple):
    """A file that may be stored: its name on the screen and its content."""

    name: str
    content: bytes


def checked(files: Iterable[Mapping[str, Any]], identity: str) -> tuple[list[Upload], list[Fault]]:
    """The files of a report as they may be stored, and what is wrong with the others.

    :param files: `file_name` and `content` (base64) each
    """
    good: list[Upload] = []
    wrong: list[Fault] = []
    rows = list(files)
    if len(rows) > rules.MOST_FILES:
        return [], [amiss("files", LABEL, "at most {0} are possible", rules.MOST_FILES)]
    for number, row in enumerate(rows, 1):
        name = str(row.get("file_name") or "")[: rules.LONGEST_LINE]
        try:
            content = base64.b64decode(str(row.get("content") or ""), validate=True)
        except (binascii.Error, ValueError):
            wrong.append(amiss("files", LABEL, "{0} did not arrive whole; please choose it again", name))
            continue
        made = _checked_one(number, name, content, identity)
        (wrong if isinstance(made, Fault) else good).append(made)
    return good, wrong


def _checked_one(number: int, name: str, content: bytes, identity: str) -> Upload | Fault:
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if not content:
        return amiss("files", LABEL, "{0} is empty", name)
    if len(content) > MOST_BYTES:
        return amiss("files", LABEL, "{0} is larger than 10 MB", name)
    if extension in PHOTOS:
        photo = _photo(content, PHOTOS[extension])
        if photo is None:
            return amiss("files", LABEL, "{0} is no picture", name)
        # The name on the camera may tell whose it is.
        shown = name if identity == rules.OPEN else f"photo-{number}.{extension}"
        return Upload(shown, photo)
    if extension not in DOCUMENTS:
        return amiss("files", LABEL, "{0} is not of a possible kind ({1})", name, ALLOWED)
    if identity != rules.OPEN:
        return amiss(
            "files", LABEL, "{0}: documents name their authors; please attach photographs only", name
        )
    if not content.startswith(DOCUMENTS[extension]):
        return amiss("files", LABEL, "{0} is not what its name says", name)
    return Upload(name, content)


def _photo(content: bytes, kind: str) -> bytes | None:
    """A photograph without anything but its picture, upright and of a size that a screen shows."""
    try:
        with Image.open(BytesIO(content), formats=list(dict.fromkeys(PHOTOS.values()))) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            mode = "RGB" if kind == "JPEG" else "RGBA"
            # A new picture takes over the points alone.
            bare = Image.new(mode, upright.size)
            bare.paste(upright.convert(mode))
            out = BytesIO()
            bare.save(out, kind)
            return out.getvalue()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None


def attach(doc: Any, uploads: Iterable[Upload]) -> None:
    """Stores files of a report that is there and names them in it; whoever is signed in now owns them."""
    rows = []
    for upload in uploads:
        file = frappe.get_doc(
            doctype="File", file_name=upload.name, content=upload.content, is_private=1,
            attached_to_doctype=doc.doctype, attached_to_name=doc.name,
        ).insert(ignore_permissions=True)  # fmt: skip
        rows.append({"file": file.file_url, "file_name": upload.name})
    for row in rows:
        child = doc.append("files", row)
        child.db_insert()
