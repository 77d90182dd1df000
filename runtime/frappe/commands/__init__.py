"""What an app's own commands need: which sites are meant, and the click context."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

import frappe


def pass_context(function: Callable) -> Callable:
    """Gives a command the bench context: `context.sites`, `context.force`, `context.verbose`."""

    @click.pass_context
    def with_context(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        return function(frappe._dict(ctx.obj or {}), *args, **kwargs)

    return functools.update_wrapper(with_context, function)


def get_site(context: Any, raise_err: bool = True) -> str | None:
    """The first site that is meant.

    :raises frappe.SiteNotSpecifiedError: when none is
    """
    sites = context.get("sites") or []
    if sites:
        return sites[0]
    if raise_err:
        raise frappe.SiteNotSpecifiedError("Please give a site: bench --site NAME …")
    return None
