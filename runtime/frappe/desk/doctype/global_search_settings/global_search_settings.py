"""Which DocTypes the global search looks into, in which order."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils.caching import kept

#: Modules of the host itself.
_CORE_MODULES = frozenset({"Core", "Custom", "Desk", "Workflow", "Printing"})


class GlobalSearchSettings(Document):
    """The site's choice."""

    def validate(self) -> None:
        """Each DocType once, none of the host's own modules.

        :raises frappe.ValidationError: naming them
        """
        chosen = [row.document_type for row in self.allowed_in_global_search]
        twice = sorted({name for name in chosen if chosen.count(name) > 1})
        if twice:
            frappe.throw(_("Document Type {0} has been repeated.").format(", ".join(twice)))
        core = [name for name in chosen if frappe.get_meta(name).module in _CORE_MODULES]
        if core:
            frappe.throw(
                _("Core Modules {0} cannot be searched in Global Search.").format(
                    frappe.bold(", ".join(core))
                )
            )

    def on_update(self) -> None:
        """Every process reads the choice anew."""
        frappe.clear_cache()


def get_doctypes_for_global_search() -> list[str]:
    """The chosen DocTypes, in their order."""
    rows = {"parent": "Global Search Settings", "parentfield": "allowed_in_global_search"}
    return kept(
        "globally searched",
        lambda: frappe.get_all("Global Search DocType", rows, pluck="document_type", order_by="idx"),
    )


@frappe.whitelist(methods=["POST"])
def reset_global_search_settings_doctypes() -> None:
    """The choice of the installed apps, by their hook `global_search_doctypes`."""
    frappe.only_for("System Manager")
    settings = frappe.get_single("Global Search Settings")
    wanted = [
        entry.get("doctype")
        for entries in (frappe.get_hooks("global_search_doctypes") or {}).values()
        for entry in entries
        if isinstance(entry, dict) and frappe.db.exists("DocType", entry.get("doctype"))
    ]
    settings.allowed_in_global_search = []
    for name in dict.fromkeys(wanted):
        settings.append("allowed_in_global_search", {"document_type": name})
    settings.save()
