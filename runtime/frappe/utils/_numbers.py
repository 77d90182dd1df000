"""Numbers: reading them from anything, rounding, money."""

from __future__ import annotations

import decimal
import math
from typing import Any

import frappe


def cint(s: Any, default: int = 0) -> int:
    """An integer from anything; `default` when there is none."""
    if type(s) is int:
        return s
    try:
        return int(float(s))
    except (TypeError, ValueError, OverflowError):
        return default


def flt(s: Any, precision: int | None = None, rounding_method: str | None = None) -> float:
    """A float from anything, thousands separators allowed; 0 when there is none.

    :param precision: decimals to round to
    """
    if isinstance(s, str):
        s = s.replace(",", "")
    try:
        number = float(s)
    except (TypeError, ValueError):
        return 0.0
    if precision is None:
        return number
    if math.isnan(number) or math.isinf(number):
        return number
    return rounded(number, precision, rounding_method)


def rounded(num: Any, precision: int = 0, rounding_method: str | None = None) -> float:
    """Rounds as System Settings say: commercially, or to the even digit ("Banker's Rounding")."""
    precision = cint(precision)
    method = rounding_method or _rounding_method()
    number = decimal.Decimal(repr(float(num or 0)))
    quantum = decimal.Decimal(1).scaleb(-precision)
    legacy = method.endswith("(legacy)")
    if legacy and precision:
        # What was called so once is to the even number only where there are no decimals; else halves go up.
        mode = decimal.ROUND_HALF_UP if number > 0 else decimal.ROUND_HALF_DOWN
    else:
        mode = decimal.ROUND_HALF_EVEN if method.startswith("Banker") else decimal.ROUND_HALF_UP
    try:
        result = float(number.quantize(quantum, rounding=mode)) + 0.0
    except decimal.InvalidOperation:
        return float(num)
    return int(result) if precision == 0 and (legacy or isinstance(num, int)) else result


def cut(number: float, decimals: int = 9) -> float:
    """A number as a column of decimals keeps it, rounded half away from nought."""
    if round(number, decimals) == number:
        return number
    exact = decimal.Decimal(repr(number))
    try:
        return float(exact.quantize(decimal.Decimal(1).scaleb(-decimals), rounding=decimal.ROUND_HALF_UP))
    except decimal.InvalidOperation:
        return number


def _rounding_method() -> str:
    if not getattr(frappe.local, "db", None):
        return "Banker's Rounding"
    cache = frappe.local.request_cache
    if "rounding_method" not in cache:
        cache["rounding_method"] = frappe.get_system_settings("rounding_method") or "Banker's Rounding"
    return cache["rounding_method"]


def remainder(numerator: Any, denominator: Any, precision: int = 2) -> float:
    """What is left after dividing."""
    scale = 10**precision
    return (numerator * scale) % (denominator * scale) / scale


def safe_div(numerator: Any, denominator: Any, precision: int = 2) -> float:
    """A quotient; 0 for a division by zero."""
    return rounded(numerator / denominator, precision) if denominator else 0.0


def round_based_on_smallest_currency_fraction(value: float, currency: str, precision: int = 2) -> float:
    """An amount to the currency's precision."""
    return rounded(value, precision)


def ceil(s: Any) -> int:
    """The next integer upward."""
    return math.ceil(flt(s))


def floor(s: Any) -> int:
    """The next integer downward."""
    return math.floor(flt(s))


def sbool(x: Any) -> Any:
    """A boolean from a text that says one; anything else as it is."""
    if isinstance(x, str):
        word = x.strip().lower()
        if word in {"true", "1"}:
            return True
        if word in {"false", "0"}:
            return False
    return x


def get_number_format_info(number_format: str) -> tuple[str, str, int]:
    """Decimal sign, thousands sign and decimals of a format such as `#,###.##`."""
    known = {
        "#,###.##": (".", ",", 2),
        "#.###,##": (",", ".", 2),
        "# ###.##": (".", " ", 2),
        "# ###,##": (",", " ", 2),
        "#'###.##": (".", "'", 2),
        "#, ###.##": (".", ", ", 2),
        "#,##,###.##": (".", ",", 2),
        "#,###.###": (".", ",", 3),
        "#.###": ("", ".", 0),
        "#,###": ("", ",", 0),
        "#.########": (".", "", 8),
    }
    return known.get(number_format, (".", ",", 2))


def fmt_money(
    amount: Any, precision: int | None = None, currency: str | None = None, format: str | None = None
) -> str:
    """An amount with thousands separators and, if given, its currency."""
    decimal_sign, thousands, decimals = get_number_format_info(format or "#,###.##")
    digits = decimals if precision is None else cint(precision)
    number = flt(amount, digits) if isinstance(amount, str) else flt(amount)
    text = f"{number:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    if digits > 2:
        # More than two decimals are shown only as far as there are any.
        whole, _, rest = text.partition(".")
        text = f"{whole}.{rest.rstrip('0').ljust(2, '0')}"
    text = text.replace(",", "\0").replace(".", decimal_sign).replace("\0", thousands)
    symbol = {"CNY": "¥", "USD": "$", "EUR": "€"}.get(currency or "", currency or "")
    return f"{symbol} {text}" if symbol else text


def get_currency_precision() -> int:
    """Decimals of amounts of money."""
    return cint(frappe.get_system_settings("currency_precision")) or 2
