"""Physical constants in SI units (CODATA 2018, exact) and the reference temperature of all laws."""

GAS_CONSTANT = 8.314462618  # [J/mol/K]
FARADAY = 96485.33212  # [C/mol]
ZERO_CELSIUS = 273.15  # [K]
T_REF = 298.15  # [K], 25 degC: the temperature at which rates are tabulated
C_E_REF = 1000.0  # [mol/m^3], 1 mol/l: the salt concentration at which i_0 is tabulated
