"""Quality Report Template: sections whose blanks can all be filled (F43)."""

import frappe
from frappe.model.document import Document

from medaffairs.adverse_event.quality import blanks
from medaffairs.adverse_event.quality.content import TEXT, TRACKED


class QualityReportTemplate(Document):
    """What a quality report consists of."""

    def validate(self) -> None:
        """Every blank has a name that can be filled, every chart and table a report that it is taken from.

        :raises frappe.ValidationError: naming the row
        """
        self._check("", self.title)
        for row in self.sections:
            place = frappe._("Row {0}").format(row.idx)
            self._check(place, row.heading, row.text)
            if row.kind not in (TEXT, TRACKED) and not row.report:
                frappe.throw(f"{place}: " + frappe._("Please choose the report that it is taken from"))

    def _check(self, place: str, *texts: str) -> None:
        names = blanks.unknown(texts)
        if names:
            words = frappe._("There is no blank {0}").format("{" + names[0] + "}")
            frappe.throw(f"{place}: {words}" if place else words)
