"""If these fail, an image file from somebody else starts a program to read it."""

from __future__ import annotations

import subprocess

import pytest

from mesode.analysis.page import embed_picture
from mesode.errors import MesodeError
from mesode.geometry.micrograph import grey_image

_EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 50 50\n(%pipe%touch done) (w) file\n%%EOF\n"


@pytest.mark.parametrize("name", ["mine.png", "mine.tif", "mine.eps"])
def test_postscript_is_refused_unread(tmp_path, monkeypatch, name):
    """Pillow hands PostScript over to Ghostscript, whatever the name of the file."""

    def start(*_args, **_more):
        raise AssertionError

    for call in ("Popen", "check_call", "run", "check_output"):
        monkeypatch.setattr(subprocess, call, start)
    (tmp_path / name).write_bytes(_EPS)
    with pytest.raises(MesodeError, match="PNG or TIFF"):
        grey_image.read_grey(tmp_path / name)
    with pytest.raises(MesodeError, match="expected a picture of mesode"):
        embed_picture(tmp_path / name, 300)
