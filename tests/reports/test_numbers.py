"""Every report counts right: small hospitals built by hand, every figure known beforehand."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from medaffairs.organization import clock, rules
from medaffairs.privileging import ledger


def department(code: str, name: str, **values) -> str:
    doc = frappe.get_doc(
        doctype="Clinical Department", department_code=code, department_name=name, department_type="Clinical", **values
    )  # fmt: skip
    return doc.insert().name


def practitioner(number: int, name: str, code: str, **values) -> str:
    return frappe.get_doc(
        doctype="Practitioner", staff_no=f"N{number}", practitioner_name=name, department=code,
        **{"profession": "Physician", "employment_status": "Active", **values},
    ).insert().name  # fmt: skip


@pytest.fixture
def wards(site):
    """Surgery and medicine under one group; three surgeons and an internist."""
    department("NG", "临床中心", is_group=1)
    department("NS", "外科", parent_clinical_department="NG")
    department("NM", "内科", parent_clinical_department="NG")
    for number, (name, code) in enumerate((("甲", "NS"), ("乙", "NS"), ("丙", "NS"), ("丁", "NM")), 1):
        practitioner(number, name, code)
    for code, level in (("N01.1", "4"), ("N02.2", "2")):
        procedure(code, level)


def procedure(code: str, level: str, **values) -> None:
    frappe.get_doc(
        doctype="Procedure", procedure_code=code, procedure_name=f"手术{code}", status="Active", hospital_level=level, **values
    ).insert()  # fmt: skip


@pytest.fixture
def head(wards, as_user):
    """Become the head of surgery, whose user is the practitioner N1."""
    user = frappe.get_doc(doctype="User", email="head@numbers.test", first_name="head", send_welcome_email=0)
    user.append("roles", {"role": "Department Head"})
    user.insert(ignore_permissions=True)
    frappe.db.set_value("Practitioner", "N1", "user", user.name)
    frappe.db.set_value("Clinical Department", "NS", "head", "N1")
    return lambda: as_user(user.name)


def run(name: str, **filters) -> dict:
    return query_report.run(name, filters=frappe.as_json(filters))


def rows(answer: dict, key: str = "group") -> dict:
    return {row[key]: row for row in answer["result"]}


def cards(answer: dict) -> dict:
    return {card["label"]: card["value"] for card in answer["report_summary"]}


def grant(person: str, code: str = "N01.1", level: str = "4", days: int = 300, **values) -> str:
    end = add_to_date(now_datetime(), days=days)
    return ledger.grant(person, "SURGERY", code, valid_to=end, level=level, **values)


def act(person: str, code: str, when: datetime, **values) -> None:
    frappe.get_doc(
        doctype="Unauthorized Act", practitioner=person, department=code, kind="SURGERY", code="N01.1", occurred_at=when,
        decision_reason="NO_GRANT", **{"status": "Open", **values},
    ).insert(ignore_permissions=True)  # fmt: skip


def operation(number: int, person: str, code: str, when: datetime, status: str = "Finished") -> None:
    frappe.get_doc(
        doctype="Operation Record", operation_no=f"NOP{number}", surgeon=person, department=code, status=status,
        scheduled_at=when,
    ).insert(ignore_permissions=True)  # fmt: skip


def test_titles_are_counted_by_department_degree_and_years(wards):
    frappe.db.set_value("Practitioner", "N1", {"title_level": "Senior", "highest_degree": "Doctor"})
    frappe.db.set_value(
        "Practitioner", "N2", {"title_level": "Junior", "title_date": add_days(nowdate(), -400)}
    )
    frappe.db.set_value("Practitioner", "N3", "employment_status", "Left")
    surgery = rows(run("Title Statistics", department="NG"), "department")["NS"]
    assert (surgery["senior"], surgery["junior"], surgery["total"]) == (1, 1, 2)
    assert (surgery["senior_share"], surgery["graduate_share"]) == (50.0, 50.0)
    assert surgery["drill"]["filters"][0] == ["department", "=", "NS"]
    by_degree = run("Title Statistics", department="NS", group_by="Highest Degree")
    assert sorted(row["total"] for row in by_degree["result"]) == [1, 1]
    by_years = run("Title Statistics", department="NS", group_by="Years In Title")["result"]
    assert [row["total"] for row in by_years] == [1, 1]
    assert by_years[0]["junior"] == 1, "a title of 400 days stands in the first span"


def test_the_year_is_counted_from_the_ledger_beside_the_year_before(wards):
    first, second = grant("N1"), grant("N2", "N02.2", "2")
    grant("N4")
    ledger.revoke(second, "考核不合格")
    old = grant("N3")
    before = add_to_date(now_datetime(), years=-1, days=-1)
    frappe.db.set_value("Privilege Event", {"grant": old, "event_type": "Grant"}, "recorded_at", before)
    frappe.get_doc(
        doctype="Privilege Suspension", practitioner="N1", from_time=now_datetime(), to_time=add_to_date(now_datetime(), days=9)
    ).insert()  # fmt: skip
    surgery = rows(run("Yearly Authorisation Analysis", group_by="Department", department="NG"))
    row = next(row for name, row in surgery.items() if name == "外科")
    assert (row["granted"], row["revoked"], row["suspended"], row["granted_before"]) == (2, 1, 1, 1)
    assert row["change"] == 100.0
    assert (
        rows(run("Yearly Authorisation Analysis", group_by="Department", department="NG"))["内科"]["granted"]
        == 1
    )
    levels = run("Yearly Authorisation Analysis", group_by="Level", department="NS", level="2")
    assert [(row["granted"], row["revoked"]) for row in levels["result"]] == [(1, 1)]
    months = run("Yearly Authorisation Analysis", department="NG")["result"]
    assert months[-1]["granted"] == 3
    assert len(months) == getdate().month
    assert first


def test_refused_items_belong_to_the_year_of_their_decision(wards):
    sheet = frappe.get_doc(doctype="Privilege Application", practitioner="N1", kind="SURGERY", reason="申请")
    sheet.append("items", {"item_type": "Procedure", "code": "N01.1"})
    sheet.append("items", {"item_type": "Procedure", "code": "N02.2"})
    sheet.insert(ignore_permissions=True)
    frappe.db.set_value(
        "Privilege Application", sheet.name, {"submitted_at": now_datetime(), "decided_at": now_datetime()}
    )
    frappe.db.set_value("Privilege Application Item", sheet.items[1].name, "office_decision", "Refuse")
    row = rows(run("Yearly Authorisation Analysis", group_by="Kind", department="NS"))
    figures = next(iter(row.values()))
    assert (figures["applications"], figures["items"], figures["refused"]) == (1, 2, 1)
    assert figures["refused_share"] == 50.0


def test_years_beside_each_other_count_what_lies_in_them_alone(wards):
    sheet = waiting_application(datetime(2001, 12, 31, 23, 30))
    frappe.db.set_value("Privilege Application", sheet, "decided_at", datetime(2002, 1, 1, 0, 30))
    for year, applications in ((2001, 1), (2002, 0)):
        answer = run("Yearly Authorisation Analysis", group_by="Year", year=year)
        assert rows(answer)[str(year)]["applications"] == applications
    assert rows(run("Yearly Authorisation Analysis", group_by="Year", year=2002))["2001"]["applications"] == 1


def test_acts_are_rated_per_thousand_operations(wards):
    when = now_datetime()
    act("N1", "NS", when)
    act("N1", "NS", when, status="Confirmed", was_emergency=1)
    act("N4", "NM", when, status="Dismissed")
    for number in range(8):
        operation(number, "N1" if number < 4 else "N2", "NS", when)
    operation(9, "N1", "NS", when, "Cancelled")
    answer = run("Unauthorised Acts", department="NG")
    surgery = rows(answer)["外科"]
    assert (surgery["acts"], surgery["open"], surgery["confirmed"], surgery["emergency"]) == (2, 1, 1, 1)
    assert (surgery["operations"], surgery["rate"]) == (8, 250.0)
    assert rows(answer)["内科"]["rate"] is None, "no operations, no rate"
    person = rows(run("Unauthorised Acts", department="NS", group_by="Person"), "practitioner")["N1"]
    assert (person["group"], person["operations"], person["rate"]) == ("甲", 4, 500.0)
    month = run("Unauthorised Acts", department="NG", group_by="Month")["result"]
    assert [row["acts"] for row in month] == [3]
    assert (
        run("Unauthorised Acts", department="NG", from_date="2001-01-01", to_date="2001-12-31")["result"]
        == []
    )


def test_a_head_counts_the_acts_of_his_department_alone(head):
    act("N1", "NS", now_datetime())
    act("N4", "NM", now_datetime())
    head()
    assert list(rows(run("Unauthorised Acts"))) == ["外科"]
    assert [row["total"] for row in run("Title Statistics")["result"]] == [3]


def test_what_ends_soon_and_who_has_applied_again(wards):
    soon, later, gone = grant("N1", days=5), grant("N2", days=40), grant("N3", days=20)
    ledger.revoke(gone, "离职")
    sheet = frappe.get_doc(doctype="Privilege Application", practitioner="N2", kind="SURGERY", reason="续期")
    sheet.append("items", {"item_type": "Procedure", "code": "N01.1"})
    sheet.insert(ignore_permissions=True)
    answer = run("Grants About To Expire", days=60, department="NG")
    assert [row["grant"] for row in answer["result"]] == [soon, later]
    assert [row["days_left"] for row in answer["result"]] == [5, 40]
    assert rows(answer, "grant")[later]["application"] == sheet.name
    assert [
        row["grant"] for row in run("Grants About To Expire", days=10, name_or_pinyin="甲")["result"]
    ] == [soon]
    assert sum(sum(part["values"]) for part in answer["chart"]["data"]["datasets"]) == 2


def test_a_head_sees_what_ends_in_his_department_alone(head):
    mine, other = grant("N2", days=5), grant("N4", days=5)
    head()
    names = rows(run("Grants About To Expire", days=30), "grant")
    assert mine in names
    assert other not in names


def levels(*pairs) -> list[dict]:
    return [
        {"scheme": scheme, "catalogue_year": year, "level": level, "from_date": f"{year}-01-01"}
        for scheme, year, level in pairs
    ]


def test_the_catalogue_is_counted_per_scheme_and_year_and_compared(wards):
    scheme, other = "LEVEL_SCHEME-PROVINCIAL_DRG", "LEVEL_SCHEME-NATIONAL"
    department("NC", "统计科")
    procedure("N11.1", "3", department="NC", is_restricted=1, levels=levels((scheme, 2024, "2"), (scheme, 2026, "3"), (other, 2026, "3")))  # fmt: skip
    procedure("N12.1", "4", department="NC", levels=levels((scheme, 2026, "4"), (other, 2026, "3")))
    grant("N1", "N11.1", "3")
    grant("N2", "N11.1", "3")
    answer = rows(run("Procedure Catalogue Statistics", scheme=scheme, year=2026, group_by="Department"))
    counted = answer["统计科"]
    assert (counted["level_3"], counted["level_4"], counted["total"], counted["restricted"]) == (1, 1, 2, 1)
    assert (counted["surgeons"], counted["grants"], counted["unheld"], counted["per_procedure"]) == (
        2,
        2,
        1,
        1.0,
    )
    single = run(
        "Procedure Catalogue Statistics", scheme=scheme, year=2026, group_by="Procedure", department="NC"
    )
    assert [(row["procedure"], row["surgeons"]) for row in single["result"]] == [("N11.1", 2), ("N12.1", 0)]
    assert len(run("Procedure Catalogue Statistics", scheme=scheme, year=2026, group_by="Procedure", department="NC", level="4")["result"]) == 1  # fmt: skip
    earlier = rows(run("Procedure Catalogue Statistics", scheme=scheme, year=2024, group_by="Department"))
    assert (earlier["统计科"]["level_2"], earlier["统计科"]["total"]) == (1, 1)
    changed = run(
        "Procedure Catalogue Statistics", view="Differences", scheme=scheme, year=2026, compare_year=2024
    )
    found = {row["procedure"]: row["change_key"] for row in changed["result"]}
    assert (found["N11.1"], found["N12.1"]) == ("Raised", "Added")
    differing = run("Procedure Catalogue Statistics", view="Differences", scheme=scheme, year=2026, compare_scheme=other, compare_year=2026)  # fmt: skip
    assert {row["procedure"]: row["change_key"] for row in differing["result"]} == {"N12.1": "Raised"}


def test_privileges_are_found_by_level_and_state_now_and_on_a_day(wards):
    held, revoked, low = grant("N1"), grant("N2"), grant("N1", "N02.2", "2")
    ledger.revoke(revoked, "考核不合格")
    answer = run("Privilege Query", department="NG", level="4")
    assert {row["grant"] for row in answer["result"]} == {held, revoked}
    assert [
        row["grant"] for row in run("Privilege Query", department="NG", level="4", state="In Force")["result"]
    ] == [held]
    at_least = run("Privilege Query", department="NG", level="2", level_operator="At Least")
    assert {row["grant"] for row in at_least["result"]} == {held, revoked, low}
    highest = run("Privilege Query", department="NG", level_operator="Highest")
    assert {row["grant"] for row in highest["result"]} == {held}
    tomorrow = run("Privilege Query", department="NG", on_date=add_days(nowdate(), 1), state="In Force")
    assert {row["grant"] for row in tomorrow["result"]} == {held, low}
    after = run("Privilege Query", department="NG", on_date=add_days(nowdate(), 400), state="Expired")
    assert {row["grant"] for row in after["result"]} == {held, low}
    assert run("Privilege Query", name_or_pinyin="甲", item="N02.2")["result"][0]["grant"] == low


def test_the_file_summary_counts_every_part_of_a_file(wards):
    grant("N1", days=10)
    grant("N1", "N02.2", "2")
    operation(1, "N1", "NS", now_datetime() - timedelta(days=2))
    act("N1", "NS", now_datetime())
    act("N1", "NS", now_datetime(), status="Dismissed")
    row = rows(run("Privilege File Summary", department="NS"), "practitioner")["N1"]
    assert (row["surgery"], row["level_key"], row["expiring"]) == (2, "4", 1)
    assert (row["operations"], row["acts"]) == (1, 1)
    without = run("Privilege File Summary", department="NS", attention="No Privilege")
    assert set(rows(without, "practitioner")) == {"N2", "N3"}


def waiting_application(since: datetime, state: str = "Department Review", person: str = "N1") -> str:
    sheet = frappe.get_doc(
        doctype="Privilege Application", practitioner=person, kind="SURGERY", reason="申请"
    )
    sheet.append("items", {"item_type": "Procedure", "code": "N01.1"})
    sheet.insert(ignore_permissions=True)
    frappe.db.set_value("Privilege Application", sheet.name, {"workflow_state": state, "submitted_at": since})
    return sheet.name


def test_what_waits_longer_than_the_limit_is_late(wards):
    late = waiting_application(add_to_date(now_datetime(), days=-30))
    fresh = waiting_application(now_datetime(), person="N2")
    answer = run("Approval Progress", department="NS")
    found = rows(answer, "application")
    assert (found[late]["late"], found[fresh]["late"]) == (True, False)
    assert found[late]["waited_days"] > 10
    assert found[fresh]["waited_days"] == 0
    assert answer["result"][0]["application"] == late, "what is late comes first"
    assert [
        row["application"] for row in run("Approval Progress", department="NS", stage="Late")["result"]
    ] == [late]
    assert 1 in cards(answer).values()
    frappe.db.set_value("Privilege Application", fresh, "due_at", add_to_date(now_datetime(), hours=-1))
    assert rows(run("Approval Progress", department="NS"), "application")[fresh]["late"], (
        "the sheet's own date counts"
    )


def test_the_last_opinion_begins_a_step(wards):
    name = waiting_application(add_to_date(now_datetime(), days=-30), "Office Review")
    frappe.get_doc(
        doctype="Approval Opinion", reference_doctype="Privilege Application", reference_name=name, action="Approve",
        workflow_state="Branch Review", next_state="Office Review", actor="Administrator", decided_at=now_datetime(),
    ).insert(ignore_permissions=True)  # fmt: skip
    row = rows(run("Approval Progress", department="NS"), "application")[name]
    assert (row["late"], row["waited_days"]) == (False, 0)


def endpoint(name: str) -> None:
    frappe.get_doc(
        doctype="HL7 Endpoint", endpoint_name=name, direction="Outbound", enabled=0, host="127.0.0.1", port=6999,
        receiving_application=name, receiving_facility="T",
    ).insert(ignore_permissions=True)  # fmt: skip


def delivery(name: str, status: str, minutes: int, number: int) -> None:
    doc = frappe.get_doc(
        doctype="HL7 Delivery",
        endpoint=name,
        event_type="Grant",
        control_id=f"N{number}",
        status=status,
        change_key=f"N{number}",
        acknowledged_at=now_datetime() if status == "Acknowledged" else None,
    )
    doc.flags.from_outbox = True
    doc.insert(ignore_permissions=True)
    queued = now_datetime() - timedelta(minutes=minutes)
    frappe.db.set_value("HL7 Delivery", doc.name, "creation", queued, update_modified=False)


def test_receipts_per_target_and_per_delivery(site):
    endpoint("测试麻醉系统")
    endpoint("测试医院系统")
    for number, (name, status, minutes) in enumerate(
        (("测试麻醉系统", "Acknowledged", 5), ("测试麻醉系统", "Dead", 90), ("测试麻醉系统", "Queued", 3), ("测试医院系统", "Retrying", 30))
    ):  # fmt: skip
        delivery(name, status, minutes, number)
    found = rows(run("Sync Receipts"), "endpoint")
    anaesthesia = found["测试麻醉系统"]
    assert (
        anaesthesia["acknowledged"],
        anaesthesia["dead"],
        anaesthesia["queued"],
        anaesthesia["total"],
    ) == (1, 1, 1, 3)
    assert (anaesthesia["not_acknowledged"], anaesthesia["acknowledged_share"]) == (2, 33.3)
    assert 89 <= anaesthesia["age_minutes"] <= 91
    assert found["测试医院系统"]["retrying"] == 1
    one = run("Sync Receipts", view="Per Delivery", endpoint="测试麻醉系统", not_acknowledged=1)["result"]
    assert [row["control_id"] for row in one] == ["N1", "N2"], "the oldest first"


def test_working_days_pass_over_holidays_and_know_the_hospitals_own_days(site):
    frappe.get_doc(
        doctype="Working Day Override", date="2026-03-18", is_working_day=0, reason="院庆"
    ).insert()
    is_working = clock.working_days()
    friday = datetime(2026, 3, 13, 15)
    assert rules.due_at(friday, 2, "Working Day", is_working) == datetime(2026, 3, 18), "Monday and Tuesday"
    assert rules.due_at(friday, 3, "Working Day", is_working) == datetime(2026, 3, 20), "the 18th is off"
    assert rules.due_at(friday, 6, "Hour", is_working) == datetime(2026, 3, 13, 21)
    assert rules.due_at(friday, 1, "Calendar Day", is_working) == datetime(2026, 3, 15)
    assert is_working(datetime(2026, 2, 28).date()), "a Saturday on which the nation makes up for a holiday"
    assert is_working(datetime(2060, 1, 5).date()), "a year that is not announced yet has its Mondays"
