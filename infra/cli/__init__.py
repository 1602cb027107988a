"""The commands, one module each: ``add_arguments(parser)`` and ``run(args) -> exit code``.

A module's docstring is its help text; adding a file here adds the command.
"""
