"""Threat: who did something removes or rewrites the record of it, through the system or behind its back."""

import frappe
import pytest

from medaffairs.audit import keeper

LOG = "Data Access Log"


@pytest.fixture
def recorded(hospital) -> int:
    """The number of a record that the head's question has just left."""
    hospital.as_("head").rows("Privilege Grant")
    frappe.db.rollback()
    keeper.bring()
    return frappe.get_all(LOG, {"user": hospital.users["head"]}, order_by="name desc", limit=1, pluck="name")[
        0
    ]


def verdict(hospital) -> dict:
    return hospital.as_("auditor").call("medaffairs.audit.api.verify").json()["message"]


@pytest.mark.parametrize("who", ["head", "manager", "administrator", "auditor"])
def test_no_door_changes_a_record(hospital, recorded, who):
    caller = hospital.as_(who)
    assert not caller.send("PUT", f"/api/resource/{LOG}/{recorded}", json={"user": "x"}).ok
    assert not caller.send("DELETE", f"/api/resource/{LOG}/{recorded}").ok
    assert not caller.send("POST", f"/api/resource/{LOG}", json={"user": "x", "action": "Read"}).ok
    assert not caller.call(
        "frappe.client.set_value", doctype=LOG, name=recorded, fieldname="user", value="x"
    ).ok
    assert not caller.call("frappe.client.delete", doctype=LOG, name=recorded).ok
    assert hospital.value(LOG, recorded, "user") == hospital.users["head"]
    assert verdict(hospital)["intact"]


@pytest.mark.parametrize(
    "column", ["user", "occurred_at", "action", "target_type", "filters", "row_count", "ip"]
)
def test_a_changed_record_is_found(hospital, recorded, column):
    before = frappe.db.get_value(LOG, recorded, column)
    forged = (
        4711
        if column == "row_count"
        else "2020-01-01 00:00:00.000000"
        if column == "occurred_at"
        else "forged"
    )
    table = frappe.qb.DocType(LOG)
    frappe.qb.update(table).set(table[column], forged).where(table.name == recorded).run()
    frappe.db.commit()
    try:
        found = verdict(hospital)
        assert not found["intact"] and found["broken_at"] == recorded
    finally:
        frappe.qb.update(table).set(table[column], before).where(table.name == recorded).run()
        frappe.db.commit()
    assert verdict(hospital)["intact"]


def test_a_removed_record_is_found(hospital, recorded):
    hospital.as_("head").rows("Privilege Grant")
    frappe.db.rollback()
    keeper.bring()
    table = frappe.qb.DocType(LOG)
    columns = frappe.db.get_table_columns(LOG)
    row = (
        frappe.qb.from_(table)
        .select(*[table[name] for name in columns])
        .where(table.name == recorded)
        .run()[0]
    )
    frappe.qb.from_(table).delete().where(table.name == recorded).run()
    frappe.db.commit()
    try:
        found = verdict(hospital)
        assert not found["intact"] and found["broken_at"] in {recorded, recorded + 1}
    finally:
        frappe.db.bulk_insert(LOG, list(columns), [row])
        frappe.db.commit()
    assert verdict(hospital)["intact"]


def test_the_log_is_read_by_the_auditor_alone(hospital, recorded):
    for who in ("head", "manager", "administrator", "officer", None):
        assert hospital.as_(who).rows(LOG) == [], who
        assert hospital.as_(who).call("medaffairs.audit.api.search").status_code in {401, 403}, who


def test_no_one_is_both_administrator_and_auditor(hospital):
    answer = hospital.as_("administrator").send(
        "PUT", f"/api/resource/User/{hospital.users['auditor']}",
        json={"roles": [{"role": "Auditor"}, {"role": "System Manager"}]},
    )  # fmt: skip
    assert not answer.ok
