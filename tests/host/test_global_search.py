"""The search over several DocTypes: fields that ask for it, of DocTypes that the site has chosen."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
import pytest
from frappe.utils import global_search
from host import kit

ANIMAL = "Host Animal"


@pytest.fixture(scope="module")
def animals_made(make_doctype) -> Iterator[None]:
    make_doctype(
        ANIMAL,
        [kit.field("title", in_global_search=1), kit.field("note", "Small Text", in_global_search=1), kit.field("secret")],
        module="Automation", title_field="title", autoname="hash",
    )  # fmt: skip
    settings = frappe.get_single("Global Search Settings")
    settings.append("allowed_in_global_search", {"document_type": ANIMAL})
    settings.save()
    frappe.db.commit()
    yield
    settings = frappe.get_single("Global Search Settings")
    settings.allowed_in_global_search = [
        row for row in settings.allowed_in_global_search if row.document_type != ANIMAL
    ]
    settings.save()
    frappe.db.sql("delete from `__global_search` where `doctype` = %s", (ANIMAL,))
    frappe.db.commit()


@pytest.fixture
def zebra(site, animals_made) -> Iterator[object]:
    """One animal, and the index that knows it."""
    doc = frappe.get_doc(
        doctype=ANIMAL, title="Zebra crossing", note="striped <b>path</b>", secret="hidden"
    ).insert()
    _known()
    yield doc
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.delete(ANIMAL)
    frappe.db.sql("delete from `__global_search` where `doctype` = %s", (ANIMAL,))
    frappe.db.commit()


def _known() -> None:
    """What was written is in the index: on Frappe it waits until it is stored, and for a job."""
    frappe.db.commit()
    global_search.sync_global_search()
    frappe.db.commit()


def found(text: str, **more: object) -> list[str]:
    return [row["name"] for row in global_search.search(text, **more)]


@pytest.mark.parametrize("text", ["zebra", "Zebra", "ZEB", "striped", "crossing path", "zebra nothing"])
def test_words_find_it_by_their_beginning(zebra, text):
    assert found(text) == [zebra.name] and found(text, doctype=ANIMAL) == [zebra.name]


@pytest.mark.parametrize("text", ["ebra", "nothing", "hidden", "", "%", "'", '"*(', "_____"])
def test_what_finds_nothing(zebra, text):
    assert found(text) == []


def test_the_answer_says_where_the_word_is(zebra):
    [row] = global_search.search("zebra")
    assert (row["doctype"], row["name"]) == (ANIMAL, zebra.name) and row["rank"] > 0
    assert row["content"] == "Title : Zebra crossing ||| Note : striped path"


def test_more_words_come_first(zebra):
    other = frappe.get_doc(doctype=ANIMAL, title="Zebra finch").insert()
    _known()
    assert found("zebra finch")[0] == other.name and set(found("zebra")) == {zebra.name, other.name}
    assert len(found("zebra", limit=1)) == 1


def test_it_follows_changes_and_deletion(zebra):
    zebra.title = "Lion"
    zebra.save()
    _known()
    assert found("zebra") == [] and found("lion") == [zebra.name]
    zebra.delete()
    _known()
    assert found("lion") == []


def test_nobody_finds_what_he_may_not_read(zebra, as_user):
    as_user("clerk")
    assert found("zebra") == [zebra.name]
    as_user("nobody")
    assert found("zebra") == [] and found("zebra", doctype=ANIMAL) == []


def test_the_index_is_built_anew(zebra):
    frappe.db.sql("delete from `__global_search` where `doctype` = %s", (ANIMAL,))
    assert found("zebra") == []
    global_search.rebuild_for_doctype(ANIMAL)
    assert found("zebra") == [zebra.name]


def test_modules_of_the_host_are_not_searched(site):
    settings = frappe.get_single("Global Search Settings")
    settings.append("allowed_in_global_search", {"document_type": "DocType"})
    with pytest.raises(frappe.ValidationError):
        settings.save()
