"""Material library: laws with unit, valid range and source; presets; overrides."""
