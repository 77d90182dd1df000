"""The file between an answer and the database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from medaffairs.audit import journal
from medaffairs.audit.journal import Journal


def opened(folder: Path) -> Journal:
    made = Journal(folder)
    made.open()
    return made


def take(made: Journal, batches: int = 1000) -> list[int]:
    """What is brought to the database by some batches."""
    taken, waiting = [], made.batches()
    for number, batch in enumerate(waiting, start=1):
        taken += [entry["n"] for entry in batch.entries]
        if number == batches:
            next(waiting, None)  # asking for the next one is what marks this one as done
            break
    waiting.close()
    return taken


def crash(made: Journal) -> None:
    """What the operating system does with the files of a process that is killed."""
    made._own.close()


def numbered(made: Journal, numbers: range) -> None:
    for number in numbers:
        made.append({"n": number, "text": "手术" * 20})


def test_entries_come_out_in_their_order_and_once(tmp_path: Path) -> None:
    made = opened(tmp_path)
    numbered(made, range(1000))
    assert made.waiting > journal.SMALL
    first = take(made, 2)
    assert 0 < len(first) < 1000
    assert first + take(made) == list(range(1000))
    assert made.waiting == 0
    numbered(made, range(1000, 1001))
    assert take(made) == [1000]
    made.close()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_what_a_dead_process_left_is_brought_and_its_file_goes(tmp_path: Path) -> None:
    first = opened(tmp_path)
    numbered(first, range(500))
    done = take(first, 1)
    crash(first)
    second = opened(tmp_path)
    numbered(second, range(500, 501))
    assert sorted(done + take(second)) == list(range(501))
    second.close()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_batch_that_was_tried_and_not_marked_comes_again_with_a_warning(tmp_path: Path) -> None:
    made = opened(tmp_path)
    numbered(made, range(500))
    waiting = made.batches()
    tried = next(waiting)
    assert tried.again is False
    waiting.close()
    flags, taken = [], []
    for batch in made.batches():
        flags.append(batch.again)
        taken += [entry["n"] for entry in batch.entries]
    assert taken == list(range(500))
    assert flags[0] is True and set(flags[1:]) == {False}


def test_who_brings_brings_also_what_a_living_process_has_kept(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    numbered(first, range(1))
    numbered(second, range(1, 2))
    assert sorted(take(second)) == [0, 1]
    assert take(first) == []
    numbered(first, range(2, 3))
    assert take(second) == [2]
    first.close()
    second.close()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_a_line_that_was_not_finished_is_left_out_and_the_file_goes(tmp_path: Path) -> None:
    first = opened(tmp_path)
    numbered(first, range(1))
    first._own.append(b'{"n": 2, "tex')
    crash(first)
    second = opened(tmp_path)
    assert take(second) == [0]
    second.close()
    assert list(tmp_path.glob("*.jsonl")) == []


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
    numbered(made, range(100))
    assert made._own.size > 500
    take(made)
    assert (made._own.size, made.waiting) == (0, 0)
    numbered(made, range(100, 101))
    assert take(made) == [100]


def test_a_disk_that_takes_no_more_is_told_to_whoever_answers(tmp_path: Path) -> None:
    made = opened(tmp_path)
    os.close(made._own._file)
    made._own._file = os.open("/dev/full", os.O_RDWR)
    with pytest.raises(OSError, match="No space"):
        made.append({"n": 1})
