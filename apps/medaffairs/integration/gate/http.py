"""The gate's HTTP door: one check or many, health, metrics, its own description."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import frappe
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric

from medaffairs.integration.gate.ledger import Ledger
from medaffairs.integration.gate.service import Service
from medaffairs.privileging import rules, unauthorized

KEY_SECONDS = 5.0
MOST_CHECKS = 1000
ROLES = {"Integration", "Medical Affairs Manager", "System Manager"}
log = logging.getLogger("medaffairs.gate")


class Keys:
    """API keys, each believed for a few seconds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, tuple[float, bool]] = {}

    async def may_ask(self, header: str) -> bool:
        """Whether an `Authorization` header belongs to somebody who may ask."""
        known = self._known.get(header)
        if known and known[0] > time.monotonic():
            return known[1]
        allowed = await self._ledger.run(_key_is_good, header)
        if len(self._known) > 1000:
            self._known.clear()
        self._known[header] = (time.monotonic() + KEY_SECONDS, allowed)
        return allowed


def _key_is_good(header: str) -> bool:
    import hmac

    from frappe.utils.password import get_decrypted_password

    scheme, _, credentials = header.partition(" ")
    key, _, secret = credentials.strip().partition(":")
    if scheme.lower() != "token" or not key or not secret:
        return False
    user = frappe.db.get_value("User", {"api_key": key, "enabled": 1})
    if not user:
        return False
    stored = get_decrypted_password("User", user, "api_secret", raise_exception=False) or ""
    return hmac.compare_digest(stored.encode(), secret.encode()) and bool(ROLES & set(frappe.get_roles(user)))


def _record(entry: dict[str, Any], reason: str, moment: datetime) -> None:
    decision = rules.Decision(None, reason, "", moment, moment)  # type: ignore[arg-type]
    unauthorized.record_denial(
        entry["practitioner"], entry["kind"], entry["code"], decision, moment, department=entry.get("department"),
        source_system=entry.get("source"), was_emergency=bool(entry.get("emergency")),
    )  # fmt: skip


class HttpDoor(Service):
    """Answers over HTTP; `parts` are the services whose figures and troubles it tells."""

    def __init__(self, ledger: Ledger, host: str, port: int, parts: Sequence[Service]) -> None:
        self.ledger, self.keys = ledger, Keys(ledger)
        self._host, self._port, self._parts = host, port, parts
        self._runner = web.AppRunner(self.application(), access_log=None)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self.checks = self.denied = 0

    async def start(self) -> None:
        """Listens."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        log.info("checks on http://%s:%s", self._host, self._port)

    async def stop(self) -> None:
        """Answers what has come in, then listens no more."""
        await self._runner.cleanup()

    def collect(self) -> Iterable[Metric]:
        """The figures of every part, for the registry."""
        for part in self._parts:
            yield from part.metrics()

    def metrics(self) -> Iterable[Metric]:
        """Questions answered."""
        yield CounterMetricFamily("medaffairs_gate_checks", "Questions answered", self.checks)
        yield CounterMetricFamily("medaffairs_gate_denied", "Questions answered with no", self.denied)

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=2 * 1024 * 1024)
        app.router.add_get("/check", self.check)
        app.router.add_post("/check", self.check_many)
        app.router.add_get("/health", self.health)
        app.router.add_get("/metrics", self.metrics_page)
        app.router.add_get("/openapi.json", self.openapi)
        return app

    async def _authorised(self, request: web.Request) -> None:
        if not await self.keys.may_ask(request.headers.get("Authorization", "")):
            raise _refusal(
                web.HTTPUnauthorized, "请在 Authorization 头中提供有效的 API 密钥：token key:secret"
            )

    async def _answer(self, entry: dict[str, Any], place: str) -> dict[str, Any]:
        for field in ("practitioner", "kind", "code"):
            if not isinstance(entry.get(field), str) or not entry[field]:
                raise _refusal(web.HTTPBadRequest, f"{place}缺少参数 {field}")
        moment = _moment(entry.get("at"), place)
        decision = self.ledger.decide(
            entry["practitioner"], entry["kind"], entry["code"], moment, bool(entry.get("emergency"))
        )
        if decision is None:
            raise _refusal(web.HTTPServiceUnavailable, "权限数据尚未加载完成，请稍后再试")
        self.checks += 1
        if not decision.allowed:
            self.denied += 1
        if entry.get("record") in ("1", 1, True) and decision.reason != rules.GRANTED:
            await self.ledger.run(_record, entry, decision.reason, moment)
        return decision.as_dict()

    async def check(self, request: web.Request) -> web.Response:
        """One question."""
        await self._authorised(request)
        return web.json_response(await self._answer(dict(request.query), ""), dumps=_dumps)

    async def check_many(self, request: web.Request) -> web.Response:
        """Up to a thousand questions; answers in their order."""
        await self._authorised(request)
        try:
            entries = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise _refusal(web.HTTPBadRequest, "请求内容不是有效的 JSON") from None
        if (
            not isinstance(entries, list)
            or len(entries) > MOST_CHECKS
            or not all(isinstance(e, dict) for e in entries)
        ):
            raise _refusal(web.HTTPBadRequest, f"请求内容应为数组，最多 {MOST_CHECKS} 条")
        answers = [
            await self._answer(entry, f"第 {number} 条：") for number, entry in enumerate(entries, start=1)
        ]
        return web.json_response(answers, dumps=_dumps)

    async def health(self, request: web.Request) -> web.Response:
        """Whether everything works, and if not, what does not."""
        troubles = [trouble for part in self._parts for trouble in part.troubles()]
        lag = round(self.ledger.lag, 3) if self.ledger.seen else None
        body = {
            "status": "degraded" if troubles else "ok",
            "troubles": troubles,
            "version": self.ledger.version,
            "lag_seconds": lag,
        }
        return web.json_response(body, status=503 if troubles else 200, dumps=_dumps)

    async def metrics_page(self, request: web.Request) -> web.Response:
        """Figures for Prometheus."""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def openapi(self, request: web.Request) -> web.Response:
        """What this speaks."""
        return web.json_response(OPENAPI)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _refusal(kind: type[web.HTTPException], message: str) -> web.HTTPException:
    return kind(text=_dumps({"error": message}), content_type="application/json")


def _moment(text: Any, place: str) -> datetime:
    if not text:
        return datetime.now()
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None)
    except ValueError:
        raise _refusal(web.HTTPBadRequest, f"{place}参数 at 不是有效的时间：{str(text)[:40]}") from None


_NAMES = ("practitioner", "kind", "code", "at", "emergency", "record", "department", "source")
OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "medaffairs gate", "version": "1"},
    "components": {"securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}}},
    "security": [{"token": []}],
    "paths": {
        "/check": {
            "get": {
                "parameters": [
                    {"name": name, "in": "query", "required": name in _NAMES[:3], "schema": {"type": "string"}}
                    for name in _NAMES
                ],
                "responses": {"200": {"description": "allowed, reason, message, grant, valid_to, version"}},
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}},
                "responses": {"200": {"description": "answers in the order of the questions"}},
            },
        }
    },
}  # fmt: skip
