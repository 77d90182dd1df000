"""Who is told of what happens to a document, how, and in which words."""

from __future__ import annotations

import html
import json
from email.utils import formataddr
from pathlib import Path
from typing import Any

import frappe
from frappe import _
from frappe._apps import get_module_app
from frappe.email.notification_events import evaluate_alert, get_context, run_document_event
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, flt, nowdate, validate_email_address
from frappe.utils.caching import invalidate
from frappe.utils.jinja import validate_template

__all__ = ["Notification", "evaluate_alert", "get_context", "get_documents_for_today", "trigger_daily_alerts",
           "trigger_notifications"]  # fmt: skip

#: The text of a standard record stands beside it, by the kind of text.
FORMATS = {"HTML": ".html", "Markdown": ".md", "Plain Text": ".txt"}
#: What a Notification would call forth itself.
FORBIDDEN_DOCUMENT_TYPES = frozenset({"Email Queue"})
DATE_BASED_EVENTS = ("Days Before", "Days After")


class Notification(Document):
    """A rule: event, condition, receivers and text."""

    def validate(self) -> None:
        """Refuses a rule that could never work.

        :raises frappe.ValidationError: naming what is missing or wrong
        """
        if self.channel in ("Email", "Slack", "System Notification"):
            validate_template(self.subject)
        validate_template(self.message)
        if self.event in DATE_BASED_EVENTS and not self.date_changed:
            frappe.throw(_("Please specify which date field must be checked"))
        if self.event == "Value Change" and not self.value_changed:
            frappe.throw(_("Please specify which value field must be checked"))
        if self.document_type in FORBIDDEN_DOCUMENT_TYPES and self.event != "Custom":
            frappe.throw(
                _("Cannot set Notification with event {0} on Document Type {1}").format(
                    _(self.event), _(self.document_type)
                )
            )
        self.validate_standard()
        self.validate_condition()

    def validate_standard(self) -> None:
        """What an app ships is switched off, and never changed, on a site."""
        if self.is_standard and self.enabled and not frappe.conf.developer_mode:
            frappe.throw(
                _("Cannot edit Standard Notification. To edit, please disable this and duplicate it")
            )

    def validate_condition(self) -> None:
        """A condition must hold or not hold for a new document; it must not fail."""
        if not self.condition:
            return
        try:
            frappe.safe_eval(self.condition, None, get_context(frappe.new_doc(self.document_type)))
        except Exception:
            frappe.throw(_("The Condition '{0}' is invalid").format(self.condition))

    def on_update(self) -> None:
        """Every process knows of the rule from now on."""
        invalidate()

    def on_trash(self) -> None:
        """Every process forgets the rule."""
        invalidate()

    # -- by date

    @frappe.whitelist()
    def get_documents_for_today(self) -> list[Any]:
        """Documents whose date lies the asked number of days from today."""
        days = cint(self.days_in_advance) * (-1 if self.event == "Days After" else 1)
        day = str(add_to_date(nowdate(), days=days))[:10]
        names = frappe.get_all(
            self.document_type,
            filters=[[self.date_changed, ">=", f"{day} 00:00:00"], [self.date_changed, "<=", f"{day} 23:59:59.999999"]],
            pluck="name",
        )  # fmt: skip
        found = (frappe.get_doc(self.document_type, name) for name in names)
        return [
            doc
            for doc in found
            if not self.condition or frappe.safe_eval(self.condition, None, get_context(doc))
        ]

    # -- sending

    def send(self, doc: Any) -> None:
        """Tells everybody, by the way that the rule asks for.

        :raises Exception: what went wrong; the caller writes it down
        """
        context = {**get_context(doc), "alert": self}
        if doc.get("_comments"):
            context["comments"] = json.loads(doc.get("_comments"))
        if self.is_standard:
            self.load_standard_properties(context)
        if self.channel == "Email":
            self.send_an_email(doc, context)
        elif self.channel in {"SMS", "Slack"}:
            frappe.throw(_("Notifications by {0} are not available on this site").format(self.channel))
        if self.channel == "System Notification" or cint(self.send_system_notification):
            self.create_system_notification(doc, context)
        if self.set_property_after_alert:
            self._set_property(doc)

    def _set_property(self, doc: Any) -> None:
        field = doc.meta.get_field(self.set_property_after_alert)
        if doc.flags.in_notification_update or (doc.docstatus == 1 and not (field and field.allow_on_submit)):
            return
        value: Any = self.property_value
        if field and field.fieldtype in ("Int", "Check"):
            value = cint(value)
        elif field and field.fieldtype in ("Float", "Currency", "Percent"):
            value = flt(value)
        doc.flags.in_notification_update = True
        try:
            doc.db_set(self.set_property_after_alert, value)
        finally:
            doc.flags.in_notification_update = False

    def send_an_email(self, doc: Any, context: dict[str, Any]) -> None:
        """Puts a mail into the queue, and keeps it with the document."""
        recipients, cc, bcc = self.get_list_of_recipients(doc, context)
        if not (recipients or cc or bcc):
            return
        subject = self._plain_subject(context)
        message = frappe.render_template(self.message, context)
        sender = formataddr((self.sender, self.sender_email)) if self.sender and self.sender_email else ""
        frappe.sendmail(
            recipients=recipients, cc=cc, bcc=bcc, sender=sender, subject=subject, message=message,
            reference_doctype=doc.doctype, reference_name=str(doc.name), attachments=self.get_attachment(doc),
            expose_recipients="header", communication=self._communication(doc, subject, message, recipients, cc, bcc),
            print_letterhead=bool(cint(self.attach_print)),
        )  # fmt: skip

    def _communication(
        self, doc: Any, subject: str, message: str, recipients: list, cc: list, bcc: list
    ) -> str | None:
        if not frappe.db.exists(doc.doctype, doc.name):
            return None
        comm = frappe.get_doc(
            doctype="Communication", subject=subject, content=message, recipients=", ".join(recipients),
            cc=", ".join(cc) or None, bcc=", ".join(bcc) or None, communication_medium="Email", sent_or_received="Sent",
            sender=frappe.db.get_value("User", frappe.session.user, "email"), reference_doctype=doc.doctype,
            reference_name=str(doc.name), communication_type="Automated Message",
        )  # fmt: skip
        return comm.insert(ignore_permissions=True).name

    def create_system_notification(self, doc: Any, context: dict[str, Any]) -> None:
        """A message inside the system to everybody who has an account."""
        from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification

        recipients, cc, bcc = self.get_list_of_recipients(doc, context)
        people = [validate_email_address(entry) for entry in [*recipients, *cc, *bcc]]
        files = self.get_attachment(doc)
        enqueue_create_notification(
            people,
            {"type": "Alert", "document_type": doc.doctype, "document_name": str(doc.name),
             "subject": frappe.render_template(self.subject or "", context),
             "from_user": doc.modified_by or doc.owner,
             "email_content": frappe.render_template(self.message or "", context),
             "attached_file": json.dumps(files[0]) if files else None},
        )  # fmt: skip

    def _plain_subject(self, context: dict[str, Any]) -> str:
        # A header is no HTML: what the template has escaped in it is itself again.
        return html.unescape(frappe.render_template(self.subject or "", context))

    # -- receivers

    def get_list_of_recipients(self, doc: Any, context: dict[str, Any]) -> tuple[list, list, list]:
        """(addressed, copies, hidden copies), each address once."""
        to: list[str] = []
        cc: list[str] = []
        bcc: list[str] = []
        for row in self.recipients:
            if row.condition and not frappe.safe_eval(row.condition, None, context):
                continue
            if row.receiver_by_document_field:
                to += _in_field(doc, row.receiver_by_document_field)
            cc += _in_text(row.cc, context)
            bcc += _in_text(row.bcc, context)
            if row.receiver_by_role:
                to += _with_role(row.receiver_by_role)
        if self.send_to_all_assignees:
            to += get_assignees(doc)
        return list(dict.fromkeys(to)), list(dict.fromkeys(cc)), list(dict.fromkeys(bcc))

    def get_attachment(self, doc: Any) -> list[dict[str, Any]]:
        """The document's print, if the rule asks for it."""
        if not self.attach_print:
            return []
        return [{"print_format_attachment": 1, "doctype": doc.doctype, "name": doc.name, "lang": frappe.local.lang,
                 "print_format": self.print_format, "print_letterhead": 1}]  # fmt: skip

    # -- standard records

    def load_standard_properties(self, context: dict[str, Any]) -> None:
        """The text and the context that an app keeps beside its record."""
        name = frappe.scrub(self.name)
        folder = Path(frappe.get_module_path(self.module, "notification", name))
        text = folder / f"{name}{FORMATS.get(self.message_type, '.md')}"
        if text.is_file():
            self.message = text.read_text(encoding="utf-8")
        if (folder / f"{name}.py").is_file():
            app = get_module_app(self.module)
            module = frappe.get_module(f"{app}.{frappe.scrub(self.module)}.notification.{name}.{name}")
            more = module.get_context(context) if hasattr(module, "get_context") else None
            context.update(more or {})


