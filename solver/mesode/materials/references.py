"""Citations of the material library, one string each; laws and presets point here.

Where a number was taken from a collection instead of the primary paper, ``via`` says so.
"""

from __future__ import annotations


def via(reference: str, collection: str) -> str:
    """Return a citation of a value that was read in a collection, not in the primary paper."""
    return f"{reference} (as given in {collection})"


_FILES = "the PyBaMM 26.10 parameter files"
_DIGEST = "a public parameter file, primary paper not read"

AI_2020 = via(
    "W. Ai et al., J. Electrochem. Soc. 167, 013512 (2020), doi 10.1149/2.0122001JES", _FILES
)
BATTMO = via("BattMo silicon data set", _DIGEST)
BONKILE_2024 = via(
    "M. P. Bonkile et al., J. Power Sources 606, 234256 (2024), doi 10.1016/j.jpowsour.2024.234256",
    _FILES,
)
CASTELLI_2021 = "G. F. Castelli et al. (2021), spherical silicon particle, values recalled"
CHAN_2007 = "C. K. Chan et al. (2007), fit as used by Castelli and Schoof, recalled"
CARBON_SHELL = "carbon shells by chemical vapour deposition, literature range, recalled"
CHEN_2020 = via(
    "C.-H. Chen et al., J. Electrochem. Soc. 167, 080534 (2020), doi 10.1149/1945-7111/ab9050",
    _FILES,
)
DURDEL_2023 = via("A. Durdel et al. (2023), partially lithiated silicon", _DIGEST)
ECKER_2015 = via(
    "M. Ecker et al., J. Electrochem. Soc. 162, A1836 (2015), doi 10.1149/2.0551509jes", _FILES
)
FOIL_HANDBOOK = "metal foils, handbook values, recalled"
HE_2025 = "T. He et al., ACS Sustainable Chem. Eng. (2025), doi 10.1021/acssuschemeng.4c10154"
HE_2026 = "L. He et al., J. Energy Storage (2026) 120607, doi 10.1016/j.est.2026.120607"
KHAN_CBD = via("Khan et al., carbon-binder domain, Table II", _DIGEST)
KOVALENKO_2011 = "I. Kovalenko et al. (2011), alginate binder, recalled"
LANDESFEIND_2016 = via("J. Landesfeind et al., J. Electrochem. Soc. (2016), Table II", _DIGEST)
LANDESFEIND_2019 = via(
    "J. Landesfeind and H. A. Gasteiger, J. Electrochem. Soc. 166, A3079 (2019)", _FILES
)
LI_2012 = via("J. Li et al. (2012), thin film PITT", "the BattMo tables")
MOHTAT_2020 = via(
    "P. Mohtat et al., J. Electrochem. Soc. 167, 110561 (2020), doi 10.1149/1945-7111/aba5d1",
    _FILES,
)
NYMAN_2008 = via("A. Nyman et al., Electrochim. Acta 53, 6356 (2008)", _FILES)
OKANE_2022 = via(
    "S. E. J. O'Kane et al., Phys. Chem. Chem. Phys. 24, 7909 (2022), doi 10.1039/D2CP00417H",
    _FILES,
)
OREGAN_2022 = via(
    "K. O'Regan et al., Electrochim. Acta 425, 140700 (2022), doi 10.1016/j.electacta.2022.140700",
    _FILES,
)
QI_2014 = via("Y. Qi et al. (2014), Table II, after Shenoy 2010", _DIGEST)
RAMADASS_2004 = via(
    "P. Ramadass et al., J. Electrochem. Soc. 151, A196 (2004), doi 10.1149/1.1634273", _FILES
)
RECIPE_DIGEST = via("densities of electrode components", _DIGEST)
RIEGER_2016 = via("B. Rieger et al., J. Electrochem. Soc. 163, A1566 (2016)", _FILES)
SETHURAMAN_2010 = via("V. A. Sethuraman et al., J. Power Sources 195, 5062 (2010)", _DIGEST)
THORAT = via("I. V. Thorat et al., tortuosity of Celgard 2400", _DIGEST)
VALOEN_2005 = via("L. O. Valoen and J. N. Reimers, J. Electrochem. Soc. 152, A882 (2005)", _FILES)
VERBRUGGE_2016 = via("M. Verbrugge et al. (2016), silicon fit", _FILES)
WANG_2025 = "L. Wang et al., Matter 8, 101952 (2025), doi 10.1016/j.matt.2024.101952"
XU_2019 = via("S. Xu et al. (2019), lithium metal", _FILES)
YANG_2017 = via(
    "X.-G. Yang et al., J. Power Sources 360, 28 (2017), doi 10.1016/j.jpowsour.2017.05.110", _FILES
)
ZHANG_2024 = "R. Zhang et al., Nano-Micro Lett. 16, 43 (2024), doi 10.1007/s40820-023-01267-3"
