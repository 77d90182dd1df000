"""Light and dark: as the system has it, or as chosen on this device; nothing flashes, nothing becomes unreadable."""

from __future__ import annotations

from e2e.test_accessibility import problems

PAGES = [
    "/",
    "/list/Practitioner",
    "/new/Committee",
    "/form/Procedure/55.0197",
    "/workspace/Privileging",
    "/integration",
]
THEME = "document.documentElement.dataset.theme"
BRIGHTNESS = """() => {
    const [red, green, blue] = getComputedStyle(document.querySelector('main').parentElement.parentElement)
        .backgroundColor.match(/[\\d.]+/g).map(Number)
    return (red + green + blue) / 3
}"""


def test_the_page_is_as_dark_as_the_system(visitor) -> None:
    page = visitor.enter("yiwu").page
    page.emulate_media(color_scheme="dark")
    visitor.open("/")
    assert page.evaluate(BRIGHTNESS) < 60
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => ({BRIGHTNESS})() > 200")


def test_what_was_chosen_is_remembered_and_holds_before_the_page_is_painted(visitor) -> None:
    page = visitor.enter("yiwu").open("/").page
    page.get_by_role("navigation").get_by_role("button").last.click()
    page.get_by_role("menuitem", name="深色").click()
    assert page.evaluate(THEME) == "dark"
    page.route("**/frontend/assets/*.js", lambda route: route.abort())
    page.reload(wait_until="domcontentloaded")
    assert page.evaluate(THEME) == "dark"


def test_nothing_is_unreadable_in_the_dark(visitor) -> None:
    page = visitor.enter("yiwu").page
    page.emulate_media(color_scheme="dark")
    found = {path: faults for path in PAGES if (faults := problems(visitor.open(path).page))}
    visitor.picture("dark")
    assert found == {}


def test_paper_is_white(visitor) -> None:
    page = visitor.enter("yiwu").page
    page.emulate_media(color_scheme="dark")
    visitor.open("/form/Procedure/55.0197")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate(THEME) == "light"
    assert not page.get_by_role("navigation", name="主菜单").is_visible()
