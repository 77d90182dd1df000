"""Half a year of messages to two other systems with their receipts."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import frappe
from frappe.utils import get_datetime

from medaffairs.integration.outbound import messages, rules
from medaffairs.integration.outbound.deliveries import DELIVERY
from medaffairs.integration.outbound.subjects import Subjects, letterhead
from medaffairs.privileging import rules as privileges

DAYS, GRANTS, REVOKES = 180, 360, 40
# Name, application, port of the loop-back address where nobody listens, enabled, master file too.
SYSTEMS = (("手术麻醉系统", "ORIS", 6661, 1, 0), ("医院信息系统", "HIS", 6662, 0, 1))
REFUSALS = ("工号不存在", "手术编码未对照", "科室已停用")
FAILURES = ("对端系统报告错误：数据库忙", "127.0.0.1:6661 在 10 秒内未应答", "127.0.0.1:6661 拒绝连接")
COLUMNS = (
    "name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "endpoint", "event_type", "message_type",
    "practitioner", "control_id", "sequence", "status", "attempts", "sent_at", "acknowledged_at", "ack_code", "error",
    "payload", "ack", "change_key", "resend_of", "resent_as", "resend_reason",
)  # fmt: skip


def make_outbound(random: Random, today: date) -> int:
    """Two systems, and what they were told of the grants of the last half year; how many messages."""
    histories = [_History(random, system) for system in SYSTEMS]
    start = datetime.combine(today, time()) - timedelta(days=DAYS)
    events = _events(random, start)
    # Asked once for all, so that names are not looked up one by one.
    subjects = Subjects()
    for history in histories:
        named = {
            item.held.grant: item for item in subjects.items([row.held for row in events], history.endpoint)
        }
        for row in events:
            history.tell(row, subjects, named[row.held.grant])
        frappe.db.bulk_insert(
            DELIVERY, list(COLUMNS), [[row.get(name) for name in COLUMNS] for row in history.rows]
        )
    return sum(len(history.rows) for history in histories)


def _events(random: Random, start: datetime) -> list[Any]:
    """Some grants since a moment and some revocations, each with what was true then."""
    fields = ["sequence", "event_type", "grant", "practitioner", "kind", "code", "effective_from", "effective_to",
              "recorded_at", "reason"]  # fmt: skip
    granted = frappe.get_all(
        "Privilege Event",
        filters={"event_type": "Grant", "recorded_at": (">", start)},
        fields=fields,
        order_by="sequence",
    )
    revoked = frappe.get_all(
        "Privilege Event", filters={"event_type": "Revoke"}, fields=fields, order_by="sequence", limit=REVOKES
    )
    chosen = random.sample(granted, min(GRANTS, len(granted))) + revoked
    for row in chosen:
        allowed = row.event_type == "Grant"
        begins = get_datetime(row.effective_from)
        ends = get_datetime(row.effective_to) if row.effective_to else privileges.FOREVER
        if not allowed:
            begins, ends = (
                get_datetime(frappe.db.get_value("Privilege Grant", row.grant, "valid_from")),
                begins,
            )
        reason = privileges.GRANTED if allowed else privileges.REVOKED
        row.held = rules.Held(row.kind, row.code, allowed, reason, row.grant, begins, ends, begins)
        row.told_at = (
            get_datetime(row.recorded_at) if not allowed else max(get_datetime(row.recorded_at), begins)
        )
    return sorted(chosen, key=lambda row: (row.told_at, row.sequence))


class _History:
    """The messages of one system."""

    def __init__(self, random: Random, system: tuple[str, str, int, int, int]) -> None:
        name, self._application, port, enabled, self._master_file = system
        self._random = random
        self.endpoint = frappe.get_doc(
            doctype="HL7 Endpoint", endpoint_name=name, enabled=enabled, direction="Outbound", host="127.0.0.1",
            port=port, charset="UNICODE UTF-8", sending_application="MEDAFFAIRS", sending_facility="DEMO",
            receiving_application=self._application, receiving_facility="DEMO", send_staff_events=1,
            send_master_file=self._master_file,
        ).insert(ignore_permissions=True)  # fmt: skip
        self._head = letterhead(self.endpoint)
        self.rows: list[dict[str, Any]] = []

    def tell(self, row: Any, subjects: Subjects, item: messages.Item) -> None:
        """Adds the messages of one event with what became of them."""
        person = subjects.person(row.practitioner, self.endpoint)
        moment = row.told_at + timedelta(milliseconds=self._random.randint(80, 400))
        cause = messages.Cause(
            row.event_type, row.sequence, get_datetime(row.recorded_at), get_datetime(row.effective_from),
            "yiwu@demo.hospital", row.reason or "",
        )  # fmt: skip
        kind = "PMU^B07" if row.held.allowed else "PMU^B08"
        self._send(
            row, kind, moment,
            lambda control, now: messages.privilege_change(
                self._head, control, now, person, row.held.allowed, cause, [item]
            ),
        )  # fmt: skip
        if self._master_file and self._random.random() < 0.3:
            self._send(
                row, "MFN^M02", moment,
                lambda control, now: messages.master_file(
                    self._head, control, now, person, row.told_at, [item] if row.held.allowed else []
                ),
            )  # fmt: skip

    def _send(self, row: Any, kind: str, moment: datetime, compose: Any) -> None:
        dead = self._random.random() < 0.015
        refusal = self._random.choice(REFUSALS)
        first = self._add(row, kind, moment, compose, refusal if dead else "", row.event_type)
        if dead and self._random.random() < 0.6:
            again = self._add(
                row, kind, moment + timedelta(hours=self._random.randint(2, 30)), compose, "", "Resend"
            )
            first["resent_as"], again["resend_of"] = again["name"], first["name"]
            again["resend_reason"] = "对方已补录，重新发送"

    def _add(
        self, row: Any, kind: str, moment: datetime, compose: Any, refusal: str, event_type: str
    ) -> dict[str, Any]:
        # A few were only taken at the second or third attempt.
        attempts = 1 if refusal else self._random.choices((1, 2, 3), (96, 3, 1))[0]
        sent = moment + timedelta(seconds=5 * (2 ** (attempts - 1) - 1))
        answered = sent + timedelta(milliseconds=self._random.randint(40, 1800))
        name = frappe.db.get_next_sequence_val(DELIVERY)
        control = f"{self._application}{name:012d}"
        code = "AR" if refusal else "AA"
        text = compose(control, moment)
        delivery = {
            "name": name, "creation": moment, "modified": answered, "owner": "Administrator", "modified_by": "Administrator",
            "docstatus": 0, "idx": 0, "endpoint": self.endpoint.name, "event_type": event_type, "message_type": kind,
            "practitioner": row.practitioner, "control_id": control, "sequence": row.sequence,
            "status": rules.DEAD if refusal else rules.ACKNOWLEDGED, "attempts": attempts, "sent_at": sent,
            "acknowledged_at": None if refusal else answered, "ack_code": code,
            "error": f"对端系统拒绝该消息：{refusal}" if refusal else None, "payload": text,
            "ack": self._answer(control, code, refusal, answered), "change_key": f"demo|{control}",
        }  # fmt: skip
        self.rows.append(delivery)
        return delivery

    def _answer(self, control: str, code: str, refusal: str, moment: datetime) -> str:
        head = f"MSH|^~\\&|{self._application}|DEMO|MEDAFFAIRS|DEMO|{moment:%Y%m%d%H%M%S}||ACK|A{control}|P|2.5.1"
        return f"{head}\rMSA|{code}|{control}|{refusal}\r"
