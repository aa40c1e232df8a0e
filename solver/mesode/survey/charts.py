"""The lower row of the picture of a section: sizes, gaps, elements, and a table of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis.phase_colours import ACCENT, shown_name
from mesode.survey.measures import radius_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from mesode.geometry.arrays import MeshArrays

    type FloatArray = npt.NDArray[np.float64]

_BARS = "#33526e"
_TRANSPORT = {
    "electrons": {"τ of electrons": "tortuosity", "σ_eff / S/m": "k_eff"},
    "ions": {"τ of ions": "tortuosity", "N_M of ions": "macmullin"},
}
_HEADS = ("Area share", "Transport")
_LINE = 0.155  # [inch] of a row of the table


def draw_sizes(axes: Axes, report: Mapping[str, Any], colours: Mapping[str, str]) -> None:
    """Draw how many particles have which diameter, as stacked bars; the request as a line."""
    particles = report["particles"]
    achieved = np.asarray(particles["diameters"])
    requested = np.asarray(particles["requested_quantiles"] or [])
    axes.set(title="Particle size", xlabel="equivalent diameter / µm", ylabel="number")
    if len(achieved) == 0:
        _nothing(axes, "no particles")
        return
    edges = _bins(np.concatenate((achieved, requested)))
    kinds = np.array(particles["main_phase"], dtype=object)
    names = sorted(set(kinds))
    axes.hist(
        [achieved[kinds == name] for name in names],
        bins=edges.tolist(),
        stacked=True,
        color=[colours[name] for name in names],
        label=[shown_name(name) if len(names) > 1 else "achieved" for name in names],
    )
    if len(requested):
        share, _ = np.histogram(requested, bins=edges)
        counts = share * len(achieved) / len(requested)
        axes.stairs(counts, edges, color=ACCENT, linewidth=1.1, linestyle="--", label="requested")
    axes.margins(y=0.3)
    axes.legend(loc="upper right", handlelength=1.2, borderaxespad=0.1, fontsize=7)


def _bins(values: FloatArray) -> FloatArray:
    low, high = float(values.min()), float(values.max())
    pad = max(0.04 * (high - low), 0.05 * high)
    return np.linspace(
        max(low - pad, 0.0), high + pad, 20
    )  # an odd number of bars: equal sizes in one


def draw_gaps(axes: Axes, report: Mapping[str, Any]) -> None:
    """Draw the distance of each particle to its nearest neighbour; the request as a line."""
    gaps = np.asarray(report["gap"]["nearest_particle"])
    axes.set(title="Gap", xlabel="gap to nearest particle / µm", ylabel="number")
    if len(gaps) == 0:
        _nothing(axes, "fewer than\ntwo particles")
        return
    requested = report["gap"]["requested"]
    top = max(float(np.quantile(gaps, 0.98)), 1.05 * (requested or 0.0), 1e-3)
    axes.hist(np.clip(gaps, 0.0, top), bins=24, range=(0.0, top), color=_BARS)
    if requested is not None:
        axes.axvline(requested, color=ACCENT, linewidth=1.1, linestyle="--")
        axes.set_title(f"Gap, requested ≥ {requested:g} µm")
    if report["gap"]["contacts"]:
        axes.set_title(f"Gap, {report['gap']['contacts']} contacts")


def draw_elements(axes: Axes, mesh: MeshArrays) -> None:
    """Draw the radius ratios of the elements."""
    ratio = radius_ratio(mesh)
    axes.hist(ratio, bins=40, range=(0, 1), color=_BARS)
    worst = float(ratio.min())
    axes.axvline(worst, color=ACCENT, linewidth=1.1, linestyle="--")
    axes.set(xlabel="radius ratio of the element", ylabel="number", yscale="log")
    axes.set(title=f"Elements, worst {worst:.2f}", xlim=(0, 1), ylim=(0.5, None))


def draw_numbers(axes: Axes, report: Mapping[str, Any]) -> None:
    """Write the area fractions, then the transport of each network."""
    axes.axis("off")
    rows = table_rows(report)
    step = 1.0 / max(len(rows), 12)
    for number, row in enumerate(rows):
        head = row[0] in _HEADS
        for column, (x, text) in enumerate(zip((0.0, 0.56, 0.8, 1.0), row, strict=True)):
            axes.text(
                x, 1.02 - step * number, text, transform=axes.transAxes, fontsize=7.5, va="center",
                ha="left" if column == 0 else "right", fontweight="bold" if head else "normal",
            )  # fmt: skip


def table_height(report: Mapping[str, Any]) -> float:
    """Return the height [inch] that the table needs."""
    return _LINE * len(table_rows(report)) + 0.3


def table_rows(report: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return the rows of the table: area shares, then the transport of each network."""
    rows = [(_HEADS[0], "requested", "achieved", ""), *_fractions(report)]
    transport = list(_transport(report))
    if transport:
        rows += [("", "", "", ""), (_HEADS[1], "through plane", "in plane", "isolated")]
        rows += transport
    return rows


def _fractions(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    particles = report["particles"]
    if particles["number"]:
        asked = _show(particles["requested_fraction"])
        yield "particles", asked, _show(particles["achieved_fraction"]), ""
    for name, kind in (particles.get("by_phase") or {}).items():
        asked = _show(kind["requested_fraction"])
        yield f"  of {shown_name(name)}", asked, _show(kind["fraction"]), ""
    for name, phase in report["phases"].items():
        if phase["electrode_share"] is not None:
            asked = "" if phase["requested_share"] is None else _show(phase["requested_share"])
            yield shown_name(name), asked, _show(phase["electrode_share"]), ""


def _transport(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    parts = report.get("transport") or {}
    for part, networks in parts.items():
        own = "" if part == "electrode" else ", counter"
        for name, network in networks.items():
            if "through_plane" not in network:
                continue
            through, along = (network[axis] for axis in ("through_plane", "in_plane"))
            lost = (network["isolated"] or {}).get("share")
            isolated = "" if lost is None else f"{100 * lost:.3g} %"
            measured = f"{own}{_up_to(through)}"
            for text, key in _TRANSPORT[name].items():
                shown = _show(through.get(key)), _show(along.get(key))
                yield f"{text}{measured}", *shown, isolated
                isolated = ""


def _up_to(through: Mapping[str, Any]) -> str:
    """Return how far a network was measured that ends below the top."""
    height = through.get("height")
    return "" if height in {None, through.get("thickness")} else f" (to {height:.3g} µm)"


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _nothing(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#777777")
    axes.set(xticks=[], yticks=[])
