"""The chain is checked from the command line, in a process's own connection."""

import threading

from click.testing import CliRunner

from medaffairs.audit import recorder
from medaffairs.audit.commands import verify_audit


def test_the_command_says_how_many_records_are_intact(site):
    import frappe

    recorder.record("Read", target_type="Practitioner", user="command@test.example")
    frappe.db.commit()
    results = []
    # A thread has a context of its own, so that the test's connection stays.
    worker = threading.Thread(
        target=lambda: results.append(
            CliRunner().invoke(verify_audit, obj={"sites": [site], "sites_path": ".", "profile": False})
        )
    )
    worker.start()
    worker.join()
    assert results[0].exit_code == 0, results[0].output
    records = int(results[0].output.split()[0])
    assert records >= 1
    assert "intact" in results[0].output
