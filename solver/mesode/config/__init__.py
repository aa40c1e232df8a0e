"""The case file: frozen models of its sections, its grammar, reading and writing it.

Import from the modules below: `load` (file to `Case`), `case`, `resolve` (materials), `dump`.
"""
