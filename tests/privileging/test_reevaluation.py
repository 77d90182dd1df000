"""The yearly re-evaluation: lists from privileges and operations, decisions, their effect."""

from __future__ import annotations

from datetime import date

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.privileging import api as privileges
from medaffairs.privileging import ledger
from medaffairs.privileging.reevaluation import api, rules

YEAR = date.today().year
LIMITS = rules.Limits(min_volume=1, max_unplanned=2, max_complication_percent=20)


def operate(
    ward, who: str, code: str, times: int, complications: int = 0, returns: int = 0, year: int = YEAR
) -> None:
    for number in range(times):
        frappe.get_doc(
            doctype="Operation Record", operation_no=f"OP-{who}-{code}-{year}-{number}", surgeon=ward.people[who],
            procedure=code, department="T-GS", status="Finished", scheduled_at=f"{year}-01-0{number % 9 + 1} 09:00:00",
            started_at=f"{year}-01-0{number % 9 + 1} 09:30:00", complication=int(number < complications),
            unplanned_return=int(number < returns),
        ).insert(ignore_permissions=True)  # fmt: skip


@pytest.fixture
def sheet(ward) -> str:
    """Three privileges: one used well, one with many complications and returns, one unused."""
    for who, code in (("surgeon", "T51.2300"), ("surgeon", "T47.0100"), ("colleague", "T51.2300")):
        ledger.grant(
            ward.people[who],
            "SURGERY",
            code,
            valid_from=add_to_date(None, days=-300),
            valid_to=add_to_date(None, days=60),
        )
    operate(ward, "surgeon", "T51.2300", 8, complications=1)
    operate(ward, "surgeon", "T47.0100", 6, complications=4, returns=3)
    operate(ward, "colleague", "T51.2300", 9, year=YEAR - 1)
    frappe.db.set_value(
        "Privilege Kind",
        "SURGERY",
        {
            "reevaluation_min_volume": 1,
            "reevaluation_max_unplanned": 2,
            "reevaluation_max_complication_percent": 20,
            "reevaluation_months": 12,
        },
    )
    ward.as_("office")
    made = api.generate(YEAR, "SURGERY", "T-GS")
    assert made["items"] == 3
    return made["sheets"][0]


def rows(sheet: str) -> dict[tuple[str, str], dict]:
    return {(row["practitioner_name"], row["item_name"]): row for row in api.sheet(sheet)["items"]}


def test_the_list_shows_the_years_evidence_and_what_it_proposes(sheet) -> None:
    found = {
        key: (row["volume"], row["complications"], row["unplanned_reoperations"], row["proposal"])
        for key, row in rows(sheet).items()
    }
    assert found == {
        ("surgeon", "腹腔镜胆囊切除术"): (8, 1, 0, "Continue"),
        ("surgeon", "腹腔镜阑尾切除术"): (6, 4, 3, "Revoke"),
        ("colleague", "腹腔镜胆囊切除术"): (0, 0, 0, "Suspend"),
    }


def test_generating_again_adds_what_is_new_and_doubles_nothing(ward, sheet) -> None:
    assert api.generate(YEAR, "SURGERY", "T-GS") == {"sheets": [sheet], "items": 3, "completed": 0}
    ward.as_("Administrator")
    ledger.grant(ward.people["head"], "SURGERY", "T51.2300")
    operate(ward, "colleague", "T51.2300", 2)
    ward.as_("office")
    assert api.generate(YEAR, "SURGERY", "T-GS")["items"] == 4
    assert rows(sheet)["colleague", "腹腔镜胆囊切除术"]["volume"] == 2


