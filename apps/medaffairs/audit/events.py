"""The audit's daily work, and the separation of duties."""

import json

import frappe
from frappe import _
from frappe.utils import add_days, cint, getdate, now_datetime, nowdate

from medaffairs.audit import keeper
from medaffairs.audit.recorder import audited, read_head

MINIMUM_RETENTION_DAYS = 183


def seal_and_purge() -> None:
    """Seal what was recorded so far today, then delete what is older than the hospital keeps."""
    keeper.bring()
    seal(nowdate())
    purge()


def seal(day: str) -> str | None:
    """Seal the log as it stands; returns the seal's name, None when nothing is new or the day is sealed."""
    if frappe.db.exists("Audit Seal", {"sealed_on": day}):
        return None
    last, head = read_head()
    before = frappe.get_all("Audit Seal", fields=["last_sequence"], order_by="last_sequence desc", limit=1)
    first = (before[0].last_sequence if before else 0) + 1
    if last < first:
        return None
    facts = {
        "sealed_on": str(day),
        "first_sequence": first,
        "last_sequence": last,
        "record_count": last - first + 1,
        "head_hash": head,
        "sealed_at": str(now_datetime()),
    }
    record = frappe.get_doc({"doctype": "Audit Seal", **facts})
    record.flags.by_recorder = True
    record.insert(ignore_permissions=True)
    record.db_set("export_file", _export(record.name, facts), update_modified=False)
    return record.name


def _export(name: str, facts: dict) -> str:
    """Keep the seal as a private file that can be handed to another system; returns its address."""
    file = frappe.get_doc(
        {
            "doctype": "File",
            "file_name": f"audit-seal-{facts['sealed_on']}.json",
            "attached_to_doctype": "Audit Seal",
            "attached_to_name": name,
            "is_private": 1,
            "content": json.dumps(facts, indent=1, ensure_ascii=False),
        }
    )
    file.insert(ignore_permissions=True)
    return file.file_url


def purge() -> int:
    """Delete sealed records older than the retention; returns how many.

    Never younger than 183 days, whatever the settings say (Cybersecurity Law, art. 21).
    """
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "audit_retention_days"))
    limit = add_days(getdate(), -max(days, MINIMUM_RETENTION_DAYS))
    old = frappe.get_all(
        "Audit Seal",
        filters={"sealed_on": ("<", limit), "purged": 0},
        fields=["name", "last_sequence", "record_count"],
        order_by="last_sequence desc",
    )
    if not old:
        return 0
    with audited("Delete", "Data Access Log", f"<= {old[0].last_sequence}", door="Job") as note:
        log = frappe.qb.DocType("Data Access Log")
        frappe.qb.from_(log).delete().where(log.name <= old[0].last_sequence).run()
        for row in old:
            frappe.db.set_value("Audit Seal", row.name, "purged", 1, update_modified=False)
        note.row_count = sum(row.record_count for row in old)
    return note.row_count


def refuse_mixed_duties(doc, method: str | None = None) -> None:
    """Refuse a user who would both administer the system and audit it.

    Administration, auditing and security are separate people's duties (GB/T 22239-2019, 8.1.5).
    """
    if doc.name in ("Administrator", "Guest"):
        return
    roles = {row.role for row in doc.get("roles") or []}
    if {"System Manager", "Auditor"} <= roles:
        frappe.throw(_("The same person cannot be System Manager and Auditor"), title=_("Separate Duties"))
