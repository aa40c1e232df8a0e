"""Random physical decks over the whole grammar of the case file.

``draw(seed)`` is the same deck on every machine. A deck is small (some hundred to two thousand
triangles), of one of all the presets, half or full, C/20 to 10C in both directions, 260 to 340 K.
"""

from __future__ import annotations

import numpy as np

ANODES = (
    "SiO_coated_low_defect",
    "SiO_coated_medium_defect",
    "SiO_coated_high_defect",
    "SiO",
    "silicon",
    "silicon_delithiation",
    "silicon_average",
    "silicon_Li2012",
    "silicon_Castelli",
    "graphite",
    "graphite_Mohtat",
)
CATHODES = ("NMC811",)
POROUS = ("CMC_SBR_SuperP", "carbon_black")
FILMS = ("CMC_SBR", "PVDF", "PAA", "alginate", "PFDP_Li", "PFDP_Li_crosslinked", "CCL", "CMC")
ELECTROLYTES = ("LiPF6_EC_DMC", "LiPF6_EC_EMC", "LiPF6_EC_EMC_Nyman", "LiPF6_PC_EC_DMC")
SEPARATORS = ("Celgard_2500", "Celgard_2400")
# cut-offs [V] of a half cell, empty and full
WINDOWS = {"NMC811": (4.2, 2.8), "graphite": (1.0, 0.01), "graphite_Mohtat": (0.8, 0.01)}
SILICON_WINDOW = (1.0, 0.02)


class Draw:
    """Random choices in words."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([20260, seed])

    def one(self, *choices):
        return choices[self._rng.integers(len(choices))]

    def chance(self, p: float) -> bool:
        return bool(self._rng.random() < p)

    def number(self, low: float, high: float) -> float:
        return float(f"{self._rng.uniform(low, high):.3g}")

    def log(self, low: float, high: float) -> float:
        return float(f"{np.exp(self._rng.uniform(np.log(low), np.log(high))):.3g}")

    def seed(self) -> int:
        return int(self._rng.integers(1, 1000))


def draw(seed: int) -> dict:
    """Return a deck as the mapping of its YAML file."""
    d = Draw(seed)
    full = d.chance(0.15)
    hosts = _hosts(d, full=full)
    electrode, binders, shell = _electrode(d, hosts)
    materials = {
        "active": _named([_active(d, h) for h in hosts + shell]),
        "carbon_binder": _named(binders),
        "electrolyte": _electrolyte(d),
        "separator": {"preset": d.one(*SEPARATORS)},
    }
    if "coating" in electrode:
        materials["coating"] = _coating(d)
    if d.chance(0.25):
        materials["collector"] = {"contact_resistance": f"{d.log(1e-7, 1e-4):g} ohm*m^2"}
    if "collector" in electrode:
        materials["foil"] = {"preset": "copper" if hosts[0] in ANODES else "aluminium"}
    geometry = {
        "width": f"{d.number(5.5, 8)} um",
        "electrode": electrode,
        "separator": {"thickness": f"{d.number(4, 10)} um"},
    }
    initial = {"lithiation": d.one(0.02, 0.05, 0.1, 0.3, 0.5)}
    if full:
        geometry["counter"] = _counter(d)
        materials["counter"] = {
            "active": _active(d, "NMC811"),
            "carbon_binder": {"preset": "carbon_black"},
        }
        initial["counter_lithiation"] = d.one(0.7, 0.85, 0.9)
    elif d.chance(0.2):
        materials["counter"] = {"film_resistance": f"{d.log(1e-4, 2e-3):g} ohm*m^2"}
    protocol, kind = _protocol(d, hosts[0], initial["lithiation"], full=full)
    return {
        "title": f"deck {seed}: {'full' if full else 'half'}, {'+'.join(hosts + shell)}, {kind}",
        "geometry": geometry,
        "mesh": {"size": "1 um", "interface": "0.25 um"},
        "materials": materials,
        "physics": _physics(d),
        "initial": initial,
        "protocol": protocol,
        "output": {"fields": 0, "figures": False},
        "numerics": {"tolerance": d.one(1e-3, 1e-4, 1e-4, 1e-5, 1e-6)},
    }


def _named(parts: list) -> dict:
    """Return one material as it is, several by the names p0, p1, ..."""
    return parts[0] if len(parts) == 1 else {f"p{k}": part for k, part in enumerate(parts)}


def _hosts(d: Draw, *, full: bool) -> list[str]:
    if not full and d.chance(0.12):
        return ["NMC811"]
    if d.chance(0.15):
        return ["graphite", d.one("silicon", "SiO", "silicon_average")]
    return [d.one(*ANODES)]


def _active(d: Draw, preset: str) -> dict:
    active = {"preset": preset}
    if d.chance(0.25):
        active["i_0_ref"] = f"{d.log(0.2, 5)} A/m^2"
    if d.chance(0.25):
        active["film_resistance"] = f"{d.log(1e-4, 5e-3):g} ohm*m^2"
    if d.chance(0.3):
        active["double_layer"] = d.one("0 F/m^2", "0.05 F/m^2", "1 F/m^2")
    if d.chance(0.15):
        active["alpha_a"] = d.number(0.4, 0.6)
    if d.chance(0.2):
        D = d.log(2e-15, 1e-13)
        active["D_s"] = d.one(
            f"{D:g} m^2/s",
            {"expression": f"{D:g}*(1 - 0.3*sto + 0.1*sto**2)", "unit": "m^2/s"},
            {"table": [[0, D], [0.4, 0.9 * D], [1, 0.7 * D]], "of": "sto", "unit": "m^2/s"},
        )
    return active


def _electrolyte(d: Draw) -> dict:
    electrolyte = {"preset": d.one(*ELECTROLYTES)}
    if d.chance(0.5):
        electrolyte["concentration"] = f"{d.one(0.5, 0.8, 1.0, 1.2, 1.5)} mol/l"
    return electrolyte


def _coating(d: Draw) -> dict:
    coating = {"preset": "carbon_coating"}
    if d.chance(0.5):
        coating["thickness"] = f"{d.number(5, 15)} nm"
        coating["film_resistance"] = f"{d.log(1e-5, 1e-3):g} ohm*m^2"
    return coating


def _electrode(d: Draw, hosts: list[str]) -> tuple[dict, list[dict], list[str]]:
    """Return the electrode, its binders, and hosts that a particle's inside adds."""
    packing = {"gap": f"{d.number(0.15, 0.3)} um", "seed": d.seed()}
    particles, shell = _particles(d, hosts)
    if len(hosts) == 1 and d.chance(0.2):
        packing["clustering"] = d.number(0.2, 1.0)
    shapes, binders = _binder(d)
    electrode = {
        "thickness": f"{d.number(5, 8)} um",
        "particles": particles,
        "packing": packing,
        "carbon_binder": shapes[0] if len(shapes) == 1 else shapes,
    }
    if not shell and d.chance(0.25):
        electrode["coating"] = {
            "integrity": d.one(0.5, 0.8, 0.95, 1.0),
            "defect": "0.5 um",
            "seed": d.seed(),
        }
    if d.chance(0.1):
        electrode["collector"] = "1 um"
    return electrode, binders, shell


