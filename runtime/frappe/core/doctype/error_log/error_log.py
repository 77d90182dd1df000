"""Error Log: records that are kept for a while."""

from __future__ import annotations

from frappe.core.doctype.log_settings.log_settings import delete_older
from frappe.model.document import Document


class ErrorLog(Document):
    """An entry."""

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        """Deletes what has not changed for so many days."""
        delete_older("Error Log", days)
