"""The gate's HTTP door: one check or many, health, figures, its own description."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, InfoMetricFamily, Metric

import medaffairs
from medaffairs.audit.rules import Entry
from medaffairs.integration.gate.keys import Caller, Keys, TooManyFailures, Unreachable
from medaffairs.integration.gate.ledger import Ledger
from medaffairs.integration.gate.openapi import description
from medaffairs.integration.gate.service import Service
from medaffairs.integration.gate.trail import DOOR, Trail
from medaffairs.organization.rules import RuleError
from medaffairs.privileging import rules
from medaffairs.privileging.questions import Question, RowError, parse, parse_all

LARGEST_BODY = 1024 * 1024
BODY_SECONDS = 10.0
FIRST_REQUEST_SECONDS = 10.0
IDLE_SECONDS = 75.0
MOST_CONNECTIONS = 2000
LONGEST_FILTERS = 1900
BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)
HEADERS = {
    "Server": "medaffairs",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
JSON_HEADERS = {**HEADERS, "Content-Type": "application/json; charset=utf-8"}
log = logging.getLogger("medaffairs.gate")


class Refusal(Exception):
    """An answer other than the one asked for: its status, words, and what is at fault."""

    def __init__(
        self, status: int, text: str, *arguments: Any, headers: dict | None = None, **details: Any
    ) -> None:
        super().__init__(text)
        self.status, self.text, self.arguments = status, text, arguments
        self.headers, self.details = headers or {}, details


class HttpDoor(Service):
    """Answers over HTTP; `parts` are the services whose figures and troubles it tells."""

    def __init__(self, ledger: Ledger, trail: Trail, host: str, port: int, parts: Sequence[Service]) -> None:
        self.ledger, self.trail, self.keys = ledger, trail, Keys(ledger)
        self._host, self._port, self._parts = host, port, parts
        self._runner = web.AppRunner(
            self.application(), access_log=None, keepalive_timeout=IDLE_SECONDS, handle_signals=False
        )
        self._listening: asyncio.Server | None = None
        self._silent: set[Any] = set()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._seconds = Histogram(
            "medaffairs_gate_check_seconds", "Time from a request to its answer", buckets=BUCKETS,
            registry=self._registry,
        )  # fmt: skip
        self._answers: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._in_words])
        app.router.add_get("/check", self.check, allow_head=False)
        app.router.add_post("/check", self.check_many)
        app.router.add_get("/health", self.health)
        app.router.add_get("/health/live", self.live)
        app.router.add_get("/metrics", self.metrics_page)
        app.router.add_get("/openapi.json", self.openapi)
        return app

    async def start(self) -> None:
        """Listens."""
        await self._runner.setup()
        self._listening = await asyncio.get_running_loop().create_server(
            self._connection, self._host, self._port, backlog=512
        )
        log.info("checks on http://%s:%s", self._host, self._port)

    async def stop(self) -> None:
        """Answers what has come in, then listens no more."""
        if self._listening:
            self._listening.close()
        await self._runner.cleanup()

    def _connection(self) -> asyncio.Protocol:
        """A connection, which must ask something soon: silent ones would use up what the others need."""
        protocol = self._runner.server()
        self._silent.add(protocol)
        delay = FIRST_REQUEST_SECONDS if len(self._runner.server.connections) < MOST_CONNECTIONS else 0
        asyncio.get_running_loop().call_later(delay, self._close_if_silent, protocol)
        return protocol

    def _close_if_silent(self, protocol: Any) -> None:
        if protocol in self._silent:
            self._silent.discard(protocol)
            protocol.force_close()
            if protocol.transport is not None:
                protocol.transport.abort()

    # -- what is asked

    async def check(self, request: web.Request) -> web.Response:
        """One question."""
        started = time.perf_counter()
        caller = await self._caller(request)
        query = request.query
        if len(query) != len(set(query)):
            twice = next(name for name in query if len(query.getall(name)) > 1)
            raise Refusal(400, "{0} is given more than once", twice[:40], field=twice[:40])
        question = self._read(partial(parse, query))
        answer = await self._answer(caller, question, self._translate(request))
        await self._keep(request, caller, [question], [answer], started)
        return self._respond(200, answer, started)

    async def check_many(self, request: web.Request) -> web.Response:
        """Up to a thousand questions; answers in their order."""
        started = time.perf_counter()
        caller = await self._caller(request)
        entries = await self._body(request)
        questions = self._read(partial(parse_all, entries))
        translate = self._translate(request)
        answers = [await self._answer(caller, question, translate) for question in questions]
        await self._keep(request, caller, questions, answers, started)
        return self._respond(200, answers, started)

    async def _caller(self, request: web.Request) -> Caller:
        try:
            caller = await self.keys.caller(request.headers.get("Authorization", ""), request.remote or "")
        except TooManyFailures as patience:
            wait = {"Retry-After": str(patience.seconds)}
            raise Refusal(
                429, "Too many wrong keys; try again in {0} seconds", patience.seconds, headers=wait
            ) from None
        except Unreachable:
            raise Refusal(
                503, "The key cannot be checked now; try again shortly", headers={"Retry-After": "2"}
            ) from None
        if caller is None:
            self._note(request, "Guest", "Denied", 0, "", 0.0)
            ask = {"WWW-Authenticate": "token"}
            raise Refusal(401, "A valid API key is needed: Authorization: token key:secret", headers=ask)
        request["caller"] = caller
        return caller

    async def _body(self, request: web.Request) -> Any:
        try:
            raw = await asyncio.wait_for(request.read(), BODY_SECONDS)
        except asyncio.TimeoutError:
            raise Refusal(408, "The request did not arrive in time") from None
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise Refusal(400, "The request is not valid JSON") from None

    def _read(self, read: Callable[..., Any]) -> Any:
        try:
            return read(self.ledger.now(), self.ledger.zone)
        except RowError as broken:
            inner = broken.broken
            raise Refusal(
                400,
                broken.message,
                broken.row,
                (inner.message, inner.arguments),
                row=broken.row,
                field=broken.field,
            ) from None
        except RuleError as broken:
            raise Refusal(400, broken.message, *broken.arguments, field=broken.field) from None

    async def _answer(
        self, caller: Caller, question: Question, translate: Callable[[str], str]
    ) -> dict[str, Any]:
        if not caller.may_ask_about(question.practitioner):
            raise Refusal(403, "You may only ask about your own privileges")
        decision = self.ledger.decide(
            question.practitioner, question.kind, question.code, question.at, question.emergency
        )
        if decision is None:
            raise Refusal(
                503, "The grants are not loaded yet; try again shortly", headers={"Retry-After": "1"}
            )
        if question.as_of:
            decision = await self._as_of(question)
        if decision.reason == rules.UNDECIDABLE_ALLOWED or (question.record and not decision.allowed):
            self.trail.report(question, decision.reason)
        self._answers[decision.reason] += 1
        return decision.as_dict(translate)

    async def _as_of(self, question: Question) -> rules.Decision:
        try:
            return await self.ledger.decide_as_of(question)
        except Exception:
            log.exception("what was on record cannot be read")
            raise Refusal(
                503, "What was on record then cannot be read now", headers={"Retry-After": "2"}
            ) from None

    # -- what is kept

    async def _keep(
        self,
        request: web.Request,
        caller: Caller,
        questions: list[Question],
        answers: list[dict],
        started: float,
    ) -> None:
        """Records who asked what and what he was told; an act that goes ahead unchecked must reach the disk first."""
        texts = [
            f"{_asked(question)} → {answer['reason']}"
            for question, answer in zip(questions, answers, strict=True)
        ]
        for count, text in _parts(texts):
            self._note(request, caller.user, "Success", count, text, time.perf_counter() - started)
        if any(answer["reason"] == rules.UNDECIDABLE_ALLOWED for answer in answers):
            await self.trail.force()

    def _note(
        self, request: web.Request, user: str, outcome: str, rows: int, filters: str, seconds: float
    ) -> None:
        self.trail.note(
            Entry(
                occurred_at=self.ledger.now().isoformat(sep=" ", timespec="microseconds"),
                user=user, action="Check", door=DOOR, outcome=outcome, target_type="Privilege Grant",
                row_count=rows, duration_ms=round(seconds * 1000), ip=request.remote or "",
                agent=request.headers.get("User-Agent", ""), filters=filters,
            )
        )  # fmt: skip

    # -- what is answered

    def _translate(self, request: web.Request) -> Callable[[str], str]:
        return self.ledger.words.translator(request.headers.get("Accept-Language", ""))

    def _respond(
        self, status: int, body: Any, started: float | None = None, headers: dict | None = None
    ) -> web.Response:
        self._statuses[status] += 1
        if started is not None:
            self._seconds.observe(time.perf_counter() - started)
        text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return web.Response(
            body=text, status=status, headers={**JSON_HEADERS, **headers} if headers else JSON_HEADERS
        )

    @web.middleware
    async def _in_words(
        self, request: web.Request, handler: Callable[..., Awaitable[web.Response]]
    ) -> web.Response:
        """Whatever goes wrong is recorded and told in words, never with a trace."""
        self._silent.discard(request.protocol)
        try:
            return await handler(request)
        except Exception as error:
            refusal = _refusal_for(error)
            if refusal.status >= 500 and not isinstance(error, Refusal):
                log.exception("%s %s failed", request.method, request.path)
        try:
            if "caller" in request:
                outcome = "Denied" if refusal.status == 403 else "Failed"
                asked = request.query_string[:LONGEST_FILTERS]
                self._note(request, request["caller"].user, outcome, 0, asked, 0.0)
        except OSError as error:
            log.exception("a refusal could not be recorded")
            refusal = _refusal_for(error)
        return self._refuse(request, refusal)

    def _refuse(self, request: web.Request, refusal: Refusal) -> web.Response:
        translate = self._translate(request)
        arguments = [
            translate(value[0]).format(*value[1]) if isinstance(value, tuple) else value
            for value in refusal.arguments
        ]
        body = {"error": translate(refusal.text).format(*arguments), **refusal.details}
        return self._respond(refusal.status, body, headers=refusal.headers)

    # -- what is told about the gate

    async def live(self, request: web.Request) -> web.Response:
        """The process answers."""
        return self._respond(200, {"status": "ok"})

    async def health(self, request: web.Request) -> web.Response:
        """Whether everything works, and if not, what does not."""
        troubles = [trouble for part in self._parts for trouble in part.troubles()]
        body = {
            "status": "degraded" if troubles else "ok",
            "troubles": troubles,
            "version": self.ledger.version,
            "lag_seconds": round(self.ledger.lag, 3) if self.ledger.seen else None,
        }
        return self._respond(503 if troubles else 200, body)

    async def metrics_page(self, request: web.Request) -> web.Response:
        """Figures for Prometheus."""
        return web.Response(
            body=generate_latest(self._registry), headers={**HEADERS, "Content-Type": CONTENT_TYPE_LATEST}
        )

    async def openapi(self, request: web.Request) -> web.Response:
        """What this speaks."""
        return self._respond(200, description())

    def collect(self) -> Iterable[Metric]:
        """The figures of every part, for the registry."""
        for part in self._parts:
            yield from part.metrics()

    def metrics(self) -> Iterable[Metric]:
        """Questions and answers."""
        answers = CounterMetricFamily(
            "medaffairs_gate_answers", "Questions answered, by reason", labels=["reason"]
        )
        for reason, count in self._answers.items():
            answers.add_metric([reason], count)
        statuses = CounterMetricFamily(
            "medaffairs_gate_responses", "HTTP answers, by status", labels=["status"]
        )
        for status, count in self._statuses.items():
            statuses.add_metric([str(status)], count)
        yield from (answers, statuses)
        yield InfoMetricFamily("medaffairs_gate", "The gate's version", {"version": medaffairs.__version__})


def _refusal_for(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, web.HTTPException):
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        words = WORDS_OF_STATUS.get(error.status, "The request cannot be answered")
        return Refusal(error.status, words, headers=allowed)
    if isinstance(error, OSError):
        return Refusal(503, "This cannot be answered now, because it cannot be recorded")
    return Refusal(500, "The gate failed; the operator finds the reason in its log")


WORDS_OF_STATUS = {
    404: "There is nothing at this address",
    405: "This method is not answered at this address",
    413: "The request is too large",
}


def _asked(question: Question) -> str:
    """The question as the audit keeps it."""
    kept = {
        name: value for name, value in question._asdict().items() if value and name not in ("at", "as_of")
    }
    kept["at"] = question.at.isoformat(sep=" ")
    if question.as_of:
        kept["as_of"] = question.as_of.isoformat(sep=" ")
    return " ".join(f"{name}={value}" for name, value in kept.items())


def _parts(texts: list[str]) -> Iterable[tuple[int, str]]:
    """Many texts as few as the audit's field holds, so that nothing is cut off: (number of texts, text)."""
    part: list[str] = []
    size = 0
    for text in texts:
        if part and size + len(text) > LONGEST_FILTERS:
            yield len(part), "\n".join(part)
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    yield len(part), "\n".join(part)
