"""What a task does when it runs: one file a family of tasks, which declares its ``KINDS``.

A handler takes a ``Context`` and returns a ``Result``, or raises a ResponderError. In this order: read everything,
render, ``context.send(...)``, the one effect, return.
"""
