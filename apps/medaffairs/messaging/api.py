"""What the face asks of messages: the reader's own, receipts, telling heads and team leaders, trying a channel."""

from typing import Any

import frappe
from frappe.utils import cint

from medaffairs.messaging import channels, outbox, people, rules
from medaffairs.messaging.outbox import DOCTYPE
from medaffairs.messaging.vendors.base import VendorError

OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
REMINDER = "REMIND_HEADS"
LONGEST_REMINDER = 500


@frappe.whitelist()
def inbox(start: int = 0, page_length: int = 20, unread: bool = False) -> list[dict[str, Any]]:
    """The reader's own messages in the system, newest first; `vendor_id` is the notice that each has become."""
    states = (rules.SENT,) if unread else (rules.SENT, rules.READ)
    return frappe.get_list(
        DOCTYPE,
        filters={"recipient": frappe.session.user, "kind": rules.IN_APP, "status": ("in", states)},
        fields=["name", "title", "text", "route", "reference_doctype", "reference_name", "sent_at", "read_at", "urgent", "vendor_id"],
        order_by="sent_at desc", limit_start=cint(start), limit_page_length=min(cint(page_length), 100),
    )  # fmt: skip


@frappe.whitelist(methods=["POST"])
def open(name: str) -> dict[str, str]:
    """Notes that a message was read by its recipient, and tells the page that it leads to.

    :raises frappe.PermissionError: for somebody else's message
    """
    message = frappe.db.get_value(
        DOCTYPE, {"name": name}, ["name", "recipient", "route", "vendor_id", "kind"], as_dict=True
    )
    if not message or message.recipient != frappe.session.user:
        frappe.throw(frappe._("This message is not for you"), frappe.PermissionError)
    outbox.mark_read([message.name])
    if message.kind == rules.IN_APP and message.vendor_id:
        frappe.db.set_value("Notification Log", message.vendor_id, "read", 1, update_modified=False)
    return {"route": message.route or "/medaffairs"}


@frappe.whitelist()
def heads_and_leaders(doctype: str, name: str) -> list[dict[str, str]]:
    """Whom a reminder about a document reaches: the heads of its department and the team leaders concerned."""
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return people.concerned(doc)


@frappe.whitelist(methods=["POST"])
def remind(doctype: str, name: str, text: str) -> int:
    """Tells heads of department and team leaders something about a document, by all their channels; how many people.

    :raises frappe.PermissionError: for others than the office, or without the right to read the document
    """
    frappe.only_for(OFFICE)
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    text = text.strip()
    if not text or len(text) > LONGEST_REMINDER:
        frappe.throw(frappe._("A reminder has 1 to {0} characters").format(LONGEST_REMINDER))
    users = [person["user"] for person in people.concerned(doc)]
    if not users:
        frappe.throw(frappe._("Nobody with an account leads this department"))
    outbox.send(
        REMINDER, users, {"document_type": frappe._(doctype), "document": name}, private={"text": text},
        reference=(doctype, name), key=f"remind|{doctype}|{name}|{frappe.generate_hash(length=10)}",
    )  # fmt: skip
    doc.add_comment("Info", frappe._("Reminded: {0}").format("、".join(users)))
    return len(users)


@frappe.whitelist(methods=["POST"])
def try_channel(channel: str) -> dict[str, Any]:
    """Sends the asking administrator a message by a channel at once, and tells what the vendor said."""
    doc = frappe.get_doc("Message Channel", channel)
    doc.check_permission("write")
    trial = frappe.get_doc(
        doctype=DOCTYPE, recipient=frappe.session.user, kind=doc.kind, title=frappe._("Test Message"),
        text=frappe._("The channel {0} works").format(channel), parameters="{}", status=rules.SENT, channel=channel,
        series=f"trial|{frappe.generate_hash(length=10)}", message_key=f"trial|{frappe.generate_hash(length=16)}",
        sent_at=frappe.utils.now_datetime(), route="/medaffairs",
    ).insert(ignore_permissions=True)  # fmt: skip
    try:
        number = channels.sender(doc)(trial)
    except VendorError as error:
        trial.db_set({"status": rules.FAILED, "error": str(error)[:500]})
        return {"sent": False, "error": str(error)}
    trial.db_set("vendor_id", number)
    return {"sent": True, "number": number}
