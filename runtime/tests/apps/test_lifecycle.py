"""Version 2 of an app, and its removal. These tests change the site for good, so they come last and in this order."""

from __future__ import annotations

import pytest

from .conftest import REAL

hook = pytest.mark.hook


def _value(bench, doctype: str, name: str, fieldname: str) -> object:
    return bench.execute("frappe.db.get_value", doctype=doctype, filters=name, fieldname=fieldname)


@pytest.fixture(scope="module")
def upgraded(bench):
    """Lendery 2.0 over Lendery 1.0, and `migrate`."""
    bench.execute("lendery.api.suggest", title="Refused book")
    bench.execute(
        "frappe.db.set_value",
        dt="Lending Suggestion",
        dn={"title": "Refused book"},
        field="status",
        val="Refused",
    )
    bench.emma = bench.execute("frappe.db.get_value", doctype="Lending Item", filters={"title": "Emma"})
    bench.copy_app("lendery", "-2")
    bench.forget()
    bench.ok("migrate")
    bench.upgrade = bench.trace()
    return bench


def test_patches_run_once_before_and_after_the_model(upgraded):
    patches = [entry for entry in upgraded.upgrade if entry["event"] == "patch"]
    assert [entry["name"] for entry in patches] == [
        "before_the_model",
        "copies_become_stock",
        "open_a_branch",
    ]
    assert patches[0]["has_stock"] is False, "the first section runs before the tables change"
    assert patches[1]["has_stock"] is True and patches[2]["in_patch"] is True
    assert upgraded.execute("frappe.db.get_default", key="lendery_patched") == "by a line"
    upgraded.forget()
    upgraded.ok("migrate")
    assert upgraded.trace("patch") == [], "a second migration runs none of them again"


def test_data_has_followed_the_model(upgraded):
    assert _value(upgraded, "Lending Item", upgraded.emma, "stock") == 3
    assert _value(upgraded, "Lending Item", upgraded.emma, "branch") == "Main"
    assert not upgraded.execute("frappe.db.exists", dt="Lending Suggestion", dn={"title": "Refused book"})
    assert upgraded.execute("frappe.db.has_column", doctype="Lending Item", column="isbn") is True
    assert upgraded.execute("frappe.db.exists", dt="DocType", dn="Lending Branch") == "Lending Branch"


def test_records_of_the_app_have_followed(upgraded):
    assert upgraded.execute("frappe.db.exists", dt="Role", dn="Lending Volunteer") == "Lending Volunteer"
    assert _value(upgraded, "Custom Field", "User-lendery_card", "label") == "Number of the library card"
    assert "sum(stock)" in _value(upgraded, "Report", "Lending Items by Shelf", "query")
    assert _value(upgraded, "DocPerm", {"parent": "Lending Loan", "role": "Lending Reader"}, "report") == 1


@hook("scheduler_events")
def test_scheduled_jobs_have_followed_the_hooks(upgraded):
    def frequency(method: str) -> object:
        return _value(upgraded, "Scheduled Job Type", {"method": f"lendery.tasks.{method}"}, "frequency")

    assert frequency("weekly_long") is None and frequency("tidy") == "Annual"
    pattern = _value(upgraded, "Scheduled Job Type", {"method": "lendery.tasks.quarter"}, "cron_format")
    assert pattern == "*/20 * * * *"


def test_an_interrupted_migration_is_run_again(upgraded):
    patches = upgraded.apps / "lendery" / "lendery" / "patches.txt"
    broken = upgraded.apps / "lendery" / "lendery" / "patches" / "v2_0" / "breaks.py"
    before = patches.read_text()
    broken.write_text("def execute():\n    raise ValueError('the patch fails')\n")
    patches.write_text(before + "lendery.patches.v2_0.breaks\n")
    done = upgraded.run("migrate")
    assert done.returncode != 0 and "the patch fails" in done.stdout + done.stderr
    broken.write_text(
        "from lendery.trace import note\n\n\ndef execute():\n    note('patch', name='mended')\n"
    )
    upgraded.forget()
    upgraded.ok("migrate")
    assert upgraded.trace("patch") == [{"name": "mended"}]
    patches.write_text(before)


@hook("before_uninstall", "after_uninstall", "before_app_uninstall", "after_app_uninstall")
def test_removing_both_apps_leaves_nothing_of_them(upgraded):
    upgraded.ok("uninstall-app", "roombook", "--yes", "--no-backup")
    upgraded.forget()
    assert _left(upgraded, "Roombook", "Room Booking") == {}
    upgraded.ok("uninstall-app", "lendery", "--yes", "--no-backup")
    notes = [entry for entry in upgraded.trace() if "uninstall" in entry["event"]]
    assert [entry["event"] for entry in notes] == [
        "before_uninstall",
        "before_app_uninstall",
        "after_uninstall",
    ]
    assert (notes[0]["has_doctype"], notes[2]["has_doctype"]) == (True, False)
    assert _left(upgraded, "Lendery", "Lending Item") == {}
    assert upgraded.execute("frappe.get_installed_apps") == ["frappe"]


@hook("after_app_uninstall")
def test_an_app_hears_of_another_s_removal(upgraded):
    upgraded.copy_app("lendery")
    upgraded.ok("install-app", "roombook")
    upgraded.forget()
    upgraded.ok("uninstall-app", "roombook", "--yes", "--no-backup")
    assert (
        upgraded.trace("before_app_uninstall")
        == [{"app": "roombook"}]
        == upgraded.trace("after_app_uninstall")
    )
    upgraded.ok("uninstall-app", "lendery", "--yes", "--no-backup")


def _left(bench, module: str, doctype: str) -> dict[str, object]:
    """Counts of what still names the module, its DocTypes, its methods."""
    counts = {
        kind: bench.execute("frappe.db.count", dt=kind, filters={"module": module})
        for kind in (
            "DocType",
            "Report",
            "Print Format",
            "Notification",
            "Workspace",
            "Custom Field",
            "Property Setter",
        )
    }
    counts["Module Def"] = bench.execute(
        "frappe.db.count", dt="Module Def", filters={"app_name": module.lower()}
    )
    for part in ("DocField", "DocPerm"):
        counts[part] = bench.execute("frappe.db.count", dt=part, filters={"parent": doctype})
    counts["table"] = int(bool(bench.execute("frappe.db.table_exists", doctype=doctype)))
    if not REAL:
        # Frappe forgets these.
        pattern = ["like", f"{module.lower()}.%"]
        counts["Scheduled Job Type"] = bench.execute(
            "frappe.db.count", dt="Scheduled Job Type", filters={"method": pattern}
        )
        counts["Patch Log"] = bench.execute("frappe.db.count", dt="Patch Log", filters={"patch": pattern})
    return {kind: count for kind, count in counts.items() if count}
