"""`frappe.cache`: values by key, shared by all processes of a site.

They live in a SQLite file of their own beside the database: losing them loses nothing.
"""

from __future__ import annotations

import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import frappe

_open = threading.local()


def _connection() -> sqlite3.Connection:
    path = os.path.abspath(os.path.join(frappe.local.site_path, "db", "cache.db"))
    pool = _open.__dict__.setdefault("connections", {})
    key = (os.getpid(), path)
    if key not in pool or not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        connection.execute("pragma journal_mode = WAL")
        connection.execute("pragma synchronous = OFF")
        connection.execute(
            "create table if not exists cache (name text, field text, value blob, expires real,"
            " primary key (name, field)) without rowid"
        )
        pool[key] = connection
    return pool[key]


class Cache:
    """Values by key, and hashes of values."""

    def __call__(self) -> Cache:
        return self

    def make_key(self, key: str, user: Any = None, shared: bool = False) -> str:
        """A key, of a user if told so."""
        if user:
            key = f"user:{frappe.session.user if user is True else user}:{key}"
        return key

    def _read(self, name: str, field: str) -> Any:
        row = (
            _connection()
            .execute(
                "select value from cache where name = ? and field = ? and (expires is null or expires > ?)",
                (name, field, time.time()),
            )
            .fetchone()
        )
        # The file belongs to the site and is written by this class alone.
        return pickle.loads(row[0]) if row else None  # noqa: S301

    def _write(self, name: str, field: str, value: Any, seconds: float | None) -> None:
        expires = time.time() + seconds if seconds else None
        _connection().execute(
            "insert or replace into cache (name, field, value, expires) values (?, ?, ?, ?)",
            (name, field, pickle.dumps(value), expires),
        )

    def set_value(
        self, key: str, val: Any, user: Any = None, expires_in_sec: float | None = None, shared: bool = False
    ):
        """Keeps a value."""
        self._write(self.make_key(key, user), "", val, expires_in_sec)

    def get_value(
        self,
        key: str,
        generator: Callable | None = None,
        user: Any = None,
        expires: bool = False,
        shared: bool = False,
        use_local_cache: bool = True,
    ) -> Any:
        """A value, made and kept by `generator` when it is missing."""
        name = self.make_key(key, user)
        value = self._read(name, "")
        if value is None and generator:
            value = generator()
            self._write(name, "", value, None)
        return value

    def get_all(self, key: str) -> dict:
        """Values whose keys begin with a text."""
        rows = _connection().execute("select name from cache where name glob ? and field = ''", (f"{key}*",))
        return {row[0]: self._read(row[0], "") for row in rows.fetchall()}

    def get_keys(self, key: str) -> list[str]:
        """Keys that begin with a text."""
        return [row[0] for row in _connection().execute("select distinct name from cache where name glob ?", (f"{key.rstrip('*')}*",))]  # fmt: skip

    def delete_value(self, keys: Any, user: Any = None, make_keys: bool = True, shared: bool = False) -> None:
        """Forgets values."""
        for key in keys if isinstance(keys, list | tuple) else [keys]:
            _connection().execute("delete from cache where name = ?", (self.make_key(key, user),))

    delete_key = delete_value

    def delete_keys(self, key: str) -> None:
        """Forgets values whose keys begin with a text."""
        _connection().execute("delete from cache where name glob ?", (f"{key.rstrip('*')}*",))

    def hset(self, name: str, key: Any, value: Any, shared: bool = False, *args: Any, **kwargs: Any) -> None:
        """Keeps a value in a hash."""
        self._write(name, str(key), value, None)

    def hget(self, name: str, key: Any, generator: Callable | None = None, shared: bool = False) -> Any:
        """A value of a hash."""
        value = self._read(name, str(key))
        if value is None and generator:
            value = generator()
            self._write(name, str(key), value, None)
        return value

    def hexists(self, name: str, key: Any, shared: bool = False) -> bool:
        """Whether a hash has a key."""
        return self._read(name, str(key)) is not None

    def hdel(self, name: str, keys: Any, shared: bool = False, pipeline: Any = None) -> None:
        """Forgets values of a hash."""
        for key in keys if isinstance(keys, list | tuple) else [keys]:
            _connection().execute("delete from cache where name = ? and field = ?", (name, str(key)))

    def hgetall(self, name: str) -> dict:
        """All values of a hash."""
        rows = _connection().execute("select field, value from cache where name = ? and field <> ''", (name,))
        return {field: pickle.loads(value) for field, value in rows}  # noqa: S301

    def hkeys(self, name: str) -> list[str]:
        """All keys of a hash."""
        return list(self.hgetall(name))

    def exists(self, *names: str, user: Any = None, shared: bool = False) -> int:
        """How many of the keys have a value."""
        return sum(self._read(self.make_key(name, user), "") is not None for name in names)

    def incrby(self, key: str, amount: int = 1) -> int:
        """Counts, in one step for all processes."""
        connection = _connection()
        connection.execute("begin immediate")
        try:
            value = int(self._read(key, "") or 0) + amount
            row = connection.execute(
                "select expires from cache where name = ? and field = ''", (key,)
            ).fetchone()
            connection.execute(
                "insert or replace into cache (name, field, value, expires) values (?, '', ?, ?)",
                (key, pickle.dumps(value), row[0] if row else None),
            )
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
        return value

    def incr(self, key: str) -> int:
        """Counts by one."""
        return self.incrby(key, 1)

    def expire(self, key: str, seconds: float) -> None:
        """Lets a value end."""
        _connection().execute("update cache set expires = ? where name = ?", (time.time() + seconds, key))

    expire_key = expire

    def ttl(self, key: str) -> int:
        """Seconds until a value ends; -1 for never, -2 for no value."""
        row = _connection().execute("select expires from cache where name = ? limit 1", (key,)).fetchone()
        if row is None:
            return -2
        return -1 if row[0] is None else max(int(row[0] - time.time()), 0)

    def lpush(self, key: str, value: Any) -> None:
        """Adds a value at the head of a list."""
        self.set_value(key, [value, *(self.get_value(key) or [])])

    def rpush(self, key: str, value: Any) -> None:
        """Adds a value at the end of a list."""
        self.set_value(key, [*(self.get_value(key) or []), value])

    def lrange(self, key: str, start: int, stop: int) -> list:
        """Values of a list."""
        values = self.get_value(key) or []
        return values[start : None if stop == -1 else stop + 1]

    def flushall(self) -> None:
        """Forgets everything."""
        _connection().execute("delete from cache")


cache = Cache()