def _particles(d: Draw, hosts: list[str]) -> tuple[dict | list, list[str]]:
    if len(hosts) == 2:
        big = {"fraction": d.number(0.25, 0.4), "diameter": "2.2 um", "material": "p0"}
        small = {"fraction": d.number(0.05, 0.1), "diameter": "1.2 um", "material": "p1"}
        return [big, small], []
    one = {"fraction": d.number(0.3, 0.5), "diameter": f"{d.number(1.5, 2.5)} um"}
    if d.chance(0.2):
        one["diameter"] = {"median": "2 um", "spread": 0.2, "min": "1.4 um", "max": "2.8 um"}
    if d.chance(0.3):
        one["shape"] = d.one(
            {"kind": "ellipse", "aspect": d.number(1.2, 2.0)},
            {"kind": "polygon", "corners": 6, "rounding": 0.5},
        )
    elif d.chance(0.3):
        inside = d.one("hollow", "porous", "core_shell")
        one["fraction"] = min(one["fraction"], 0.4)
        one["diameter"] = "2.4 um"
        if inside == "core_shell":
            one["inside"] = {"kind": inside, "core": 0.6, "material": "p1"}
            one["material"] = "p0"
            return one, ["graphite" if hosts[0] != "graphite" else "SiO"]
        rest = {"void": 0.25} if inside == "hollow" else {"fraction": 0.2, "diameter": "0.6 um"}
        one["inside"] = {"kind": inside, **rest}
    return one, []


