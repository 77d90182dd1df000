"""Threat: rows leave the house through an export that the user has no right to."""

import json

import pytest

GRANT, SHEET = "Privilege Grant", "Privilege Application"
EXPORT = "frappe.desk.reportview.export_query"


def export(hospital, who: str | None, doctype: str = GRANT, **more):
    asked = {
        "doctype": doctype, "fields": json.dumps(["name", "practitioner"]), "file_format_type": "CSV",
        "filters": json.dumps([]), **more,
    }  # fmt: skip
    return hospital.as_(who).send("POST", f"/api/method/{EXPORT}", data=asked)


@pytest.fixture
def sheet(hospital) -> str:
    import frappe

    from medaffairs.privileging import ledger

    # It ends soon, so that it may be applied for anew.
    end = frappe.utils.add_days(frappe.utils.now_datetime(), 20)
    ledger.grant(hospital.staff["applicant"], "SURGERY", "SEC-51.2300", valid_to=end)
    frappe.db.commit()
    return hospital.apply()


@pytest.mark.parametrize("who", ["applicant", "head", "secretary", "pharmacist", "administrator", None])
@pytest.mark.parametrize("doctype", [GRANT, SHEET])
def test_without_the_right_nothing_is_exported(hospital, sheet, who, doctype):
    answer = export(hospital, who, doctype)
    assert answer.status_code in {401, 403}
    assert hospital.staff["applicant"] not in answer.text


def test_with_the_right_the_rows_are_those_of_the_list_and_it_is_on_record(hospital, sheet):
    answer = export(hospital, "manager", SHEET)
    assert answer.ok and hospital.staff["applicant"] in answer.content.decode("utf-8-sig")
    log = hospital.as_("auditor").call(
        "medaffairs.audit.api.search", filters={"user": hospital.users["manager"], "action": "Export"}
    ).json()["message"]  # fmt: skip
    assert log["rows"][0]["target_type"] == SHEET and log["rows"][0]["row_count"] >= 1


def test_a_refused_export_is_on_record_too(hospital, sheet):
    export(hospital, "head", GRANT)
    log = hospital.as_("auditor").call(
        "medaffairs.audit.api.search", filters={"user": hospital.users["head"], "action": "Export"}
    ).json()["message"]  # fmt: skip
    assert log["rows"][0]["outcome"] == "Denied"


def test_the_log_itself_is_exported_by_the_auditor_alone(hospital):
    for who in ("manager", "officer", "administrator", "head"):
        answer = hospital.as_(who).call("medaffairs.audit.api.export", file_format="csv")
        assert answer.status_code == 403, who
    assert hospital.as_("auditor").call("medaffairs.audit.api.export", file_format="csv").ok


def test_a_text_that_a_spreadsheet_would_run_stays_a_text(hospital):
    answer = hospital.as_("applicant").call(
        "medaffairs.privileging.sheets.apply",
        kind="SURGERY",
        codes=["SEC-51.2300"],
        reason='=HYPERLINK("http://x")',
    )
    assert answer.ok, answer.text
    exported = export(hospital, "manager", SHEET, fields=json.dumps(["name", "reason"]))
    cells = exported.content.decode("utf-8-sig")
    assert ",=HYPERLINK" not in cells and ',"=HYPERLINK' not in cells
