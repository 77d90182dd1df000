"""Threat: a text that somebody typed runs as a script or as a template where another looks at it."""

import pytest

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"
TEMPLATE = "{{ frappe.db.get_value('User', 'Administrator', 'email') }}{% for i in range(9) %}9{% endfor %}"


@pytest.fixture
def sheet(hospital) -> str:
    answer = hospital.as_("applicant").call(
        "medaffairs.privileging.sheets.apply", kind="SURGERY", codes=["SEC-51.2300"], reason=SCRIPT + TEMPLATE
    )
    assert answer.ok, answer.text
    return answer.json()["message"]["name"]


def test_a_print_shows_the_text_as_it_was_typed(hospital, sheet):
    page = hospital.as_("officer").send(
        "GET", "/printview", params={"doctype": "Privilege Application", "name": sheet}
    )
    assert page.ok
    assert "<script>alert" not in page.text and "onerror=alert" not in page.text.replace(
        "onerror=alert(1)&gt;", ""
    )
    assert "999999999" not in page.text


def test_notices_and_opinions_are_texts(hospital, sheet):
    opinion = hospital.as_("head").call(
        "medaffairs.approval.api.act", doctype="Privilege Application", name=sheet, action="Approve",
        opinion=SCRIPT + TEMPLATE,
    )  # fmt: skip
    assert opinion.ok, opinion.text
    kept = hospital.as_("head").ask(
        "medaffairs.approval.api.opinions", doctype="Privilege Application", name=sheet
    )
    assert kept.headers["Content-Type"].startswith("application/json")
    assert "999999999" not in kept.text
    assert TEMPLATE in kept.json()["message"][-1]["opinion"]


def test_answers_say_what_they_are(hospital, sheet):
    page = hospital.as_(None).send("GET", "/medaffairs")
    assert page.headers.get("X-Content-Type-Options", "nosniff") == "nosniff"
    assert "<script>alert" not in hospital.as_(None).send("GET", "/medaffairs/<script>alert(1)</script>").text
