"""An import of records: its file, its settings, its log."""

from __future__ import annotations

import os
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_import.exporter import Exporter
from frappe.core.doctype.data_import.importer import INSERT, UPDATE, Importer
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.typing_validations import parsed

#: DocTypes that make up the system itself: made by forms, never from a file.
BLOCKED_DOCTYPES = frozenset({
    "DocType", "DocField", "DocPerm", "Custom DocPerm", "Server Script", "Client Script", "Data Import", "Data Import Log",
})  # fmt: skip
TIMEOUT = 10_000


class DataImport(Document):
    """Which DocType a file is imported into, and how."""

    def validate(self) -> None:
        """The DocType can be imported by this user, the file can be read; a new file is a new import."""
        before = self.get_doc_before_save()
        if before is not None and before.import_file != self.import_file:
            self.template_options = self.template_warnings = ""
        self.validate_doctype()
        if self.import_file:
            # A file that cannot be read is refused here, before anybody waits for it.
            self.payload_count = self.get_importer().import_file.payload_count
        if self.google_sheets_url:
            frappe.throw(
                _('"{0}" is not a valid Google Sheets URL').format(frappe.utils.escape_html(self.google_sheets_url))
            )  # fmt: skip

    def validate_doctype(self) -> None:
        """Refuses parts of the system, and what the user may not import.

        :raises frappe.PermissionError: when he may not
        """
        if self.reference_doctype in BLOCKED_DOCTYPES:
            frappe.throw(_("Importing {0} is not allowed.").format(_(self.reference_doctype)))
        if not ("System Manager" in frappe.get_roles() or frappe.session.user == "Administrator"):
            frappe.permissions.can_import(self.reference_doctype, raise_exception=True)

    def get_importer(self) -> Importer:
        """The importer of the file."""
        return Importer(self.reference_doctype, data_import=self)

    def get_preview_from_template(
        self, import_file: str | None = None, google_sheets_url: str | None = None
    ) -> dict | None:
        """The first rows of the file, its columns and what is wrong with it."""
        if import_file:
            self.import_file = import_file
        return self.get_importer().get_data_for_import_preview() if self.import_file else None

    def start_import(self) -> bool:
        """Imports in the background; False when that is being done already.

        :raises frappe.ValidationError: while no background job would run
        """
        from frappe.utils.background_jobs import is_job_enqueued
        from frappe.utils.scheduler import is_scheduler_inactive

        now = bool(frappe.flags.in_test or frappe.conf.developer_mode)
        if not now and is_scheduler_inactive():
            frappe.throw(_("Scheduler is inactive. Cannot import data."), title=_("Scheduler Inactive"))
        job_id = f"data_import::{self.name}"
        if is_job_enqueued(job_id):
            return False
        frappe.enqueue(
            start_import, queue="default", timeout=TIMEOUT, job_id=job_id, deduplicate=True, now=now, data_import=self.name
        )  # fmt: skip
        return True

    def export_errored_rows(self) -> None:
        """Answers with the rows that failed."""
        return self.get_importer().export_errored_rows()

    def download_import_log(self) -> None:
        """Answers with the log as CSV."""
        return self.get_importer().export_import_log()

    def on_trash(self) -> None:
        """The log goes with the import."""
        frappe.db.delete("Data Import Log", {"data_import": self.name})


def _permitted(name: str, right: str = "read") -> DataImport:
    doc = frappe.get_doc("Data Import", name)
    doc.check_permission(right)
    return doc


@frappe.whitelist()
def get_preview_from_template(
    data_import: str, import_file: str | None = None, google_sheets_url: str | None = None
) -> dict | None:
    """What a file holds, before anything is imported."""
    return _permitted(data_import).get_preview_from_template(import_file, google_sheets_url)


@frappe.whitelist(methods=["POST"])
def form_start_import(data_import: str) -> bool:
    """Starts an import; False when it runs already."""
    return _permitted(data_import, "write").start_import()


def start_import(data_import: str) -> None:
    """The background job: imports what is not imported yet and keeps how it ended."""
    doc = frappe.get_doc("Data Import", data_import)
    try:
        doc.validate_doctype()
        doc.get_importer().import_data()
    except Exception as error:
        frappe.db.rollback()
        doc.db_set("status", "Timed Out" if type(error).__name__ == "JobTimeoutException" else "Error")
        frappe.log_error(
            title=f"Data Import {doc.name}", reference_doctype=doc.doctype, reference_name=doc.name
        )
        frappe.db.commit()


