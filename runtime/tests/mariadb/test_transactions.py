"""Locks, errors, lost connections, counters: what several writers on one server meet."""

from __future__ import annotations

import os
import threading

import frappe
import MySQLdb
import pytest

from .conftest import ITEM, NUMBERED, SITE, TREE, in_processes


def test_texts_compare_as_readers_do(item):
    item(code="Straße")
    assert frappe.db.exists(ITEM, {"code": "STRASSE"})
    with pytest.raises(frappe.UniqueValidationError):
        item(code="strasse")


def test_a_name_and_a_value_that_exist(item):
    doc = item(code="a")
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(doctype=ITEM, title="again").insert(set_name=doc.name)
    with pytest.raises(frappe.UniqueValidationError):
        item(code="A")
    assert "Code" in frappe.message_log[-1]["message"]
    with pytest.raises(frappe.UniqueValidationError) as caught:
        frappe.db.sql("insert into `tabMaria Item` (`name`) values (%s)", (doc.name,))
    assert frappe.db.is_duplicate_entry(caught.value) and frappe.db.is_primary_key_violation(caught.value)


def test_a_text_that_is_too_long(item):
    doc = item()
    with pytest.raises(frappe.CharacterLengthExceededError):
        frappe.db.set_value(ITEM, doc.name, "title", "x" * 141)


@pytest.mark.parametrize("column, value", [("idx", "many"), ("creation", "soon"), ("idx", 2**40), ("docstatus", None), ("extra", "{")])  # fmt: skip
def test_a_value_that_the_column_cannot_hold(item, column, value):
    with pytest.raises(frappe.DataError):
        frappe.db.set_value(ITEM, item().name, column, value)


def test_errors_that_are_not_there_to_be_translated_stay_those_of_the_driver(site):
    with pytest.raises(frappe.db.ProgrammingError) as caught:
        frappe.db.sql("select * from `tabNothing`")
    assert frappe.db.is_table_missing(caught.value)
    with pytest.raises(frappe.db.OperationalError) as caught:
        frappe.db.sql("select `nothing` from `tabUser`")
    assert frappe.db.is_missing_column(caught.value)


def test_locked_rows_are_waited_for_passed_over_or_refused(item, other):
    first, second = item(code="a").name, item(code="b").name
    frappe.db.commit()
    frappe.db.get_value(ITEM, first, "title", for_update=True)
    assert other.get_values(ITEM, {}, "name", for_update=True, skip_locked=True, pluck=True) == [second]
    with pytest.raises(frappe.QueryTimeoutError):
        other.get_value(ITEM, first, "title", for_update=True, wait=False)
    with pytest.raises(frappe.QueryTimeoutError):
        other.get_value(ITEM, first, "title", for_update=True)
    other.rollback()
    frappe.db.rollback()
    assert other.get_value(ITEM, first, "title", for_update=True) == "an item"


def test_two_that_wait_for_each_other(item, other):
    first, second = item(code="a").name, item(code="b").name
    frappe.db.commit()
    other.sql("set session innodb_lock_wait_timeout = 20")
    frappe.db.get_value(ITEM, first, "title", for_update=True)
    other.get_value(ITEM, second, "title", for_update=True)
    ended: list = []

    def wait_for_first() -> None:
        try:
            other.sql("select `title` from `tabMaria Item` where `name` = %s for update", (first,))
        except Exception as error:
            ended.append(error)

    waiting = threading.Thread(target=wait_for_first)
    waiting.start()
    try:
        frappe.db.get_value(ITEM, second, "title", for_update=True)
    except Exception as error:
        ended.append(error)
    frappe.db.rollback()
    waiting.join(30)
    assert [type(error) for error in ended] == [frappe.QueryDeadlockError]


def test_a_transaction_sees_one_moment_but_what_it_locks_as_it_is_now(item, other):
    name = item().name
    frappe.db.commit()
    assert frappe.db.get_value(ITEM, name, "title") == "an item"
    other.sql("update `tabMaria Item` set `title` = 'changed'")
    other.commit()
    assert frappe.db.get_value(ITEM, name, "title") == "an item"
    assert frappe.get_doc(ITEM, name, for_update=True).title == "changed"


def test_a_savepoint_undoes_its_part(item):
    item(code="a")
    frappe.db.savepoint("half_way")
    item(code="b")
    frappe.db.rollback(save_point="half_way")
    assert frappe.get_all(ITEM, pluck="code") == ["a"]


def kill(victim, killer) -> None:
    killer.sql(f"kill connection {victim._connection.thread_id()}")
    killer.rollback()


def test_a_lost_connection_is_replaced_between_transactions(item, other):
    item()
    frappe.db.commit()
    kill(frappe.db, other)
    assert frappe.db.count(ITEM) == 1


def test_within_a_transaction_a_lost_connection_is_an_error_and_nothing_half_is_kept(item, other):
    item(code="first half")
    kill(frappe.db, other)
    with pytest.raises(MySQLdb.OperationalError):
        item(code="second half")
    frappe.db.rollback()
    assert frappe.db.count(ITEM) == 0


