"""Dates and times: parsing, arithmetic, wording. Times are naive and in the site's time zone."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser
from dateutil.relativedelta import relativedelta

import frappe

DATE_FORMAT = "%Y-%m-%d"
TIME_FORMAT = "%H:%M:%S.%f"
DATETIME_FORMAT = f"{DATE_FORMAT} {TIME_FORMAT}"
TIMEDELTA_DAY_PATTERN = re.compile(
    r"(?P<days>[-\d]+) day[s]*, (?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d[\.\d+]*)"
)
TIMEDELTA_BASE_PATTERN = re.compile(r"(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d[\.\d+]*)")

DateLike = str | datetime.date | datetime.datetime


def getdate(string_date: DateLike | None = None, parse_day_first: bool = False) -> datetime.date | None:
    """A date from a text, date or datetime; today for None; None for an empty or zero date.

    :raises frappe.ValidationError: for a text that is no date
    """
    if string_date is None:
        return now_datetime().date()
    if isinstance(string_date, datetime.datetime):
        return string_date.date()
    if isinstance(string_date, datetime.date):
        return string_date
    if _is_invalid_date_string(string_date):
        return None
    try:
        return datetime.date.fromisoformat(str(string_date)[:10])
    except ValueError:
        pass
    try:
        return parser.parse(str(string_date), dayfirst=parse_day_first).date()
    except (parser.ParserError, OverflowError, TypeError):
        frappe.throw(
            frappe._("{0} is not a valid date string.").format(frappe.bold(string_date)),
            title=frappe._("Invalid Date"),
        )


def get_datetime(datetime_str: Any = None) -> datetime.datetime | datetime.timedelta | None:
    """A datetime from a text, a list of parts, a date; now for None; None for an empty or zero date."""
    if datetime_str is None:
        return now_datetime()
    if isinstance(datetime_str, datetime.datetime | datetime.timedelta):
        return datetime_str
    if isinstance(datetime_str, list | tuple):
        return datetime.datetime(*datetime_str)
    if isinstance(datetime_str, datetime.date):
        return datetime.datetime.combine(datetime_str, datetime.time())
    if _is_invalid_date_string(datetime_str):
        return None
    try:
        return datetime.datetime.fromisoformat(datetime_str)
    except ValueError:
        return parser.parse(datetime_str)


def get_time(time_str: str | datetime.time | datetime.datetime | datetime.timedelta) -> datetime.time:
    """A time of day from a text, datetime or duration since midnight."""
    if isinstance(time_str, datetime.datetime):
        return time_str.time()
    if isinstance(time_str, datetime.time):
        return time_str
    if isinstance(time_str, datetime.timedelta):
        return (datetime.datetime.min + time_str).time()
    try:
        return parser.parse(time_str).time()
    except parser.ParserError as error:
        frappe.throw(frappe._("{0} is not a valid time.").format(time_str), exc=ValueError)
        raise error


def get_timedelta(time: str | datetime.timedelta | None = None) -> datetime.timedelta | None:
    """A duration from `3 days, 04:05:06` or a time of day; None when it is neither."""
    if isinstance(time, datetime.timedelta):
        return time
    time = time or "0:0:0"
    try:
        try:
            return parse_timedelta(time)
        except ValueError:
            parsed = parser.parse(time)
            return datetime.timedelta(
                hours=parsed.hour,
                minutes=parsed.minute,
                seconds=parsed.second,
                microseconds=parsed.microsecond,
            )
    except Exception:
        return None


def parse_timedelta(text: str) -> datetime.timedelta:
    """A duration from the text that Python gives it.

    :raises ValueError: when the text has another form
    """
    match = (TIMEDELTA_DAY_PATTERN if "day" in text else TIMEDELTA_BASE_PATTERN).match(text)
    if not match:
        raise ValueError(text)
    return datetime.timedelta(**{key: float(value) for key, value in match.groupdict().items()})


def to_timedelta(time_str: str | datetime.time | datetime.timedelta) -> datetime.timedelta:
    """A time of day as the duration since midnight."""
    if isinstance(time_str, datetime.timedelta):
        return time_str
    time = time_str if isinstance(time_str, datetime.time) else get_time(time_str)
    return datetime.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )


def _is_invalid_date_string(text: Any) -> bool:
    return not text or str(text).startswith(("0001-01-01", "0000-00-00"))


def is_invalid_date_string(date_string: str) -> bool:
    """Whether a text stands for "no date"."""
    return _is_invalid_date_string(date_string)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def get_system_timezone() -> str:
    """The site's time zone, such as `Asia/Shanghai`."""
    if frappe.local.flags.in_install_db or not getattr(frappe.local, "db", None):
        return frappe.local.conf.get("time_zone") or "Asia/Shanghai"
    known = frappe.local.request_cache.get("time_zone")
    if not known:
        known = frappe.get_system_settings("time_zone") or "Asia/Shanghai"
        frappe.local.request_cache["time_zone"] = known
    return known


