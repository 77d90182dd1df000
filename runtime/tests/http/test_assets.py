"""Scripts and styles that templates name without their path."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_a_bundle_is_found_where_the_apps_build_has_put_it(
    site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import frappe
    from frappe.website import assets

    (tmp_path / "dist/js").mkdir(parents=True)
    (tmp_path / "dist/js/desk.bundle.4F2A.js").write_text("1")
    (tmp_path / "site.bundle.css").write_text("")
    monkeypatch.setattr(frappe, "get_app_path", lambda app, *parts: str(tmp_path))
    assets._find.cache_clear()
    assert assets.bundled_asset("desk.bundle.js") == "/assets/frappe/dist/js/desk.bundle.4F2A.js"
    assert 'href="/assets/frappe/site.bundle.css"' in assets.include_style("site.bundle.css")
    assert assets.bundled_asset("/assets/x/y.js") == "/assets/x/y.js"
    assert assets.bundled_asset("none.bundle.js") == "/assets/none.bundle.js"
    assets._find.cache_clear()


def test_templates_include_them_and_escape_addresses(site):
    import frappe

    assert frappe.render_template("{{ include_script('/assets/x.js') }}", {}) == (
        '<script type="text/javascript" src="/assets/x.js"></script>'
    )
    assert "&#34;" in frappe.render_template("{{ include_script(path) }}", {"path": '/a"b'})
