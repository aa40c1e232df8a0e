"""What ``mesode mesh`` prints: the quality report as aligned tables, lengths in um."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.text_table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    type Rows = list[tuple[str, ...]]

_SHOWN = 8  # interfaces; the rest stand in quality.json
_NONE = "–"
_CLUSTERS = {
    "clusters": "clusters, single particles too",
    "mean_diameter": "mean cluster diameter / um",
    "mean_particles": "mean particles of a cluster",
    "single_share": "share of clusters of one",
}


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report as text: what is cut off, then particles, areas, transport, mesh."""
    lines = _lost(report)
    groups = [
        ("particles", _particles(report)),
        *(
            [("particles of the counter electrode", _particles(report["counter_electrode"]))]
            if "counter_electrode" in report
            else []
        ),
        ("phases", _phases(report)),
        ("phases of the image", _image(report)),
        ("interfaces", _interfaces(report)),
        ("surface of particles", _coverage(report)),
        ("networks", _networks(report)),
        ("transport", _transport(report)),
        ("mesh", _mesh(report)),
    ]
    for title, rows in groups:
        if len(rows) > 1:
            body = [("  " + first, *others) for first, *others in rows[1:]]
            right = range(1, len(rows[0]))
            lines += table([(title, *rows[0][1:]), *body], right=tuple(right))
            lines.append("")
    return lines


def _lost(report: Mapping[str, Any]) -> list[str]:
    """Return for each electrode how much of its networks has no path."""
    lines = [
        f"{name}: {_percent(lost['electrons'])} of electron conductors, "
        f"{_percent(lost['ions'])} of ion conductors, "
        f"{_percent(lost['active material'])} of active material are cut off"
        for name, lost in (report.get("lost") or {}).items()
    ]
    return [*lines, ""] if lines else []


def _particles(report: Mapping[str, Any]) -> Rows:
    particles, gap = report["particles"], report["gap"]
    if particles["number"] == 0:
        return []
    asked, found = particles["requested_diameter"] or {}, particles["achieved_diameter"]
    rows: Rows = [
        ("", "requested", "achieved"),
        ("number", "", f"{particles['number']}"),
        (
            "area share of the electrode",
            _show(particles["requested_fraction"]),
            _show(particles["achieved_fraction"]),
        ),
    ]
    rows += [
        (f"{key} diameter / um", _show(asked.get(key)), _show(found[key]))
        for key in ("mean", "d10", "median", "d90")
    ]
    rows += [
        ("least gap / um", _show(gap["requested"]), _show(gap["minimum"])),
        ("mean gap to the nearest / um", "", _show(gap["nearest_particle_mean"])),
    ]
    if gap["contacts"]:
        rows.append(("contacts", "", f"{gap['contacts']} ({_show(gap['contact_length'])} um)"))
    if particles["requested_coated"] is not None or particles["coated"]:
        coated = _show(particles["requested_coated"]), _show(particles["coated"])
        rows.append(("coated share of the surface", *coated))
    rows += list(_clusters(report.get("clusters") or {}))
    for name, kind in (particles.get("by_phase") or {}).items():
        share = _show(kind["requested_fraction"]), _show(kind["fraction"])
        rows.append((f"{name}: number", "", f"{kind['number']}"))
        rows.append((f"{name}: area share", *share))
        rows.append((f"{name}: mean diameter / um", "", _show(kind["diameter"]["mean"])))
    return rows


