"""How another system is reached and what it answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import lru_cache

from medaffairs.integration.hl7.mllp import Client, FrameError
from medaffairs.integration.hl7.reader import HL7Error, Message
from medaffairs.integration.outbound import rules
from medaffairs.integration.outbound.deliveries import Connection

CONNECT_SECONDS = 5.0


class Unreachable(Exception):
    """A connection could not be opened in time."""


def client_for(connection: Connection) -> Client:
    """A connection to a system that is yet to be opened.

    :raises ssl.SSLError: when the certificates to trust cannot be read
    """
    tls = _tls(connection.tls_verify, connection.tls_ca) if connection.tls else None
    return Client(connection.host, connection.port, tls=tls, connect_timeout=CONNECT_SECONDS)


@lru_cache(maxsize=32)
def _tls(verify: bool, certificates: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=certificates or None)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def read_answer(data: bytes) -> rules.Answer:
    """What an acknowledgement says: MSA-1, MSA-2, and the reason from MSA-3 or ERR.

    :raises HL7Error: when it is no acknowledgement
    """
    message = Message(data)
    msa = message.require("MSA")
    words = [
        msa.get(3),
        *(words for err in message.segments("ERR") for words in (err.get(8), err.get(7), err.get(3, 2))),
    ]
    places = ["-".join(part for part in err.components(2)[:3] if part) for err in message.segments("ERR")]
    text = "; ".join(dict.fromkeys(word for word in (*words, *places) if word))
    return rules.Answer(msa.get(1), msa.get(2), text)


async def connect(client: Client) -> None:
    """Opens a connection.

    :raises Unreachable: when nobody answers in time
    :raises OSError: when it is refused or fails
    """
    try:
        await client.connect()
    except asyncio.TimeoutError:
        raise Unreachable from None


def explain(error: Exception, connection: Connection, seconds: float) -> tuple[str, tuple[object, ...]]:
    """Why a message was not answered: an English sentence and what belongs in its places."""
    place = f"{connection.host}:{connection.port}"
    if isinstance(error, Unreachable):
        return "{0} cannot be reached", (place,)
    if isinstance(error, asyncio.TimeoutError):
        return "{0} did not answer within {1} s", (place, f"{seconds:g}")
    if isinstance(error, HL7Error | FrameError):
        return "The answer of {0} cannot be read: {1}", (place, error)
    if isinstance(error, ConnectionRefusedError):
        return "{0} refuses connections", (place,)
    if isinstance(error, ssl.SSLError):
        return "The encrypted connection to {0} failed: {1}", (place, error.reason or error)
    if isinstance(error, socket.gaierror):
        return "The host {0} is not known", (connection.host,)
    if isinstance(error, ConnectionError):
        return "{0} closed the connection without an answer", (place,)
    return "{0}: {1}", (place, error or type(error).__name__)
