"""The decision in process, beside one look-up in a dictionary of the same grants, and beside PyCasbin on the same rules.

Every round asks the same questions of all candidates in turns; the best round of each counts, in processor time, so
that what else the machine does is left out. "Same" asks a hundred questions again and again, so that the processor's
cache holds them at every size: whether the decision itself grows. "Any" asks questions from all over the grants once: there every look-up waits for the
machine's memory, the plain dictionary's too."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import casbin
from support import hospital

from medaffairs.privileging.rules import Event, GrantIndex, KindSettings, decide

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CASBIN_RULES = 100_000
SAME, ANY, ROUNDS = 100, 20_000, 25
START = datetime(2026, 1, 1)
AT = datetime(2026, 6, 1)
MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
"""
Question = tuple[str, str, str]


def grants(count: int) -> list[Question]:
    """Who may do what: the same people, kinds and codes that a hospital has, as many as asked for."""
    people, codes = max(50, count // 60), 10_000
    chosen = random.Random(7).sample(range(people * codes), count)
    return [(f"D{n // codes:05d}", "SURGERY", f"{n % codes // 100:02d}.{n % 100:02d}00") for n in chosen]


def index(held: Sequence[Question]) -> GrantIndex:
    """The grants compiled as the gate has them; one in twenty has a history of its own."""
    compiled = GrantIndex([KindSettings("SURGERY")])
    sequence = 0
    for number, (who, kind, code) in enumerate(held):
        sequence += 1
        end = START + timedelta(days=365 + number % 700)
        compiled.apply(Event(sequence, "Grant", f"PG-{number:07d}", who, kind, code, START, end, START))
        if number % 20 == 0:
            sequence += 1
            later = end + timedelta(days=365)
            compiled.apply(Event(sequence, "Grant", f"PX-{number:07d}", who, kind, code, end, later, START))
    return compiled


def best(candidates: dict[str, tuple[Callable[[list], Any], list]]) -> dict[str, float]:
    """Seconds per question of each, the best of some rounds in turns."""
    found = dict.fromkeys(candidates, float("inf"))
    gc.collect()
    gc.disable()
    for _ in range(ROUNDS):
        for name, (ask, asked) in candidates.items():
            start = time.process_time()
            ask(asked)
            found[name] = min(found[name], (time.process_time() - start) / len(asked))
    gc.enable()
    return found


def questions(held: Sequence[Question], count: int) -> list[Question]:
    """Nine of ten are granted, in random order. New strings: who asks does not hold the index's own."""
    chance = random.Random(3)
    asked = [chance.choice(held) for _ in range(count)]
    return [
        ("".join(who), "".join(kind), f"{code}" if chance.random() < 0.9 else f"{code}X")
        for who, kind, code in asked
    ]


def measure(size: int) -> dict[str, float]:
    """Nanoseconds of a decision and of one look-up among as many grants, for the same questions and for any."""
    held = grants(size)
    compiled = index(held)
    plain = {question: f"PG-{number:07d}" for number, question in enumerate(held)}

    def look_up(asked: list[Question]) -> None:
        get = plain.get
        for who, kind, code in asked:
            get((who, kind, code))

    def decisions(asked: list[Question]) -> None:
        for who, kind, code in asked:
            decide(compiled, who, kind, code, AT)

    same, anything = questions(held, SAME) * (ANY // SAME), questions(held, ANY)
    found = best(
        {
            "same": (decisions, same),
            "same dict": (look_up, same),
            "any": (decisions, anything),
            "any dict": (look_up, anything),
        }
    )
    return {name: seconds * 1e9 for name, seconds in found.items()}


def against_casbin() -> None:
    """Both on the same rules."""
    held = grants(CASBIN_RULES)
    compiled = index(held)
    model = casbin.Model()
    model.load_model_from_text(MODEL)
    enforcer = casbin.Enforcer(model)
    enforcer.add_policies([list(question) for question in held])
    few = questions(held, 3)
    for question in few:
        assert enforcer.enforce(*question) == decide(compiled, *question, AT).allowed
    start = time.process_time()
    for question in few:
        enforcer.enforce(*question)
    slow = (time.process_time() - start) / len(few)
    fast = best({"decide": (lambda asked: [decide(compiled, *q, AT) for q in asked], questions(held, SAME))})[
        "decide"
    ]
    print(
        f"{CASBIN_RULES:,} rules: PyCasbin {slow * 1e3:,.1f} ms, decide {fast * 1e9:,.0f} ns, "
        f"ratio {slow / fast:,.0f} (asked ≥ 100)"
    )


def main() -> None:
    """Prints the table."""
    print(hospital.machine())
    times = {}
    for size in SIZES:
        found = times[size] = measure(size)
        parts = [
            f"{name} questions: decide {found[name]:5.0f} ns, dict {found[f'{name} dict']:5.0f} ns, "
            f"ratio {found[name] / found[f'{name} dict']:4.1f}"
            for name in ("same", "any")
        ]
        print(f"{size:>9,} grants   {'   '.join(parts)}   (asked ≤ 5)")
    spread = [found["same"] for found in times.values()]
    print(f"slowest size / fastest size {max(spread) / min(spread):.2f} (asked ≤ 1.5)")
    against_casbin()


if __name__ == "__main__":
    main()
