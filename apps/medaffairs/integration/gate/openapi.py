"""The gate's description of itself, OpenAPI 3.1."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import medaffairs
from medaffairs.privileging import rules
from medaffairs.privileging.questions import LONGEST_TEXT, MANDATORY, MOST_AT_ONCE

_TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_TIME = {"type": "string"}
_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "practitioner": (_TEXT, "Staff number of the person who acts"),
    "kind": (_TEXT, "Kind of privilege, such as SURGERY or ANTIMICROBIAL"),
    "code": (_TEXT, "Code of the procedure or drug privilege"),
    "at": (_TIME, "Moment of the act, ISO 8601, in the hospital's zone unless it names one; now if left out"),
    "as_of": (_TIME, "Answer by what was on record at this moment"),
    "emergency": ({"type": "string", "enum": ["0", "1"]}, "1: an emergency; counts when no decision can be made"),
    "record": ({"type": "string", "enum": ["0", "1"]}, "1: keep a refusal as an unauthorised act"),
    "department": ({"type": "string", "maxLength": LONGEST_TEXT}, "Where it happens: the department's code, here or in HIS"),
    "source": ({"type": "string", "maxLength": LONGEST_TEXT}, "System in which it happens"),
}  # fmt: skip
_REASONS = sorted(rules.MESSAGES)


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The document that `/openapi.json` answers with."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "medaffairs gate",
            "version": medaffairs.__version__,
            "description": "May this practitioner do this at that moment? Answered from memory.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": {
            "/check": {"get": _check(), "post": _check_many()},
            "/health": {"get": _health()},
            "/health/live": {
                "get": _plain("liveness", "The process answers", {"$ref": "#/components/schemas/Live"})
            },
            "/metrics": {"get": _metrics()},
            "/openapi.json": {"get": _plain("describe", "This document", {"type": "object"})},
        },
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token key:secret` with the API key and secret of a user",
                }
            },
            "schemas": _schemas(),
            "responses": _errors(),
        },
    }


def _check() -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "query", "required": name in MANDATORY, "description": words, "schema": schema}
        for name, (schema, words) in _FIELDS.items()
    ]
    return {
        "operationId": "check",
        "summary": "One question",
        "parameters": parameters,
        "responses": _answers({"$ref": "#/components/schemas/Answer"}),
    }


def _check_many() -> dict[str, Any]:
    questions = {
        "type": "array",
        "maxItems": MOST_AT_ONCE,
        "items": {"$ref": "#/components/schemas/Question"},
    }
    answers = {"type": "array", "items": {"$ref": "#/components/schemas/Answer"}}
    responses = _answers(answers)
    for status in ("408", "413"):
        responses[status] = {"$ref": f"#/components/responses/Error{status}"}
    return {
        "operationId": "checkMany",
        "summary": f"Up to {MOST_AT_ONCE} questions; answers in their order",
        "requestBody": {"required": True, "content": {"application/json": {"schema": questions}}},
        "responses": responses,
    }


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    known = {
        status: {"$ref": f"#/components/responses/Error{status}"}
        for status in ("400", "401", "403", "429", "503")
    }
    return {"200": _json("The answer", schema), **known}


def _health() -> dict[str, Any]:
    body = {"$ref": "#/components/schemas/Health"}
    return {
        "operationId": "health",
        "summary": "Whether answers are up to date; readiness",
        "security": [],
        "responses": {"200": _json("Everything works", body), "503": _json("Something does not", body)},
    }


def _metrics() -> dict[str, Any]:
    return {
        "operationId": "metrics",
        "summary": "Figures for Prometheus",
        "security": [],
        "responses": {
            "200": {
                "description": "Text exposition",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    }


def _plain(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "summary": words, "security": [], "responses": {"200": _json(words, schema)}}


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _schemas() -> dict[str, Any]:
    switch = {"enum": [0, 1, True, False, "0", "1", "", None]}
    asked = {name: {**schema, "description": words} for name, (schema, words) in _FIELDS.items()}
    for name in ("emergency", "record"):
        asked[name] = {**switch, "description": _FIELDS[name][1]}
    for name in ("at", "as_of", "department", "source"):
        asked[name] = {**asked[name], "type": ["string", "null"]}
    return {
        "Question": {
            "type": "object",
            "required": list(MANDATORY),
            "additionalProperties": False,
            "properties": asked,
        },
        "Answer": {
            "type": "object",
            "required": ["allowed", "reason", "message", "grant", "valid_to", "version"],
            "additionalProperties": False,
            "properties": {
                "allowed": {"type": "boolean"},
                "reason": {"type": "string", "enum": _REASONS},
                "message": {"type": "string", "description": "The reason in words"},
                "grant": {"type": ["string", "null"], "description": "Name of the grant behind the answer"},
                "valid_to": {
                    "type": ["string", "null"],
                    "description": "When the answer changes, in the hospital's time zone; null: not as far as is known",
                },
                "version": {"type": "integer", "description": "Newest event of the ledger behind the answer"},
            },
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "additionalProperties": False,
            "properties": {
                "error": {"type": "string", "description": "What is wrong, in words"},
                "field": {"type": "string"},
                "row": {"type": "integer", "minimum": 1, "description": "Number of the question, from 1"},
            },
        },
        "Live": {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}},
        "Health": {
            "type": "object",
            "required": ["status", "troubles", "version", "lag_seconds"],
            "properties": {
                "status": {"enum": ["ok", "degraded"]},
                "troubles": {"type": "array", "items": {"type": "string"}},
                "version": {"type": "integer"},
                "lag_seconds": {"type": ["number", "null"]},
            },
        },
    }


def _errors() -> dict[str, Any]:
    words = {
        "400": "Something in the question is missing, unknown or not what it should be",
        "401": "No valid API key",
        "403": "The key's user may not ask about this person",
        "408": "The request did not arrive in time",
        "413": "The request is too large",
        "429": "Too many wrong keys from this address",
        "503": "No answer can be given or recorded now; `Retry-After` says when to try again",
    }
    return {
        f"Error{status}": _json(text, {"$ref": "#/components/schemas/Error"})
        for status, text in words.items()
    }
