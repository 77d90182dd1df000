"""The app's pages on the web."""

from __future__ import annotations

import pytest

from .conftest import CLERK, READER, REAL

hook = pytest.mark.hook


def test_a_page_lists_what_is_published_and_uses_the_apps_template_functions(browser):
    page = browser.get("/lending")
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert "<li>Emma [Fiction]</li>" in page.text and "Optics" not in page.text
    assert "2.50 due LATE!" in page.text
    assert "<title>Catalogue" in page.text and '<meta name="lendery" content="catalogue">' in page.text


@hook("web_include_js", "web_include_css", "base_template", "brand_html")
def test_the_site_s_frame_has_the_apps_scripts_styles_and_footer(browser):
    page = browser.get("/lending").text
    assert "/assets/lendery/js/web.js" in page and "/assets/lendery/css/web.css" in page
    assert "roombook-footer" in page, "the last app's base template"
    assert browser.get("/assets/lendery/js/web.js").text.strip() == "// lendery: web"


@hook("website_context", "update_website_context")
def test_every_page_knows_what_the_apps_say_of_the_site(browser):
    assert '<p class="town">Shelbyville 2</p>' in browser.get("/lending").text
    assert '<p class="town">Shelbyville</p>' in browser.get("/rooms").text
    assert "/assets/lendery/images/favicon.png" in browser.get("/lending").text


@hook("website_clear_cache")
def test_the_app_hears_that_pages_have_changed(site):
    from frappe.website.utils import clear_cache

    clear_cache("lending")
    assert site.trace("website_clear_cache") == [{"path": "lending"}]


@hook("website_route_rules")
def test_addresses_are_led_to_pages_with_their_parts(browser):
    assert "<h1>Shelf Fiction</h1>" in browser.get("/shelf/Fiction").text
    assert '<p class="path">a/b</p>' in browser.get("/lend/a/b").text
    assert browser.get("/shelf/Fiction", follow=False).headers.get("Location") is None


def test_a_page_redirects_or_is_not_there(browser):
    away = browser.get("/shelf/Science", follow=False)
    assert away.status_code in (301, 302) and away.headers["Location"].endswith("/lending")
    assert browser.get("/shelf/Nowhere").status_code == 404


@pytest.mark.skipif(bool(REAL), reason="Frappe sends no content policy")
def test_scripts_of_a_template_may_run_and_those_of_its_readers_may_not(browser):
    page = browser.post("/lending/suggest", data={"title": "Evil <script>alert(1)</script>"})
    policy = page.headers["Content-Security-Policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">window.lendery' in page.text
    assert f'<script nonce="{nonce}" src="/assets/lendery/js/web.js">' in page.text
    assert "<script>alert" not in page.text and "unsafe-inline" not in policy.partition("style-src")[0]
    assert (
        nonce
        != browser.get("/lending")
        .headers["Content-Security-Policy"]
        .partition("'nonce-")[2]
        .partition("'")[0]
    )


@hook("website_redirects")
def test_old_addresses_lead_to_new_ones(browser):
    for source, target, status in (
        ("/old-catalogue", "/lending", 301),
        ("/book/emma", "/items/emma", 301),
        ("/soon", "/lending/clerk", 302),
    ):
        answer = browser.get(source, follow=False)
        assert (answer.status_code, answer.headers["Location"].split("8315")[-1]) == (status, target)


@hook("page_renderer")
def test_a_renderer_of_the_app_answers_its_addresses(browser):
    answer = browser.get("/receipt/LOAN-1")
    assert answer.status_code == 200 and "<pre>receipt of LOAN-1</pre>" in answer.text


@hook("website_path_resolver")
def test_the_app_resolves_addresses_itself(browser):
    assert "Desk of the clerk" in browser.get("/catalogue-of-today").text


@hook("base_template_map")
def test_a_page_has_the_frame_that_its_address_asks_for(browser):
    page = browser.get("/lending/bare").text
    assert '<body class="bare">' in page and "nothing but this" in page and "roombook-footer" not in page


def test_markdown_and_texts_are_pages(browser):
    page = browser.get("/lending/about")
    assert "<strong>books</strong>" in page.text and "About" in page.text
    robots = browser.get("/robots-of-lendery.txt")
    assert (
        robots.headers["Content-Type"].startswith("text/plain") and "Disallow: /lending/clerk" in robots.text
    )


@hook("website_generators")
def test_published_items_have_pages_of_their_own(browser):
    page = browser.get("/items/emma")
    assert page.status_code == 200 and "<h1>Emma</h1>" in page.text and "[Fiction] 3 copies" in page.text
    assert browser.get("/items/optics").status_code == 404, "what is not published is not there"


@hook("home_page", "role_home_page", "get_website_user_home_page")
def test_everybody_has_a_home_page(browser):
    assert "<h1>Rooms</h1>" in browser.get("/").text, "the last app's home page"
    browser.sign_in(CLERK)
    assert "Desk of the clerk" in browser.get("/").text, "by role"
    browser.call("logout")
    browser.sign_in(READER)
    assert "<h1>My loans</h1>" in browser.get("/").text, "by the app's function"


@hook("standard_portal_menu_items", "portal_menu_items")
def test_the_portal_s_menu_has_the_apps_entries_for_the_role(browser):
    guest = browser.get("/lending/mine")
    assert "My loans" not in guest.text
    browser.sign_in(READER)
    page = browser.get("/lending/mine").text
    assert "<h1>My loans</h1>" in page
    assert 'href="/lending/mine"' in page and "My Loans" in page
