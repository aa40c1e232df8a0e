"""The processes that a cell is made of, one module each; ``table`` says when each takes part."""
