"""`frappe.cache`: values by key, shared by all processes of a site.

They live on the Redis server that `redis_cache` names, otherwise in a file beside the database; losing them loses
nothing. Values are pickled; members of lists and sets are plain texts and come back as bytes, as Redis has them.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import _redis
from frappe.utils._cache_file import FileStore


class RedisWrapper:
    """The cache of the current site. Names that it does not have itself are those of a Redis client."""

    def __call__(self) -> RedisWrapper:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._store(), name)

    @staticmethod
    def _store() -> Any:
        if _redis.url_of("redis_cache"):
            return _redis.client("redis_cache")
        return FileStore.of_site(frappe.local.site_path)

    def _try(self, name: str, *args: Any, default: Any = None, **kwargs: Any) -> Any:
        """What the store answers; `default` when it cannot be reached: without a cache everything is made anew."""
        try:
            return getattr(self._store(), name)(*args, **kwargs)
        except (ConnectionError, sqlite3.OperationalError) as error:
            return self._unreachable(error, default)
        except Exception as error:
            if type(error).__module__ == "redis.exceptions" and type(error).__name__ in {"ConnectionError", "TimeoutError"}:  # fmt: skip
                return self._unreachable(error, default)
            raise

    @staticmethod
    def _unreachable(error: Exception, default: Any) -> Any:
        frappe.logger("cache").warning("the cache cannot be reached: %s", error)
        return default

    def connected(self) -> bool:
        """Whether the cache can be used."""
        return bool(self._try("ping", default=False))

    def make_key(self, key: Any, user: Any = None, shared: bool = False) -> Any:
        """The name of a key in the store: of this site unless shared, of a user if told so."""
        if shared or isinstance(key, bytes):
            return key
        if user:
            key = f"user:{frappe.session.user if user is True else user}:{key}"
        return f"{frappe.local.conf.get('db_name') or frappe.local.site}|{key}".encode()

    # -- values

    def set_value(
        self, key: Any, val: Any, user: Any = None, expires_in_sec: float | None = None, shared: bool = False
    ) -> None:
        """Keeps a value."""
        seconds = max(int(expires_in_sec), 1) if expires_in_sec else None
        self._try("set", self.make_key(key, user, shared), pickle.dumps(val), ex=seconds)

    def get_value(
        self,
        key: Any,
        generator: Callable | None = None,
        user: Any = None,
        expires: bool = False,
        shared: bool = False,
        use_local_cache: bool = True,
    ) -> Any:
        """A value, made and kept by `generator` when it is missing."""
        value = _value(self._try("get", self.make_key(key, user, shared)))
        if value is None and generator:
            value = generator()
            self.set_value(key, value, user, shared=shared)
        return value

    def get_keys(self, key: str) -> list[bytes]:
        """Keys of this site that begin with a text."""
        pattern = b"".join(
            b"\\" + bytes([byte]) if byte in b"?[]\\" else bytes([byte]) for byte in self.make_key(key)
        )
        found = self._try("keys", pattern.rstrip(b"*") + b"*", default=[])
        return list(found)

    def get_all(self, key: str) -> dict[str, Any]:
        """Values whose keys begin with a text, by their keys."""
        prefix = len(self.make_key(""))
        return {name[prefix:].decode(): _value(self._try("get", name)) for name in self.get_keys(key)}

    def delete_value(self, keys: Any, user: Any = None, make_keys: bool = True, shared: bool = False) -> None:
        """Forgets values."""
        names = keys if isinstance(keys, list | tuple) else [keys]
        if make_keys:
            names = [self.make_key(name, user, shared) for name in names]
        if names:
            self._try("delete", *names)

    def delete_key(self, *args: Any, **kwargs: Any) -> None:
        """The same as `delete_value`."""
        self.delete_value(*args, **kwargs)

    def delete_keys(self, key: str) -> None:
        """Forgets values whose keys begin with a text."""
        self.delete_value(self.get_keys(key), make_keys=False)

    def exists(self, *names: str, user: Any = None, shared: bool = False) -> int:
        """How many of the keys there are."""
        return self._try("exists", *[self.make_key(name, user, shared) for name in names], default=0)

    # -- hashes

    def hset(self, name: Any, key: Any, value: Any, shared: bool = False, *args: Any, **kwargs: Any) -> None:
        """Keeps a value in a hash; without a field nothing is kept."""
        if key is not None:
            self._try("hset", self.make_key(name, shared=shared), key, pickle.dumps(value))

    def hget(self, name: Any, key: Any, generator: Callable | None = None, shared: bool = False) -> Any:
        """A value of a hash, made and kept by `generator` when it is missing."""
        if key is None:
            return None
        value = _value(self._try("hget", self.make_key(name, shared=shared), key))
        if value is None and generator:
            value = generator()
            self.hset(name, key, value, shared)
        return value

    def hgetall(self, name: Any) -> dict[bytes, Any]:
        """All values of a hash."""
        found = self._try("hgetall", self.make_key(name), default={})
        return {field: _value(raw) for field, raw in found.items()}

    def hexists(self, name: Any, key: Any, shared: bool = False) -> bool:
        """Whether a hash has a field."""
        return bool(self._try("hexists", self.make_key(name, shared=shared), key, default=False))

    def hkeys(self, name: Any) -> list[bytes]:
        """The fields of a hash."""
        return self._try("hkeys", self.make_key(name), default=[])

    def hdel(self, name: Any, key: Any, shared: bool = False, pipeline: Any = None) -> None:
        """Forgets a field of a hash, or several."""
        fields = key if isinstance(key, list | tuple) else [key]
        if fields:
            self._try("hdel", self.make_key(name, shared=shared), *fields)

    def hdel_keys(self, name_starts_with: str, key: Any) -> None:
        """Forgets a field of all hashes whose names begin with a text."""
        for name in self.get_keys(name_starts_with):
            self.hdel(name, key)


def _value(raw: bytes | None) -> Any:
    if raw is None:
        return None
    # What begins differently is a counter, which the store itself adds up.
    # The store belongs to the bench and is written by this class alone.
    return pickle.loads(raw) if raw[:1] == b"\x80" else int(raw)  # noqa: S301


def _of_made_key(method: str, default: Any, *, silent: bool = False) -> Callable:
    """A list's or set's method on a key of the site."""

    def call(self: RedisWrapper, name: Any, *args: Any) -> Any:
        answer = self._try(method, self.make_key(name), *args, default=default)
        return None if silent else answer

    call.__name__ = method
    call.__doc__ = f"Redis' {method.upper()} on a key of the site."
    return call


for _method, _default in {"lpush": 0, "rpush": 0, "lpop": None, "rpop": None, "llen": 0, "lrange": [], "ltrim": False,
                          "sismember": False, "smembers": set(), "spop": None, "srandmember": None}.items():  # fmt: skip
    setattr(RedisWrapper, _method, _of_made_key(_method, _default))
for _method in ("sadd", "srem"):
    setattr(RedisWrapper, _method, _of_made_key(_method, None, silent=True))

cache = RedisWrapper()