get_time_zone = get_system_timezone


def now_datetime() -> datetime.datetime:
    """The current moment in the site's time zone, without a zone of its own."""
    local = frappe.local
    zone = local.request_cache.get("zone")
    if zone is None:
        zone = _zone(get_system_timezone())
        if "time_zone" in local.request_cache:
            local.request_cache["zone"] = zone
    moment = datetime.datetime.now(zone).replace(tzinfo=None)
    frozen = local.flags.current_date
    return datetime.datetime.combine(getdate(frozen), moment.time()) if frozen else moment


def now() -> str:
    """The current moment as `YYYY-MM-DD HH:MM:SS.ffffff`."""
    return now_datetime().isoformat(" ", "microseconds")


def nowdate() -> str:
    """Today as `YYYY-MM-DD`."""
    return now_datetime().strftime(DATE_FORMAT)


def today() -> str:
    """Today as `YYYY-MM-DD`."""
    return nowdate()


def nowtime() -> str:
    """The time of day as `HH:MM:SS.ffffff`."""
    return now_datetime().strftime(TIME_FORMAT)


def get_datetime_in_timezone(time_zone: str) -> datetime.datetime:
    """The current moment in a zone."""
    return datetime.datetime.now(_zone(time_zone))


def convert_utc_to_timezone(utc_timestamp: datetime.datetime, time_zone: str) -> datetime.datetime:
    """A UTC moment in a zone."""
    if utc_timestamp.tzinfo is None:
        utc_timestamp = utc_timestamp.replace(tzinfo=datetime.timezone.utc)
    return utc_timestamp.astimezone(_zone(time_zone))


def convert_utc_to_system_timezone(utc_timestamp: datetime.datetime) -> datetime.datetime:
    """A UTC moment in the site's zone."""
    return convert_utc_to_timezone(utc_timestamp, get_system_timezone())


convert_utc_to_user_timezone = convert_utc_to_system_timezone


def get_eta(from_time: DateLike, percent_complete: float) -> str:
    """How long an action will still take, from when it began and how far it is."""
    elapsed = (now_datetime() - get_datetime(from_time)).total_seconds()
    remaining = elapsed / percent_complete * 100 - elapsed if percent_complete else 0
    return str(datetime.timedelta(seconds=round(remaining)))


# -- arithmetic


def add_to_date(
    date: DateLike | None = None,
    years: float = 0,
    months: float = 0,
    weeks: float = 0,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    as_string: bool = False,
    as_datetime: bool = False,
) -> Any:
    """A date moved by a duration. A text gives a text, unless hours or smaller units are added.

    :param as_string: the answer is a text
    :param as_datetime: with `as_string`, the text has a time
    """
    if hours or minutes or seconds:
        as_datetime = True
    if date is None:
        date = now_datetime()
    if isinstance(date, str):
        as_string = True
        if " " in date:
            as_datetime = True
        date = get_datetime(date) if as_datetime else getdate(date)
    if as_datetime and not isinstance(date, datetime.datetime):
        date = get_datetime(date)
    moved = (
        date
        + relativedelta(years=int(years), months=int(months))
        + datetime.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    )
    if not as_string:
        return moved
    return moved.strftime(DATETIME_FORMAT if as_datetime else DATE_FORMAT)


def add_days(date: DateLike | None, days: float) -> Any:
    """A date so many days later."""
    return add_to_date(date, days=_number(days))


def add_months(date: DateLike | None, months: float) -> Any:
    """A date so many months later."""
    return add_to_date(date, months=int(months))


def add_years(date: DateLike | None, years: float) -> Any:
    """A date so many years later."""
    return add_to_date(date, years=int(years))


def _number(value: Any) -> float:
    return float(value or 0)


def date_diff(string_ed_date: DateLike, string_st_date: DateLike) -> int:
    """Days from the second date to the first."""
    return (getdate(string_ed_date) - getdate(string_st_date)).days


days_diff = date_diff


def month_diff(string_ed_date: DateLike, string_st_date: DateLike) -> int:
    """Calendar months from the second date to the first, both counted."""
    end, start = getdate(string_ed_date), getdate(string_st_date)
    return (end.year - start.year) * 12 + end.month - start.month + 1


def time_diff(string_ed_date: DateLike, string_st_date: DateLike) -> datetime.timedelta:
    """The duration from the second moment to the first."""
    return get_datetime(string_ed_date) - get_datetime(string_st_date)


def time_diff_in_seconds(string_ed_date: DateLike, string_st_date: DateLike) -> float:
    """Seconds from the second moment to the first."""
    return time_diff(string_ed_date, string_st_date).total_seconds()


def time_diff_in_hours(string_ed_date: DateLike, string_st_date: DateLike) -> float:
    """Hours from the second moment to the first, to six digits."""
    return round(time_diff_in_seconds(string_ed_date, string_st_date) / 3600, 6)


