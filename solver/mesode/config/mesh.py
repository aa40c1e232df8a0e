"""Section ``mesh``: how finely the geometry is resolved."""

from __future__ import annotations

from typing import Final, Self

from pydantic import model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.quantities import MeshSize, Quantity

#: Stands in a case whose geometry is a mesh already; no one asks for it.
UNUSED_MESH: Final = {"size": "1 um", "interface": "1 um"}


class Mesh(Block):
    """Target lengths of the edges of the triangles."""

    size: MeshSize = entry("Edge length in the bulk.")
    interface: MeshSize = entry("Edge length at the interfaces, at most `size`.")
    surface: MeshSize | None = entry(
        "Thickness of the outermost layer of triangles inside the hosts at their surface, at most "
        "half of `interface`; the layers grow inward. Default: no layers.",
        None,
    )

    @model_validator(mode="after")
    def _finer_at_interfaces(self) -> Self:
        if self.interface > self.size:
            size = Quantity(dimension="length").format(self.size)
            raise problem(f"expected at most mesh.size, {size}", path=("interface",))
        if self.surface is not None and self.surface > 0.5 * self.interface:
            half = Quantity(dimension="length").format(0.5 * self.interface)
            raise problem(f"expected at most half of mesh.interface, {half}", path=("surface",))
        return self