def _in_field(doc: Any, fieldname: str) -> list[str]:
    """Addresses in a field of the document, or of its rows (`field,table`)."""
    field, _comma, table = fieldname.partition(",")
    values = [row.get(field) for row in doc.get(table) or []] if table else [doc.get(field)]
    found = []
    for value in values:
        for entry in frappe.utils.split_emails(str(value or "")):
            address = validate_email_address(entry) or frappe.db.get_value("User", entry, "email")
            if address and entry != "Administrator":
                found.append(address)
    return found


def _in_text(text: str | None, context: dict[str, Any]) -> list[str]:
    if not text:
        return []
    if "{" in text:
        text = html.unescape(frappe.render_template(text, context))
    return [entry for entry in frappe.utils.split_emails(text) if validate_email_address(entry)]


def _with_role(role: str) -> list[str]:
    users = frappe.get_all("Has Role", {"role": role, "parenttype": "User"}, pluck="parent")
    known = {"name": ("in", users), "enabled": 1}
    rows = frappe.get_all("User", known, ["name", "email"], order_by="name asc") if users else []
    return [row.email for row in rows if row.email and row.name not in {"Administrator", "Guest"}]


def get_assignees(doc: Any) -> list[str]:
    """Addresses of those to whom the document is assigned now."""
    known = {"status": "Open", "reference_type": doc.doctype, "reference_name": str(doc.name)}
    return frappe.get_all("ToDo", known, pluck="allocated_to")


@frappe.whitelist()
def get_documents_for_today(notification: str) -> list[Any]:
    """Names of the documents about which a rule would speak today."""
    rule = frappe.get_doc("Notification", notification)
    rule.check_permission("read")
    return [doc.name for doc in rule.get_documents_for_today()]


def trigger_daily_alerts() -> None:
    """Speaks of the documents whose date is due: once a day."""
    trigger_notifications(None, "daily")


def trigger_notifications(doc: Any, method: str | None = None) -> None:
    """Runs the rules for one event of a document; without one, those by date."""
    if frappe.flags.in_import or frappe.flags.in_patch:
        return
    if method != "daily":
        run_document_event(doc, method or "")
        return
    rules = frappe.get_all("Notification", {"event": ("in", DATE_BASED_EVENTS), "enabled": 1}, pluck="name")
    for name in rules:
        rule = frappe.get_doc("Notification", name)
        try:
            found = rule.get_documents_for_today()
        except Exception:
            frappe.log_error(title="Failed to send Notification", reference_doctype="Notification", reference_name=name)  # fmt: skip
            continue
        for entry in found:
            evaluate_alert(entry, rule, rule.event)
            frappe.db.commit()