def _binder(d: Draw) -> tuple[list[dict], list[dict]]:
    """Return the shapes of the binder and a material for each name in use."""
    kind = d.one("matrix", "matrix", "film", "film+bridges", "bridges", "film+clusters", "patches")
    porous = {"preset": d.one(*POROUS)}
    if d.chance(0.3):
        porous["porosity"] = d.number(0.3, 0.6)
    if d.chance(0.3):
        porous["E"] = f"{d.log(0.3, 10)} GPa"
    if kind == "matrix":
        return [{"kind": "matrix"}], [porous]
    shapes = {
        "film": {"kind": "film", "thickness": f"{d.number(0.13, 0.149)} um"},
        "bridges": {"kind": "bridges", "radius": f"{d.number(0.5, 0.8)} um"},
        "clusters": {"kind": "clusters", "fraction": 0.1, "diameter": "0.8 um"},
        "patches": {"kind": "patches", "coverage": 0.5, "thickness": "0.2 um", "length": "0.7 um"},
    }
    found = [dict(shapes[name]) for name in kind.split("+")]
    if kind == "patches":
        found.insert(0, dict(shapes["bridges"]))
    return found, [porous]


def _counter(d: Draw) -> dict:
    return {
        "thickness": f"{d.number(6, 9)} um",
        "particles": {"fraction": d.number(0.35, 0.5), "diameter": "2.2 um"},
        "packing": {"gap": "0.2 um", "seed": d.seed()},
        "carbon_binder": {"kind": "matrix"},
    }


def _physics(d: Draw) -> dict:
    physics = {"temperature": f"{d.one(260, 273, 288, 298, 308, 323, 340)} K"}
    if d.chance(0.5):
        physics["mechanics"] = "linear"
        physics["stress_coupling"] = d.one("one_way", "two_way", "two_way")
        if d.chance(0.6):
            physics["section"] = d.one("plane_strain", "plane_stress", "generalised_plane_strain")
        if d.chance(0.3):
            physics["top"] = d.one(
                {"pressure": f"{d.log(0.05, 3)} MPa"}, {"spring": f"{d.log(0.1, 5)} MPa/um"}
            )
    return physics


def _rate(d: Draw, low: float = 0.05, high: float = 10.0) -> str:
    rate = d.log(low, high)
    return f"{rate} C" if d.chance(0.7) or rate < 0.05 else f"C/{d.one(2, 5, 10, 20)}"


def _protocol(d: Draw, host: str, lithiation: float, *, full: bool) -> tuple[list, str]:
    if full:
        empty, full_ = "2.6 V", "4.2 V"
        into, out = f"until {full_}", f"until {empty}"
        put, take = "Charge", "Discharge"
    else:
        high, low = WINDOWS.get(host, SILICON_WINDOW)
        into, out = f"until {low} V", f"until {high} V"
        put, take = "Lithiate", "Delithiate"
    kind = d.one(
        "into", "into", "out", "cycle", "cccv", "rest", "power", "pulses", "sweep", "time", "cycles"
    )
    if full and kind == "sweep":
        kind = "cycle"
    target = into.removeprefix("until ")
    steps = {
        "into": lambda: [f"{put} at {_rate(d)} {into}"],
        "out": lambda: [f"{take} at {_rate(d)} {out}"],
        "cycle": lambda: [
            f"{put} at {_rate(d)} {into}",
            "Rest for 10 minutes",
            f"{take} at {_rate(d)} {out}",
        ],
        "cccv": lambda: [
            f"{put} at {_rate(d)} {into}",
            f"Hold at {target} until {d.one('C/10', 'C/20', 'C/50')} or for 2 hours",
            "Rest for 1 hour",
        ],
        "rest": lambda: [
            "Rest for 10 minutes",
            f"{put} at {_rate(d)} for 5 minutes or {into}",
            "Rest for 2 hours",
        ],
        "power": lambda: [f"{put} at {d.log(0.05, 1.0)} mW/cm2 {into} or for 2 hours"],
        "pulses": lambda: [
            step
            for _ in range(3)
            for step in (f"{put} at {_rate(d, 0.1, 2)} for 3 minutes or {into}", "Rest for 1 hour")
        ],
        "sweep": lambda: [
            f"Sweep at {d.log(0.1, 1.0)} mV/s {into}",
            f"Sweep at {d.log(0.1, 1.0)} mV/s {out}",
            "Rest for 10 minutes",
        ],
        "time": lambda: [f"{put} at {_rate(d, 0.05, 1)} for 30 minutes or {into}"],
        "cycles": lambda: [
            step
            for _ in range(2)
            for step in (
                f"{put} at {_rate(d, 0.5, 4)} {into}",
                f"{take} at {_rate(d, 0.5, 4)} {out}",
            )
        ],
    }
    return steps[kind](), kind
