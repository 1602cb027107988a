"""A module for each kind: its docstring says what it is, ``happens`` makes its records."""
