"""Texts: HTML, lists in words, checks of addresses and numbers."""

from __future__ import annotations

import html
import re
import secrets
import string
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urljoin, urlparse

import frappe

HTML_TAGS_PATTERN = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)
EMAIL_MATCH_PATTERN = re.compile(
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$"
)
PHONE_NUMBER_PATTERN = re.compile(r"([0-9 +_\-,.*#()]){1,20}$")
_ALLOWED_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)


def cstr(s: Any, encoding: str = "utf-8") -> str:
    """Text from anything; empty for None."""
    if s is None:
        return ""
    return s.decode(encoding) if isinstance(s, bytes) else str(s)


def encode(obj: Any, encoding: str = "utf-8") -> Any:
    """Texts, also in lists, as bytes."""
    if isinstance(obj, list):
        return [encode(item, encoding) for item in obj]
    return obj.encode(encoding) if isinstance(obj, str) else obj


def strip(val: str, chars: str | None = None) -> str:
    """A text without white space, zero-width included, at its ends."""
    return (val or "").replace("\ufeff", "").replace("\u200b", "").strip(chars)


def strip_html(text: str) -> str:
    """A text without its tags."""
    return HTML_TAGS_PATTERN.sub("", text or "")


def strip_html_tags(text: str) -> str:
    """A text without its tags."""
    return strip_html(text)


def escape_html(text: Any) -> Any:
    """A text that can stand in HTML."""
    return html.escape(text, quote=True) if isinstance(text, str) else text


def unescape_html(value: str) -> str:
    """The text that HTML entities stand for."""
    return html.unescape(value)


def is_html(text: str) -> bool:
    """Whether a text holds tags."""
    return isinstance(text, str) and bool(re.search(r"<[^>]+>", text))


