"""Start pages: every card, chart, shortcut and link leads somewhere, and each role gets what concerns it."""

import json
from pathlib import Path

import frappe
import pytest
from frappe.desk.desktop import get_desktop_page, get_workspace_sidebar_items
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.utils import add_to_date, now_datetime

from medaffairs.privileging import ledger

APP = Path(__file__).parents[2] / "apps" / "medaffairs"


def records(folder: str) -> dict:
    found = (
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(APP.glob(f"*/{folder}/*/*.json"))
    )
    return {record["name"]: record for record in found}


WORKSPACES, CARDS, CHARTS = records("workspace"), records("number_card"), records("dashboard_chart")
ROLES = [row["role_name"] for row in json.loads((APP / "fixtures" / "role.json").read_text(encoding="utf-8"))]


def page_of(name: str) -> dict:
    page = get_desktop_page(json.dumps({"name": name, "title": name}))
    return {key: part["items"] for key, part in page.items() if isinstance(part, dict) and "items" in part}


@pytest.fixture
def reader(site, as_user):
    def become(role: str) -> None:
        frappe.set_user("Administrator")
        email = f"{frappe.scrub(role)}@pages.test"
        if not frappe.db.exists("User", email):
            user = frappe.get_doc(
                doctype="User", email=email, first_name=role, enabled=1, send_welcome_email=0
            )
            user.append("roles", {"role": role})
            user.insert(ignore_permissions=True)
        as_user(email)

    return become


@pytest.mark.parametrize("name", WORKSPACES)
def test_everything_on_a_page_exists(name, site):
    page = WORKSPACES[name]
    assert frappe.db.exists("Workspace", name)
    for row in (*page["links"], *page["shortcuts"]):
        kind = row["type"] if row["type"] not in ("Link", "Card Break") else row.get("link_type")
        if row["type"] == "Card Break":
            continue
        if kind == "URL":
            assert row["url"].startswith("/medaffairs/")
        else:
            assert frappe.db.exists(kind, row["link_to"]), row["label"]
    for row in page["number_cards"]:
        assert frappe.db.exists("Number Card", row["number_card_name"])
    for row in page["charts"]:
        assert frappe.db.exists("Dashboard Chart", row["chart_name"])


@pytest.mark.parametrize("name", WORKSPACES)
def test_the_layout_shows_every_part(name):
    page = WORKSPACES[name]
    shown = {next(iter(block["data"].values())) for block in json.loads(page["content"])}
    parts = [row["label"] for row in page["shortcuts"]]
    parts += [row["number_card_name"] for row in page["number_cards"]]
    parts += [row["chart_name"] for row in page["charts"]]
    parts += [row["label"] for row in page["links"] if row["type"] == "Card Break"]
    assert set(parts) <= shown


@pytest.mark.parametrize("name", CARDS)
def test_every_card_has_a_figure(name, reader):
    card = CARDS[name]
    reader("Medical Affairs Manager")
    if card["type"] == "Custom":
        answer = frappe.get_attr(card["method"])(filters=card["filters_json"])
        assert answer["value"] >= 0
        assert frappe.db.exists(
            "Report" if answer["route"][0] == "query-report" else "DocType", answer["route"][1]
        )
    else:
        doc = frappe.get_doc("Number Card", name)
        assert get_result(doc.as_dict(), card["filters_json"]) >= 0


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_draws_a_report_of_the_app(name, site):
    chart = CHARTS[name]
    report = frappe.get_doc("Report", chart["report_name"])
    known = {row.fieldname for row in report.filters}
    assert set(json.loads(chart["filters_json"])) <= known
    assert any(name in [row["chart_name"] for row in page["charts"]] for page in WORKSPACES.values())


def sidebar() -> set[str]:
    return {page["name"] for page in get_workspace_sidebar_items()["pages"]} & WORKSPACES.keys()


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (
            "Medical Affairs Manager",
            {
                "Privileging",
                "Approval",
                "System Integration",
                "Clinical Facts",
                "Demerits",
                "Messages",
                "Improvement",
                "Complaints and Disputes",
                "Adverse Events",
            },
        ),
        (
            "Department Head",
            {
                "Privileging",
                "Approval",
                "Clinical Facts",
                "Demerits",
                "Improvement",
                "Complaints and Disputes",
                "Adverse Events",
            },
        ),
        ("Committee Member", {"Approval"}),
        ("Integration", {"System Integration", "Clinical Facts"}),
    ],
)
def test_each_role_gets_the_pages_that_concern_it(role, pages, reader):
    reader(role)
    assert sidebar() - {"Organization and Archive"} == pages


def test_the_audit_page_is_the_auditors(reader):
    for role in ROLES:
        reader(role)
        assert ("Access Audit" in sidebar()) == (role == "Auditor")


def test_a_page_opens_for_those_whom_it_concerns_only(reader):
    reader("Committee Member")
    assert page_of("Approval")["shortcuts"]
    with pytest.raises(frappe.PermissionError):
        page_of("System Integration")


def test_the_card_of_expiring_privileges_counts_as_the_report_does(reader):
    frappe.get_doc(
        doctype="Clinical Department", department_code="W1", department_name="W1", department_type="Clinical"
    ).insert()
    frappe.get_doc(
        doctype="Practitioner", staff_no="W001", practitioner_name="钱", department="W1", profession="Physician",
        employment_status="Active",
    ).insert()  # fmt: skip
    figure = frappe.get_attr(CARDS["Privileges About to Expire"]["method"])
    reader("Medical Affairs Manager")
    before = figure()["value"]
    frappe.set_user("Administrator")
    ledger.grant("W001", "PRESCRIPTION", "RX_GEN", valid_to=add_to_date(now_datetime(), days=5))
    ledger.grant("W001", "PRESCRIPTION", "RX_NARC", valid_to=add_to_date(now_datetime(), days=500))
    reader("Medical Affairs Manager")
    assert figure()["value"] == before + 1
    reader("Committee Member")
    with pytest.raises(frappe.PermissionError):
        figure()
