"""The monitor of messages: what is under way to other systems, what came in, and what can be done about it.

Who may what: the medical-affairs manager and the integration role run the interfaces; a System Manager may too,
but reads no message, since messages hold patients and staff. Officers and auditors look.

Every method is recorded in the access log, reading a message and sending one again with the message; apart from the
summary, which every open page asks for again and again, and which tells nothing about anybody.
"""

import asyncio
import time
from typing import Any

import frappe
from frappe.utils import add_to_date, cint, get_datetime, now_datetime

from medaffairs.audit.recorder import audited
from medaffairs.integration import processing
from medaffairs.integration.hl7 import writer
from medaffairs.integration.outbound import deliveries as queues
from medaffairs.integration.outbound import messages as compose
from medaffairs.integration.outbound import monitor, outbox, rules
from medaffairs.integration.outbound.connecting import client_for, connect, explain, read_answer
from medaffairs.integration.outbound.deliveries import DELIVERY, ENDPOINT
from medaffairs.integration.outbound.subjects import letterhead
from medaffairs.integration.reading import read_for_people

MESSAGE = "HL7 Message"
OPERATORS = ("Medical Affairs Manager", "Integration", "System Manager")
WATCHERS = (*OPERATORS, "Medical Affairs Officer", "Auditor")
MOST_ROWS = 200
TEST_SECONDS = 10
DELIVERY_FIELDS = (
    "name", "creation", "endpoint", "event_type", "message_type", "practitioner", "control_id", "sequence", "status",
    "attempts", "next_attempt", "sent_at", "acknowledged_at", "ack_code", "error", "resend_of", "resent_as",
)  # fmt: skip
MESSAGE_FIELDS = (
    "name", "direction", "sender", "control_id", "message_type", "status", "received_at", "processed_at", "decision",
    "error",
)  # fmt: skip


@frappe.whitelist(methods=["GET"])
def summary() -> dict[str, Any]:
    """The monitor's first page.

    :returns: `endpoints`, each with name, enabled, paused, host, port, `state` (Disabled, Paused, Idle, Sending,
        Retrying, Not Running), `reason` (why it waits), `queued`, `dead` (failed and not sent again),
        `oldest_queued_at`, `oldest_age` (seconds), `attempts` and `next_attempt` of the oldest, its name `head`,
        `last_acknowledged_at`, `behind` (events not queued yet), `sync_requested_at`; `inbound`, of the last 24
        hours per sender: sender, received, denied, failed, last_received_at; `may_operate`, `may_read`; `now`
    """
    frappe.only_for(WATCHERS, message=True)
    now = now_datetime()
    return {
        "endpoints": monitor.endpoints(),
        "inbound": monitor.inbound(add_to_date(now, days=-1, as_datetime=True)),
        "may_operate": bool(set(frappe.get_roles()) & set(OPERATORS)),
        "may_read": bool(frappe.has_permission(DELIVERY, "read")),
        "may_read_inbound": bool(frappe.has_permission(MESSAGE, "read")),
        "now": now,
    }


