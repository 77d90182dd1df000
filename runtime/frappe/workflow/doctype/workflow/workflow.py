"""A workflow: states, transitions, and the field that keeps the state."""

import frappe
from frappe import _
from frappe.model import no_value_fields
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.caching import invalidate


class Workflow(Document):
    """One workflow per DocType may be active."""

    def validate(self) -> None:
        self.set_active()
        self.create_custom_field_for_workflow_state()
        self.update_default_workflow_status()
        self.validate_docstatus()

    def on_update(self) -> None:
        invalidate()
        frappe.clear_cache(doctype=self.document_type)

    def on_trash(self) -> None:
        invalidate()

    def set_active(self) -> None:
        """Switches the DocType's other workflows off."""
        if not cint(self.is_active):
            return
        others = {"document_type": self.document_type, "is_active": 1, "name": ("!=", self.name)}
        for name in frappe.get_all("Workflow", filters=others, pluck="name"):
            frappe.db.set_value("Workflow", name, "is_active", 0)

    def create_custom_field_for_workflow_state(self) -> None:
        """Gives the DocType the state's field when it has none."""
        meta = frappe.get_meta(self.document_type)
        if meta.get_field(self.workflow_state_field):
            return
        frappe.get_doc(
            {
                "doctype": "Custom Field",
                "dt": self.document_type,
                "fieldname": self.workflow_state_field,
                "label": self.workflow_state_field.replace("_", " ").title(),
                "hidden": 1,
                "allow_on_submit": 1,
                "no_copy": 1,
                "fieldtype": "Link",
                "options": "Workflow State",
                "owner": "Administrator",
            }
        ).save(ignore_permissions=True)
        frappe.msgprint(
            _("Created Custom Field {0} in {1}").format(self.workflow_state_field, self.document_type)
        )

    def update_default_workflow_status(self) -> None:
        """Documents made before the workflow get the first state of their document status."""
        first: dict[int, str] = {}
        for row in self.get("states"):
            first.setdefault(cint(row.doc_status), row.state)
        if frappe.get_meta(self.document_type).issingle:
            return
        for status, state in first.items():
            frappe.db.set_value(
                self.document_type,
                {self.workflow_state_field: ("is", "not set"), "docstatus": status},
                self.workflow_state_field,
                state,
                update_modified=False,
            )

    def validate_docstatus(self) -> None:
        """Refuses transitions that document statuses do not allow.

        :raises frappe.ValidationError: naming the transition
        """
        states = {row.state: cint(row.doc_status) for row in self.states}
        submittable = cint(frappe.get_meta(self.document_type).is_submittable)
        for row in self.transitions:
            for state in (row.state, row.next_state):
                if state not in states:
                    frappe.throw(_("{0} not a valid State").format(state))
            before, after = states[row.state], states[row.next_state]
            if before == 2:
                frappe.throw(
                    _("Cannot change state of Cancelled Document. Transition row {0}").format(row.idx)
                )
            if before == 1 and after == 0:
                frappe.throw(
                    _("Submitted Document cannot be converted back to draft. Transition row {0}").format(
                        row.idx
                    )
                )
            if before == 0 and after == 2:
                frappe.throw(_("Cannot cancel before submitting. See Transition {0}").format(row.idx))
        if not submittable and any(states.values()):
            frappe.throw(
                _("{0} is not submittable: its states must have the document status Draft").format(
                    _(self.document_type)
                )
            )


@frappe.whitelist()
def get_workflow_state_count(doctype: str, workflow_state_field: str, states: list | str) -> list:
    """How many documents are in a state that is none of `states`."""
    frappe.has_permission(doctype=doctype, ptype="read", throw=True)
    field = frappe.get_meta(doctype).get_field(workflow_state_field)
    if field is None or field.fieldtype in no_value_fields:
        frappe.throw(_("Field {0} does not exist on {1}").format(workflow_state_field, doctype))
    return frappe.get_list(
        doctype,
        fields=[workflow_state_field, "count(*) as count", "docstatus"],
        filters={workflow_state_field: ["not in", frappe.parse_json(states)]},
        group_by=f"{workflow_state_field}, docstatus",
    )
