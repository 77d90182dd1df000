"""Tables under the documents: columns and their defaults, uniqueness, locks, counters, two who write at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import frappe
import pytest
from host import kit

NOTE, LINE, NUMBERED = "Host Stored Note", "Host Stored Line", "Host Stored Number"


@pytest.fixture(scope="module")
def note(make_doctype):
    """A DocType with a unique field, a series and rows."""
    make_doctype(LINE, [kit.field("item"), kit.field("amount", "Int")], istable=1, permissions=[])
    make_doctype(NUMBERED, [kit.field("title")], autoname="autoincrement")
    return make_doctype(
        NOTE,
        [
            kit.field("title", length=20), kit.field("code", unique=1), kit.field("state", default="It's open"),
            kit.field("pieces", "Int", default="3"), kit.field("price", "Currency"), kit.field("seen_at", "Datetime"),
            kit.field("at_time", "Time"), kit.field("lines", "Table", options=LINE),
        ],
        autoname="HSN-.#####",
    )  # fmt: skip


@pytest.fixture
def stored(note, site) -> Callable:
    """Makes a record; what a test has committed is deleted."""
    yield lambda **values: frappe.get_doc({"doctype": NOTE, "title": "a note", **values}).insert()
    frappe.db.rollback()
    for doctype in (NOTE, LINE, NUMBERED):
        frappe.db.delete(doctype)
    frappe.db.commit()


def elsewhere(*functions: Callable) -> list:
    """What functions return, or raise, each in a thread with a connection of its own, all at the same time."""
    site, folder, answers = frappe.local.site, os.getcwd(), [None] * len(functions)

    def run(position: int, function: Callable) -> None:
        frappe.init(site=site, sites_path=folder)
        frappe.connect()
        try:
            answers[position] = function()
        except Exception as error:
            answers[position] = error
        finally:
            frappe.db.rollback()
            frappe.destroy()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


# -- columns


def test_a_row_that_is_written_past_its_document_has_the_defaults(stored):
    frappe.db.sql(f"insert into `tab{NOTE}` (`name`) values (%s)", ("past",))
    row = frappe.db.get_value(NOTE, "past", ["state", "pieces", "price", "docstatus", "idx"], as_dict=True)
    assert row == {"state": "It's open", "pieces": 3, "price": 0, "docstatus": 0, "idx": 0}


def test_values_come_back_as_they_were(stored):
    text = "\\ ' \" % 漢字 🏥"
    name = stored(title=text, price=1234.567891234, seen_at="2026-02-28 23:59:59.123456", at_time="23:59:59.5").name  # fmt: skip
    found = frappe.get_doc(NOTE, name)
    assert (found.title, found.price) == (text, 1234.567891234)
    assert (str(found.seen_at), str(found.at_time)) == ("2026-02-28 23:59:59.123456", "23:59:59.500000")
    assert frappe.get_all(NOTE, {"title": text}, pluck="name") == [name]
    assert frappe.db.sql(f"select `name` from `tab{NOTE}` where `title` = {frappe.db.escape(text, percent=False)}") == ((name,),)  # fmt: skip


def test_a_text_that_is_too_long_is_refused(stored):
    with pytest.raises(frappe.CharacterLengthExceededError):
        stored(title="x" * 21)


def test_a_field_that_becomes_longer_takes_more_and_one_that_becomes_shorter_cuts_nothing_off(stored):
    name = stored(title="x" * 20).name
    frappe.db.commit()
    set_length(60)
    doc = frappe.get_doc(NOTE, name)
    doc.title = "y" * 60
    doc.save()
    frappe.db.commit()
    set_length(20)
    assert frappe.db.get_value(NOTE, name, "title") == "y" * 60
    set_length(20)


def set_length(length: int) -> None:
    doctype = frappe.get_doc("DocType", NOTE)
    next(row for row in doctype.fields if row.fieldname == "title").length = length
    doctype.save()
    frappe.db.commit()


def test_how_much_of_a_row_is_taken(note, as_user):
    from frappe.core.doctype.doctype.doctype import get_row_size_utilization

    taken = get_row_size_utilization(NOTE)
    assert (0 < taken < 50) if frappe.db.db_type == "mariadb" else taken == 0
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        get_row_size_utilization(NOTE)


# -- uniqueness


def test_a_unique_value_is_there_once_whatever_its_case_and_nothing_is_no_value(stored):
    stored(code="one")
    for code in ("one", "ONE"):
        with pytest.raises(frappe.UniqueValidationError):
            stored(code=code)
    for code in (None, ""):
        assert stored(code=code).name
    assert stored(code="").name
    other = stored(code="two")
    other.code = "One"
    with pytest.raises(frappe.UniqueValidationError):
        other.save()


def test_a_name_that_exists(stored):
    doc = stored()
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc({"doctype": NOTE, "title": "again"}).insert(set_name=doc.name)
    frappe.get_doc({"doctype": NOTE, "title": "again"}).insert(set_name=doc.name, ignore_if_duplicate=True)
    assert frappe.db.get_value(NOTE, doc.name, "title") == "a note"


def test_the_database_knows_its_own_errors(stored):
    name = stored().name
    with pytest.raises(Exception) as caught:
        frappe.db.sql(f"insert into `tab{NOTE}` (`name`) values (%s)", (name,))
    assert frappe.db.is_duplicate_entry(caught.value) and frappe.db.is_primary_key_violation(caught.value)
    with pytest.raises(Exception) as caught:
        frappe.db.sql("select * from `tabHost No Such Table`")
    assert frappe.db.is_table_missing(caught.value)
    with pytest.raises(Exception) as caught:
        frappe.db.sql(f"select `no_such_column` from `tab{NOTE}`")
    assert frappe.db.is_missing_column(caught.value)


def test_rows_in_bulk_pass_over_those_that_exist(stored):
    name = stored().name
    rows = [(name, "again"), ("new", "first")]
    with pytest.raises(Exception) as caught:
        frappe.db.bulk_insert(NOTE, ["name", "title"], rows)
    assert frappe.db.is_duplicate_entry(caught.value)
    frappe.db.bulk_insert(NOTE, ["name", "title"], rows, ignore_duplicates=True)
    assert frappe.get_all(NOTE, pluck="title", order_by="title") == ["a note", "first"]


def test_indexes_and_rules_over_several_columns(stored):
    frappe.db.add_index(NOTE, ["state", "pieces"], "state_and_pieces")
    frappe.db.add_index(NOTE, ["state", "pieces"], "state_and_pieces")
    assert frappe.db.has_index(f"tab{NOTE}", "state_and_pieces")
    assert not frappe.db.has_index(f"tab{NOTE}", "pieces_and_state")
    frappe.db.add_unique(NOTE, ["seen_at", "at_time"], "both_moments")
    frappe.db.add_unique(NOTE, ["seen_at", "at_time"], "both_moments")
    moments = {"seen_at": "2026-02-28 10:00:00", "at_time": "10:00:00"}
    stored(**moments)
    with pytest.raises(frappe.UniqueValidationError):
        stored(**moments)
    assert stored().name and stored(seen_at=moments["seen_at"]).name


# -- transactions


def test_savepoints_within_each_other(stored):
    stored(code="a")
    frappe.db.savepoint("first_mark")
    stored(code="b")
    frappe.db.savepoint("second_mark")
    stored(code="c")
    frappe.db.rollback(save_point="second_mark")
    assert frappe.get_all(NOTE, pluck="code", order_by="code") == ["a", "b"]
    frappe.db.rollback(save_point="first_mark")
    assert frappe.get_all(NOTE, pluck="code") == ["a"]


def test_a_series_has_no_gap_where_a_transaction_was_undone(stored):
    first = stored().name
    frappe.db.commit()
    stored()
    frappe.db.rollback()
    assert int(stored().name[4:]) == int(first[4:]) + 1


def test_numbers_as_names_are_never_given_twice(stored):
    names = [frappe.get_doc({"doctype": NUMBERED, "title": "x"}).insert().name for _ in range(3)]
    assert names == sorted(set(names)) and all(isinstance(name, int) for name in names)
    frappe.db.rollback()
    assert frappe.get_doc({"doctype": NUMBERED, "title": "x"}).insert().name >= names[0]


def test_a_locked_row_is_refused_to_who_will_not_wait(stored):
    name = stored().name
    frappe.db.commit()
    frappe.db.get_value(NOTE, name, "title", for_update=True)
    [answer] = elsewhere(lambda: frappe.db.get_value(NOTE, name, "title", for_update=True, wait=False))
    assert isinstance(answer, frappe.QueryTimeoutError)
    assert elsewhere(lambda: frappe.db.get_value(NOTE, name, "title")) == ["a note"], "readers do not wait"
    frappe.db.rollback()
    assert elsewhere(
        lambda: frappe.db.get_value(NOTE, name, "title", for_update=True, wait=False)
    ) == ["a note"]  # fmt: skip


def test_who_locks_a_document_sees_it_and_its_rows_as_they_are_now(stored):
    name = stored(lines=[{"item": "x", "amount": 0}]).name
    frappe.db.commit()

    def add_one() -> None:
        frappe.db.get_value(NOTE, name, "title")
        doc = frappe.get_doc(NOTE, name, for_update=True)
        doc.lines[0].amount += 1
        doc.append("lines", {"item": "another", "amount": 1})
        doc.save()
        frappe.db.commit()

    assert elsewhere(*[add_one] * 4) == [None] * 4
    frappe.db.rollback()
    doc = frappe.get_doc(NOTE, name)
    assert doc.lines[0].amount == 4 and len(doc.lines) == 5


def test_who_was_overtaken_does_not_overwrite(stored):
    name = stored().name
    frappe.db.commit()
    mine = frappe.get_doc(NOTE, name)

    def change() -> None:
        doc = frappe.get_doc(NOTE, name)
        doc.title = "theirs"
        doc.save()
        frappe.db.commit()

    assert elsewhere(change) == [None]
    mine.title = "mine"
    with pytest.raises(frappe.TimestampMismatchError):
        mine.save()
    frappe.db.rollback()
    assert frappe.db.get_value(NOTE, name, "title") == "theirs"


def test_several_count_one_series_at_the_same_time(stored):
    def make_some() -> list[str]:
        names = []
        for _ in range(5):
            names.append(frappe.get_doc({"doctype": NOTE, "title": "x"}).insert().name)
            frappe.db.commit()
        return names

    first = int(stored().name[4:])
    frappe.db.commit()
    answers = elsewhere(*[make_some] * 4)
    numbers = sorted(int(name[4:]) for answer in answers for name in answer)
    assert numbers == list(range(first + 1, first + 21))