def sanitize_html(html: str, linkify: bool = False, always_sanitize: bool = False) -> str:
    """HTML without anything that runs: scripts, handlers, foreign addresses of code."""
    if not isinstance(html, str) or (not always_sanitize and not is_html(html)):
        return html
    import nh3

    attributes = {"*": {"class", "style", "title"}, "a": {"href", "target"}, "img": {"src", "alt", "width", "height"},
                  "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}  # fmt: skip
    # Data of an editor, such as whom an @ names, stays: it runs nothing.
    return nh3.clean(html, tags=set(_ALLOWED_TAGS), attributes=attributes, generic_attribute_prefixes={"data-"},
                     link_rel="noopener noreferrer")  # fmt: skip


clean_html = sanitize_html


def comma_sep(some_list: Any, pattern: str, add_quotes: bool = True) -> Any:
    """A list in words; `pattern` joins the last item."""
    if not isinstance(some_list, list | tuple | set):
        return some_list
    items = [frappe._(str(item)) for item in some_list]
    if add_quotes:
        items = [f"'{item}'" for item in items]
    if len(items) < 2:
        return items[0] if items else ""
    return pattern.format(", ".join(items[:-1]), items[-1])


def comma_or(some_list: Any, add_quotes: bool = True) -> Any:
    """A list in words, with "or"."""
    return comma_sep(some_list, frappe._("{0} or {1}"), add_quotes)


def comma_and(some_list: Any, add_quotes: bool = True) -> Any:
    """A list in words, with "and"."""
    return comma_sep(some_list, frappe._("{0} and {1}"), add_quotes)


def new_line_sep(some_list: Any) -> Any:
    """A list, each item in its own line."""
    return (
        comma_sep(some_list, "{0}\n{1}", add_quotes=False)
        if isinstance(some_list, list | tuple)
        else some_list
    )


def filter_strip_join(some_list: Iterable[str], sep: str) -> str:
    """The non-empty items, stripped and joined."""
    return sep.join(item.strip() for item in some_list if item and item.strip())


def random_string(length: int) -> str:
    """Letters and digits that nobody can guess."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def validate_email_address(email_str: str, throw: bool = False) -> str:
    """The valid addresses of a comma-separated list, joined; empty when there is none.

    :raises frappe.InvalidEmailAddressError: with `throw`, for an address that is none
    """
    from email.utils import parseaddr

    valid = []
    for part in (email_str or "").split(","):
        address = parseaddr(part)[1].strip()
        if EMAIL_MATCH_PATTERN.match(address):
            valid.append(address)
        elif throw and part.strip():
            frappe.throw(
                frappe._("{0} is not a valid Email Address").format(frappe.bold(escape_html(part))),
                frappe.InvalidEmailAddressError,
            )
    return ", ".join(valid)


def parse_addr(email_string: str | None) -> tuple[str, str]:
    """(name, address) of one entry as a header has it; an entry without a name has its address's first part."""
    from email.utils import parseaddr

    name, address = parseaddr(email_string or "")
    return (name or address.partition("@")[0], address) if validate_email_address(address) else (name, "")


def split_emails(txt: str) -> list[str]:
    """Addresses of a text, separated by commas or line breaks."""
    return [part.strip() for part in re.split(r"[,\n](?=(?:[^\"]|\"[^\"]*\")*$)", txt or "") if part.strip()]


def validate_phone_number(phone_number: str, throw: bool = False) -> bool:
    """Whether a text can be a telephone number.

    :raises frappe.InvalidPhoneNumberError: with `throw`, when it cannot
    """
    valid = bool(phone_number and PHONE_NUMBER_PATTERN.match(phone_number.strip()))
    if not valid and throw and phone_number:
        frappe.throw(
            frappe._("{0} is not a valid Phone Number").format(escape_html(phone_number)),
            frappe.InvalidPhoneNumberError,
        )
    return valid


def validate_phone_number_with_country_code(phone_number: str, fieldname: str) -> bool | None:
    """Whether a text is a telephone number that exists in its country; None for an empty one.

    :raises frappe.InvalidPhoneNumberError: when it is none, or its country's code is missing
    """
    # The numbering plans of all countries are large: they are loaded where they are needed.
    from phonenumbers import NumberParseException, is_valid_number, parse

    if not phone_number:
        return None
    try:
        if is_valid_number(parse(phone_number)):
            return True
        text = frappe._("Phone Number {0} set in field {1} is not valid.").format(
            frappe.bold(escape_html(phone_number)), frappe.bold(fieldname)
        )
    except NumberParseException as error:
        text = frappe._("Please select a country code for field {1}.").format(
            phone_number, frappe.bold(fieldname)
        )
        if error.error_type != NumberParseException.INVALID_COUNTRY_CODE:
            text = frappe._("Phone Number {0} set in field {1} is not valid.").format(
                frappe.bold(escape_html(phone_number)), frappe.bold(fieldname)
            )
    return frappe.throw(text, frappe.InvalidPhoneNumberError, title=frappe._("Invalid Phone Number"))


def validate_python_code(string: str, fieldname: str | None = None, is_expression: bool = True) -> None:
    """Refuses a text that is no Python.

    :raises frappe.ValidationError: with the line of the mistake
    """
    if not string:
        return
    try:
        compile(string, "<text>", "eval" if is_expression else "exec")
    except SyntaxError as error:
        where = f"{fieldname}: " if fieldname else ""
        text = frappe._("Invalid python code on line {0}").format(error.lineno or 1)
        mark = escape_html((error.text or "").rstrip())
        frappe.throw(f"{where}{text}<br><pre>{mark}</pre>", title=frappe._("Syntax Error"))


def validate_name(name: str, throw: bool = False) -> bool:
    """Whether a text can be the name of a person.

    :raises frappe.InvalidNameError: with `throw`, when it is none
    """
    if re.match(r"^[\w][\w\'\-]*( \w[\w\'\-]*)*$", name or ""):
        return True
    if throw and name:
        frappe.throw(frappe._("{0} is not a valid Name").format(escape_html(name)), frappe.InvalidNameError)
    return False


def validate_url(txt: str, throw: bool = False, valid_schemes: Any = None) -> bool:
    """Whether a text is an address of one of the schemes.

    :raises frappe.ValidationError: with `throw`, when it is none
    """
    parsed = urlparse(txt or "")
    schemes = [valid_schemes] if isinstance(valid_schemes, str) else valid_schemes
    valid = bool(parsed.netloc) and (not schemes or parsed.scheme in schemes)
    if not valid and throw:
        frappe.throw(frappe._("'{0}' is not a valid URL").format(frappe.bold(escape_html(txt))))
    return valid


def validate_json_string(string: str) -> None:
    """Refuse a text that is no JSON.

    :raises frappe.ValidationError: when it is none
    """
    import json

    try:
        json.loads(string)
    except (TypeError, ValueError):
        raise frappe.ValidationError from None


def get_url(uri: str | None = None, full_address: bool = False) -> str:
    """The site's address, with a path behind it if given."""
    host = frappe.local.conf.get("host_name")
    if not host and getattr(frappe.local, "request", None):
        host = f"{frappe.local.request.scheme}://{frappe.local.request.host}"
    host = host or f"http://{frappe.local.site}"
    if not host.startswith("http"):
        host = f"http://{host}"
    if not uri and full_address:
        uri = frappe.get_request_header("REQUEST_URI", "")
    return urljoin(host, uri) if uri else host


def get_host_name() -> str:
    """The host in the site's address."""
    return get_url().rsplit("//", 1)[-1]


def slug(name: str) -> str:
    """The part of an address that stands for a DocType."""
    return name.lower().replace(" ", "-")


def get_absolute_url(doctype: str, name: str) -> str:
    """The path of a form."""
    return f"/app/{quote(slug(doctype))}/{quote(str(name))}"


def get_url_to_form(doctype: str, name: str) -> str:
    """The address of a form."""
    return get_url(uri=get_absolute_url(doctype, name))


def get_url_to_list(doctype: str) -> str:
    """The address of a list."""
    return get_url(uri=f"/app/{quote(slug(doctype))}")


def get_url_to_report(name: str, report_type: str | None = None, doctype: str | None = None) -> str:
    """The address of a report."""
    if report_type == "Report Builder":
        return get_url(uri=f"/app/{quote(slug(doctype or ''))}/view/report/{quote(name)}")
    return get_url(uri=f"/app/query-report/{quote(name)}")


def get_link_to_form(doctype: str, name: str, label: str | None = None) -> str:
    """An HTML link to a form."""
    return f'<a href="{get_url_to_form(doctype, name)}">{escape_html(label or name)}</a>'


def get_link_to_report(name: str, label: str | None = None, **kwargs: Any) -> str:
    """An HTML link to a report."""
    return f'<a href="{get_url_to_report(name)}">{escape_html(label or name)}</a>'


def to_markdown(html: str) -> str:
    """The plain text of HTML."""
    return strip_html(html)


def md_to_html(markdown_text: str) -> str:
    """HTML of a Markdown text."""
    from markdown2 import markdown

    extras = {
        "tables": None, "header-ids": None, "highlightjs-lang": None, "fenced-code-blocks": None,
        "html-classes": {"table": "table table-bordered", "img": "screenshot"},
    }  # fmt: skip
    return str(markdown(markdown_text or "", extras=extras))


markdown = md_to_html


def get_string_between(start: str, string: str, end: str) -> str:
    """What stands between two marks; the text itself when they are missing."""
    match = re.search(re.escape(start) + "(.*)" + re.escape(end), string or "", re.DOTALL)
    return match.group(1) if match else string


def mask_string(input_string: str, show_first: int = 4, show_last: int = 3, mask_char: str = "*") -> str:
    """A text of which only the ends can be read."""
    text = str(input_string or "")
    hidden = max(len(text) - show_first - show_last, 0)
    return text[:show_first] + mask_char * hidden + (text[-show_last:] if hidden and show_last else "")


def is_image(filepath: str) -> bool:
    """Whether a file's name is that of a picture."""
    return bool(re.search(r"\.(png|jpe?g|gif|webp|bmp|svg)$", (filepath or "").split("?")[0], re.IGNORECASE))
