"""The directory that messages are read with, read from the database again when something in it has changed."""

from __future__ import annotations

import frappe
from frappe.translate import get_all_translations

from medaffairs.integration.hl7 import charset
from medaffairs.integration.rules.directory import DRUG, PROCEDURE, Directory, Sender
from medaffairs.privileging.index import stamp

LANGUAGE = "zh"
WATCHED = ("Code Mapping", "HL7 Endpoint", "Drug Privilege", "Privilege Kind", "Procedure")


def fingerprint() -> tuple:
    """Changes when the directory does."""
    return (*stamp(*WATCHED), _code_system())


def load() -> Directory:
    """Everything that messages are read with."""
    mappings = frappe.get_all(
        "Code Mapping",
        fields=["source_system", "target_doctype", "source_code", "target"],
        limit_page_length=0,
    )
    kinds = frappe.get_all("Privilege Kind", filters={"item_doctype": PROCEDURE}, pluck="name")
    drugs = frappe.get_all(DRUG, filters={"disabled": 0}, fields=["name", "kind"], limit_page_length=0)
    return Directory(
        mappings={(row.source_system, row.target_doctype, row.source_code): row.target for row in mappings},
        procedures=frozenset(frappe.get_all(PROCEDURE, pluck="name", limit_page_length=0)),
        drug_kinds={row.name: row.kind for row in drugs},
        procedure_kind=kinds[0] if kinds else "SURGERY",
        code_system=_code_system(),
        senders=_senders(),
        words=get_all_translations(LANGUAGE),
    )


def _code_system() -> str:
    """The coding system by which orders name procedures."""
    named = frappe.db.get_single_value("Medical Affairs Settings", "hl7_code_system")
    return named or Directory.code_system


def _senders() -> tuple[Sender, ...]:
    rows = frappe.get_all(
        "HL7 Endpoint",
        filters={"direction": "Inbound", "enabled": 1},
        fields=["sending_application", "sending_facility", "host", "charset", "validate_strictly"],
        limit_page_length=0,
    )
    return tuple(
        Sender(
            row.sending_application or "",
            row.sending_facility or "",
            row.host or "",
            charset.codec(row.charset or "") or charset.UTF8,
            bool(row.validate_strictly),
        )
        for row in rows
    )
