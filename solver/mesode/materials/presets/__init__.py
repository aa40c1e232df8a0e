"""Ready materials, one family a module; every assumed value is named in ``assumed``.

An entry of ``assumed`` begins with the key that overrides it: "sigma: why this value".
"""

from __future__ import annotations

from mesode.materials.presets.catalogue import KINDS, PresetRow, get_preset, list_presets

__all__ = ["KINDS", "PresetRow", "get_preset", "list_presets"]
