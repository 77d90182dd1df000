"""What happens around cases: files that are attached to them."""

from __future__ import annotations

from typing import Any

from medaffairs.dispute import rules
from medaffairs.dispute.cases import check_file_type

ATTACHED = (*rules.CASES, rules.RECORD, rules.CIRCULATION)


def check_file(doc: Any, method: str | None = None) -> None:
    """A case takes documents, pictures and sound; nothing that runs.

    :raises frappe.ValidationError: naming the type that is not taken
    """
    if doc.attached_to_doctype in ATTACHED:
        check_file_type(doc.file_name or doc.file_url, "File")
