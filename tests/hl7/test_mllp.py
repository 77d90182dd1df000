"""Framing: every way to cut a stream gives the same messages."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.integration.hl7.mllp import Client, FrameError, Framer, FrameTooLarge, frame

BODY = st.binary(max_size=30).filter(
    lambda b: b"\x1c\r" not in b and b"\x0b" not in b and not b.endswith(b"\x1c")
)


@given(st.lists(BODY, max_size=5), st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_messages_do_not_depend_on_how_the_stream_is_cut(bodies, cuts):
    stream = b"\r\n".join(frame(body) for body in bodies)
    framer, found, position, turn = Framer(), [], 0, 0
    while position < len(stream):
        size = cuts[turn % len(cuts)]
        found += framer.feed(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert found == bodies
    assert not framer.open


def test_bytes_between_frames_are_counted_and_dropped():
    framer = Framer()
    assert framer.feed(b"\r\nhello" + frame(b"one") + b"\n" + frame(b"two")) == [b"one", b"two"]
    assert framer.garbage == 8


def test_a_frame_that_was_begun_anew_is_the_new_one():
    framer = Framer()
    assert framer.feed(b"\x0bMSH|half" + frame(b"MSH|whole")) == [b"MSH|whole"]
    assert framer.garbage == 9


def test_a_peer_that_speaks_something_else_is_refused():
    framer = Framer(most_garbage=10)
    with pytest.raises(FrameError):
        framer.feed(b"GET / HTTP/1.1\r\n")


def test_a_frame_has_a_largest_size():
    framer = Framer(most_bytes=5)
    assert framer.feed(frame(b"12345")) == [b"12345"]
    with pytest.raises(FrameTooLarge):
        framer.feed(b"\x0b123456")


def test_the_client_waits_for_its_answer_and_closes_when_none_comes():
    async def story():
        async def answer(reader, writer):
            data = await reader.readuntil(b"\x1c\r")
            writer.write(b"noise" + frame(b"ack of " + data[1:-2]) + frame(b"late"))
            await reader.read()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Client("127.0.0.1", port) as client:
            assert await client.send(b"one") == b"ack of one"
            assert await client.receive() == b"late"
            with pytest.raises(asyncio.TimeoutError):
                await client.send(b"two", timeout=0.1)
            assert not client.connected
            with pytest.raises(ConnectionError):
                await client.send(b"three")

    asyncio.run(story())
