"""Applications for privileges (手术分级授权、处方权、抗菌药物与抗肿瘤药物处方权)."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import cint, now_datetime

from medaffairs.approval import ballots, guard, rules
from medaffairs.privileging import eligibility_facts, ledger


class PrivilegeApplication(Document):
    """A sheet on which a practitioner applies for privileges of one kind."""

    def before_validate(self) -> None:
        """Names and levels come from the catalogue, the department from the practitioner."""
        self.department = frappe.db.get_value("Practitioner", self.practitioner, "department")
        self.practitioner_name = frappe.db.get_value("Practitioner", self.practitioner, "practitioner_name")
        item_type = frappe.db.get_value("Privilege Kind", self.kind, "item_doctype")
        for row in self.items:
            row.item_type = item_type
            row.item_name, row.level = eligibility_facts.item_facts(item_type, row.code)

    def validate(self) -> None:
        """Own applications only, each item once, no item that is held already."""
        guard.check(self, frappe.db.get_value("Practitioner", self.practitioner, "user"))
        seen: set[str] = set()
        for row in self.items:
            if row.code in seen:
                frappe.throw(
                    frappe._("Row {0}: {1} is on the sheet twice").format(row.idx, row.item_name or row.code)
                )
            seen.add(row.code)
        if self.workflow_state in (None, "", *rules.OWN_STATES):
            self._refuse_held()

    def _refuse_held(self) -> None:
        """What is held for long, or applied for already, needs no second sheet; what ends soon may be renewed."""
        pending = _pending(self.practitioner, self.name)
        held = _held(self.practitioner, self.kind, [row.code for row in self.items])
        for row in self.items:
            if row.code in pending:
                frappe.throw(
                    frappe._("Row {0}: {1} is applied for already in {2}").format(
                        row.idx, row.item_name, pending[row.code]
                    )
                )
            if row.code in held:
                frappe.throw(frappe._("Row {0}: {1} is held already").format(row.idx, row.item_name))

    def on_approval_step(self, state: str = "", action: str = "") -> None:
        """What follows from a step: conditions are checked, a ballot opens, privileges are granted."""
        if action == "Submit":
            self._check_conditions()
            exam = eligibility_facts.exam_behind(self.practitioner, self.kind)
            self.db_set({"submitted_at": now_datetime(), "exam_result": exam})
        elif self.workflow_state == "Committee Vote":
            self.open_ballot()
        elif self.workflow_state == "Approved":
            self._grant()
        if self.workflow_state in ("Approved", "Rejected"):
            self.db_set("decided_at", now_datetime())
        elif state == "Committee Vote" and self.ballot:
            ballots.cancel(self.ballot)

    def _check_conditions(self) -> None:
        verdicts = eligibility_facts.judge(self.practitioner, self.kind, [row.code for row in self.items])
        for row in self.items:
            verdict = verdicts[row.code]
            row.eligible, row.missing = int(verdict.eligible), "\n".join(verdict.missing_words())[:1000]
            row.db_update()
        lacking = [f"{row.item_name}：{row.missing}" for row in self.items if not row.eligible]
        if lacking:
            frappe.throw("\n".join([frappe._("Mandatory conditions are missing:"), *lacking]))

    def open_ballot(self) -> None:
        """Asks the kind's committee about the items that nobody has refused."""
        committee = frappe.db.get_value("Privilege Kind", self.kind, "committee")
        if not committee:
            frappe.throw(frappe._("No committee is set for {0}").format(self.kind))
        items = [
            (row.code, f"{row.item_name}（{row.level or '-'}）")
            for row in self.items
            if rules.still_open(row.as_dict())
        ]
        self.db_set("ballot", ballots.open_ballot(self, committee, items))

    def _grant(self) -> None:
        months = frappe.db.get_value("Privilege Kind", self.kind, "default_valid_months") or 24
        end = frappe.utils.add_to_date(now_datetime(), months=int(months))
        for row in self.items:
            if rules.still_open(row.as_dict()) and not row.get("grant"):
                row.grant = ledger.grant(
                    self.practitioner, self.kind, row.code, valid_to=end, level=row.level, source_application=self.name,
                    source_key=f"{self.name}/{row.code}",
                )  # fmt: skip
                row.db_update()


def _held(practitioner: str, kind: str, codes: list[str]) -> set[str]:
    """Items that a person holds for longer than the days in which expiry is announced."""
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or 60
    soon = frappe.utils.add_days(now_datetime(), days)
    rows = frappe.get_all(
        "Privilege Grant",
        filters={
            "practitioner": practitioner, "kind": kind, "code": ("in", codes or [""]), "grant_type": "Regular",
            "status": ("in", ("Active", "Suspended")),
        },
        fields=["code", "valid_to", "revoke_reason"],
    )  # fmt: skip
    return {row.code for row in rows if not row.revoke_reason and (not row.valid_to or row.valid_to > soon)}


def _pending(practitioner: str, besides: str | None) -> dict[str, str]:
    """Items that other applications of a person still wait for, with those applications."""
    sheets = frappe.get_all(
        "Privilege Application",
        filters={"practitioner": practitioner, "workflow_state": ("in", list(rules.STEP_FIELDS))},
        pluck="name",
    )
    rows = frappe.get_all(
        "Privilege Application Item",
        filters={"parent": ("in", [name for name in sheets if name != besides] or [""])},
        fields=["parent", "code", *rules.STEP_FIELDS.values()],
    )
    return {row.code: row.parent for row in rows if rules.still_open(row)}
