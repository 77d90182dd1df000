"""The file between an answer and the database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from medaffairs.integration.gate import journal
from medaffairs.integration.gate.journal import Journal


def opened(folder: Path) -> Journal:
    made = Journal(folder)
    made.open()
    return made


def take(made: Journal, batches: int = 1000) -> list[int]:
    """What is brought to the database by some batches, each marked afterwards."""
    taken = []
    for number, (entries, _again, segment, done) in enumerate(made.batches()):
        if number == batches:
            break
        taken += [entry["n"] for entry in entries]
        segment.mark(done)
    return taken


def crash(made: Journal) -> None:
    """What the operating system does with the files of a process that is killed."""
    for segment in (*made._left, made._own):
        os.close(segment._mark)
        os.close(segment._file)


def test_entries_come_out_in_their_order_and_once(tmp_path: Path) -> None:
    made = opened(tmp_path)
    for number in range(1000):
        made.append({"n": number, "text": "手术" * 20})
    assert made.waiting > journal.SMALL
    first = take(made, 2)
    assert 0 < len(first) < 1000
    assert first + take(made) == list(range(1000))
    assert made.waiting == 0
    made.append({"n": 1000})
    assert take(made) == [1000]
    made.close()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_what_a_dead_process_left_is_taken_over_with_a_warning_that_it_may_be_stored(tmp_path: Path) -> None:
    first = opened(tmp_path)
    for number in range(500):
        first.append({"n": number, "text": "x" * 50})
    done = take(first, 1)
    crash(first)
    second = opened(tmp_path)
    second.append({"n": 500})
    flags, taken = [], []
    for entries, again, segment, mark in second.batches():
        flags.append(again)
        taken += [entry["n"] for entry in entries]
        segment.mark(mark)
    assert done + taken == list(range(501))
    assert flags[0] is True and flags[-1] is False
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_two_living_processes_do_not_take_from_each_other(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    first.append({"n": 1})
    second.append({"n": 2})
    assert (take(second), take(first)) == ([2], [1])


def test_a_line_that_was_not_finished_is_left_out_and_the_file_goes(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.append({"n": 1})
    first._own.append(b'{"n": 2, "tex')
    crash(first)
    second = opened(tmp_path)
    assert take(second) == [1]
    assert second.waiting == 0
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_cannot_be_read_does_not_hold_up_the_next(tmp_path: Path) -> None:
    made = opened(tmp_path)
    made.append({"n": 1})
    made._own.append(b"\x00\xff garbage\n")
    made.append({"n": 3})
    assert take(made) == [1, 3]


def test_an_entry_larger_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    made = opened(tmp_path)
    made.append({"n": 1, "text": "x" * (journal.SMALL * 3)})
    made.append({"n": 2})
    assert take(made) == [1, 2]


def test_space_is_given_back_when_everything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SHRINK_AT", 500)
    made = opened(tmp_path)
    for number in range(100):
        made.append({"n": number})
    made.shrink()
    assert made._own.path.stat().st_size > 500
    take(made)
    made.shrink()
    assert (made._own.path.stat().st_size, made.waiting) == (0, 0)
    made.append({"n": 100})
    assert take(made) == [100]


def test_a_disk_that_takes_no_more_is_told_to_whoever_answers(tmp_path: Path) -> None:
    made = opened(tmp_path)
    os.close(made._own._file)
    made._own._file = os.open("/dev/full", os.O_RDWR)
    with pytest.raises(OSError, match="No space"):
        made.append({"n": 1})
