"""The app's own methods as a host calls them: arguments arrive as texts, languages as browsers name them."""

import ast
import json
from pathlib import Path

import pytest

from medaffairs.face.boot import nearest_language

APP = Path(__file__).parents[2] / "apps" / "medaffairs"
EXPIRING = "/api/method/medaffairs.privileging.api.expiring"


def test_modules_with_methods_do_not_postpone_their_annotations():
    """Frappe converts an argument by its annotation and leaves it alone where that is still a text."""
    postponed = []
    for path in APP.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        imports = (node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom))
        if "@frappe.whitelist" in source and any(node.module == "__future__" for node in imports):
            postponed.append(str(path.relative_to(APP)))
    assert not postponed


def test_a_number_in_the_address_is_a_number(request_as, make_user):
    _email, token = make_user("doors-officer", "Medical Affairs Officer")
    assert request_as(token, "GET", EXPIRING, days=30).status == 200
    assert request_as(token, "GET", EXPIRING, days="many").status != 200


@pytest.mark.parametrize(
    ("asked", "language"),
    [("en-US", "en"), ("en", "en"), ("zh", "zh"), ("zh-TW", "zh"), ("zh_CN", "zh"), ("de", "zh"), (None, "zh"), ("", "zh")],
)  # fmt: skip
def test_the_nearest_delivered_language_is_chosen(asked, language):
    assert nearest_language(asked) == language


def test_titles_of_what_a_user_may_not_choose_are_left_out(request_as, make_user):
    _email, token = make_user("doors-doctor", "Practitioner")
    path = "/api/method/medaffairs.face.api.link_titles"
    answer = request_as(token, "GET", path, doctype="Patient Index", names=json.dumps(["P1"]))
    assert (answer.status, answer.json["message"]) == (200, {})