@frappe.whitelist()
def download_template(
    doctype: str,
    export_fields: Any = None,
    export_records: str | None = None,
    export_filters: Any = None,
    file_type: str = "CSV",
) -> None:
    """A file to be filled in, or one with records to be changed.

    :param export_fields: DocType or table field → names of fields
    :param export_records: all, by_filter, 5_records or blank_template
    """
    Exporter(
        doctype,
        export_fields=export_fields
        if export_fields in ("All", "Mandatory")
        else parsed(export_fields, dict, "export_fields"),
        export_data=export_records != "blank_template",
        export_filters=export_filters or None,
        export_page_length=5 if export_records == "5_records" else None,
        file_type=file_type,
    ).build_response()


@frappe.whitelist()
def download_errored_template(data_import_name: str) -> None:
    """The rows that failed, to be mended."""
    _permitted(data_import_name).export_errored_rows()


@frappe.whitelist()
def download_import_log(data_import_name: str) -> None:
    """The log as CSV."""
    _permitted(data_import_name).download_import_log()


@frappe.whitelist()
def get_import_status(data_import_name: str) -> dict[str, Any]:
    """How far an import is."""
    doc = _permitted(data_import_name)
    answer = {"status": doc.status}
    for success, key in ((0, "failed"), (1, "success")):
        count = frappe.db.count("Data Import Log", {"data_import": doc.name, "success": success})
        if count:
            answer[key] = count
    answer["total_records"] = cint(doc.payload_count)
    return answer


@frappe.whitelist()
def get_import_logs(data_import: str) -> list[dict]:
    """The newest 5,000 lines of the log, in the file's order."""
    _permitted(data_import)
    return frappe.get_all(
        "Data Import Log", filters={"data_import": data_import}, order_by="log_index", limit_page_length=5000,
        fields=["success", "docname", "messages", "exception", "row_indexes"],
    )  # fmt: skip


def import_file(
    doctype: str, file_path: str, import_type: str, submit_after_import: bool = False, console: bool = False
) -> list[dict]:
    """Imports a file of this machine, for programs and the command line.

    :param import_type: "Insert" or "Update"
    """
    options = frappe.new_doc("Data Import")
    options.submit_after_import = int(submit_after_import)
    kind = UPDATE if import_type.lower().startswith("update") else INSERT
    importer = Importer(doctype, file_path=file_path, import_type=kind, console=console)
    importer.data_import.submit_after_import = int(submit_after_import)
    return importer.import_data()


def import_doc(path: str, pre_process: Any = None) -> None:
    """Imports documents from a JSON file, or from all of a folder."""
    from frappe.model.sync import import_record

    files = [os.path.join(path, name) for name in sorted(os.listdir(path))] if os.path.isdir(path) else [path]
    for file in files:
        if not file.endswith(".json"):
            continue
        documents = frappe.get_file_json(file)
        for definition in documents if isinstance(documents, list) else [documents]:
            if pre_process:
                pre_process(definition)
            import_record(definition, file, force=True)


def export_json(
    doctype: str, path: str, filters: Any = None, or_filters: Any = None, name: str | None = None,
    order_by: str = "creation asc",
) -> None:  # fmt: skip
    """Writes documents into a JSON file as an app keeps them: without times and users."""
    meta = frappe.get_meta(doctype)
    chosen = [name or doctype] if name or meta.issingle else frappe.get_all(
        doctype, filters=filters, or_filters=or_filters, pluck="name", order_by=order_by, limit_page_length=0
    )  # fmt: skip
    documents = []
    for entry in chosen:
        doc = frappe.get_doc(doctype, entry).as_dict(no_nulls=True)
        for key in ("modified_by", "creation", "owner", "idx"):
            doc.pop(key, None)
        for value in doc.values():
            for row in value if isinstance(value, list) else ():
                for key in ("parent", "parentfield", "parenttype", "modified_by", "creation", "owner", "idx", "name", "modified", "docstatus"):  # fmt: skip
                    row.pop(key, None)
        documents.append(doc)
    with open(path, "w", encoding="utf-8") as file:
        file.write(frappe.as_json(documents))


def export_csv(doctype: str, path: str) -> None:
    """Writes all records of a DocType with all fields into a CSV file."""
    from frappe.utils.csvutils import to_csv

    exporter = Exporter(doctype, export_fields="All", export_data=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(to_csv(exporter.get_csv_array()))
