"""Commands that run processes: web server, worker, scheduler, and all of them together."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

import frappe
from frappe.commands import get_site, pass_context
from frappe.commands.cli import GivenPath


@click.command("serve")
@click.option("--port", default=8000)
@click.option("--host", default="127.0.0.1")
@click.option("--workers", default=2)
@click.option("--threads", default=4)
@pass_context
def serve(context: Any, port: int, host: str, workers: int, threads: int) -> None:
    """Serve the sites by gunicorn."""
    site = get_site(context, raise_err=False)
    environment = os.environ | {"SITES_PATH": context.sites_path, "FRAPPE_SITE": site or ""}
    arguments = [
        sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "--workers", str(workers), "--threads", str(threads),
        "--worker-class", "gthread", "--preload", "--timeout", "120", "--graceful-timeout", "5", "--keep-alive", "30",
        "--max-requests", "50000", "--max-requests-jitter", "5000", "--log-level", "warning", "frappe.app:application",
    ]  # fmt: skip
    os.execvpe(arguments[0], arguments, environment)  # noqa: S606 - a list of arguments, no shell


@click.command("worker")
@click.option("--queue", default=None, help="Queues, separated by commas.")
@click.option("--burst", is_flag=True, help="End when nothing waits.")
@pass_context
def worker(context: Any, queue: str | None, burst: bool) -> None:
    """Run background jobs."""
    from frappe.utils.background_jobs import start_worker

    # The site names the configuration; a worker of Redis' queue serves every site of the folder.
    frappe.init(get_site(context), sites_path=context.sites_path, force=True)
    start_worker(queue, burst=burst)


@click.command("schedule")
@pass_context
def schedule(context: Any) -> None:
    """Queue scheduled jobs when they are due."""
    from frappe.utils.scheduler import schedule as run

    run(get_site(context), context.sites_path)


@click.command("start")
@click.option(
    "--procfile",
    default="Procfile",
    type=GivenPath(exists=True, dir_okay=False),
    help="A line per process: `name: command`.",
)
def start(procfile: str) -> None:
    """Run the processes of a Procfile; one that dies is started again, Ctrl-C stops all."""
    from frappe.commands.supervisor import Supervisor, read_procfile

    sys.exit(Supervisor(read_procfile(procfile)).run())


@click.command("doctor")
@pass_context
def doctor(context: Any) -> None:
    """Where jobs wait, how many do, which failed, who runs them."""
    from frappe.commands.site import opened
    from frappe.utils.background_jobs import all_jobs, on_redis

    with opened(context):
        jobs = all_jobs()
        click.echo(f"queue: {'Redis' if on_redis() else 'database'}")
        click.echo(f"workers: {len(frappe.get_all('RQ Worker'))}" + ("" if on_redis() else " busy"))
        for status, word in (("queued", "waiting"), ("started", "running")):
            click.echo(f"{word}: {sum(job['status'] == status for job in jobs)}")
        for job in jobs:
            if job["status"] == "failed":
                tries = f" (tries: {job['tries']})" if job.get("tries") else ""
                click.echo(f"failed: {job['method']}{tries}; see Error Log")
        click.echo(
            f"scheduler: {'enabled' if frappe.get_system_settings('enable_scheduler') else 'disabled'}"
        )


commands = {command.name: command for command in (serve, worker, schedule, start, doctor)}
