"""A case of particles in bridges of binder at finite strain, for tests of what `check` tells."""

from __future__ import annotations

from mesode.case.plan import make_plan
from mesode.config.load import parse_case

TEXT = """
geometry:
  width: 6 um
  electrode:
    thickness: 6 um
    particles: {fraction: 0.45, diameter: 2 um, gap: 0.1 um, seed: 3}
    carbon_binder: {kind: bridges, fraction: 0.15}
  separator: {thickness: 10 um}
  counter: lithium
mesh: {size: 1 um, interface: 0.2 um}
materials:
  active: {preset: silicon, volumetric_expansion: 280 %}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite}
initial: {lithiation: 0.02}
protocol: [Lithiate at 0.5C until 10 mV]
"""


def bridged_case(*changes):
    """Return the case with some changes, as `--set` takes them."""
    return parse_case(TEXT, "case.yaml", list(changes))


def told(part, *changes):
    """Return the warnings of `check` that have some words in them."""
    return [text for text in make_plan(bridged_case(*changes)).warnings if part in text]
