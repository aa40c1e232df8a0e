"""``mesode analyse``: what was measured or simulated, evaluated by the methods of the papers."""
