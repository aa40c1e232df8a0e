"""The commented starter files of ``mesode new``: small, quick, each with what its name says."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

#: Kinds of starter file, with a few words on each.
STARTERS: Final = {
    "sio": "half cell of SiO particles that swell, in bridges of binder",
    "silicon": "half cell of silicon that swells: lithiation with a hold, rest, delithiation",
    "cv": "cyclic voltammetry of silicon, at three scan rates",
    "gitt": "GITT of silicon",
    "rate": "rate series of silicon",
    "sei": "half cell of silicon that ages: SEI, cracks, hysteresis, two cycles",
    "blend": "half cell of graphite and silicon, by a recipe by weight",
    "fullcell": "full section: graphite against NMC811, one cycle",
    "layers": "full cell of homogenised layers: graphite against NMC811, one cycle",
    "micrograph": "half cell from a segmented image, which is written as well",
    "own_mesh": "half cell on a mesh file, which is written as well",
    "study": "parameter study of rate and thickness",
}
DEFAULT: Final = "sio"
#: Ending of the file that a starter file names, which lies beside it with the same name.
COMPANIONS: Final = {"micrograph": ".png", "own_mesh": ".msh"}


def starter_text(title: str, kind: str = DEFAULT, name: str = "FILE") -> str:
    """Return a starter file.

    Args:
        title: its title.
        kind: a key of ``STARTERS``.
        name: of the file, for its comments and for the file that it names.
    """
    text = (files("mesode.config") / "starters" / f"{kind}.yaml").read_text("utf-8")
    quoted = "'" + " ".join(title.split()).replace("'", "''") + "'"
    companion = name.removesuffix(".yaml").removesuffix(".yml") + COMPANIONS.get(kind, "")
    named = "'" + companion.replace("'", "''") + "'"
    marks = {"@TITLE@": quoted, "@FILE@": " ".join(name.split()), "@COMPANION@": named}
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text
