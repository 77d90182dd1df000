"""Imports of procedure catalogues."""

import frappe
from frappe.model.document import Document
from frappe.utils import cint

from medaffairs.privileging.catalogue.importing import start_of

ASKED = ("scheme", "catalogue_year", "file", "is_complete", "from_date")
SETTLED = ("Queued", "Running", "Imported")


class CatalogueImport(Document):
    """A catalogue file with what was found in it and what became of it."""

    def validate(self) -> None:
        """A file that is being imported or was imported stays as it is; a changed one has to be checked again."""
        before = self.get_doc_before_save()
        self._check_scheme()
        if before and before.status in SETTLED:
            frappe.throw(frappe._("The file is being imported or was imported"))
        if self.flags.checked:
            self.status = self.flags.checked
        elif not before or any(self.has_value_changed(field) for field in ASKED):
            self.update(
                {"status": "Draft", "rows_total": 0, "rows_valid": 0, "errors_total": 0, "result": None}
            )
            self.set("errors", [])
        else:
            self.status = before.status

    def _check_scheme(self) -> None:
        if frappe.db.get_value("Dictionary Item", self.scheme, "dictionary") != "LEVEL_SCHEME":
            frappe.throw(frappe._("{0} is not a level scheme").format(self.scheme))
        if not 2000 <= cint(self.catalogue_year) <= 2100:
            frappe.throw(frappe._("The catalogue year must lie between 2000 and 2100"))
        if self.from_date and start_of(self).year != cint(self.catalogue_year):
            frappe.throw(frappe._("The levels must begin within the catalogue year"))

    def on_trash(self) -> None:
        """What was imported stays on record.

        :raises frappe.ValidationError: for an import that ran
        """
        if self.status in SETTLED:
            frappe.throw(frappe._("An import that ran stays on record"))
