"""The equations in UFL, one a file, with mathematics and signs in the docstring."""
