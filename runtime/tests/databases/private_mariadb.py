"""A MariaDB server of one's own for tests: in a folder, on a socket, without a password or a service.

As a program it runs a command that finds the server in its environment, and stops the server afterwards:

    python private_mariadb.py FOLDER COMMAND…
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Where a server is that shall be used instead, and where this module says where its own is.
SOCKET, HOST, PORT = "TEST_MARIADB_SOCKET", "TEST_MARIADB_HOST", "TEST_MARIADB_PORT"
USER, PASSWORD = "TEST_MARIADB_ROOT_USER", "TEST_MARIADB_ROOT_PASSWORD"
PACKAGE = "mariadb-server"
_DIE_WITH_PARENT = 1
#: What is lost with the machine may be lost: nothing waits for the disk.
_SETTINGS = (
    "--skip-networking", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=192M", "--innodb-log-file-size=48M",
    "--performance-schema=0", "--max-connections=100", "--character-set-server=utf8mb4", "--skip-name-resolve",
)  # fmt: skip


def missing() -> str | None:
    """Why there can be no server here and what to install; None when there can, or one is named."""
    if importlib.util.find_spec("MySQLdb") is None:
        return "needs mysqlclient: apt-get install libmariadb-dev pkg-config, then pip install mysqlclient"
    if os.environ.get(SOCKET) or os.environ.get(HOST):
        return None
    if shutil.which("mariadbd") and shutil.which("mariadb-install-db"):
        return None
    return f"needs mariadb: apt-get install {PACKAGE}"


@contextmanager
def server(folder: str | Path) -> Iterator[str]:
    """The socket of a server whose data are in a folder, made when they are missing."""
    folder = Path(folder).resolve()
    data = folder / "data"
    user = ["--user=root"] if os.geteuid() == 0 else []
    if not (data / "mysql").exists():
        folder.mkdir(parents=True, exist_ok=True)
        make = ["mariadb-install-db", "--no-defaults", *user, f"--datadir={data}", "--skip-test-db",
                "--auth-root-authentication-method=normal"]  # fmt: skip
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="mariadb-") as short:
        # The path of a socket has at most 107 characters; that of the folder may have more.
        socket = f"{short}/s"
        command = ["mariadbd", "--no-defaults", *user, f"--datadir={data}", f"--socket={socket}",
                   f"--pid-file={short}/pid", f"--log-error={folder}/log", *_SETTINGS]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=_die_with_parent)  # fmt: skip
        try:
            _wait(process, socket, folder / "log")
            yield socket
        finally:
            process.terminate()
            process.wait(60)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _wait(process: subprocess.Popen, socket: str, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"mariadbd ended: {log.read_text(errors='replace')[-2000:]}")
        ping = ["mariadb-admin", "--no-defaults", f"--socket={socket}", "-uroot", "ping"]
        if os.path.exists(socket) and not subprocess.run(ping, capture_output=True, check=False).returncode:
            return
        time.sleep(0.1)
    raise RuntimeError("mariadbd does not answer")


def main() -> int:
    """Runs the command beside a server; the command's exit code. Without MariaDB it says what is missing."""
    if reason := missing():
        print(f"\nThe tests on MariaDB are skipped: {reason}", flush=True)
        return int(any(name.endswith("_REQUIRE_ALL") and value for name, value in os.environ.items()))
    if os.environ.get(SOCKET) or os.environ.get(HOST):
        return subprocess.run(sys.argv[2:], env=os.environ | {"TEST_DB": "mariadb"}, check=False).returncode
    with server(sys.argv[1]) as socket:
        # The socket is another one each time: sites in the environment of the command find it here.
        environment = os.environ | {SOCKET: socket, "FRAPPE_DB_SOCKET": socket, "TEST_DB": "mariadb"}
        return subprocess.run(sys.argv[2:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
