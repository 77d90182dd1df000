"""Making a quality report's files, by hand or after the end of a month or quarter."""

from __future__ import annotations

from datetime import date
from typing import Any

import frappe
from frappe.utils import getdate, now_datetime, nowdate

from medaffairs.adverse_event.quality import blanks, papers
from medaffairs.adverse_event.quality.content import content

DOCTYPE = "Quality Report"
GENERATED = "Generated"
# A report that nobody made in the first days after its period is not made by itself any more.
DAYS_AFTER = 7


def generate(name: str) -> Any:
    """Counts the period and writes both files; those of an earlier run are replaced.

    :raises frappe.PermissionError: when the user may not write the report or not read events
    """
    doc = frappe.get_doc(DOCTYPE, name)
    doc.check_permission("write")
    made = content(doc)
    pictures = [papers.picture(block) for block in made.blocks]
    doc.title = made.title[:140]
    doc.docx_file = _store(doc, "docx_file", "docx", papers.word(made, pictures))
    doc.pdf_file = _store(doc, "pdf_file", "pdf", papers.pdf(made, pictures))
    doc.update({"status": GENERATED, "generated_at": now_datetime()})
    doc.flags.generating = True
    doc.save()
    return doc


def _store(doc: Any, field: str, ending: str, content: bytes) -> str:
    attached = {"attached_to_doctype": DOCTYPE, "attached_to_name": doc.name, "attached_to_field": field}
    for old in frappe.get_all("File", attached, pluck="name"):
        frappe.delete_doc("File", old, ignore_permissions=True)
    file = frappe.get_doc({
        "doctype": "File", "file_name": f"{doc.name}-{frappe.generate_hash(length=6)}.{ending}", "content": content, "is_private": 1, **attached,
    })  # fmt: skip
    return file.insert(ignore_permissions=True).file_url


def generate_due(today: date | None = None) -> int:
    """Once a day: the report of a month or quarter that has just ended, where its template asks for it; how many were made.

    :param today: another day than the hospital's today
    """
    frappe.local.lang = frappe.db.get_default("lang") or frappe.local.lang
    today, made = today or getdate(nowdate()), 0
    for template in frappe.get_all(
        "Quality Report Template", {"disabled": 0, "cycle": ("is", "set")}, ["name", "cycle"]
    ):
        first, last = blanks.ended(today, template.cycle)
        if (today - last).days <= DAYS_AFTER and not _exists(template.name, first, last):
            generate(_begin(template.name, first, last))
            made += 1
    return made


def _exists(template: str, first: date, last: date) -> bool:
    return bool(frappe.db.exists(DOCTYPE, {"template": template, "from_date": first, "to_date": last}))


def _begin(template: str, first: date, last: date) -> str:
    doc = frappe.get_doc({"doctype": DOCTYPE, "template": template, "from_date": first, "to_date": last})
    return doc.insert(ignore_permissions=True).name
