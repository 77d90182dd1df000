"""The first of the README's two commands, with real processes."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from system import ROOT, Run, make

PRINTED_LOGIN = re.compile(r"^  (\S+) +(admin|demo) +\S", re.MULTILINE)
STEP = re.compile(r"^  (.+?) … ", re.MULTILINE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A demo hospital that runs."""
    folder = tmp_path_factory.mktemp("run")
    run = Run(folder / "data", folder / "first.log")
    try:
        run.wait_until_up()
        yield run
    finally:
        if run.process.poll() is None:
            run.interrupt()


def ended(run: Run) -> bool:
    """Whether nothing of a run is left, given a moment."""
    for _ in range(150):
        if not run.members():
            return True
        time.sleep(0.1)
    return False


def test_it_says_how_far_it_is_where_it_is_and_who_can_sign_in(running):
    assert {"site", "app", "demo hospital"} <= set(STEP.findall(running.said))
    assert "demo: grants" in running.said and f"{running.url}/medaffairs" in running.said
    logins = PRINTED_LOGIN.findall(running.said)
    assert ("Administrator", "admin") in logins and len(logins) > 10
    assert [user for user, password in logins if running.sign_in(user, password) != 200] == []


def test_the_web_server_is_a_production_one_with_several_workers(running):
    commands = [words for words in running.members().values() if "gunicorn" in words]
    assert len(commands) >= 3  # the master and at least two workers


@pytest.mark.parametrize("name", ["web", "worker", "schedule", "gate"])
def test_a_child_that_dies_is_started_again(running, name):
    before = running.child(name)
    os.kill(before, signal.SIGKILL)
    running.wait(lambda: running.child(name) not in {0, before}, f"a new {name}")
    running.wait_until_up()
    assert re.search(rf"^{name}\s*\| ended with -9; starting again in", running.said, re.MULTILINE)


def test_a_busy_port_is_named_with_its_variable_and_who_has_it(running, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = make("run", f"DATA={tmp_path}", f"PORT={port}", "GATE_PORT=1", "MLLP_PORT=2")
    assert done.returncode
    assert f"Port {port} (PORT) is in use by process {os.getpid()}" in done.stdout
    done = make("run", f"DATA={tmp_path}", f"PORT={port}", f"GATE_PORT={running.gate_port}", "MLLP_PORT=2")
    assert (
        f"Port {running.gate_port} (GATE_PORT) is in use by process" in done.stdout and "gate" in done.stdout
    )
    done = make("run", f"DATA={tmp_path}", f"PORT={port}", f"GATE_PORT={port}")
    assert "GATE_PORT and PORT are both" in done.stdout
    assert not list(tmp_path.iterdir())


def test_two_starts_do_not_work_in_one_data_folder(running):
    done = make("run", f"DATA={running.data}", "PORT=18797", "GATE_PORT=18798", "MLLP_PORT=18799")
    assert done.returncode and "is in use by another `make run`" in done.stdout
    assert running.is_up()


def test_ctrl_c_ends_everything_and_the_next_start_prepares_nothing(running):
    assert running.interrupt() in {0, 130, 2, -signal.SIGINT}
    assert "stopped" in running.said and "Traceback" not in running.said
    assert ended(running), running.members()
    again = Run(running.data, running.log.with_name("again.log"))
    try:
        again.wait_until_up()
        assert not STEP.findall(again.said) and PRINTED_LOGIN.findall(again.said)
    finally:
        again.interrupt()
    assert ended(again), again.members()


def test_a_killed_supervisor_leaves_nobody_behind(running):
    again = Run(running.data, running.log.with_name("killed.log"))
    again.wait_until_up()
    os.kill(again.supervisor(), signal.SIGKILL)
    assert again.process.wait(timeout=60)
    assert ended(again), again.members()


def test_changed_definitions_are_migrated_at_the_next_start(running):
    definition = ROOT / "apps/medaffairs/organization/doctype/committee/committee.json"
    before = definition.stat()
    try:
        os.utime(definition)
        again = Run(running.data, running.log.with_name("changed.log"))
        again.wait_until_up()
        again.interrupt()
    finally:
        os.utime(definition, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert STEP.findall(again.said) == ["migration"]


def test_an_interrupted_first_start_is_made_good_by_the_next(tmp_path):
    data = tmp_path / "data"
    broken = Run(data, tmp_path / "broken.log")
    broken.wait(lambda: "demo: practitioners" in broken.said, "the demo")
    broken.kill()
    assert ended(broken), broken.members()
    again = Run(data, tmp_path / "again.log")
    try:
        again.wait_until_up()
        assert "demo: delegation" in again.said
        assert again.sign_in("Administrator", "admin") == 200
        assert all(again.sign_in(*login) == 200 for login in PRINTED_LOGIN.findall(again.said))
    finally:
        again.interrupt()


def test_an_empty_start_prints_a_password_of_its_own(tmp_path):
    run = Run(tmp_path / "data", tmp_path / "empty.log", EMPTY=1)
    try:
        run.wait_until_up()
        password = re.search(r"^  Administrator / (\S+)$", run.said, re.MULTILINE)[1]
        assert len(password) >= 12 and "demo" not in run.said
        assert run.sign_in("Administrator", password) == 200
        assert run.sign_in("Administrator", "admin") == 401
    finally:
        run.interrupt()


def test_the_demo_is_not_passed_off_as_an_empty_site(running):
    done = make("run", f"DATA={running.data}", "PORT=18797", "GATE_PORT=18798", "MLLP_PORT=18799", "EMPTY=1")
    assert done.returncode and "holds the demo hospital" in done.stdout


class TestMissingTools:
    """What a fresh machine lacks is named with the package to install."""

    def launch(self, tmp_path: Path, code: str, **variables: str):
        import subprocess
        import sys

        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT / "scripts", env={**os.environ, **variables}, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    def test_an_old_python(self, tmp_path):
        code = "import sys; sys.version_info = (3, 9, 2); import prepare; prepare.check_python()"
        done = self.launch(tmp_path, code)
        assert done.returncode == 1
        assert (
            "Python 3.11 or newer is needed, this is 3.9.2" in done.stderr
            and "apt-get install" in done.stderr
        )

    def test_no_node(self, tmp_path):
        done = self.launch(tmp_path, "import prepare; prepare.find_npm()", PATH=str(tmp_path))
        assert done.returncode == 1 and "Node.js 20 or newer is needed" in done.stderr

    def test_an_old_node(self, tmp_path):
        for name in ("node", "npm"):
            (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
            (tmp_path / name).chmod(0o755)
        done = self.launch(
            tmp_path, "import prepare; prepare.find_npm()", PATH=f"{tmp_path}:{os.environ['PATH']}"
        )
        assert done.returncode == 1 and "is v18.19.0" in done.stderr
