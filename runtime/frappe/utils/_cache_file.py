"""A cache that all processes of a site share without a server: a SQLite file beside the site's database.

It answers to the names of a Redis client for what Frappe's cache uses of one, so that nothing above it knows which of
the two it speaks to. Losing the file loses nothing.
"""

from __future__ import annotations

import fnmatch
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_open = threading.local()
_ALIVE = "(expires is null or expires > ?)"
#: How many writes pass before what has ended is taken out of the file.
_SWEEP_EVERY = 500


def _text(key: Any) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


class FileStore:
    """Keys with values, hashes, lists and sets in the file of one site."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._writes = 0
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        for statement in (
            "pragma journal_mode = WAL",
            "pragma synchronous = OFF",
            "create table if not exists entries (name text, field text, value blob, expires real,"
            " primary key (name, field)) without rowid",
        ):
            self._connection.execute(statement)

    @classmethod
    def of_site(cls, site_path: str) -> FileStore:
        """The thread's own; a forked child opens the file anew."""
        path = os.path.abspath(os.path.join(site_path, "db", "cache.db"))
        pool = _open.__dict__.setdefault("stores", {})
        key = (os.getpid(), path)
        if key not in pool or not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            pool[key] = cls(path)
        return pool[key]

    def _rows(self, statement: str, *values: Any) -> list[tuple]:
        return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Everything inside happens in one step for all processes."""
        self._connection.execute("begin immediate")
        try:
            yield
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise

    def _put(self, name: str, field: str, value: bytes, expires: float | None) -> None:
        self._connection.execute(
            "insert or replace into entries (name, field, value, expires) values (?, ?, ?, ?)",
            (name, field, value, expires),
        )
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            self._connection.execute("delete from entries where expires < ?", (time.time(),))

    def _take(self, name: str, field: str = "") -> bytes | None:
        rows = self._rows(
            f"select value from entries where name = ? and field = ? and {_ALIVE}", name, field, time.time()
        )
        return rows[0][0] if rows else None

    # -- keys

    def ping(self) -> bool:
        """Whether the cache can be used."""
        return True

    def get(self, name: Any) -> bytes | None:
        """The value of a key."""
        return self._take(_text(name))

    def set(self, name: Any, value: Any, ex: float | None = None, nx: bool = False) -> bool | None:
        """Keeps a value, for `ex` seconds if told so; with `nx` only where there is none (None otherwise)."""
        expires = time.time() + ex if ex else None
        with self._alone():
            if nx and self._take(_text(name)) is not None:
                return None
            self._put(_text(name), "", _bytes(value), expires)
        return True

    def setex(self, name: Any, seconds: float, value: Any) -> bool | None:
        """Keeps a value for some seconds."""
        return self.set(name, value, ex=seconds)

    def delete(self, *names: Any) -> int:
        """Forgets keys; how many there were."""
        return sum(
            bool(self._connection.execute("delete from entries where name = ?", (_text(name),)).rowcount)
            for name in names
        )

    def keys(self, pattern: Any = "*") -> list[bytes]:
        """Keys that fit a pattern."""
        names = self._rows(f"select distinct name from entries where {_ALIVE}", time.time())
        return [name.encode() for (name,) in names if fnmatch.fnmatchcase(name, _text(pattern))]

    def exists(self, *names: Any) -> int:
        """How many of the keys there are."""
        found = f"select 1 from entries where name = ? and {_ALIVE} limit 1"
        return sum(len(self._rows(found, _text(name), time.time())) for name in names)

    def expire(self, name: Any, seconds: float) -> bool:
        """Lets a key end."""
        statement = "update entries set expires = ? where name = ?"
        return bool(self._connection.execute(statement, (time.time() + seconds, _text(name))).rowcount)

    def ttl(self, name: Any) -> int:
        """Seconds until a key ends; -1 for never, -2 for no key."""
        rows = self._rows(f"select expires from entries where name = ? and {_ALIVE} limit 1", _text(name), time.time())  # fmt: skip
        if not rows:
            return -2
        return -1 if rows[0][0] is None else max(round(rows[0][0] - time.time()), 0)

    def incrby(self, name: Any, amount: int = 1) -> int:
        """Counts; when the key ends stays as it was."""
        return self._count(_text(name), "", amount)

    incr = incrby

    def decrby(self, name: Any, amount: int = 1) -> int:
        """Counts down."""
        return self.incrby(name, -amount)

    decr = decrby

    def _count(self, name: str, field: str, amount: int) -> int:
        with self._alone():
            rows = self._rows(
                f"select value, expires from entries where name = ? and field = ? and {_ALIVE}",
                name, field, time.time(),
            )  # fmt: skip
            value = int(rows[0][0] if rows else 0) + amount
            self._put(name, field, str(value).encode(), rows[0][1] if rows else None)
        return value

    def flushall(self) -> bool:
        """Forgets everything."""
        self._connection.execute("delete from entries")
        return True

    # -- hashes: the field of a plain key is empty, that of a hash begins with a colon

    def hset(self, name: Any, key: Any, value: Any) -> int:
        """Keeps a value in a hash; 1 when the field is new."""
        new = not self.hexists(name, key)
        self._put(_text(name), f":{_text(key)}", _bytes(value), None)
        return int(new)

    def hget(self, name: Any, key: Any) -> bytes | None:
        """A value of a hash."""
        return self._take(_text(name), f":{_text(key)}")

    def hgetall(self, name: Any) -> dict[bytes, bytes]:
        """All values of a hash."""
        statement = f"select field, value from entries where name = ? and field <> '' and {_ALIVE}"
        return {field[1:].encode(): value for field, value in self._rows(statement, _text(name), time.time())}

    def hexists(self, name: Any, key: Any) -> bool:
        """Whether a hash has a field."""
        return self.hget(name, key) is not None

    def hkeys(self, name: Any) -> list[bytes]:
        """The fields of a hash."""
        return list(self.hgetall(name))

    def hlen(self, name: Any) -> int:
        """How many fields a hash has."""
        return len(self.hgetall(name))

    def hdel(self, name: Any, *keys: Any) -> int:
        """Forgets fields of a hash; how many there were."""
        statement = "delete from entries where name = ? and field = ?"
        return sum(
            self._connection.execute(statement, (_text(name), f":{_text(key)}")).rowcount for key in keys
        )

    def hincrby(self, name: Any, key: Any, amount: int = 1) -> int:
        """Counts in a hash."""
        return self._count(_text(name), f":{_text(key)}", amount)

    # -- lists and sets: the members, each with its length before it, are the value of a plain key

    def _members(self, name: Any) -> list[bytes]:
        return _unpacked(self._take(_text(name)) or b"")

    def _changed(self, name: Any, change: Callable[[list[bytes]], Any]) -> Any:
        with self._alone():
            members = self._members(name)
            answer = change(members)
            if members:
                rows = self._rows("select expires from entries where name = ? and field = ''", _text(name))
                self._put(_text(name), "", _packed(members), rows[0][0] if rows else None)
            else:
                self.delete(name)
        return answer

    def lpush(self, name: Any, *values: Any) -> int:
        """Adds at the head of a list; its length."""

        def change(members: list[bytes]) -> int:
            members[:0] = [_bytes(value) for value in reversed(values)]
            return len(members)

        return self._changed(name, change)

    def rpush(self, name: Any, *values: Any) -> int:
        """Adds at the end of a list; its length."""

        def change(members: list[bytes]) -> int:
            members.extend(_bytes(value) for value in values)
            return len(members)

        return self._changed(name, change)

    def lpop(self, name: Any) -> bytes | None:
        """Takes the head of a list."""
        return self._changed(name, lambda members: members.pop(0) if members else None)

    def rpop(self, name: Any) -> bytes | None:
        """Takes the end of a list."""
        return self._changed(name, lambda members: members.pop() if members else None)

    def llen(self, name: Any) -> int:
        """The length of a list."""
        return len(self._members(name))

    def lrange(self, name: Any, start: int, stop: int) -> list[bytes]:
        """Members of a list, both ends included."""
        return self._members(name)[start : None if stop == -1 else stop + 1]

    def ltrim(self, name: Any, start: int, stop: int) -> bool:
        """Keeps a part of a list."""

        def change(members: list[bytes]) -> bool:
            members[:] = members[start : None if stop == -1 else stop + 1]
            return True

        return self._changed(name, change)

    def sadd(self, name: Any, *values: Any) -> int:
        """Adds to a set; how many were new."""

        def change(members: list[bytes]) -> int:
            new = [value for value in dict.fromkeys(map(_bytes, values)) if value not in members]
            members.extend(new)
            return len(new)

        return self._changed(name, change)

    def srem(self, name: Any, *values: Any) -> int:
        """Takes out of a set; how many were there."""

        def change(members: list[bytes]) -> int:
            gone = {_bytes(value) for value in values}.intersection(members)
            members[:] = [value for value in members if value not in gone]
            return len(gone)

        return self._changed(name, change)

    def sismember(self, name: Any, value: Any) -> bool:
        """Whether a set has a member."""
        return _bytes(value) in self._members(name)

    def smembers(self, name: Any) -> set[bytes]:
        """The members of a set."""
        return set(self._members(name))

    def spop(self, name: Any) -> bytes | None:
        """Takes any member out of a set."""
        return self._changed(name, lambda members: members.pop() if members else None)

    def srandmember(self, name: Any, count: int | None = None) -> Any:
        """Any member of a set, or several."""
        members = self._members(name)
        if count is not None:
            return random.sample(members, min(count, len(members)))
        return random.choice(members) if members else None  # noqa: S311 - nothing secret hangs on it


def _packed(members: list[bytes]) -> bytes:
    return b"".join(len(member).to_bytes(4, "big") + member for member in members)


def _unpacked(raw: bytes) -> list[bytes]:
    members, at = [], 0
    while at < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4], "big")
        members.append(raw[at + 4 : end])
        at = end
    return members
