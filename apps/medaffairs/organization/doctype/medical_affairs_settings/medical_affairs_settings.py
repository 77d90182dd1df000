"""Medical Affairs Settings."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

# Network logs are kept for at least six months (Cybersecurity Law, art. 21).
MINIMUM_RETENTION_DAYS = 183


class MedicalAffairsSettings(Document):
    """What holds for the whole hospital: identity, governing level scheme, fail modes, audit."""

    def validate(self) -> None:
        if cint(self.audit_retention_days) < MINIMUM_RETENTION_DAYS:
            frappe.throw(_("Records of access are kept for at least {0} days").format(MINIMUM_RETENTION_DAYS))
        if self.level_scheme:
            self._check_scheme()

    def _check_scheme(self) -> None:
        if frappe.db.get_value("Dictionary Item", self.level_scheme, "dictionary") != "LEVEL_SCHEME":
            frappe.throw(_("{0} is not a level scheme").format(self.level_scheme))
