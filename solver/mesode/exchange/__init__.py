"""Parameters for other programs: the section as a homogenised cell, as BPX and for PyBaMM."""
