"""A method is found also while another thread is still importing its module for the first time."""

from __future__ import annotations

import threading
from pathlib import Path

import frappe
import pytest

SLOW = "import time\nBEGUN.set() if (BEGUN := __import__('slow_begun').EVENT) else None\ntime.sleep(0.3)\n\n\ndef answer():\n    return 42\n"


def test_a_module_that_is_being_imported_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_begun.py").write_text("import threading\nEVENT = threading.Event()\n")
    package = tmp_path / "slow_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "methods.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    import slow_begun

    first = threading.Thread(target=lambda: __import__("slow_package.methods"))
    first.start()
    assert slow_begun.EVENT.wait(5)
    assert frappe.get_attr("slow_package.methods.answer")() == 42
    first.join()
