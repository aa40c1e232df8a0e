"""Write the folder of a study whose results follow a known formula."""

from __future__ import annotations

import itertools
import json

import numpy as np

MODULI, INTEGRITIES, SEEDS = (0.2, 1.7, 12.5), (0.5, 1.0), (1, 2, 3)
E, INTEGRITY, SEED = "materials.carbon_binder.E / GPa", "integrity", "seed"
STRESS, CAPACITY = "Max von Mises Binder / Pa", "Specific Capacity / mA.h.g-1"


def write_study(folder):
    """A grid of binder modulus and coating integrity, three seeds each; one case has failed."""
    parameters = [
        {"path": "materials.carbon_binder.E", "column": E, "unit": "GPa", "kind": "factor"},
        {"path": "geometry.electrode.coating.integrity", "column": INTEGRITY, "unit": "",
         "kind": "factor"},
        {"path": "geometry.electrode.particles.seed", "column": SEED, "unit": "", "kind": "seed"},
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    content = {"title": "Binder and <coating>", "design": "grid", "parameters": parameters}
    (folder / "study.json").write_text(json.dumps(content))
    lines = [f"case,{E},{INTEGRITY},{SEED},{CAPACITY},{STRESS},Same / 1,status,reason,"
             "wall time / s,cells,dofs,attempts,config hash,folder"]  # fmt: skip
    cases = itertools.product(MODULI, INTEGRITIES, SEEDS)
    for number, (modulus, integrity, seed) in enumerate(cases, 1):
        capacity = 600 + 100 * integrity + seed
        stress = 3e7 * np.log10(modulus + 1) * (1 + 0.05 * seed)
        name = f"{number:04d}"
        run = folder / "cases" / name
        run.mkdir(parents=True)
        failed = number == 18
        row = [name, modulus, integrity, seed, "" if failed else capacity,
               "" if failed else stress, 1, "failed" if failed else "completed",
               "c_e is used up near the collector" if failed else "all steps done",
               12.5, 1000, 3000, 1, "ab12", f"cases/{name}"]  # fmt: skip
        lines.append(",".join(str(cell) for cell in row))
        if not failed:
            _write_run(run, capacity)
    (folder / "results.csv").write_text("\n".join(lines) + "\n")
    return folder


def _write_run(run, capacity):
    share = np.linspace(0, 1, 20)
    rows = zip(900 * share, 0.5 - 0.49 * share**0.3, capacity * share, strict=True)
    text = "".join(f"{t},{v},{q}\n" for t, v, q in rows)
    header = f"Test Time / s,Voltage / V,{CAPACITY}\n"
    (run / "timeseries.bdf.csv").write_text(header + text)
    (run / "manifest.json").write_text('{"status": "completed"}')
