"""A way to print a DocType."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.jinja import validate_template


class PrintFormat(Document):
    """A template, or fields put together by a designer."""

    def validate(self) -> None:
        """Formats of apps are changed in the app; a template can be read.

        :raises frappe.ValidationError: for a template with an error in it, naming the line
        """
        before = self.get_doc_before_save()
        if (
            (self.standard == "Yes" or (before is not None and before.standard == "Yes"))
            and not frappe.conf.developer_mode
            and not (frappe.flags.in_import or frappe.flags.in_migrate or frappe.flags.in_install or frappe.flags.in_patch or frappe.flags.in_test)
        ):  # fmt: skip
            frappe.throw(frappe._("Standard Print Format cannot be updated"))
        if (
            cint(self.custom_format)
            and not cint(self.raw_printing)
            and not self.html
            and self.standard != "Yes"
        ):
            frappe.throw(frappe._("{0} is required").format(frappe._("HTML")), frappe.MandatoryError)
        if self.html and self.print_format_type != "JS":
            validate_template(self.html)
