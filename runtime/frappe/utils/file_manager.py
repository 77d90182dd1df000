"""Files that code stores beside a document."""

from __future__ import annotations

import base64
from typing import Any

import frappe


def save_file(
    fname: str,
    content: Any,
    dt: str | None,
    dn: Any,
    folder: str | None = None,
    decode: bool = False,
    is_private: int = 0,
    df: str | None = None,
) -> Any:
    """A File of a document."""
    if decode:
        text = content.encode() if isinstance(content, str) else content
        content = base64.b64decode(text.split(b",", 1)[-1])
    doc = frappe.get_doc(
        doctype="File", file_name=fname, attached_to_doctype=dt, attached_to_name=dn, attached_to_field=df, folder=folder,
        content=content, is_private=int(is_private),
    )  # fmt: skip
    doc.flags.ignore_permissions = True
    return doc.insert()