def test_decisions_take_effect_once(ward, sheet) -> None:
    grants = {key: row["grant"] for key, row in rows(sheet).items()}
    with pytest.raises(frappe.ValidationError, match="3"):
        api.complete(sheet)
    assert api.accept_proposals(sheet) == {"decided": 3, "open": 0}
    good, bad, idle = (
        grants[key]
        for key in (
            ("surgeon", "腹腔镜胆囊切除术"),
            ("surgeon", "腹腔镜阑尾切除术"),
            ("colleague", "腹腔镜胆囊切除术"),
        )
    )
    assert api.complete(sheet) == {"continued": 1, "suspended": 1, "revoked": 1, "passed_over": 0}
    states = {name: frappe.db.get_value("Privilege Grant", name, "status") for name in (good, bad, idle)}
    assert states == {good: "Active", bad: "Revoked", idle: "Suspended"}
    assert get_datetime(frappe.db.get_value("Privilege Grant", good, "valid_to")) > add_to_date(
        None, days=300
    )
    reason = privileges.grant_history(bad)[-1].reason
    assert "再评估不通过" in reason and sheet in reason
    events = frappe.db.count("Privilege Event")
    assert api.complete(sheet) == {"continued": 0, "suspended": 0, "revoked": 0, "passed_over": 0}
    assert frappe.db.count("Privilege Event") == events
    assert api.generate(YEAR, "SURGERY", "T-GS")["completed"] == 1
    with pytest.raises(frappe.ValidationError):
        api.decide(sheet, [{"grant": good, "decision": "Revoke"}])


def test_what_was_revoked_meanwhile_is_passed_over(ward, sheet) -> None:
    api.accept_proposals(sheet)
    privileges.revoke(rows(sheet)["colleague", "腹腔镜胆囊切除术"]["grant"], "离职")
    assert api.complete(sheet)["passed_over"] == 1


@pytest.mark.parametrize(
    "entry", [{"grant": "PG-0", "decision": "Continue"}, {"decision": "Promote"}], ids=["unknown", "word"]
)
def test_a_wrong_row_is_named(sheet, entry) -> None:
    entry = {"grant": next(iter(rows(sheet).values()))["grant"]} | entry
    with pytest.raises(frappe.ValidationError, match="1"):
        api.decide(sheet, [entry])


def test_the_head_comments_and_decides_nothing(ward, sheet) -> None:
    ward.as_("head")
    doc = frappe.get_doc("Privilege Reevaluation", sheet)
    doc.items[0].remark = "技术稳定"
    doc.save()
    for changes in ({"decision": "Continue"}, {"volume": 99}, {"proposal": "Continue"}):
        doc = frappe.get_doc("Privilege Reevaluation", sheet)
        doc.items[0].update(changes)
        with pytest.raises(frappe.PermissionError):
            doc.save()
    for forbidden in (
        lambda: api.decide(sheet, []),
        lambda: api.complete(sheet),
        lambda: api.generate(YEAR, "SURGERY", "T-GS"),
    ):
        with pytest.raises(frappe.PermissionError):
            forbidden()
    ward.as_("stranger")
    with pytest.raises(frappe.PermissionError):
        api.sheet(sheet)


def test_nobody_decides_about_himself(ward, sheet) -> None:
    row = rows(sheet)["colleague", "腹腔镜胆囊切除术"]
    ward.as_("Administrator")
    frappe.db.set_value("Practitioner", ward.people["office"], "user", None)
    frappe.db.set_value("Practitioner", ward.people["colleague"], "user", ward.users["office"])
    ward.as_("office")
    with pytest.raises(frappe.PermissionError):
        api.decide(sheet, [{"grant": row["grant"], "decision": "Continue"}])
    assert api.accept_proposals(sheet)["open"] == 1


def test_the_office_types_no_evidence(sheet) -> None:
    doc = frappe.get_doc("Privilege Reevaluation", sheet)
    doc.items[0].volume = 500
    with pytest.raises(frappe.PermissionError):
        doc.save()
    doc = frappe.get_doc("Privilege Reevaluation", sheet)
    doc.status = "Completed"
    doc.save()
    assert frappe.db.get_value("Privilege Reevaluation", sheet, "status") == "Open"


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 10),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 100),
)
def test_more_harm_never_proposes_better(volume, complications, unplanned, least, returns, percent) -> None:
    limits = rules.Limits(least, returns, percent)
    order = rules.DECISIONS.index
    now = order(rules.propose(volume, complications, unplanned, limits))
    assert order(rules.propose(volume, complications + 1, unplanned, limits)) >= now
    assert order(rules.propose(volume, complications, unplanned + 1, limits)) >= now
    if not (least or returns or percent):
        assert now == order(rules.CONTINUE)
