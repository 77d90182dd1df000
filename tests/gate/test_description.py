"""The gate describes itself truly: the document is valid, and every answer is as it says, whatever is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from gate.processes import Gate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.parser import text_string_to_metric_families
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from medaffairs.integration.gate.openapi import description

ADDRESS = "urn:gate"
REGISTRY = Registry().with_resource(ADDRESS, DRAFT202012.create_resource(description()))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def conforms(method: str, path: str, response: requests.Response) -> None:
    """The status is described and the body is as described."""
    described = description()["paths"][path][method]["responses"]
    assert str(response.status_code) in described, (response.status_code, response.text)
    answer = described[str(response.status_code)]
    if "$ref" in answer:
        answer = description()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = json.dumps(answer["content"]["application/json"]["schema"])
    anywhere = json.loads(schema.replace('"#/', f'"{ADDRESS}#/'))
    Draft202012Validator(anywhere, registry=REGISTRY).validate(response.json())


def test_the_document_is_valid_and_served_to_anybody(gate: Gate) -> None:
    document = requests.get(f"{gate.url}/openapi.json", timeout=5).json()
    assert document == description()
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_that_is_answered_is_described() -> None:
    from medaffairs.integration.gate.http import HttpDoor
    from medaffairs.integration.gate.ledger import Ledger
    from medaffairs.integration.gate.trail import Trail

    door = HttpDoor(Ledger("x", "."), Trail("x", "."), "127.0.0.1", 0, [])
    answered = {
        (route.method.lower(), route.resource.canonical) for route in door.application().router.routes()
    }
    described = {(method, path) for path, methods in description()["paths"].items() for method in methods}
    assert {pair for pair in answered if pair[0] != "head"} == described


def test_usual_answers_are_as_described(gate: Gate) -> None:
    asked = {"practitioner": "D1", "kind": "SURGERY", "code": "A"}
    for query in (asked, {}, asked | {"at": "x"}):
        conforms("get", "/check", gate.get("/check", **query))
    conforms("post", "/check", gate.post([asked]))
    conforms("post", "/check", gate.post([asked, {}]))
    for path in ("/health", "/health/live"):
        conforms("get", path, requests.get(f"{gate.url}{path}", timeout=5))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    ["practitioner", "kind", "code", "at", "as_of", "emergency", "record", "department", "source"]
)
plausible = st.sampled_from(
    ["D00001", "SURGERY", "51.2300", "2026-05-03T08:32:00", "2026-05-03", "1", "0", "急诊"]
)


@FEW
@given(st.lists(st.tuples(names | st.text(max_size=8), plausible | st.text(max_size=30)), max_size=8))
def test_no_query_breaks_it(gate: Gate, query: list[tuple[str, str]]) -> None:
    response = gate.session.get(
        f"{gate.url}/check",
        params=[(n.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for n, v in query],
        headers={"Authorization": f"token {gate.token}"},
        timeout=30,
    )
    conforms("get", "/check", response)


@FEW
@given(
    st.lists(st.dictionaries(names | st.text(max_size=8), plausible | anything, max_size=9), max_size=4)
    | anything
)
def test_no_list_of_questions_breaks_it(gate: Gate, body: Any) -> None:
    conforms("post", "/check", gate.post(json.dumps(body).encode()))


@FEW
@given(st.binary(max_size=300))
def test_no_bytes_break_it(gate: Gate, body: bytes) -> None:
    conforms("post", "/check", gate.post(body))


@pytest.fixture(scope="module")
def second_gate(hospital: None, token: str, logs: Path) -> Iterator[Gate]:
    """One that soon asks for patience."""
    process = Gate(logs, token)
    yield process
    process.stop()


@FEW
@given(st.binary(max_size=60).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"")))
def test_no_key_breaks_it(second_gate: Gate, key: bytes) -> None:
    response = requests.get(
        f"{second_gate.url}/check", headers={"Authorization": key.decode("latin-1").strip()}, timeout=30
    )
    if response.status_code == 400 and not response.headers["Content-Type"].startswith("application/json"):
        return  # not HTTP
    assert response.status_code in (401, 429)
    conforms("get", "/check", response)


@pytest.mark.parametrize(
    "raw", ["%ff", "%00", "a%", "a=%zz", "practitioner=%ed%a0%80&kind=a&code=b", "?&&==;", "practitioner[]=1"]
)
def test_no_raw_address_breaks_it(gate: Gate, raw: str) -> None:
    headers = {"Authorization": f"token {gate.token}"}
    conforms("get", "/check", gate.session.get(f"{gate.url}/check?{raw}", headers=headers, timeout=5))


def test_figures_are_an_exposition_that_prometheus_reads(gate: Gate) -> None:
    gate.get("/check", practitioner="D1", kind="SURGERY", code="A")
    response = requests.get(f"{gate.url}/metrics", timeout=5)
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert families["medaffairs_gate_check_seconds"].type == "histogram"
    assert families["medaffairs_gate_answers"].type == "counter"
    figures = gate.figures()
    assert figures["medaffairs_gate_check_seconds_count"] >= 1
    assert figures["medaffairs_gate_lag_seconds"] < 5
    assert figures["process_resident_memory_bytes"] > 10_000_000
    assert any(name.startswith("medaffairs_gate_info") for name in figures)
    assert "medaffairs_gate_journal_bytes" in figures


@pytest.mark.parametrize("path", ["/check", "/health", "/metrics", "/openapi.json", "/nothing"])
def test_every_answer_carries_the_security_headers(gate: Gate, path: str) -> None:
    headers = requests.get(f"{gate.url}{path}", timeout=5).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Server"] == "medaffairs"
