"""Commands that look at and change sites."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

import frappe
from frappe.commands import get_site, pass_context
from frappe.commands.cli import read_json_argument


def each_site(context: Any) -> list[str]:
    """The sites that are meant: one, or every one with `--site all`.

    :raises frappe.SiteNotSpecifiedError: when none is
    """
    get_site(context)
    return context.sites


@contextmanager
def opened(context: Any, site: str | None = None) -> Iterator[str]:
    """A site, connected as Administrator; the first that is meant when none is named."""
    site = site or get_site(context)
    frappe.init(site, sites_path=context.sites_path, force=True)
    frappe.connect()
    try:
        yield site
    finally:
        frappe.destroy()


@click.command("install-app")
@click.argument("apps", nargs=-1, required=True)
@click.option("--force", is_flag=True)
@pass_context
def install_app(context: Any, apps: tuple, force: bool) -> None:
    """Install apps into the site."""
    from frappe import installer

    for site in each_site(context):
        with opened(context, site):
            for app in apps:
                done = installer.install_app(app, force=force or context.force)
                click.echo(f"{app}: {'installed' if done else 'was installed before'}")


@click.command("uninstall-app")
@click.argument("app")
@click.option("--yes", "-y", is_flag=True)
@click.option("--dry-run", is_flag=True, help="Show what would be deleted.")
@click.option("--no-backup", is_flag=True, help="For scripts of benches: no copy is made here anyway.")
@click.option("--force", is_flag=True, help="Also when the site does not list the app.")
@pass_context
def uninstall_app(context: Any, app: str, yes: bool, dry_run: bool, no_backup: bool, force: bool) -> None:
    """Take an app and its records out of the site."""
    from frappe import installer

    if not (yes or dry_run):
        click.confirm(f"All records of {app} will be deleted. Go on?", abort=True)
    with opened(context):
        installer.remove_app(app, dry_run=dry_run, no_backup=no_backup, force=force)


@click.command("list-apps")
@pass_context
def list_apps(context: Any) -> None:
    """List the site's apps."""
    for site in each_site(context):
        with opened(context, site):
            if len(context.sites) > 1:
                click.echo(site)
            for app in frappe.get_installed_apps():
                click.echo(app)


@click.command("migrate")
@pass_context
def migrate(context: Any) -> None:
    """Bring the site into line with its apps."""
    from frappe.migrate import migrate as run

    for site in each_site(context):
        with opened(context, site):
            done = run()
        click.echo(f"{site}: patches: {done['patches']}, files: {done['files']}")


def make_default(sites_path: str, site: str) -> None:
    """Names the site that is meant when nobody says which."""
    from frappe._config import update_site_config

    update_site_config("default_site", site, os.path.join(sites_path, "common_site_config.json"))


@click.command("use")
@click.argument("site")
@pass_context
def use(context: Any, site: str) -> None:
    """Make a site the default."""
    if not os.path.exists(os.path.join(context.sites_path, site, "site_config.json")):
        raise frappe.IncorrectSitePath(f"There is no site {site}")
    make_default(context.sites_path, site)


class TakesAnyValue(click.Command):
    """A command of flags and words; a word that begins with a dash (a key may) is no flag but one of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Flags first, then everything else as it is."""
        flags = {name for param in self.get_params(ctx) for name in param.opts}
        if "--" not in args:
            args = [*(arg for arg in args if arg in flags), "--", *(arg for arg in args if arg not in flags)]
        return super().parse_args(ctx, args)


@click.command("set-config", cls=TakesAnyValue)
@click.argument("key")
@click.argument("value")
@click.option("--global", "-g", "everywhere", is_flag=True)
@click.option("--parse", "-p", is_flag=True, help="The value is JSON.")
@pass_context
def set_config(context: Any, key: str, value: str, everywhere: bool, parse: bool) -> None:
    """Write a key of the configuration."""
    from frappe._config import update_site_config

    entry = read_json_argument(value, None) if parse else value
    if everywhere:
        update_site_config(key, entry, os.path.join(context.sites_path, "common_site_config.json"))
        return
    for site in each_site(context):
        folder = os.path.join(context.sites_path, site)
        if not os.path.exists(os.path.join(folder, "site_config.json")):
            raise frappe.IncorrectSitePath(f"There is no site {site}")
        update_site_config(key, entry, os.path.join(folder, "site_config.json"))


