"""The commented starter file of ``mesode new``: small, quick, every section shown."""

from __future__ import annotations

from typing import Final

STARTER: Final = """\
# A half cell: SiO@C particles in a porous carbon-binder, a separator, lithium metal.
# Check it:  mesode check FILE      Run it:  mesode run FILE      Names of presets:  mesode list
# Every number with a dimension carries its unit: 3 um, 5 mA/cm^2, 1.7 GPa, 25 degC.
title: {title}

geometry:
  width: 15 um                    # sides are mirrors
  electrode:
    thickness: 16.7 um
    particles:
      fraction: 0.45              # area of the particles over area of the electrode, up to 0.65
      diameter: 3 um              # or {{median: 3 um, spread: 0.2}}, or
                                  # {{histogram: [[2 um, 0.2], [3 um, 0.8]]}}
      gap: 0.1 um                 # least distance between surfaces
      seed: 1                     # another seed, another packing
    carbon_binder:
      kind: matrix                # matrix: between all particles | none: electrolyte there
  separator:
    thickness: 25 um
  counter: lithium

mesh:
  size: 0.8 um                    # edges of the triangles in the bulk
  interface: 0.2 um               # and at the interfaces, at most twice the gap

# A material is a preset and what is different from it, e.g. D_s: 4e-13 m^2/s. Laws may also be
# tables, {{table: [[0, 0.9], [1, 0.05]], of: sto, unit: V}}, or expressions in sto, c_e [mol/m^3]
# and T [K], {{expression: "2e-13*(1 - 0.5*sto)", unit: m^2/s}}.
materials:
  active:
    preset: SiO_coated_low_defect
  carbon_binder:
    preset: CMC_SBR_SuperP
  electrolyte:
    preset: LiPF6_EC_DMC
    concentration: 1 mol/l
  separator:
    preset: Celgard_2500

physics:
  temperature: 25 degC            # 250 to 350 K
  mechanics: none                 # none | linear: stress and swelling, slower

initial:
  lithiation: 0.02                # of every particle, 0 to 1

# Sentences: lithiate, delithiate, hold, rest, sweep; currents in mA/cm2, A/g or as C-rate (C/20).
protocol:
  - Lithiate at 5 mA/cm2 until 10 mV
  - Rest for 10 minutes

output:
  fields: 20                      # frames over each step
  figures: true

numerics:
  tolerance: 1e-4                 # relative, of each time step
"""


def starter_text(title: str) -> str:
    """Return the starter file with a title."""
    quoted = "'" + " ".join(title.split()).replace("'", "''") + "'"
    return STARTER.format(title=quoted)
