"""A run of a random deck, and what it must give.

``fault(run)`` is empty where the run ended at its ends or for a physical reason that its own
numbers bear out.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from support.random_decks import draw

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 300  # [s] of processor time after which a run counts as hanging; it has four times as long
BALANCES = {"lithium": 1e-6, "charge": 1e-8, "salt": 1e-8}
OUTSIDE = 1e-6  # of the lithiation, the most that rounding may leave 0 to 1 by


@dataclass(frozen=True)
class DeckRun:
    """A run of a deck: its exit code (None: it hung), what it said, its manifest if any."""

    code: int | None
    said: str
    manifest: dict | None
    deck: dict

    @property
    def started(self) -> bool:
        """Whether the input was accepted; a geometry that cannot be drawn is none of the solver."""
        return self.code != 2


def run_deck(seed: int, folder: Path, limit: int = LIMIT) -> DeckRun:
    """Run a deck in a process of its own; keep its file beside its results."""
    deck = draw(seed)
    file, out = folder / f"deck_{seed}.yaml", folder / f"run_{seed}"
    file.write_text(yaml.safe_dump(deck, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "mesode.cli", "run", str(file), "--out", str(out)]
    limited = ["sh", "-c", f'ulimit -t {limit}; exec "$@"', "sh", *command]
    try:
        done = subprocess.run(
            limited, capture_output=True, text=True, timeout=4 * limit, check=False
        )
    except subprocess.TimeoutExpired as late:
        return DeckRun(None, str(late.stdout or "")[-2000:], None, deck)
    if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return DeckRun(None, done.stdout[-2000:], None, deck)
    path = out / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return DeckRun(done.returncode, (done.stdout + done.stderr)[-4000:], manifest, deck)


def fault(run: DeckRun) -> str:
    """Return what is wrong with a run that started, in words; empty where nothing is."""
    if run.code is None:
        return "hangs"
    if "Traceback" in run.said or run.code not in (0, 3) or run.manifest is None:
        return f"ends with exit code {run.code}: {run.said[-500:]}"
    return _numbers(run.manifest) or _reasons(run.manifest)


def _numbers(manifest: dict) -> str:
    for name, bound in BALANCES.items():
        if not manifest["balances"][name] <= bound:
            return f"the balance of {name} is {manifest['balances'][name]:.1e}"
    extremes = manifest["extremes"]
    low, high = extremes["Min Lithiation / 1"]["min"], extremes["Max Lithiation / 1"]["max"]
    if low < -OUTSIDE or high > 1.0 + OUTSIDE:
        return f"the lithiation goes from {low} to {high}"
    return ""


def _reasons(manifest: dict) -> str:
    if manifest["status"] == "completed":
        return ""
    reason, steps = manifest["reason"], manifest["steps"]
    end = steps[-1]["end"] if steps else {}
    for words, borne_out in PHYSICAL.items():
        if words in reason:
            return (
                "" if borne_out(end, reason) else f"says {words!r} where that is not so: {reason}"
            )
    return reason


def _little_salt(end: dict, _reason: str) -> bool:
    return end["Min Salt Concentration / mol.m-3"] < 60.0


def _far_from_rest(end: dict, _reason: str) -> bool:
    return abs(end["Voltage / V"] - end["Open-Circuit Voltage / V"]) > 0.02


def _voltage_falls(end: dict, reason: str) -> bool:
    """Whether the voltage at the maximum of power is well below that at rest."""
    if found := re.search(r"is (\S+) W/m2 at most, at (\S+) A/m2", reason):
        return float(found[1]) / float(found[2]) < 0.9 * end["Open-Circuit Voltage / V"]
    return _far_from_rest(end, reason)


def _unstable(_end: dict, reason: str) -> bool:
    """Whether a potential rises with the lithiation, where that was taken in."""
    found = re.search(r"rises by up to (\S+) mV per unit", reason)
    return found is not None and float(found[1]) > 0.0


# reasons that physics gives, and what the last row must show for each
PHYSICAL = {
    "the salt is nearly exhausted": _little_salt,
    "the electrolyte is exhausted": _little_salt,
    "is more than this section carries": _far_from_rest,
    "the run hardly gets on": _unstable,
    "the section does not give this power": _voltage_falls,
}
