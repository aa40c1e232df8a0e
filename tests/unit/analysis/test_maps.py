"""If these fail, maps of a figure write over each other."""

from __future__ import annotations

import itertools

import numpy as np

from mesode.analysis import maps, style


def test_titles_end_before_the_next_map():
    with style.house_style():
        figure, axes = maps.panels(4, np.array([5.0, 10.0]))
        for ax in axes:
            ax.set_title(
                maps.in_lines(figure, ax, "Work lost in flow and relaxation, particles"), loc="left"
            )
        figure.draw_without_rendering()
    boxes = [ax._left_title.get_window_extent() for ax in axes]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    assert all(0 < box.y1 < figure.bbox.y1 for box in boxes)