def get_first_day(dt: DateLike, d_years: int = 0, d_months: int = 0, as_str: bool = False) -> Any:
    """The first day of the month, moved by years and months."""
    first = getdate(dt).replace(day=1) + relativedelta(years=d_years, months=d_months)
    return first.strftime(DATE_FORMAT) if as_str else first


def get_last_day(dt: DateLike) -> datetime.date:
    """The last day of the month."""
    date = getdate(dt)
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


def is_last_day_of_the_month(dt: DateLike) -> bool:
    """Whether a date ends its month."""
    return getdate(dt) == get_last_day(dt)


def get_quarter_start(dt: DateLike, as_str: bool = False) -> Any:
    """The first day of the quarter."""
    date = getdate(dt)
    first = date.replace(month=(date.month - 1) // 3 * 3 + 1, day=1)
    return first.strftime(DATE_FORMAT) if as_str else first


def get_quarter_ending(date: DateLike) -> datetime.date:
    """The last day of the quarter."""
    return get_last_day(get_quarter_start(date) + relativedelta(months=2))


def get_first_day_of_week(dt: DateLike, as_str: bool = False) -> Any:
    """The first day of the week, which begins as System Settings say."""
    date = getdate(dt)
    start = date - datetime.timedelta(days=(date.weekday() - get_first_day_of_week_index()) % 7)
    return start.strftime(DATE_FORMAT) if as_str else start


def get_first_day_of_week_index() -> int:
    """0 for Monday … 6 for Sunday, from System Settings; Sunday when nothing is set."""
    name = frappe.get_system_settings("first_day_of_the_week") if frappe.local.db else None
    return list(calendar.day_name).index(name or "Sunday")


def get_last_day_of_week(dt: DateLike) -> datetime.date:
    """The last day of the week."""
    return get_first_day_of_week(dt) + datetime.timedelta(days=6)


def get_year_start(dt: DateLike, as_str: bool = False) -> Any:
    """The first of January."""
    first = getdate(dt).replace(month=1, day=1)
    return first.strftime(DATE_FORMAT) if as_str else first


def get_year_ending(date: DateLike) -> datetime.date:
    """The 31st of December."""
    return getdate(date).replace(month=12, day=31)


def get_weekdays() -> list[str]:
    """English names of the days, Monday first."""
    return list(calendar.day_name)


def get_weekday(dt: datetime.date | None = None) -> str:
    """The English name of the day."""
    return calendar.day_name[(dt or now_datetime()).weekday()]


def get_timespan_date_range(timespan: str) -> tuple[datetime.date, datetime.date] | None:
    """First and last day of a span named in words, such as `last month` or `this year`."""
    today_ = getdate()
    week, month = relativedelta(weeks=1), relativedelta(months=1)
    quarter, year = relativedelta(months=3), relativedelta(years=1)
    periods: dict[str, tuple[relativedelta, Callable, Callable]] = {
        "week": (week, get_first_day_of_week, get_last_day_of_week),
        "month": (month, get_first_day, get_last_day),
        "quarter": (quarter, get_quarter_start, get_quarter_ending),
        "year": (year, get_year_start, get_year_ending),
        "6 months": (relativedelta(months=6), get_quarter_start, get_quarter_ending),
    }
    single = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if timespan in single:
        day = today_ + datetime.timedelta(days=single[timespan])
        return day, day
    direction, _, unit = timespan.partition(" ")
    if match := re.fullmatch(r"(last|next) (\d+) days", timespan):
        count = int(match.group(2))
        if match.group(1) == "last":
            return today_ - datetime.timedelta(days=count), today_
        return today_, today_ + datetime.timedelta(days=count)
    if unit not in periods or direction not in {"last", "this", "next"}:
        return None
    step, first, last = periods[unit]
    sign = {"last": -1, "this": 0, "next": 1}[direction]
    if unit == "6 months" and sign == -1:
        return first(today_ - step), last(today_ - quarter)
    if unit == "6 months" and sign == 1:
        return first(today_ + quarter), last(today_ + step)
    return first(today_ + step * sign), last(today_ + step * sign)


def get_timestamp(date: DateLike) -> float:
    """Seconds since 1970 of the date's midnight, local time of the machine."""
    import time

    return time.mktime(getdate(date).timetuple())


def duration_to_seconds(duration: str) -> float:
    """Seconds from `1d 2h 3m 4s`.

    :raises frappe.ValidationError: for another form
    """
    validate_duration_format(duration)
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([dhms])", duration))


def validate_duration_format(duration: str) -> None:
    """Refuse a text that is no duration.

    :raises frappe.ValidationError: when it is none
    """
    if (
        not re.fullmatch(r"\s*(\d+d)?\s*(\d+h)?\s*(\d+m)?\s*(\d+s)?\s*", duration or "")
        or not duration.strip()
    ):
        frappe.throw(
            frappe._("Value {0} must be in the valid duration format: d h m s").format(frappe.bold(duration))
        )
