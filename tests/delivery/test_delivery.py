"""Delivery to other systems over real sockets: whatever the peer does, nothing is lost, doubled or overtaken."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import frappe
import pytest
from delivery.hospital import CODE, OTHER_CODE, deliveries, delivering, grant, revoke, settled
from delivery.peer import (
    Peer,
    accepts,
    answers,
    answers_after,
    answers_another,
    resets,
    stays_silent,
    writes,
)
from frappe.utils import get_datetime, now_datetime
from support.gate_process import GateProcess

from medaffairs.integration.hl7 import mllp
from medaffairs.integration.outbound import courier
from medaffairs.integration.outbound import deliveries as queues


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_grant_and_its_revocation_reach_the_peer_by_themselves(make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            name = grant()
            await peer.until(1)
            revoke(name)
            await peer.until(2)
            assert peer.kinds == ["PMU^B07", "PMU^B08"]
            rows = await settled(endpoint, "Acknowledged", "Acknowledged")
            assert [row.ack_code for row in rows] == ["AA", "AA"]
            assert [row.control_id for row in rows] == peer.control_ids

    asyncio.run(story())


def test_an_answer_about_another_message_does_not_count(make_endpoint):
    async def story():
        async with Peer(answers_another("SOMETHING-ELSE")) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            await peer.until(1)
            waiting = await settled(endpoint, "Retrying")
            assert "SOMETHING-ELSE" in waiting[0].error
            assert get_datetime(waiting[0].next_attempt) > now_datetime()
            await peer.until(2)
            assert peer.seen[0] == peer.seen[1], "the same message under the same control id"
            assert peer.connections == 2, "the connection with the wrong answer is closed"
            assert (await settled(endpoint, "Acknowledged"))[0].attempts == 2

    asyncio.run(story())


def test_an_answer_that_comes_too_late_never_counts(make_endpoint):
    async def story():
        # The refusal of the first attempt arrives when the second is under way on another connection.
        async with Peer(answers_after(1.5, "AR"), answers_after(0.8, "AA")) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            await peer.until(2)
            rows = await settled(endpoint, "Acknowledged")
            assert peer.control_ids[0] == peer.control_ids[1]
            assert (rows[0].ack_code, rows[0].attempts) == ("AA", 2)

    asyncio.run(story())


FAILURES = {
    "no answer": (stays_silent, "1 秒"),
    "reset midway": (resets, "未应答即断开"),
    "garbage in a frame": (writes(mllp.frame(b"this is no message")), "无法解析"),
    "no frame": (writes(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "1 秒"),
    "half a frame": (writes(mllp.START + b"MSH|^~\\&|half a frame"), "1 秒"),
    "unknown code": (answers("AA?"), "AA?"),
}


def test_without_a_proper_answer_the_same_message_is_sent_again(make_endpoint):
    async def fails(name: str, peer: Peer, words: str) -> None:
        endpoint = f"测试{name}"
        await peer.until(1)
        assert words in (await settled(endpoint, "Retrying"))[0].error, name
        await peer.until(2)
        assert peer.seen[0] == peer.seen[1], name
        assert peer.connections == 2, name
        await settled(endpoint, "Acknowledged")

    async def story():
        async with contextlib.AsyncExitStack() as stack:
            peers = {}
            for name, (failure, words) in FAILURES.items():
                peer = await stack.enter_async_context(Peer(failure))
                make_endpoint(peer.port, name=f"测试{name}")
                peers[name] = (peer, words)
            await stack.enter_async_context(delivering())
            grant()
            await asyncio.gather(*(fails(name, *peer) for name, peer in peers.items()))

    asyncio.run(story())


def test_an_error_is_tried_again_ever_more_slowly_and_blocks_its_own_queue(make_endpoint):
    async def story():
        async with Peer(answers("AE", "数据库忙"), answers("CE", "数据库忙")) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            grant(OTHER_CODE)
            waiting = await settled(endpoint, "Retrying", "Queued")
            assert "数据库忙" in waiting[0].error
            first = get_datetime(waiting[0].next_attempt)
            await peer.until(2)
            waiting = await settled(endpoint, "Retrying", "Queued")
            # One second after the first failure, two after the second.
            assert (get_datetime(waiting[0].next_attempt) - first).total_seconds() > 1.5
            await peer.until(4)
            assert len(set(peer.control_ids[:3])) == 1, "the second message does not overtake the first"
            rows = await settled(endpoint, "Acknowledged", "Acknowledged")
            assert [row.attempts for row in rows] == [3, 1]
            assert rows[0].error is None

    asyncio.run(story())


@pytest.mark.parametrize("code", ["AR", "CR"])
def test_a_refusal_goes_to_the_failed_ones_with_its_reason_and_the_queue_goes_on(make_endpoint, code):
    async def story():
        async with Peer(answers(code, "工号不存在")) as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            grant(OTHER_CODE)
            rows = await settled(endpoint, "Dead", "Acknowledged")
            assert "工号不存在" in rows[0].error
            assert (rows[0].ack_code, rows[0].attempts, len(peer.seen)) == (code, 1, 2)

    asyncio.run(story())


def test_a_system_that_is_down_delays_only_itself(make_endpoint):
    async def story():
        async with Peer() as live, Peer(*[stays_silent] * 50) as hanging, delivering():
            down = make_endpoint(free_port(), name="测试停机")
            slow = make_endpoint(hanging.port, name="测试挂起", ack_timeout=600)
            up = make_endpoint(live.port, name="测试在线")
            for _ in range(3):
                revoke(grant())
            await live.until(6)
            await settled(up, *["Acknowledged"] * 6)
            stuck = deliveries(down, "attempts")
            assert stuck[0].status in ("Retrying", "Sent")
            assert [row.status for row in stuck[1:]] == ["Queued"] * 5
            assert [row.status for row in deliveries(slow)] == ["Sent", *["Queued"] * 5]

    asyncio.run(story())


def test_a_peer_that_was_restarted_gets_the_next_message_without_a_failed_attempt(make_endpoint):
    async def story():
        port = free_port()
        async with delivering():
            endpoint = make_endpoint(port)
            async with Peer(port=port) as before:
                grant()
                await before.until(1)
                await settled(endpoint, "Acknowledged")
            async with Peer(port=port) as after:
                grant(OTHER_CODE)
                await after.until(1)
                rows = await settled(endpoint, "Acknowledged", "Acknowledged")
                assert rows[1].attempts == 1

    asyncio.run(story())


def test_a_connection_that_was_silent_for_long_is_not_trusted_any_more(make_endpoint, monkeypatch):
    monkeypatch.setattr(courier, "IDLE_SECONDS", 0.3)

    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            await settled(endpoint, "Acknowledged")
            await asyncio.sleep(0.5)
            grant(OTHER_CODE)
            await settled(endpoint, "Acknowledged", "Acknowledged")
            assert peer.connections == 2

    asyncio.run(story())


def test_an_answer_that_cannot_be_kept_at_once_is_kept_later_and_nothing_is_sent_again(
    make_endpoint, monkeypatch
):
    failures = [frappe.QueryTimeoutError("locked"), frappe.QueryTimeoutError("locked")]
    settle = queues.settle

    def unreliable(*arguments):
        if failures:
            raise failures.pop()
        settle(*arguments)

    monkeypatch.setattr(queues, "settle", unreliable)

    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            grant()
            rows = await settled(endpoint, "Acknowledged")
            assert (len(peer.seen), rows[0].attempts, failures) == (1, 1, [])

    asyncio.run(story())


def test_a_peer_that_comes_back_gets_everything_in_order(make_endpoint):
    async def story():
        port = free_port()
        endpoint = make_endpoint(port)
        async with delivering():
            for _ in range(5):
                revoke(grant())
            await asyncio.sleep(0.5)
            async with Peer(port=port) as peer:
                await peer.until(10)
                assert peer.kinds == ["PMU^B07", "PMU^B08"] * 5
                await settled(endpoint, *["Acknowledged"] * 10)

    asyncio.run(story())


def test_safe_storage_counts_where_the_hospital_says_so(make_endpoint):
    async def story():
        async with Peer(answers("CA")) as peer, delivering():
            endpoint = make_endpoint(peer.port, acknowledgement="Commit")
            grant()
            await peer.until(1)
            header = peer.message(0).header
            assert (header.accept_acknowledgement, header.application_acknowledgement) == ("AL", "NE")
            assert (await settled(endpoint, "Acknowledged"))[0].ack_code == "CA"

    asyncio.run(story())


@pytest.mark.parametrize("second, status", [("AA", "Acknowledged"), ("AR", "Dead")])
def test_after_safe_storage_the_answer_of_the_application_is_awaited(make_endpoint, second, status):
    async def both(visit, message):
        await visit.answer(message, "CA")
        await asyncio.sleep(0.2)
        await visit.answer(message, second, "科室不存在")

    async def story():
        async with Peer(both) as peer, delivering():
            endpoint = make_endpoint(peer.port, acknowledgement="Commit and Application")
            grant()
            rows = await settled(endpoint, status)
            assert (rows[0].ack_code, len(peer.seen)) == (second, 1)

    asyncio.run(story())


def test_safe_storage_without_the_application_s_answer_is_not_enough(make_endpoint):
    async def story():
        async with Peer(answers("CA")) as peer, delivering():
            endpoint = make_endpoint(peer.port, acknowledgement="Commit and Application")
            grant()
            await peer.until(2)
            assert peer.control_ids[0] == peer.control_ids[1]
            await settled(endpoint, "Acknowledged")

    asyncio.run(story())


def test_a_message_travels_in_the_peer_s_character_set(make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            make_endpoint(peer.port, charset="GB 18030-2000")
            grant()
            await peer.until(1)
            assert "腹腔镜下胆囊切除术".encode("gb18030") in peer.seen[0]
            assert peer.message(0).header.charset == "GB 18030-2000"

    asyncio.run(story())


def test_what_breaks_the_standard_is_kept_instead_of_sent_where_the_hospital_wants_it(make_endpoint):
    async def story():
        frappe.db.set_single_value("Medical Affairs Settings", "hl7_version", "2.4")
        frappe.db.commit()
        try:
            async with Peer() as peer, delivering():
                # PMU^B07 came with version 2.5.
                strict = make_endpoint(peer.port, name="测试严格", validate_strictly=1)
                grant()
                assert "PMU" in (await settled(strict, "Dead"))[0].error
                assert peer.seen == []
                with pytest.raises(frappe.ValidationError):
                    queues.send_again(deliveries(strict)[0].name, "trotzdem")
        finally:
            frappe.db.set_single_value("Medical Affairs Settings", "hl7_version", "2.5.1")
            frappe.db.commit()

    asyncio.run(story())


def test_strict_validation_lets_our_own_messages_pass(make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port, validate_strictly=1, send_master_file=1)
            name = grant()
            await settled(endpoint, *["Acknowledged"] * 2)
            revoke(name)
            await settled(endpoint, *["Acknowledged"] * 4)
            assert peer.kinds == ["PMU^B07", "MFN^M02", "PMU^B08", "MFN^M02"]

    asyncio.run(story())


def test_what_one_courier_left_unfinished_the_next_one_repeats(make_endpoint):
    async def story():
        async with Peer(stays_silent, accepts) as peer:
            endpoint = make_endpoint(peer.port, ack_timeout=60)
            async with delivering():
                grant()
                await peer.until(1)
            assert deliveries(endpoint)[0].status == "Sent"
            async with delivering():
                await peer.until(2)
                assert peer.control_ids[0] == peer.control_ids[1]
                await settled(endpoint, "Acknowledged")

    asyncio.run(story())


def test_a_second_gate_of_the_site_does_not_deliver_beside_the_first(make_endpoint):
    async def story():
        async with Peer() as peer, delivering(), delivering(alone=False):
            endpoint = make_endpoint(peer.port)
            for _ in range(3):
                revoke(grant())
            await settled(endpoint, *["Acknowledged"] * 6)
            assert len(peer.seen) == 6

    asyncio.run(story())


def test_a_gate_that_is_killed_between_sending_and_answer_loses_and_doubles_nothing(make_endpoint, tmp_path):
    async def story():
        gate = GateProcess(tmp_path)
        async with Peer(accepts, stays_silent) as peer:
            endpoint = make_endpoint(peer.port, ack_timeout=60)
            names = [grant(), grant(OTHER_CODE)]
            try:
                await asyncio.to_thread(gate.start)
                await peer.until(2)
                gate.kill()
                # What happens while nobody delivers is not lost either.
                revoke(names[0])
                await asyncio.to_thread(gate.start)
                await peer.until(4)
                rows = await settled(endpoint, *["Acknowledged"] * 3)
            finally:
                gate.kill()
            assert peer.control_ids[2] == peer.control_ids[1], "the unanswered message comes again as it was"
            assert peer.seen[2] == peer.seen[1]
            assert peer.kinds == ["PMU^B07", "PMU^B07", "PMU^B07", "PMU^B08"]
            assert [row.control_id for row in rows] == [peer.control_ids[n] for n in (0, 1, 3)]
            assert CODE in peer.message(3).get("PRA-7.1")

    asyncio.run(story())
