"""Active materials: SiO, silicon, graphite, NMC811."""

from __future__ import annotations

from mesode.materials.presets.graphite import GRAPHITES
from mesode.materials.presets.nmc import NMCS
from mesode.materials.presets.silicon import SILICONS
from mesode.materials.presets.silicon_oxide import SILICON_OXIDES

PRESETS = (*SILICON_OXIDES, *SILICONS, *GRAPHITES, *NMCS)
