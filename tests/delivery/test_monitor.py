"""The monitor through HTTP: who sees what, what is done about deliveries, and that every step is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import frappe
import pytest
from delivery.hospital import CODE, OTHER_CODE, PERSON, deliveries, delivering, grant, revoke, settled
from delivery.peer import Peer, accepts, answers, answers_another, stays_silent

from medaffairs.audit import keeper
from medaffairs.integration.outbound.outbox import Outbox

NOWHERE = 9
Call = Callable[..., object]


@pytest.fixture
def call_as(hospital, request_as, make_user) -> Call:
    """Calls a method of the monitor over HTTP as somebody with one role; the answer."""

    def call(role: str, verb: str, method: str, **arguments):
        frappe.db.commit()
        _email, token = make_user("monitor-" + frappe.scrub(role).replace("_", "-"), role)
        return request_as(token, verb, f"/api/method/medaffairs.integration.api.{method}", **arguments)

    return call


def last_access() -> object:
    """The newest record of the access log."""
    frappe.db.rollback()
    keeper.bring()
    return frappe.get_last_doc("Data Access Log", order_by="name desc")


def queue(endpoint: str) -> int:
    """Lets the outbox take up what is new; the newest delivery."""
    Outbox().advance()
    return deliveries(endpoint)[-1].name


@pytest.mark.parametrize(
    "role, reads, operates",
    [
        ("Medical Affairs Manager", True, True),
        ("Integration", True, True),
        ("Medical Affairs Officer", True, False),
        ("Auditor", True, False),
        ("System Manager", False, True),
        ("Practitioner", None, False),
    ],
)
def test_each_role_sees_and_does_what_is_its_own(call_as, make_endpoint, role, reads, operates):
    endpoint = make_endpoint(NOWHERE)
    grant()
    name = queue(endpoint)
    summary = call_as(role, "GET", "summary")
    assert summary.status == (200 if reads is not None else 403)
    assert call_as(role, "GET", "deliveries").status == (200 if reads else 403)
    opened = call_as(role, "GET", "delivery", name=name)
    assert opened.status == (200 if reads else 403)
    assert reads or b"PRA|" not in opened.body
    assert call_as(role, "POST", "pause", endpoint=endpoint, reason="维护").status == (
        200 if operates else 403
    )
    frappe.db.rollback()
    assert frappe.db.get_value("HL7 Endpoint", endpoint, "paused") == int(operates)
    inbound = call_as(role, "GET", "messages")
    assert inbound.status == (200 if role in ("Medical Affairs Manager", "Integration", "Auditor") else 403)


def test_the_summary_says_what_waits_and_why(call_as, make_endpoint):
    async def story():
        async with Peer(answers("AE", "数据库忙"), *[stays_silent] * 9) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            grant(OTHER_CODE)
            await settled(endpoint, "Retrying", "Queued")
        return endpoint

    endpoint = asyncio.run(story())
    answer = call_as("Medical Affairs Officer", "GET", "summary").json["message"]
    (row,) = [row for row in answer["endpoints"] if row["name"] == endpoint]
    assert (row["state"], row["queued"], row["dead"], row["attempts"]) == ("Retrying", 2, 0, 1)
    assert "数据库忙" in row["reason"]
    assert row["next_attempt"]
    assert row["oldest_age"] >= 0
    assert answer["may_operate"] is False


def test_a_message_is_shown_decoded_and_reading_it_is_recorded(call_as, make_endpoint):
    endpoint = make_endpoint(NOWHERE)
    grant()
    name = queue(endpoint)
    answer = call_as("Medical Affairs Manager", "GET", "delivery", name=name).json["message"]
    assert [segment["name"] for segment in answer["segments"]] == ["MSH", "EVN", "STF", "PRA", "CER"]
    (privileges,) = [field for field in answer["segments"][3]["fields"] if field["number"] == 7]
    assert CODE in privileges["values"][0]
    access = last_access()
    assert (access.action, access.target_type, access.target_name, access.row_count) == (
        "Read", "HL7 Delivery", str(name), 1,
    )  # fmt: skip


def test_lists_are_filtered_and_counted(call_as, make_endpoint):
    endpoint = make_endpoint(NOWHERE, send_master_file=1)
    revoke(grant())
    queue(endpoint)

    def found(**filters) -> int:
        answer = call_as("Integration", "GET", "deliveries", endpoint=endpoint, **filters).json["message"]
        assert answer["total"] == len(answer["rows"])
        return answer["total"]

    assert found() == found(status="Open") == found(practitioner=PERSON) == 3
    assert found(message_type="PMU^B08") == found(event_type="Revoke", message_type="PMU^B08") == 1
    assert found(status="Unsent") == found(practitioner="nobody") == found(to_time="2020-01-01") == 0
    control = deliveries(endpoint, "control_id")[0].control_id
    assert found(text=control) == 1
    assert found(text="%") == 0
    page = call_as("Integration", "GET", "deliveries", endpoint=endpoint, page_length=1, start=1).json[
        "message"
    ]
    assert (len(page["rows"]), page["total"]) == (1, 3)
    assert "payload" not in page["rows"][0]
    assert call_as("Integration", "GET", "deliveries", from_time="gestern").status == 417


def test_an_old_grant_that_is_sent_again_is_followed_by_what_is_true_now(call_as, make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            name = grant()
            await settled(endpoint, "Acknowledged")
            revoke(name)
            rows = await settled(endpoint, "Acknowledged", "Acknowledged")
            answer = await asyncio.to_thread(
                call_as, "Integration", "POST", "resend", name=rows[0].name, reason="对方恢复备份"
            )
            assert answer.status == 200
            await settled(endpoint, *["Acknowledged"] * 4)
            assert peer.kinds == ["PMU^B07", "PMU^B08", "PMU^B07", "PMU^B08"]
            assert len(set(peer.control_ids)) == 4, (
                "a new control id, or the receiver would only repeat its answer"
            )
            again = peer.message(2)
            assert again.get("CER-2") == peer.message(0).get("CER-2")
        access = last_access()
        assert (access.action, access.target_type, access.filters) == (
            "Replay",
            "HL7 Delivery",
            "对方恢复备份",
        )
        copy = deliveries(endpoint, "resend_of", "resend_reason")[2]
        assert (str(copy.resend_of), copy.resend_reason) == (str(rows[0].name), "对方恢复备份")

    asyncio.run(story())


def test_refused_messages_are_sent_again_together_and_leave_the_list(call_as, make_endpoint):
    async def story():
        async with (
            Peer(answers("AR", "工号不存在"), answers("AR", "工号不存在"), accepts) as peer,
            delivering(),
        ):
            endpoint = make_endpoint(peer.port)
            grant()
            grant(OTHER_CODE)
            await settled(endpoint, "Dead", "Dead")
            answer = await asyncio.to_thread(
                call_as,
                "Medical Affairs Manager",
                "POST",
                "retry_dead",
                endpoint=endpoint,
                reason="对方已补录工号",
            )
            assert answer.json["message"] == {"queued": 2}
            await settled(endpoint, "Dead", "Dead", *["Acknowledged"] * 3)
            summary = await asyncio.to_thread(call_as, "Integration", "GET", "summary")
            (row,) = [row for row in summary.json["message"]["endpoints"] if row["name"] == endpoint]
            assert row["dead"] == 0

    asyncio.run(story())


def test_a_paused_system_is_queued_for_and_goes_on_in_order(call_as, make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            await asyncio.to_thread(
                call_as, "Integration", "POST", "pause", endpoint=endpoint, reason="对方升级"
            )
            revoke(grant())
            await settled(endpoint, "Queued", "Queued")
            assert peer.seen == []
            await asyncio.to_thread(call_as, "Integration", "POST", "resume", endpoint=endpoint)
            await peer.until(2)
            assert peer.kinds == ["PMU^B07", "PMU^B08"]
            await settled(endpoint, "Acknowledged", "Acknowledged")

    asyncio.run(story())


def test_a_message_that_blocks_a_queue_can_be_given_up_or_tried_at_once(call_as, make_endpoint):
    async def story():
        async with Peer(answers("AE"), answers("AE"), accepts) as peer, delivering():
            endpoint = make_endpoint(peer.port, retry_seconds=600, retry_limit_seconds=600)
            grant()
            grant(OTHER_CODE)
            await settled(endpoint, "Retrying", "Queued")
            await asyncio.to_thread(call_as, "Integration", "POST", "retry_now", endpoint=endpoint)
            await peer.until(2)
            rows = await settled(endpoint, "Retrying", "Queued")
            answer = await asyncio.to_thread(
                call_as, "Integration", "POST", "give_up", name=rows[0].name, reason="对方无法处理"
            )
            assert answer.status == 200
            await settled(endpoint, "Dead", "Acknowledged")
            again = await asyncio.to_thread(
                call_as, "Integration", "POST", "give_up", name=rows[0].name, reason="再次"
            )
            assert again.status == 417

    asyncio.run(story())


def test_what_was_given_up_under_way_is_not_tried_again(call_as, make_endpoint):
    async def story():
        async with Peer(stays_silent, accepts) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            await peer.until(1)
            name = deliveries(endpoint)[0].name
            await asyncio.to_thread(call_as, "Integration", "POST", "give_up", name=name, reason="对方已停用")
            grant(OTHER_CODE)
            await settled(endpoint, "Dead", "Acknowledged")
            assert len(set(peer.control_ids)) == len(peer.seen) == 2

    asyncio.run(story())


def test_a_full_synchronisation_tells_everything_and_is_asked_for_with_a_reason(call_as, make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            await peer.until(1)
            refused = await asyncio.to_thread(
                call_as, "Integration", "POST", "synchronise", endpoint=endpoint, reason=" "
            )
            assert refused.status == 417
            await asyncio.to_thread(
                call_as, "Integration", "POST", "synchronise", endpoint=endpoint, reason="对方换新库"
            )
            await peer.until(1 + frappe.db.count("Practitioner"))
            mine = [
                peer.message(n) for n in range(1, len(peer.seen)) if peer.message(n).get("STF-1") == PERSON
            ]
            assert [message.get("PRA-7.1") for message in mine] == [CODE]

    asyncio.run(story())


def test_a_connection_is_tested_with_a_message_of_its_own(call_as, make_endpoint):
    async def story():
        async with Peer(accepts, answers("AR", "不支持的消息"), answers_another("X"), stays_silent) as peer:
            endpoint = make_endpoint(peer.port)

            async def tested():
                return (
                    await asyncio.to_thread(
                        call_as, "System Manager", "POST", "test_connection", endpoint=endpoint
                    )
                ).json["message"]

            first, refused, wrong, silent = [await tested() for _ in range(4)]
            assert (first["ok"], first["code"]) == (True, "AA")
            assert (refused["ok"], refused["code"], refused["text"]) == (True, "AR", "不支持的消息")
            assert (wrong["ok"], silent["ok"]) == (False, False)
            assert "X" in wrong["text"]
            assert peer.kinds == ["NMD^N02"] * 4
        gone = await tested()
        assert gone["ok"] is False
        assert gone["text"]
        assert deliveries(endpoint) == [], "a test is no delivery"

    asyncio.run(story())


def test_writes_are_refused_by_get(call_as, make_endpoint):
    endpoint = make_endpoint(NOWHERE)
    for method in ("pause", "resume", "synchronise", "retry_dead", "retry_now", "test_connection"):
        answer = call_as("Integration", "GET", method, endpoint=endpoint, reason="x")
        assert answer.status in (403, 405), method
