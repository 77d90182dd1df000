"""The people and privileges that messages are about, as the receiving system calls them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import get_datetime

from medaffairs.integration.outbound import rules
from medaffairs.integration.outbound.messages import DRUG_PRIVILEGE, Item, Letterhead, Person


def letterhead(endpoint: Any) -> Letterhead:
    """What all messages to a system have in common; empty names come from the settings."""
    settings = frappe.get_cached_doc("Medical Affairs Settings")
    accept, application = rules.ACKNOWLEDGEMENT_TYPES[endpoint.acknowledgement or rules.APPLICATION]
    return Letterhead(
        sender=(
            endpoint.sending_application or settings.hl7_application or "",
            endpoint.sending_facility or settings.hl7_facility or "",
        ),
        receiver=(endpoint.receiving_application or "", endpoint.receiving_facility or ""),
        version=settings.hl7_version or "2.5.1",
        charset_name=endpoint.charset or "UNICODE UTF-8",
        accept=accept,
        application=application,
        hospital=settings.hospital_name or "",
    )


class Subjects:
    """Looks names up once per pass; codes are those of the receiver where a `Code Mapping` has them."""

    def __init__(self) -> None:
        self._persons: dict[str, Any] = {}
        self._grants: dict[str, Any] = {}
        self._codes: dict[str, dict[tuple[str, str], str]] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._system: str | None = None

    def person(self, practitioner: str, endpoint: Any) -> Person:
        """A practitioner as a system calls him."""
        row = self._persons.get(practitioner)
        if row is None:
            row = self._persons[practitioner] = frappe.db.get_value(
                "Practitioner", practitioner,
                ["name", "practitioner_name", "gender", "profession", "department", "title", "licence_no",
                 "employment_status"],
                as_dict=True,
            ) or frappe._dict(name=practitioner, practitioner_name=practitioner)  # fmt: skip
        department = row.department or ""
        return Person(
            key=self._code(endpoint, "Practitioner", row.name),
            staff_no=row.name,
            name=row.practitioner_name,
            sex=row.gender or "",
            profession=row.profession or "",
            department=self._code(endpoint, "Clinical Department", department) if department else "",
            department_name=self._name("Clinical Department", department, "department_name"),
            title=self._name("Dictionary Item", row.title or "", "item_name"),
            licence_no=row.licence_no or "",
            active=row.employment_status != "Left",
        )

    def items(self, held: Iterable[rules.Held], endpoint: Any) -> list[Item]:
        """Privileges with their names, in the order of their codes."""
        chosen = sorted(held, key=lambda item: (item.kind, item.code))
        self._read_grants({item.grant for item in chosen} - self._grants.keys())
        return [self._item(item, endpoint) for item in chosen]

    def _item(self, held: rules.Held, endpoint: Any) -> Item:
        grant = self._grants.get(held.grant) or frappe._dict()
        surgery = self._name("Privilege Kind", held.kind, "item_doctype") == "Procedure"
        doctype, title = ("Procedure", "procedure_name") if surgery else ("Drug Privilege", "privilege_name")
        # A grade that a higher one includes has no grant of its own, and so no name there.
        name = grant.item_name if grant.code == held.code else ""
        return Item(
            held=held,
            code=self._code(endpoint, doctype, held.code),
            name=name or self._name(doctype, held.code, title) or held.code,
            system=self._code_system() if surgery else DRUG_PRIVILEGE,
            kind_name=self._name("Privilege Kind", held.kind, "kind_name"),
            level=grant.level or "",
            granted_at=get_datetime(grant.creation) if grant.creation else None,
            granted_by=grant.granted_by or "",
        )

    def _read_grants(self, names: set[str]) -> None:
        if names:
            fields = ["name", "code", "item_name", "level", "granted_by", "creation"]
            rows = frappe.get_all("Privilege Grant", filters={"name": ("in", sorted(names))}, fields=fields)
            self._grants.update({row.name: row for row in rows})

    def _code_system(self) -> str:
        if self._system is None:
            self._system = (
                frappe.db.get_single_value("Medical Affairs Settings", "hl7_code_system") or "ICD9CM3"
            )
        return self._system

    def _name(self, doctype: str, name: str, field: str) -> str:
        if not name:
            return ""
        key = (f"{doctype}.{field}", name)
        if key not in self._names:
            self._names[key] = frappe.db.get_value(doctype, name, field) or ""
        return self._names[key]

    def _code(self, endpoint: Any, doctype: str, name: str) -> str:
        if not endpoint.receiving_application:
            return name
        if endpoint.name not in self._codes:
            self._codes[endpoint.name] = _codes_of(endpoint)
        return self._codes[endpoint.name].get((doctype, name), name)


def _codes_of(endpoint: Any) -> dict[tuple[str, str], str]:
    """What a system calls our records, by kind of record and our name."""
    application = endpoint.receiving_application
    # A mapping may name every system, the application alone, or application and facility: the closest counts.
    systems = ("*", application, f"{application}|{endpoint.receiving_facility or ''}")
    rows = frappe.get_all(
        "Code Mapping",
        filters={"source_system": ("in", systems)},
        fields=["source_system", "target_doctype", "target", "source_code"],
        order_by="creation desc",
    )
    rows.sort(key=lambda row: systems.index(row.source_system))
    return {(row.target_doctype, row.target): row.source_code for row in rows}