def _clusters(clusters: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield what the packing tells of its clusters."""
    for key, text in _CLUSTERS.items():
        if key in clusters:
            yield text, "", _show(clusters[key])


def _phases(report: Mapping[str, Any]) -> Rows:
    rows: Rows = [("", "area / um2", "requested", "of electrode", "of section", "cells")]
    rows += [
        (
            name,
            f"{phase['area']:.5g}",
            "" if phase["requested_share"] is None else _show(phase["requested_share"]),
            _show(phase["electrode_share"]),
            _show(phase["section_share"]),
            f"{phase['cells']}",
        )
        for name, phase in report["phases"].items()
    ]
    return rows


def _interfaces(report: Mapping[str, Any]) -> Rows:
    found = report["interfaces"]
    coated = any(row["coated_length"] for row in found)
    rows: Rows = [("", "length / um", *(("coated / um",) if coated else ()))]
    rows += [
        (
            " | ".join(row["phases"]),
            f"{row['length']:.5g}",
            *((f"{row['coated_length']:.5g}",) if coated else ()),
        )
        for row in found[:_SHOWN]
    ]
    return rows


def _coverage(report: Mapping[str, Any]) -> Rows:
    rows: Rows = [("", "length / um", "share", "coated")]
    for name, host in report["coverage"].items():
        rows.append((name, f"{host['length']:.5g}", "", _percent(host["coated"])))
        for other, share in host["touches"].items():
            length = f"{share * host['length']:.5g}"
            rows.append((f"  to {other}", length, _percent(share), ""))
    return rows


def _each_network(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for part, networks in (report.get("transport") or {}).items():
        for name, network in networks.items():
            yield (name if part == "electrode" else f"{name}, {part}"), network


def _networks(report: Mapping[str, Any]) -> Rows:
    rows: Rows = [("", "groups", "largest", "collector to top", "isolated", "area / um2")]
    for name, network in _each_network(report):
        lost = network["isolated"] or {}
        rows.append(
            (
                name,
                f"{network['components']}",
                _percent(network["largest_share"]),
                _percent(network["percolating_share"]),
                f"{lost['number']}" if lost else _NONE,
                _show(lost.get("area")),
            )
        )
    return rows


def _transport(report: Mapping[str, Any]) -> Rows:
    pixels = any(
        "k_pixels" in network.get(axis, {})
        for _, network in _each_network(report)
        for axis in ("through_plane", "in_plane")
    )
    head = ("", "direction", "share", "k_eff", "N_M", "tortuosity")
    rows: Rows = [(*head, "of the pixels") if pixels else head]
    for name, network in _each_network(report):
        unit = " S/m" if name.startswith("electrons") else " of bulk"
        for axis in ("through_plane", "in_plane"):
            if axis not in network:
                continue
            found = network[axis]
            rows.append(
                (
                    name,
                    _direction(axis, found),
                    _show(found.get("share")),
                    _show(found["k_eff"]) + unit if found["k_eff"] is not None else "no path",
                    _show(found.get("macmullin")),
                    _show(found.get("tortuosity")),
                    *((_pixels(found),) if pixels else ()),
                )
            )
    return rows


def _pixels(found: Mapping[str, Any]) -> str:
    """Return k_eff on the pixels of the image, and what the mesh makes of it."""
    if "k_pixels" not in found:
        return _NONE
    low, high = found["k_pixels"]
    if high == 0:
        return "no path"
    change = found["change_to_pixels"]
    return f"{low:.4g} to {high:.4g}" + (f" ({100 * change:+.1f} %)" if change else "")


def _image(report: Mapping[str, Any]) -> Rows:
    """Return how sure the phases of a grey image are; of a segmented one nothing."""
    image = (report["requested"] or {}).get("image") or {}
    if "thresholds" not in image:
        return []
    shares, changes = image["image_fraction"], image["share_change"]
    contrast = [_NONE, *map(_show, image["contrast_over_noise"])]
    rows: Rows = [("", "share", "share change", "mean grey", "contrast over noise")]
    for k, (name, share) in enumerate(shares.items()):
        rows.append(
            (name, _show(share), _show(changes[k]), _show(image["grey_means"][k]), contrast[k])
        )
    return rows


def _direction(axis: str, found: Mapping[str, Any]) -> str:
    """Return a direction; of a network that ends below the top, how far it was measured."""
    height, thickness = found.get("height"), found.get("thickness")
    if height is None or thickness is None or height == thickness:
        return axis.replace("_", " ")
    return f"through, to {height:.3g} of {thickness:.3g} um"


def _mesh(report: Mapping[str, Any]) -> Rows:
    mesh = report["mesh"]
    angle, ratio = mesh["minimum_angle"], mesh["radius_ratio"]
    return [
        ("", "worst", "mean"),
        ("least angle / degree", f"{angle['minimum']:.1f}", f"{angle['mean']:.1f}"),
        ("radius ratio", f"{ratio['minimum']:.2f}", f"{ratio['mean']:.2f}"),
        ("cells", "", f"{mesh['cells']}"),
        ("points", "", f"{mesh['points']}"),
    ]


def _show(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4g}"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.3g} %"
