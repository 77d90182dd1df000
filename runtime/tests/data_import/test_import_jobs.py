"""Imports in the background: queued once, told of as they go, timed out without losing what is done."""

from __future__ import annotations

import frappe
import pytest
from frappe.core.doctype.data_import import data_import as door
from frappe.core.doctype.data_import.importer import Importer
from frappe.utils.worker import JobTimeoutException

ROLES = "Role Name,Desk Access\n" + "".join(f"Imported Role {number},1\n" for number in range(6))


@pytest.fixture
def roles(site):
    """An import of six roles; nothing of it stays."""
    file = frappe.get_doc(doctype="File", file_name="roles.csv", content=ROLES, is_private=1).insert()
    doc = frappe.get_doc(doctype="Data Import", reference_doctype="Role", import_type="Insert New Records", import_file=file.file_url)  # fmt: skip
    doc.insert()
    frappe.db.commit()
    yield doc
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for doctype, filters in (("Role", {"name": ("like", "Imported Role %")}), ("Data Import", {}), ("File", {"file_name": "roles.csv"})):  # fmt: skip
        for name in frappe.get_all(doctype, filters=filters, pluck="name"):
            frappe.delete_doc(doctype, name, force=True)
    frappe.db.sql("delete from `__jobs`")
    frappe.db.commit()


def test_an_import_waits_in_the_queue_once(roles):
    frappe.flags.in_test = False
    frappe.db.set_single_value("System Settings", "enable_scheduler", 1)
    frappe.clear_cache()
    assert door.form_start_import(roles.name) is True
    assert door.form_start_import(roles.name) is False
    assert not frappe.db.exists("Role", "Imported Role 0")


def test_without_background_jobs_no_import_is_accepted(roles):
    frappe.flags.in_test = False
    frappe.db.set_single_value("System Settings", "enable_scheduler", 0)
    frappe.clear_cache()
    with pytest.raises(frappe.ValidationError, match="inactive"):
        door.form_start_import(roles.name)
    frappe.db.rollback()
    frappe.clear_cache()


def test_progress_is_told(roles, monkeypatch):
    told = []
    monkeypatch.setattr(frappe, "publish_progress", lambda percent, **more: told.append((percent, more["docname"])))  # fmt: skip
    door.start_import(roles.name)
    assert told[-1] == (100, roles.name) and [percent for percent, _name in told] == sorted(percent for percent, _name in told)  # fmt: skip


def test_time_that_runs_out_leaves_what_is_done(roles, monkeypatch):
    insert, made = Importer.insert_record, []

    def slow(self, doc):
        if len(made) == 3:
            raise JobTimeoutException("too long")
        made.append(insert(self, doc))
        return made[-1]

    monkeypatch.setattr(Importer, "insert_record", slow)
    door.start_import(roles.name)
    assert door.get_import_status(roles.name) == {"status": "Timed Out", "success": 3, "total_records": 6}
    monkeypatch.setattr(Importer, "insert_record", insert)
    door.start_import(roles.name)
    assert door.get_import_status(roles.name) == {"status": "Success", "success": 6, "total_records": 6}


def test_another_s_import_is_neither_seen_nor_started(roles, as_user):
    as_user("manager")
    for method in (door.get_preview_from_template, door.form_start_import, door.get_import_status, door.get_import_logs,
                   door.download_errored_template, door.download_import_log):  # fmt: skip
        with pytest.raises(frappe.PermissionError):
            method(roles.name)
