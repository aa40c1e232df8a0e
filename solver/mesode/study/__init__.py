"""Studies: many cases from one file, where they run, and their results as a table."""
