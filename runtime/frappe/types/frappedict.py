"""A dict whose keys are also attributes."""

from typing import Any


class _dict(dict):
    """Attribute access to a dict; a missing attribute is None, not an error."""

    __slots__ = ()
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __getstate__(self) -> "_dict":
        return self

    def __setstate__(self, state: dict) -> None:
        self.update(state)

    def update(self, *args: Any, **kwargs: Any) -> "_dict":  # type: ignore[override]
        """Update in place and return self, so that calls can be chained."""
        super().update(*args, **kwargs)
        return self

    def copy(self) -> "_dict":
        return _dict(self)
