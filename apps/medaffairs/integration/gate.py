"""The gate: privilege decisions from memory over HTTP, in a process of its own.

One thread owns the database: it follows the ledger, checks API keys and keeps refused acts. The event loop only
looks up and answers. When the ledger could not be read for `STALE_SECONDS`, the hospital's fail mode decides.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import frappe
from aiohttp import web

from medaffairs.privileging import rules, unauthorized
from medaffairs.privileging.index import build, events_after

POLL_SECONDS = 0.2
STALE_SECONDS = 5.0
KEY_SECONDS = 5.0
MOST_CHECKS = 1000
ROLES = {"Integration", "Medical Affairs Manager", "System Manager"}
log = logging.getLogger("medaffairs.gate")


class Ledger:
    """The compiled grants and the one thread that reads and writes the database."""

    def __init__(self, site: str, sites_path: str) -> None:
        self._site, self._sites_path = site, sites_path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._keys: dict[str, tuple[float, bool]] = {}
        self.index: rules.GrantIndex | None = None
        self.seen = 0.0

    async def run(self, work: Any, *arguments: Any) -> Any:
        """Does something in the database's thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._connected, work, *arguments
        )

    def _connected(self, work: Any, *arguments: Any) -> Any:
        frappe.init(self._site, sites_path=self._sites_path, force=True)
        frappe.connect()
        frappe.local.lang = "zh"
        try:
            answer = work(*arguments)
            frappe.db.commit()
            return answer
        finally:
            frappe.destroy()

    def _follow(self) -> None:
        if self.index is None:
            index = build()
            words = {
                text: frappe._(text)
                for text in (*rules.MESSAGES.values(), *rules.MESSAGES_WITHOUT_BOUND.values())
            }
            index.translate = lambda text: words.get(text, text)
            self.index = index
        else:
            for event in events_after(self.index.version):
                self.index.apply(event)
        self.seen = time.monotonic()

    async def follow(self) -> None:
        """Keeps the grants up to date for as long as the process lives."""
        while True:
            try:
                await self.run(self._follow)
            except Exception:
                log.exception("the ledger cannot be read")
            await asyncio.sleep(POLL_SECONDS)

    @property
    def lag(self) -> float:
        """Seconds since the ledger was read last."""
        return time.monotonic() - self.seen if self.seen else float("inf")

    def decide(
        self, practitioner: str, kind: str, code: str, at: datetime, emergency: bool
    ) -> rules.Decision | None:
        """The decision; by the fail mode when the ledger is out of reach, None while there is nothing at all."""
        if self.index is None:
            return None
        if self.lag > STALE_SECONDS:
            return self.index.undecidable(kind, emergency)
        return rules.decide(self.index, practitioner, kind, code, at)

    async def may_ask(self, header: str) -> bool:
        """Whether an `Authorization` header belongs to somebody who may ask; believed for a few seconds."""
        known = self._keys.get(header)
        if known and known[0] > time.monotonic():
            return known[1]
        allowed = await self.run(_key_is_good, header)
        if len(self._keys) > 1000:
            self._keys.clear()
        self._keys[header] = (time.monotonic() + KEY_SECONDS, allowed)
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


class Gate:
    """The HTTP doors."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.checks = self.denied = 0

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=2 * 1024 * 1024)
        app.router.add_get("/check", self.check)
        app.router.add_post("/check", self.check_many)
        app.router.add_get("/health", self.health)
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/openapi.json", self.openapi)
        return app

    async def _authorised(self, request: web.Request) -> None:
        if not await self.ledger.may_ask(request.headers.get("Authorization", "")):
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
        """Whether decisions come from a ledger that is up to date."""
        ready = self.ledger.index is not None and self.ledger.lag <= STALE_SECONDS
        version = self.ledger.index.version if self.ledger.index else 0
        lag = round(self.ledger.lag, 3) if self.ledger.seen else None
        body = {"status": "ok" if ready else "degraded", "version": version, "lag_seconds": lag}
        return web.json_response(body, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Figures for Prometheus."""
        version = self.ledger.index.version if self.ledger.index else 0
        lines = [
            "# TYPE medaffairs_gate_checks_total counter", f"medaffairs_gate_checks_total {self.checks}",
            "# TYPE medaffairs_gate_denied_total counter", f"medaffairs_gate_denied_total {self.denied}",
            "# TYPE medaffairs_gate_ledger_sequence gauge", f"medaffairs_gate_ledger_sequence {version}",
            "# TYPE medaffairs_gate_lag_seconds gauge", f"medaffairs_gate_lag_seconds {self.ledger.lag:.3f}",
        ]  # fmt: skip
        return web.Response(text="\n".join(lines) + "\n")

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


async def serve(site: str, sites_path: str, host: str, http_port: int) -> None:
    """Runs until a signal says stop."""
    ledger = Ledger(site, sites_path)
    runner = web.AppRunner(Gate(ledger).application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, http_port).start()
    following = asyncio.create_task(ledger.follow())
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("checks on http://%s:%s", host, http_port)
    await stop.wait()
    following.cancel()
    await runner.cleanup()
