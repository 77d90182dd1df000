"""Clinical Department."""

import frappe
from frappe import _
from frappe.utils.nestedset import NestedSet

from medaffairs.organization.rules import initials, pinyin


class ClinicalDepartment(NestedSet):
    """A department of the hospital: clinical, medical technology, functional or platform, in a tree."""

    nsm_parent_field = "parent_clinical_department"

    def validate(self) -> None:
        self.pinyin_initials = initials(self.department_name)
        self.pinyin = pinyin(self.department_name)
        self._refuse_leaf_as_parent()

    def _refuse_leaf_as_parent(self) -> None:
        parent = self.parent_clinical_department
        if not parent:
            return
        if parent == self.name:
            frappe.throw(_("A department cannot be its own parent"))
        if not frappe.db.get_value("Clinical Department", parent, "is_group"):
            frappe.throw(_("{0} is not a group and takes no departments").format(parent))
