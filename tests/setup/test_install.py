"""Installing and migrating again and again changes nothing, and leaves alone what the hospital changed."""

import json
from pathlib import Path

import frappe
import pytest

from medaffairs.setup import install
from medaffairs.setup.dictionaries import sync_dictionaries, sync_time_limits
from medaffairs.setup.workflows import content_hash, sync_workflows

pytestmark = pytest.mark.usefixtures("site")
COUNTED = (
    "Role",
    "Role Profile",
    "Dictionary",
    "Dictionary Item",
    "Handling Time Limit",
    "Workflow",
    "Workflow State",
)


def counts():
    return {doctype: frappe.db.count(doctype) for doctype in COUNTED}


def test_a_second_migration_changes_nothing():
    install.after_migrate()
    before, settings = counts(), frappe.get_doc("Medical Affairs Settings").modified
    install.after_migrate()
    assert counts() == before
    assert frappe.get_doc("Medical Affairs Settings").modified == settings


def test_every_dictionary_of_the_app_is_there_with_its_items():
    folder = Path(frappe.get_app_path("medaffairs", "fixtures", "dictionaries"))
    for path in folder.glob("*.json"):
        source = json.loads(path.read_text(encoding="utf-8"))
        codes = set(
            frappe.get_all("Dictionary Item", {"dictionary": source["dictionary_code"]}, pluck="code")
        )
        assert {row["code"] for row in source["items"]} <= codes


def test_what_the_hospital_changed_in_a_dictionary_stays():
    frappe.db.set_value("Dictionary Item", "EXAM-TCM", {"item_name": "本院改名", "disabled": 1})
    assert sync_dictionaries() == 0
    assert frappe.db.get_value("Dictionary Item", "EXAM-TCM", "item_name") == "本院改名"


def test_a_missing_item_comes_back():
    frappe.delete_doc("Dictionary Item", "ACT_SOURCE-MANUAL", force=True)
    assert sync_dictionaries() == 1
    assert sync_time_limits() == 0


def test_settings_that_were_chosen_are_kept_and_empty_ones_filled():
    settings = frappe.get_doc("Medical Affairs Settings")
    settings.hospital_name, settings.hl7_application = "甲医院", ""
    settings.save()
    install.fill_settings()
    settings.reload()
    assert (settings.hospital_name, settings.hl7_application) == ("甲医院", "MEDAFFAIRS")


def delivered_workflows():
    folder = Path(frappe.get_app_path("medaffairs", "workflows"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def test_delivered_workflows_are_on_the_site_as_delivered():
    sources = delivered_workflows()
    assert sources
    for source in sources:
        assert content_hash(frappe.get_doc("Workflow", source["workflow_name"])) == content_hash(source)


def test_a_workflow_that_the_hospital_changed_is_left_alone():
    name = delivered_workflows()[0]["workflow_name"]
    workflow = frappe.get_doc("Workflow", name)
    workflow.transitions[0].allowed = "Hospital Leader"
    workflow.save()
    changed = content_hash(workflow)
    assert sync_workflows() == []
    assert content_hash(frappe.get_doc("Workflow", name)) == changed


def test_a_workflow_that_was_delivered_anew_is_taken_over():
    """The site holds what an older release delivered; the release at hand replaces it."""
    from medaffairs.setup import workflows

    source = delivered_workflows()[0]
    name = source["workflow_name"]
    workflow = frappe.get_doc("Workflow", name)
    workflow.transitions[0].allowed = "Hospital Leader"
    workflow.save()
    workflows._remember(name, content_hash(workflow))
    assert name in sync_workflows()
    assert content_hash(frappe.get_doc("Workflow", name)) == content_hash(source)


def test_the_page_of_the_face_brings_its_boot_as_harmless_json(request_as):
    answer = request_as(None, "GET", "/medaffairs")
    page = answer.body.decode()
    start = page.index('id="boot">') + len('id="boot">')
    boot = json.loads(page[start : page.index("</script>", start)])
    assert answer.status == 200
    assert boot["user"] == "Guest"
    assert "roles" not in boot
    assert request_as(None, "GET", "/medaffairs/list/Practitioner").status == 200


def test_a_text_cannot_leave_the_boot_element():
    from medaffairs.www.medaffairs import inline_json

    text = inline_json({"hospital": "</script><script>alert(1)</script>&"})
    assert "<" not in text
    assert json.loads(text)["hospital"].startswith("</script>")
