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
WORKBENCH = "src/pages/Workbench.vue"
WORDS = "/api/method/medaffairs.face.api.translations"


def get_context(context: dict) -> dict:
    """Fill the page. Guests get it too: the face shows its own sign-in page."""
    boot = get_boot()
    manifest = Path(frappe.get_app_path("medaffairs", "public", "frontend", ".vite", "manifest.json"))
    context.update(
        read_manifest(manifest, "" if boot["user"] == "Guest" else first_page(frappe.request.path))
    )
    context.words = f"{WORDS}?lang={boot['lang']}&v={boot['translations_version']}"
    context.boot_json = inline_json(boot)
    context.version = boot["version"]
    context.boot_lang = boot["lang"]
    context.page_title = boot["hospital"] or _("Medical Affairs")
    context.description = _("The system in which the medical-affairs office of a hospital works")
    context.missing = _("The page has not been built yet: run the build and load it again.")
    context.no_cache = 1
    return context


def first_page(path: str) -> str:
    """The source of the page that an address begins with, where it is the one that most people begin with."""
    return WORKBENCH if path.strip("/") == "medaffairs" else ""


def inline_json(value: dict) -> Markup:
    """JSON that may stand inside a script element whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped above


def read_manifest(path: Path, page: str = "") -> dict:
    """The addresses of the entry's script, of the styles and of the scripts it imports at once; those of a page too."""
    if not path.exists():
        return {"script": "", "styles": [], "preloads": []}
    chunks = json.loads(path.read_text(encoding="utf-8"))
    entry = chunks[ENTRY]
    names = [*entry.get("imports", []), *(_closure(chunks, page) if page in chunks else [])]
    imports = [chunks[name] for name in dict.fromkeys(names) if name != ENTRY]
    styles = [name for chunk in (entry, *imports) for name in chunk.get("css", [])]
    return {
        "script": ASSETS + entry["file"],
        "styles": [ASSETS + name for name in styles],
        "preloads": [ASSETS + chunk["file"] for chunk in imports],
    }


def _closure(chunks: dict, name: str) -> list[str]:
    """A chunk and all that it imports at once."""
    found, waiting = [], [name]
    while waiting:
        chunk = waiting.pop()
        if chunk not in found:
            found.append(chunk)
            waiting.extend(chunks[chunk].get("imports", []))
    return found
