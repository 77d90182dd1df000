"""The events of a document's life: the controller's methods, the apps' handlers, notifications, versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import frappe
from frappe.model import workflow
from frappe.model.document_cache import clear_document_cache
from frappe.model.hooks import event_plan
from frappe.utils import cint, cstr

if TYPE_CHECKING:
    pass


class DocumentEvents:
    """Runs what hangs on each event, in Frappe's order."""

    def run_method(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Runs the controller's method, then the apps' handlers for it, then notifications."""
        own, plan = self.__dict__, event_plan(self.doctype, method)
        answer = None
        if hasattr(type(self), method) or (method in own and callable(own[method])):
            answer = getattr(self, method)(*args, **kwargs)
        if plan is None:
            return answer
        for path in plan.handlers:
            reply = frappe.get_attr(path)(self, method, *args, **kwargs)
            answer = reply if reply is not None else answer
        if plan.notifies:
            self.run_notifications(method)
        return answer

    def run_trigger(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """The older name of `run_method`."""
        return self.run_method(method, *args, **kwargs)

    def run_notifications(self, method: str) -> None:
        """Sends what Notification records ask for at this event."""
        flags = frappe.local.flags
        if flags.in_install or flags.in_import or flags.in_patch:
            return
        from frappe.email.notification_events import run_document_event

        run_document_event(self, method)

    def run_before_save_methods(self) -> None:
        """Hooks before writing, as this save's action asks."""
        if self.flags.ignore_validate and self._action != "update_after_submit":
            return
        if self._action == "save":
            self.run_method("before_validate")
            self.run_method("validate")
            self.run_method("before_save")
        elif self._action == "submit":
            self.run_method("before_validate")
            self.run_method("validate")
            self.run_method("before_submit")
        elif self._action == "cancel":
            self.run_method("before_cancel")
        elif self._action == "update_after_submit":
            self.run_method("before_update_after_submit")
        self._check_workflow()
        self.set_title_field()

    def _check_workflow(self) -> None:
        if frappe.local.flags.in_install:
            return
        name = workflow.get_workflow_name(self.doctype)
        if not name:
            return
        workflow.validate_workflow(self)
        if self._action != "save":
            workflow.set_workflow_state_on_action(self, name, self._action)

    def set_title_field(self) -> None:
        """Fills a title that is a pattern of other fields."""
        meta = self.meta
        field = meta.get_field(meta.title_field or "title")
        if field is None or field.fieldname != "title" or not field.default or "{" not in cstr(field.default):
            return
        if not self.get("title"):
            values = {
                key: cstr(value) for key, value in self.as_dict().items() if not isinstance(value, list)
            }
            self.title = field.default.format_map(frappe._dict(values))

    def run_post_save_methods(self) -> None:
        """Hooks after writing, as this save's action asks; then versions and caches."""
        self.clear_cache()
        if self._action == "save":
            self.run_method("on_update")
        elif self._action == "submit":
            self.run_method("on_update")
            self.run_method("on_submit")
        elif self._action == "cancel":
            self.run_method("on_cancel")
            self.check_no_back_links_exist()
        elif self._action == "update_after_submit":
            self.run_method("on_update_after_submit")
        self.clear_cache()
        if self.flags.notify_update is not False:
            self.notify_update()
        self.save_version()
        self.run_method("on_change")

    def clear_cache(self) -> None:
        """Nobody reads an old copy of this document."""
        clear_document_cache(self.doctype, self.name)
        frappe.local.db.value_cache.clear()

    def reset_seen(self) -> None:
        """After a change, only its author has seen the document."""
        if cint(self.meta.get("track_seen")):
            seen = json.dumps([frappe.session.user])
            frappe.db.set_value(self.doctype, self.name, "_seen", seen, update_modified=False)

    def notify_update(self) -> None:
        """Tells open pages that the document has changed."""
        flags = frappe.local.flags
        if flags.in_patch or flags.in_install or cint(self.meta.istable):
            return
        frappe.publish_realtime(
            "doc_update", {"modified": str(self.modified), "doctype": self.doctype, "name": self.name},
            doctype=self.doctype, docname=self.name, after_commit=True,
        )  # fmt: skip

    def save_version(self) -> None:
        """Keeps what has changed, if the DocType tracks changes."""
        if (
            not cint(self.meta.get("track_changes"))
            or self.doctype == "Version"
            or self.flags.ignore_version
            or frappe.flags.in_install
            or frappe.flags.in_patch
        ):
            return
        from frappe.core.doctype.version.version import make_version

        make_version(self, self.get_doc_before_save())

    def check_no_back_links_exist(self) -> None:
        """A document that submitted ones link to is not cancelled.

        :raises frappe.LinkExistsError: when one does
        """
        from frappe.model.delete_doc import check_if_doc_is_linked

        if not self.flags.ignore_links:
            check_if_doc_is_linked(self, method="Cancel")
