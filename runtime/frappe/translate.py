"""Languages: the apps' `translations/<lang>.csv`, then what the site has changed."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.utils.caching import kept

_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?$")
_files: dict[str, tuple[int, dict[str, str]]] = {}


class LazyTranslate:
    """A text that is translated at the moment when it is shown."""

    __slots__ = ("context", "lang", "msg")

    def __init__(self, msg: str, lang: str | None = None, context: str | None = None) -> None:
        self.msg, self.lang, self.context = msg, lang, context

    @property
    def value(self) -> str:
        """The text in the current language."""
        return translate(self.msg, self.lang, self.context)

    def __str__(self) -> str:
        return self.value

    def __add__(self, other: Any) -> str:
        return self.value + str(other)

    def __radd__(self, other: Any) -> str:
        return str(other) + self.value

    def format(self, *args: Any, **kwargs: Any) -> str:
        """The text with values in it."""
        return self.value.format(*args, **kwargs)


def translate(msg: Any, lang: str | None = None, context: str | None = None) -> str:
    """A text in a language, the current one by default; the text itself where there is no translation."""
    lang = lang or getattr(frappe.local, "lang", None) or "en"
    if msg is None:
        return ""
    text = str(msg).strip() if isinstance(msg, str) else str(msg)
    if lang == "en" or not text:
        return str(msg)
    table = get_all_translations(lang)
    if context:
        found = table.get(f"{text}:{context}")
        if found:
            return found
    return table.get(text) or str(msg)


_ = translate


def get_all_translations(lang: str) -> dict[str, str]:
    """Every translation of a language: of the apps, then of the site."""
    if not lang or lang == "en":
        return get_user_translations(lang) if lang else {}
    if not getattr(frappe.local, "db", None):
        return get_translations_from_apps(lang)
    return kept(
        ("translations", lang), lambda: get_translations_from_apps(lang) | _query_user_translations(lang)
    )


def get_translations_from_apps(lang: str, apps: list[str] | None = None) -> dict[str, str]:
    """What the apps bring along; a regional variant widens its language."""
    found: dict[str, str] = {}
    base = lang.split("-")[0]
    if base != lang:
        found.update(get_translations_from_apps(base, apps))
    installed = apps or (frappe.get_installed_apps() if getattr(frappe.local, "db", None) else ["frappe"])
    for app in dict.fromkeys(["frappe", *installed]):
        found.update(
            get_translation_dict_from_file(
                os.path.join(frappe.get_app_path(app, "translations"), f"{lang}.csv")
            )
        )
    return found


def get_translation_dict_from_file(path: str, lang: str = "", app: str = "") -> dict[str, str]:
    """The table of one file: source, translation, context."""
    try:
        changed = os.stat(path).st_mtime_ns
    except OSError:
        return {}
    known = _files.get(path)
    if known is None or known[0] != changed:
        table = {}
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if len(row) >= 2 and row[0]:
                    key = f"{row[0]}:{row[2]}" if len(row) > 2 and row[2] else row[0]
                    table[key] = row[1]
        known = _files[path] = (changed, table)
    return known[1]


def get_user_translations(lang: str) -> dict[str, str]:
    """What the site has changed."""
    if not getattr(frappe.local, "db", None):
        return {}
    return kept(("user translations", lang), lambda: _query_user_translations(lang))


def _query_user_translations(lang: str) -> dict[str, str]:
    rows = frappe.db.sql(
        "select `source_text`, `translated_text`, `context` from `tabTranslation` where `language` = %s",
        (lang,),
    )
    return {(f"{source}:{context}" if context else source): text for source, text, context in rows}


def clear_cache() -> None:
    """Every process reads translations anew."""
    from frappe.utils.caching import invalidate

    _files.clear()
    invalidate()


def get_user_lang(user: str | None = None) -> str:
    """The language of a user, the site's when he has none."""
    user = user or frappe.session.user
    own = frappe.get_cached_value("User", user, "language") if user and user != "Guest" else None
    return own or site_language()


def site_language() -> str:
    """The language of whoever has chosen none."""
    chosen = frappe.get_system_settings("language") if frappe.local.db else None
    return chosen or frappe.local.conf.get("lang") or "en"


def get_all_languages(with_language_name: bool = False) -> list:
    """Languages that are enabled."""
    if with_language_name:
        return frappe.get_all("Language", filters={"enabled": 1}, fields=["language_code", "language_name"])
    return frappe.get_all("Language", filters={"enabled": 1}, pluck="language_code")


def requested_language() -> str | None:
    """The language that the request asks for by `_lang`.

    A word that is no language is passed over: each one would be remembered with a table of its own.
    """
    wanted = (getattr(frappe.local, "form_dict", None) or {}).get("_lang")
    return wanted if isinstance(wanted, str) and _LANGUAGE.match(wanted) else None


def get_language(lang_list: list | None = None) -> str:
    """The language of a request: its parameter, the user's, the browser's, the site's."""
    wanted = requested_language()
    if wanted:
        return wanted
    if frappe.session and frappe.session.user not in (None, "Guest"):
        return get_user_lang()
    return site_language()


@frappe.whitelist(allow_guest=True)
def load_all_translations(lang: str = "", hash: str = "") -> dict[str, str]:
    """The table of a language for a page."""
    return get_all_translations(lang if _LANGUAGE.match(lang) else frappe.local.lang)


@frappe.whitelist(allow_guest=True)
def get_app_translations() -> dict[str, str]:
    """The table of the user's language."""
    return get_all_translations(get_language())


@frappe.whitelist(methods=["POST"])
def update_translations_for_source(
    source: str | None = None, translation_dict: str | dict | None = None
) -> None:
    """Changes the site's translations of a text."""
    if not frappe.has_permission("Translation", "write"):
        raise frappe.PermissionError
    from frappe.utils.typing_validations import parsed

    for lang, text in parsed(translation_dict, dict, "translation_dict").items():
        known = frappe.db.get_value("Translation", {"language": lang, "source_text": source})
        doc = frappe.get_doc("Translation", known) if known else frappe.new_doc("Translation")
        doc.update({"language": lang, "source_text": source, "translated_text": text})
        doc.save()


@contextmanager
def print_language(language: str | None) -> Iterator[None]:
    """Another language for one print; none leaves the user's."""
    before = frappe.local.lang
    if language and _LANGUAGE.match(language):
        frappe.local.lang = language
    try:
        yield
    finally:
        frappe.local.lang = before
