"""What an installation does, in which order, and what is there afterwards."""

from __future__ import annotations

import pytest

hook = pytest.mark.hook


def _names(notes: list[dict]) -> list[str]:
    return [entry["event"] for entry in notes if not entry["event"].endswith("clear_cache")]


@hook(
    "required_apps",
    "before_install",
    "after_install",
    "after_sync",
    "before_app_install",
    "after_app_install",
)
def test_hooks_are_called_in_order_for_the_app_itself_and_for_the_next_one(bench):
    assert _names(bench.installed) == [
        "before_install",
        "after_install",
        "after_app_install",
        "after_sync",
        "before_app_install",
        "after_app_install",
    ]
    facts = {entry["event"]: entry for entry in bench.installed}
    assert facts["before_install"]["has_doctype"] is False
    assert facts["after_install"] == {"event": "after_install", "has_doctype": True, "fixtures": False}
    assert facts["after_sync"]["fixtures"] is True, "fixtures are there when everything is synchronised"
    assert facts["after_app_install"]["app"] == "roombook"


def test_patches_of_a_new_installation_count_as_done(site):
    import frappe

    assert not [entry for entry in site.installed if entry["event"] == "patch"]
    assert frappe.db.exists("Patch Log", {"patch": "lendery.patches.v1_0.never_on_a_new_site"})


@hook("fixtures")
def test_fixtures_are_records_a_custom_field_and_a_property_among_them(site):
    import frappe

    assert frappe.db.get_value("Role", "Lending Reader", "desk_access") == 0
    assert frappe.db.get_value("Lending Fee Class", "Film", "fine_per_day") == 2
    assert frappe.get_meta("User").get_field("lendery_card").label == "Library card"
    assert frappe.db.has_column("User", "lendery_card")
    assert frappe.get_meta("ToDo").get_label("reference_type") == "About what"
    assert frappe.get_doc("Workflow", "Room Approval").transitions[0].action == "Grant Room"


@hook("fixtures")
def test_export_fixtures_writes_what_the_filters_name(bench):
    import json

    folder = bench.apps / "lendery" / "lendery" / "fixtures"
    before = {path.name: path.read_text() for path in folder.iterdir()}
    try:
        for path in folder.iterdir():
            path.unlink()
        bench.ok("export-fixtures", "--app", "lendery")
        written = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    finally:
        for name, text in before.items():
            (folder / name).write_text(text)
    assert set(written) == {
        "custom_field.json",
        "lending_fee_class.json",
        "property_setter.json",
        "role.json",
    }
    assert [role["name"] for role in written["role.json"]] == ["Lending Clerk", "Lending Reader"]
    assert [entry["name"] for entry in written["custom_field.json"]] == ["User-lendery_card"]
    assert {entry["name"] for entry in written["lending_fee_class.json"]} == {"Book", "Film"}
    assert written["role.json"][0]["doctype"] == "Role"
    assert not {"creation", "owner", "modified_by"} & set(written["role.json"][0])


def test_standard_records_come_from_the_folders_of_the_module(site):
    import frappe

    assert frappe.db.get_value("Report", "Lending Items by Shelf", "report_type") == "Query Report"
    assert frappe.db.get_value("Print Format", "Lending Slip", "doc_type") == "Lending Loan"
    assert frappe.db.get_value("Notification", "Lending Loan Handed Out", "event") == "Submit"
    workspace = frappe.get_doc("Workspace", "Lendery")
    assert [link.link_to for link in workspace.links if link.type == "Link"] == [
        "Lending Loan",
        "Lending Item",
    ]
    assert frappe.db.get_value("Module Def", "Lendery", "app_name") == "lendery"


@hook("app_name", "app_title", "app_publisher", "app_description", "app_email", "app_license", "app_logo_url")
def test_the_app_says_what_it_is(site):
    import frappe

    assert frappe.get_hooks("app_title", app_name="lendery") == ["Lendery"]
    for name in ("app_name", "app_publisher", "app_description", "app_email", "app_license", "app_logo_url"):
        assert len(frappe.get_hooks(name, app_name="lendery")) == 1, name
    assert "lendery" in frappe.get_installed_apps()
    assert frappe.get_attr("lendery.__version__") == "1.0.0"


def test_hooks_of_several_apps_are_joined_in_the_order_of_installation(site):
    import frappe

    assert frappe.get_hooks("lendery_own_hook") == {"a": ["one", "three"], "b": ["two"]}
    assert frappe.get_hooks("lendery_own_hook", app_name="roombook") == {"a": ["three"]}
    assert frappe.get_hooks("no_such_hook") == []
    assert frappe.get_hooks("no_such_hook", default={}) == {}
    assert frappe.get_hooks("home_page", app_name="lendery") == ["lending"]


def test_the_app_brings_a_command_of_its_own(bench):
    assert bench.ok("lendery-count").strip() == "3 items"
    assert bench.ok("lendery-count", "--shelf", "Fiction").strip() == "2 items"


@hook("clear_cache")
def test_clearing_the_cache_tells_the_app(bench):
    bench.forget()
    bench.ok("clear-cache")
    assert bench.trace("clear_cache")


@hook("before_migrate", "after_migrate")
def test_a_migration_without_news_calls_its_hooks_and_changes_nothing(bench):
    before = bench.execute(
        "frappe.client.get_value", doctype="DocType", filters={"name": "Lending Item"}, fieldname="modified"
    )
    bench.forget()
    bench.ok("migrate")
    assert [name for name in _names(bench.trace()) if name.endswith("migrate")] == [
        "before_migrate",
        "after_migrate",
    ]
    assert bench.trace("before_migrate") == [{"in_migrate": True}] == bench.trace("after_migrate")
    after = bench.execute(
        "frappe.client.get_value", doctype="DocType", filters={"name": "Lending Item"}, fieldname="modified"
    )
    assert before == after


@hook("before_tests")
def test_the_apps_own_tests_run_in_the_site(bench):
    bench.ok("set-config", "-p", "allow_tests", "1")
    bench.forget()
    done = bench.run("run-tests", "--app", "lendery")
    assert done.returncode == 0 and "Ran 6 tests" in done.stdout + done.stderr, done.stdout + done.stderr
    assert bench.trace("before_tests") == [{"in_test": True}]
    one = bench.run("run-tests", "--doctype", "Lending Item", "--test", "test_copies_are_reserved")
    assert one.returncode == 0 and "Ran 1 test" in one.stdout + one.stderr
    broken = bench.apps / "lendery" / "lendery" / "test_broken.py"
    broken.write_text(
        "import unittest\n\n\nclass TestBroken(unittest.TestCase):\n    def test_it(self):\n        self.fail('on purpose')\n"
    )
    try:
        failed = bench.run("run-tests", "--module", "lendery.test_broken")
    finally:
        broken.unlink()
    assert "on purpose" in failed.stdout + failed.stderr and "FAILED" in failed.stdout + failed.stderr


@hook("default_log_clearing_doctypes")
def test_log_doctypes_are_entered_for_clearing(site):
    import frappe

    settings = frappe.get_doc("Log Settings")
    settings.save()
    rows = {row.ref_doctype: row.days for row in settings.logs_to_clear}
    assert rows["Lending Visit"] == 30 and "Error Log" in rows
