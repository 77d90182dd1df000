"""Charts of reports as pictures: the same labels and values that the page draws, for paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

FONTS = [
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimHei",
    "Microsoft YaHei", "PingFang SC", "Noto Serif CJK SC", "Noto Serif CJK JP", "DejaVu Sans",
]  # fmt: skip
COLOURS = ("#2563eb", "#dc2626", "#16a34a", "#d97706", "#7c3aed", "#0d9488", "#64748b")
MANY, LONGEST_LABEL = 8, 12
WIDE, HIGH, DOTS = 7.2, 3.6, 160


@lru_cache(maxsize=1)
def fonts() -> list[str]:
    """Those of `FONTS` that this machine has: asking for others is slow and fills the log."""
    present = set(font_manager.get_font_names())
    return [name for name in FONTS if name in present]


def png(chart: Mapping[str, Any]) -> bytes:
    """A chart of a report (bar, line, both, pie) as a PNG of about 18 by 9 cm."""
    data, kind = chart["data"], chart["type"]
    labels = [_short(str(label)) for label in data["labels"]]
    colours = [*chart.get("colors", ()), *COLOURS]
    with matplotlib.rc_context({"font.family": fonts(), "axes.unicode_minus": False}):
        figure = Figure(figsize=(WIDE, HIGH), dpi=DOTS, layout="constrained")
        axes = figure.add_subplot()
        if kind in ("pie", "donut"):
            values = data["datasets"][0]["values"]
            axes.pie(values, labels=labels, autopct="%.0f%%", colors=colours[: len(values)])
        else:
            _draw(
                axes,
                labels,
                data["datasets"],
                kind,
                colours,
                bool(chart.get("barOptions", {}).get("stacked")),
            )
        return _bytes(figure)


def _draw(
    axes: Any,
    labels: Sequence[str],
    datasets: Sequence[Mapping[str, Any]],
    kind: str,
    colours: Sequence[str],
    stacked: bool,
) -> None:
    places = range(len(labels))
    bars = [row for row in datasets if row.get("chartType", kind) != "line"]
    width = 0.7 if stacked or len(bars) < 2 else 0.7 / len(bars)
    floor = [0.0] * len(labels)
    for number, row in enumerate(datasets):
        values = [float(value or 0) for value in row["values"]]
        if row not in bars:
            axes.plot(
                places,
                values,
                color=colours[number],
                label=row["name"],
                marker="o",
                markersize=3,
                linewidth=1.5,
            )
            continue
        shift = 0 if stacked else (bars.index(row) - (len(bars) - 1) / 2) * width
        bottom = list(floor) if stacked else None
        axes.bar(
            [place + shift for place in places],
            values,
            width,
            bottom=bottom,
            color=colours[number],
            label=row["name"],
        )
        floor = [low + value for low, value in zip(floor, values, strict=True)]
    axes.set_xticks(
        list(places),
        labels,
        rotation=40 if len(labels) > MANY else 0,
        ha="right" if len(labels) > MANY else "center",
    )
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    if len(datasets) > 1:
        axes.legend(fontsize=8, frameon=False)


def heat(labels: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]) -> bytes:
    """A heat map as a PNG: one line per row, the darker, the more."""
    with matplotlib.rc_context({"font.family": fonts()}):
        figure = Figure(figsize=(WIDE, 1.2 + 0.28 * len(rows)), dpi=DOTS, layout="constrained")
        axes = figure.add_subplot()
        values = [list(row) for _, row in rows]
        axes.imshow(values, cmap="Reds", aspect="auto", vmin=0)
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(rows)), [_short(name) for name, _ in rows])
        axes.tick_params(labelsize=8)
        most = max((value for row in values for value in row), default=0)
        for line, row in enumerate(values):
            for place, value in enumerate(row):
                if value:
                    colour = "white" if value > most * 0.6 else "black"
                    axes.text(place, line, f"{value:g}", ha="center", va="center", fontsize=7, color=colour)
        return _bytes(figure)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def _bytes(figure: Figure) -> bytes:
    output = BytesIO()
    FigureCanvasAgg(figure).print_png(output)
    return output.getvalue()
