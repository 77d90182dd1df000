"""The page that carries the face: what it needs to know as JSON, and the files that Vite built."""

import json
from pathlib import Path

import frappe
from frappe import _
from markupsafe import Markup

from medaffairs.face.boot import get_boot

no_cache = 1

ASSETS = "/assets/medaffairs/frontend/"
ENTRY = "src/main.js"


def get_context(context: dict) -> dict:
    """Fill the page. Guests get it too: the face shows its own sign-in page."""
    boot = get_boot()
    context.update(
        read_manifest(Path(frappe.get_app_path("medaffairs", "public", "frontend", ".vite", "manifest.json")))
    )
    context.boot_json = inline_json(boot)
    context.version = boot["version"]
    context.boot_lang = boot["lang"]
    context.page_title = boot["hospital"] or _("Medical Affairs")
    context.description = _("The system in which the medical-affairs office of a hospital works")
    context.missing = _("The page has not been built yet: run the build and load it again.")
    context.no_cache = 1
    return context


def inline_json(value: dict) -> Markup:
    """JSON that may stand inside a script element whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped above


def read_manifest(path: Path) -> dict:
    """The addresses of the entry's script, of the styles and of the scripts it imports at once."""
    if not path.exists():
        return {"script": "", "styles": [], "preloads": []}
    chunks = json.loads(path.read_text(encoding="utf-8"))
    entry = chunks[ENTRY]
    imports = [chunks[name] for name in entry.get("imports", [])]
    styles = [name for chunk in (entry, *imports) for name in chunk.get("css", [])]
    return {
        "script": ASSETS + entry["file"],
        "styles": [ASSETS + name for name in styles],
        "preloads": [ASSETS + chunk["file"] for chunk in imports],
    }
