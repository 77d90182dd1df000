"""Loggers that write into the site's `logs` folder, in files that do not grow without end."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from typing import Any

import frappe

_loggers: dict[tuple[str, str], logging.Logger] = {}


def get_logger(module: str | None = None, with_more_info: bool = False, **kwargs: Any) -> logging.Logger:
    """The logger of a module on the current site.

    :param max_size: bytes of one file, 100,000 by default
    :param file_count: files kept, 20 by default
    """
    module = module or "frappe"
    site = getattr(frappe.local, "site", None) or "bench"
    key = (module, site)
    if key not in _loggers:
        _loggers[key] = _make(module, site, kwargs.get("max_size", 100_000), kwargs.get("file_count", 20))
    return _loggers[key]


def _make(module: str, site: str, max_size: int, file_count: int) -> logging.Logger:
    logger = logging.getLogger(f"{module}-{site}")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    folder = os.path.join(getattr(frappe.local, "site_path", "") or ".", "logs")
    try:
        os.makedirs(folder, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            os.path.join(folder, f"{module}.log"), maxBytes=max_size, backupCount=file_count, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    return logger


def set_log_level(level: str) -> None:
    """Log from this level on."""
    for logger in _loggers.values():
        logger.setLevel(level.upper())
