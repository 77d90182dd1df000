"""The command line `bench`: the host's commands and those of the apps, from a folder that holds `sites`."""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

import click

import frappe


def find_sites_path(given: str | None) -> str:
    """The folder of sites: given, from the environment, or upward from here."""
    path = given or os.environ.get("SITES_PATH")
    if path:
        return os.path.abspath(path)
    here = os.path.abspath(os.getcwd())
    while True:
        for candidate in (here, os.path.join(here, "sites")):
            if os.path.exists(os.path.join(candidate, "apps.txt")) or os.path.exists(
                os.path.join(candidate, "common_site_config.json")
            ):
                return candidate
        parent = os.path.dirname(here)
        if parent == here:
            return os.path.abspath(os.getcwd())
        here = parent


def default_site(sites_path: str) -> str | None:
    """The site that is meant when none is named: the configured one, or the only one."""
    from frappe._config import get_common_config

    configured = get_common_config(sites_path).get("default_site")
    if configured:
        return configured
    if not os.path.isdir(sites_path):
        return None
    found = [
        name
        for name in os.listdir(sites_path)
        if os.path.exists(os.path.join(sites_path, name, "site_config.json"))
    ]
    return found[0] if len(found) == 1 else None


class BenchGroup(click.Group):
    """Commands of the host, then those that the listed apps bring along."""

    def _app_commands(self, ctx: click.Context) -> dict[str, click.Command]:
        obj = ctx.ensure_object(dict)
        if "app_commands" not in obj:
            found: dict[str, click.Command] = {}
            for app in frappe.get_all_apps(
                with_internal_apps=False, sites_path=find_sites_path(ctx.params.get("sites_path"))
            ):
                if app == "frappe":
                    continue
                try:
                    module = importlib.import_module(f"{app}.commands")
                except ModuleNotFoundError as error:
                    if error.name not in {app, f"{app}.commands"}:
                        raise
                    continue
                found |= {command.name: command for command in module.commands}
            obj["app_commands"] = found
        return obj["app_commands"]

    @staticmethod
    def _host_commands() -> dict[str, click.Command]:
        from frappe.commands import app, keeping, process, site

        return keeping.commands | site.commands | process.commands | app.commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted({*self._host_commands(), *self._app_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        found = self._host_commands().get(cmd_name)
        if found is not None:
            return found
        return self._app_commands(ctx).get(cmd_name)


@click.group(cls=BenchGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--site", default=None, help="Name of the site; `all` for every site.")
@click.option("--sites-path", default=None, help="Folder of the sites.")
@click.option("--force", is_flag=True, default=False)
@click.option("--verbose", is_flag=True, default=False)
@click.pass_context
def bench(ctx: click.Context, site: str | None, sites_path: str | None, force: bool, verbose: bool) -> None:
    """Sites, apps and processes of this host."""
    obj = ctx.ensure_object(dict)
    path = find_sites_path(sites_path)
    name = site or os.environ.get("FRAPPE_SITE") or default_site(path)
    if name == "all":
        sites = [
            entry
            for entry in sorted(os.listdir(path))
            if os.path.exists(os.path.join(path, entry, "site_config.json"))
        ]
    else:
        sites = [name] if name else []
    obj.update(sites=sites, sites_path=path, force=force, verbose=verbose, started_in=os.getcwd())
    # Commands of apps open sites by their name alone, from the folder of the sites.
    if os.path.isdir(path):
        os.chdir(path)


def _in_words(error: Exception) -> str:
    if isinstance(error, frappe.DoesNotExistError) and len(error.args) == 2:
        return f"{error.args[0]} {error.args[1]} not found"
    return str(error) or type(error).__name__


def main() -> None:
    """Where the command line begins."""
    sys.path.insert(0, os.getcwd())
    try:
        bench(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except (
        frappe.SiteNotSpecifiedError, frappe.IncorrectSitePath, frappe.SiteExistsError, frappe.AppNotFoundError,
        frappe.AppNotInstalledError, frappe.ValidationError, frappe.PermissionError,
    ) as error:  # fmt: skip
        click.secho(_in_words(error), fg="red", err=True)
        sys.exit(1)


class GivenPath(click.Path):
    """A path as the caller means it: from where the command was given, not from the folder of the sites."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The absolute path."""
        base = ((ctx.obj if ctx else None) or {}).get("started_in") or os.getcwd()
        return super().convert(os.path.join(base, value), param, ctx)


def read_json_argument(text: str | None, default: Any) -> Any:
    """An argument that is JSON.

    :raises click.BadParameter: when it is none
    """
    if not text:
        return default
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {text}") from error