@click.command("set-admin-password")
@click.argument("password", required=False)
@pass_context
def set_admin_password(context: Any, password: str | None) -> None:
    """Set the Administrator's password."""
    from frappe.utils.password import update_password

    password = password or click.prompt("Administrator password", hide_input=True, confirmation_prompt=True)
    with opened(context):
        update_password("Administrator", password)
        frappe.db.commit()


@click.command("add-user")
@click.argument("email")
@click.option("--first-name", default=None)
@click.option("--password", default=None)
@click.option("--add-role", "roles", multiple=True)
@pass_context
def add_user(context: Any, email: str, first_name: str | None, password: str | None, roles: tuple) -> None:
    """Add a user."""
    with opened(context):
        user = frappe.get_doc(doctype="User", email=email, first_name=first_name or email.split("@")[0], enabled=1,
                              new_password=password, send_welcome_email=0)  # fmt: skip
        for role in roles:
            user.append("roles", {"role": role})
        user.insert(ignore_permissions=True)
        frappe.db.commit()


@click.command("clear-cache")
@pass_context
def clear_cache(context: Any) -> None:
    """Forget what is cached."""
    for site in each_site(context):
        with opened(context, site):
            frappe.clear_cache()
            frappe.db.commit()


@click.command("scheduler")
@click.argument("state", type=click.Choice(["enable", "disable", "status"]))
@pass_context
def scheduler(context: Any, state: str) -> None:
    """Switch scheduled jobs on or off."""
    from frappe.utils.scheduler import is_scheduler_disabled, toggle_scheduler

    with opened(context):
        if state != "status":
            toggle_scheduler(state == "enable")
            frappe.db.commit()
        click.echo("disabled" if is_scheduler_disabled() else "enabled")


def _callable(path: str) -> Any:
    """The function behind a dotted path; `frappe.db.count` is an attribute of a name, not of a module.

    :raises click.ClickException: when there is no such function
    """
    parts = path.split(".")
    try:
        if parts[:2] in (["frappe", "db"], ["frappe", "cache"]):
            target: Any = frappe
            for part in parts[1:]:
                target = getattr(target, part)
            return target
        return frappe.get_attr(path)
    except (AttributeError, ModuleNotFoundError) as error:
        raise click.ClickException(f"There is no function {path}: {error}") from error


@click.command("execute")
@click.argument("method")
@click.option("--args", default=None, help="JSON list")
@click.option("--kwargs", default=None, help="JSON object")
@pass_context
def execute(context: Any, method: str, args: str | None, kwargs: str | None) -> None:
    """Run a function by its dotted path and print what it returns."""
    for site in each_site(context):
        with opened(context, site):
            answer = _callable(method)(*read_json_argument(args, []), **read_json_argument(kwargs, {}))
            frappe.db.commit()
            if answer is not None:
                click.echo(frappe.as_json(answer, indent=1, ensure_ascii=False))


@click.command("console")
@pass_context
def console(context: Any) -> None:
    """A Python prompt in the site."""
    import code

    with opened(context) as site:
        code.interact(
            banner=f"{site}: frappe is imported; frappe.db.commit() makes changes lasting",
            local={"frappe": frappe},
        )


@click.command("version")
@pass_context
def version(context: Any) -> None:
    """Versions of host and apps."""
    import importlib

    for app in frappe.get_all_apps(sites_path=context.sites_path):
        click.echo(f"{app} {getattr(importlib.import_module(app), '__version__', '')}")


commands = {
    command.name: command
    for command in (
        install_app, uninstall_app, list_apps, migrate, use, set_config, set_admin_password, add_user,
        clear_cache, scheduler, execute, console, version,
    )
}  # fmt: skip
