"""The smallest case that runs end to end, and its variants that fail or take long."""

TINY = """\
title: tiny
geometry:
  width: 4 um
  electrode:
    thickness: 4 um
    particles: {fraction: 0.25, diameter: 2 um, gap: 0.3 um}
  separator: {thickness: 2 um}
mesh: {size: 1 um, interface: 0.8 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol:
  - Lithiate at 1 C for 5 minutes or until 10 mV
output: {fields: 2, figures: false}
"""