def test_what_failed_holds_no_lock_afterwards(site, maria_site, other):
    with pytest.raises(frappe.UniqueValidationError):
        frappe.db.sql("insert into `tabUser` (`name`) values ('Guest')")
    frappe.destroy()
    other.sql("update `tabUser` set `bio` = 'x' where `name` = 'Guest'")
    other.rollback()
    frappe.init(SITE, sites_path=maria_site, force=True)
    frappe.connect()


def test_rows_come_one_by_one_while_other_statements_run(item):
    frappe.db.bulk_insert(ITEM, ["name", "title"], [(f"n{number:05}", "x") for number in range(2500)])
    own = frappe.db.sql("select `name` from `tabMaria Item` order by `name`", as_iterator=True)
    assert sum(1 for _ in own) == 2500, "what this transaction has written is seen"
    frappe.db.commit()
    names = []
    for row in frappe.db.sql(
        "select `name` from `tabMaria Item` order by `name`", as_iterator=True, as_dict=True
    ):
        names.append(row.name)
        if len(names) % 1000 == 1:
            assert frappe.db.count(ITEM) == 2500
    assert names == [f"n{number:05}" for number in range(2500)]


def test_values_come_back_as_they_were(item):
    doc = item(title="\\ ' \" % 漢字 🏥 %s", amount=1234.567891234, seen_at="2026-02-28 23:59:59.123456", at_time="23:59:59.5",
               extra='{"a": ["ä"]}')  # fmt: skip
    frappe.db.commit()
    found = frappe.get_doc(ITEM, doc.name)
    assert (found.title, found.amount) == (doc.title, 1234.567891234)
    assert (str(found.seen_at), str(found.at_time)) == ("2026-02-28 23:59:59.123456", "23:59:59.500000")
    assert frappe.parse_json(found.extra) == {"a": ["ä"]}


def test_one_statement_cannot_become_two(site):
    with pytest.raises(frappe.db.ProgrammingError):
        frappe.db.sql("select 1; delete from `tabUser`")


#: How often each of several processes writes; MARIADB_ROUNDS=1000 for a long run.
ROUNDS = int(os.environ.get("MARIADB_ROUNDS", "25"))


def test_several_processes_write_one_table_and_one_series(site):
    answers = in_processes(site, 4, f"""
for number in range({ROUNDS}):
    for attempt in range(20):
        try:
            doc = frappe.get_doc(doctype={ITEM!r}, title="x").insert()
            numbered = frappe.get_doc(doctype={NUMBERED!r}, title="x").insert()
            if number % 5 == 4:
                frappe.db.rollback()
            else:
                frappe.db.commit()
                print(doc.name, numbered.name)
            break
        except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
            frappe.db.rollback()
""")  # fmt: skip
    pairs = [line.split() for answer in answers for line in answer.splitlines()]
    expected = 4 * ROUNDS * 4 // 5
    assert len({series for series, _ in pairs}) == len({number for _, number in pairs}) == expected
    frappe.db.rollback()
    counted = sorted(int(name.rpartition("-")[2]) for name in frappe.get_all(ITEM, pluck="name"))
    assert counted == list(range(counted[0], counted[0] + expected)), "a series has no gaps"


def test_several_processes_add_to_one_tree(site):
    frappe.get_doc(doctype=TREE, is_group=1).insert(set_name="root")
    frappe.db.commit()
    rounds = ROUNDS // 5
    in_processes(site, 4, f"""
import os
for number in range({rounds}):
    while True:
        try:
            frappe.get_doc(doctype={TREE!r}, parent_maria_tree="root").insert(set_name=f"leaf {{os.getpid()}} {{number}}")
            frappe.db.commit()
            break
        except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
            frappe.db.rollback()
""")  # fmt: skip
    frappe.db.rollback()
    rows = frappe.get_all(TREE, fields=["lft", "rgt"])
    numbers = sorted(number for row in rows for number in (row.lft, row.rgt))
    assert numbers == list(range(1, 2 * (4 * rounds + 1) + 1)), "every node has its own two numbers"


def test_a_child_process_leaves_the_connection_of_its_parent_alone(site):
    [answer] = in_processes(site, 1, f"""
import os, threading
frappe.db.sql("select 1")
frappe.db.commit()
opened, done = threading.Event(), threading.Event()
said = []
def keep_one():
    frappe.init("maria.test", sites_path={site!r})
    frappe.connect()
    frappe.db.count("User")
    opened.set()
    done.wait()
    said.append(frappe.db.count("User") > 0)
thread = threading.Thread(target=keep_one)
thread.start()
opened.wait()
child = os.fork()
if child == 0:
    frappe.destroy()
    frappe.init("maria.test", sites_path={site!r})
    frappe.connect()
    os._exit(0 if frappe.db.count("User") else 1)
status = os.waitpid(child, 0)[1]
done.set()
thread.join()
print(status, frappe.db.sql("select connection_id() is not null")[0][0], said)
""")  # fmt: skip
    assert answer.split() == ["0", "1", "[True]"]
