"""Evaluation of battery tests with the formulas that papers use: pure functions on arrays.

Every module is one method, with its equations, signs and sources in its docstring and its
assumption in a ``Formula``. Nothing here knows of run folders, files or figures.
"""