@frappe.whitelist(methods=["GET"])
def deliveries(
    endpoint: str = "", status: str = "", message_type: str = "", event_type: str = "", practitioner: str = "",
    text: str = "", from_time: str = "", to_time: str = "", start: int = 0, page_length: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """Messages to other systems, the newest first, without their contents.

    :param status: Queued, Sent, Retrying, Acknowledged or Dead; `Open` for the first three; `Unsent` for failed
        ones that nobody has sent again
    :param text: part of the control id
    :param from_time: queued at or after; `to_time` before
    :returns: rows, total, start
    """
    frappe.has_permission(DELIVERY, "read", throw=True)
    filters: list[list[Any]] = [
        [DELIVERY, field, "=", value]
        for field, value in (
            ("endpoint", endpoint), ("message_type", message_type), ("event_type", event_type), ("practitioner", practitioner),
        )
        if value
    ]  # fmt: skip
    if status == "Open":
        filters.append([DELIVERY, "status", "in", list(rules.OPEN)])
    elif status == "Unsent":
        filters += [[DELIVERY, "status", "=", rules.DEAD], [DELIVERY, "resent_as", "is", "not set"]]
    elif status:
        filters.append([DELIVERY, "status", "=", status])
    return _page(
        DELIVERY,
        DELIVERY_FIELDS,
        filters,
        "creation",
        text,
        from_time,
        to_time,
        start,
        page_length,
    )


@frappe.whitelist(methods=["GET"])
def messages(
    sender: str = "", status: str = "", message_type: str = "", decision: str = "", text: str = "",
    from_time: str = "", to_time: str = "", start: int = 0, page_length: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """Messages that came in, the newest first, without their contents.

    :param text: part of the control id
    :param from_time: received at or after; `to_time` before
    :returns: rows, total, start
    """
    frappe.has_permission(MESSAGE, "read", throw=True)
    filters = [
        [MESSAGE, field, "=", value]
        for field, value in (("sender", sender), ("status", status), ("message_type", message_type), ("decision", decision))
        if value
    ]  # fmt: skip
    return _page(
        MESSAGE,
        MESSAGE_FIELDS,
        filters,
        "received_at",
        text,
        from_time,
        to_time,
        start,
        page_length,
    )


@frappe.whitelist(methods=["GET"])
def delivery(name: int) -> dict[str, Any]:
    """One message to another system, with its contents and its answer for reading; the reading is recorded.

    :returns: the delivery's fields, `payload`, `ack`, and `segments` and `answer` as
        `medaffairs.integration.reading.read_for_people` returns them
    """
    return _read(DELIVERY, name)


@frappe.whitelist(methods=["GET"])
def message(name: int) -> dict[str, Any]:
    """One message that came in, with its contents and its answer for reading; the reading is recorded.

    :returns: as `delivery`
    """
    return _read(MESSAGE, name)


@frappe.whitelist(methods=["POST"])
def resend(name: int, reason: str) -> dict[str, Any]:
    """Sends a delivery once more, under a new control id, then what is true of the person now.

    An old grant that is repeated would otherwise undo a revocation at the receiver.

    :returns: the names of the new deliveries
    """
    doc = _operable(name, reason)
    with audited("Replay", DELIVERY, str(name)) as note:
        note.filters, note.row_count = reason, 1
        names = [queues.send_again(doc.name, reason)]
        if doc.practitioner and frappe.db.exists("Practitioner", doc.practitioner):
            names += outbox.current_state(doc.endpoint, doc.practitioner)
    return {"deliveries": names}


@frappe.whitelist(methods=["POST"])
def replay(name: int, reason: str) -> dict[str, Any]:
    """Processes a message that came in once more, with today's codes and records; the sender is told nothing.

    The decision that the sender was given stays as it is.

    :returns: status and error after processing
    """
    frappe.only_for(OPERATORS, message=True)
    doc = frappe.get_doc(MESSAGE, name)
    doc.check_permission("read")
    _need(reason)
    if doc.direction != "In" or doc.status == "Rejected":
        frappe.throw(frappe._("A message that was rejected has to be sent again by its sender"))
    with audited("Replay", MESSAGE, str(name)) as note:
        note.filters, note.row_count = reason, 1
        processing.reprocess(doc.name)
    return frappe.db.get_value(MESSAGE, doc.name, ["status", "error"], as_dict=True)


@frappe.whitelist(methods=["POST"])
def retry_dead(endpoint: str, reason: str) -> dict[str, Any]:
    """Sends everything again that a system refused, then what is true now of the persons concerned.

    :returns: how many messages were queued again
    """
    _operate(endpoint, reason)
    filters = {
        "endpoint": endpoint,
        "status": rules.DEAD,
        "resent_as": ("is", "not set"),
        "attempts": (">", 0),
    }
    rows = frappe.get_all(
        DELIVERY, filters=filters, fields=["name", "practitioner"], order_by="name", limit=1000
    )
    with audited("Replay", ENDPOINT, endpoint) as note:
        note.filters, note.row_count = reason, len(rows)
        for row in rows:
            queues.send_again(row.name, reason)
        for practitioner in dict.fromkeys(row.practitioner for row in rows if row.practitioner):
            outbox.current_state(endpoint, practitioner)
    return {"queued": len(rows)}


@frappe.whitelist(methods=["POST"])
def retry_now(endpoint: str) -> dict[str, Any]:
    """Lets the next attempt of a waiting queue happen at once."""
    _operate(endpoint)
    with audited("Update", ENDPOINT, endpoint) as note:
        note.row_count = queues.try_now(endpoint)
    return {"queued": note.row_count}


@frappe.whitelist(methods=["POST"])
def give_up(name: int, reason: str) -> None:
    """Moves a delivery that blocks its queue to the failed ones; the queue goes on."""
    _operable(name, reason)
    with audited("Update", DELIVERY, str(name)) as note:
        note.filters, note.row_count = reason, 1
        queues.give_up(name, f"{frappe._('Given up')}: {reason}")


@frappe.whitelist(methods=["POST"])
def pause(endpoint: str, reason: str) -> None:
    """Stops sending to a system; changes are queued meanwhile."""
    _operate(endpoint, reason)
    _set_paused(endpoint, 1, reason)


@frappe.whitelist(methods=["POST"])
def resume(endpoint: str) -> None:
    """Goes on sending to a system, where it stopped."""
    _operate(endpoint)
    _set_paused(endpoint, 0, "")


@frappe.whitelist(methods=["POST"])
def synchronise(endpoint: str, reason: str) -> None:
    """Asks for a full synchronisation: an MFN^M02 for every practitioner, queued by the gate within a second."""
    doc = _operate(endpoint, reason)
    if not doc.enabled or doc.direction != "Outbound":
        frappe.throw(frappe._("Enable the system first"))
    with audited("Update", ENDPOINT, endpoint) as note:
        note.filters, note.row_count = reason, 1
        doc.db_set("sync_requested_at", now_datetime())
        doc.add_comment("Info", f"{frappe._('Full Synchronisation')}: {reason}")


@frappe.whitelist(methods=["POST"])
def test_connection(endpoint: str) -> dict[str, Any]:
    """Connects to a system on a connection of its own, sends NMD^N02 and waits for the acknowledgement.

    Any acknowledgement of our message shows that the connection works, also one that refuses it.

    :returns: ok, seconds, code (MSA-1), text (what the system said, or what went wrong)
    """
    doc = _operate(endpoint)
    with audited("Call", ENDPOINT, endpoint) as note:
        note.row_count = 1
        control, started = writer.control_id(), time.monotonic()
        text = compose.connection_test(letterhead(doc), control, now_datetime())
        code, (words, arguments) = asyncio.run(_ask(doc, text, control))
    seconds = round(time.monotonic() - started, 3)
    return {"ok": bool(code), "seconds": seconds, "code": code, "text": frappe._(words).format(*arguments)}


async def _ask(endpoint: Any, text: str, control: str) -> tuple[str, tuple[str, tuple]]:
    """The code of the acknowledgement, empty when none of ours came, and the words that go with it."""
    connection, seconds = (
        queues.connection_of(endpoint),
        min(endpoint.ack_timeout or TEST_SECONDS, TEST_SECONDS),
    )
    client = client_for(connection)
    try:
        await connect(client)
        answer = read_answer(await client.send(text.encode(compose.codec_of(text)), seconds))
    except Exception as error:
        return "", explain(error, connection, seconds)
    finally:
        await client.close()
    if answer.control_id != control:
        outcome = rules.judge(answer, control, False, rules.APPLICATION)
        return "", (outcome.reason, outcome.arguments)
    return answer.code, ("{0}", (answer.text,))


def _operate(endpoint: str, reason: str | None = None) -> Any:
    """The system, for somebody who runs interfaces and, where one is asked for, gives a reason."""
    frappe.only_for(OPERATORS, message=True)
    doc = frappe.get_doc(ENDPOINT, endpoint)
    doc.check_permission("write")
    _need(reason)
    return doc


def _operable(name: int, reason: str) -> Any:
    """A delivery, for somebody who may read it and run interfaces."""
    frappe.only_for(OPERATORS, message=True)
    doc = frappe.get_doc(DELIVERY, name)
    doc.check_permission("read")
    _need(reason)
    return doc


def _need(reason: str | None) -> None:
    if reason is not None and not reason.strip():
        frappe.throw(frappe._("Please give a reason"))


def _set_paused(endpoint: str, paused: int, reason: str) -> None:
    with audited("Update", ENDPOINT, endpoint) as note:
        note.filters, note.row_count = reason, 1
        doc = frappe.get_doc(ENDPOINT, endpoint)
        doc.update({"paused": paused, "paused_reason": reason})
        doc.save()


def _read(doctype: str, name: int) -> dict[str, Any]:
    with audited("Read", doctype, str(name)) as note:
        doc = frappe.get_doc(doctype, name)
        doc.check_permission("read")
        note.row_count = 1
        fields = DELIVERY_FIELDS if doctype == DELIVERY else MESSAGE_FIELDS
        return {
            **{field: doc.get(field) for field in fields}, "payload": doc.payload, "ack": doc.ack,
            "segments": read_for_people(doc.payload or "", frappe._),
            "answer": read_for_people(doc.ack or "", frappe._),
        }  # fmt: skip


def _page(
    doctype: str, fields: tuple[str, ...], filters: list, moment: str, text: str,
    from_time: str, to_time: str, start: int, page_length: int,
) -> dict[str, Any]:  # fmt: skip
    for value, operator in ((from_time, ">="), (to_time, "<")):
        if value:
            filters.append([doctype, moment, operator, str(_moment(value))])
    if text.strip():
        pattern = text.strip()[:60].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        filters.append([doctype, "control_id", "like", f"%{pattern}%"])
    size, first = max(1, min(cint(page_length), MOST_ROWS)), max(0, cint(start))
    with audited("List", doctype) as note:
        rows = frappe.get_list(
            doctype, filters=filters, fields=list(fields), order_by="name desc", start=first, page_length=size
        )
        # Whoever may list these at all may list all of them (see the table of row rules).
        total = frappe.db.count(doctype, filters)
        note.row_count = len(rows)
        note.filters = frappe.as_json([*filters, text] if text else filters, indent=None)
    return {"rows": rows, "total": total, "start": first}


def _moment(value: str) -> Any:
    try:
        return get_datetime(value)
    except (ValueError, TypeError):
        frappe.throw(frappe._("{0} is not a date and time").format(value[:40]))
