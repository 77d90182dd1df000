"""10,000 procedures in the shape of ICD-9-CM-3, each with its levels in several schemes."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from medaffairs.organization.rules import initials
from medaffairs.setup.demo.bulk import child, insert
from medaffairs.setup.demo.words import CHAPTERS, COMMON, WELL_KNOWN

TOTAL = 10_000
YEARS = (2025, 2026)


@dataclass(frozen=True)
class Item:
    """A procedure before it is written: its code, name, level, approach and organ-system chapter."""

    code: str
    name: str
    level: int
    minimally_invasive: bool
    chapter: str


def make_procedures(random: Random, at: str) -> list[Item]:
    """Write the catalogue with its levels and return it."""
    items = compose(random)
    insert("Procedure", [_procedure(item) for item in items], at)
    insert("Procedure Level", [row for item in items for row in _levels(item, random)], at)
    return items


def compose(random: Random) -> list[Item]:
    """The well-known operations and as many composed ones as make up the total, sorted by code."""
    known = [Item(*row) for row in WELL_KNOWN]
    taken_names, taken_codes = {item.name for item in known}, {item.code for item in known}
    composed = []
    for chapter in CHAPTERS:
        for item in _combine(chapter):
            if item.name not in taken_names and item.code not in taken_codes:
                taken_names.add(item.name)
                composed.append(item)
    if len(composed) + len(known) < TOTAL:
        raise ValueError(f"only {len(composed)} procedures can be composed")
    chosen = random.sample(composed, TOTAL - len(known))
    return sorted([*known, *chosen], key=lambda item: item.code)


def _combine(chapter: str) -> Iterator[Item]:
    first, last, sites, own, approaches = CHAPTERS[chapter]
    sites = sites.split()
    serials: dict[int, int] = {}
    for number, site in enumerate(sites):
        category = first + number * (last - first + 1) // len(sites)
        for operation, base in [*COMMON, *own]:
            for approach, more, scope in approaches:
                serials[category] = serials.get(category, 99) + 1
                code = f"{category:02d}.{serials[category]:04d}"
                yield Item(code, f"{approach}{site}{operation}", min(4, base + more), scope, chapter)


def _procedure(item: Item) -> dict:
    category = "DIAGNOSIS" if "检查" in item.name or "造影" in item.name else "OPERATION"
    if "经皮" in item.name or "栓塞" in item.name:
        category = "INTERVENTION"
    return {
        "name": item.code,
        "procedure_code": item.code,
        "procedure_name": item.name,
        "pinyin_initials": initials(item.name),
        "category": f"PROCEDURE_CATEGORY-{category}",
        "is_restricted": int("机器人" in item.name or "同种异体" in item.name),
        "is_minimally_invasive": int(item.minimally_invasive),
        "is_national_level4": int(item.level == 4),
        "insurance_code": item.code,
        "insurance_name": item.name,
        "status": "Active",
        "hospital_level": str(item.level),
    }


def _levels(item: Item, random: Random) -> Iterator[dict]:
    rows = [("NATIONAL", 2026, item.level), ("HOSPITAL", 2026, item.level)]
    drift = random.choices((-1, 0, 1), (5, 88, 7))[0]
    rows.append(("PROVINCIAL_DRG", 2026, max(1, min(4, item.level + drift))))
    if random.random() < 0.1:
        rows.append(("HOSPITAL", 2025, max(1, item.level - 1)))
    if item.level == 4:
        rows.append(("NATIONAL_EXAM_L4", 2026, 4))
    if item.minimally_invasive:
        rows.append(("NATIONAL_EXAM_MIS", 2026, item.level))
    for idx, (scheme, year, level) in enumerate(rows, 1):
        yield child(
            item.code,
            "Procedure",
            "levels",
            idx,
            scheme=f"LEVEL_SCHEME-{scheme}",
            catalogue_year=year,
            level=str(level),
            from_date=f"{year}-01-01",
            to_date=f"{year}-12-31" if year < YEARS[-1] else None,
        )
