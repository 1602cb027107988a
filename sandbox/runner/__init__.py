"""What splunkd starts as processes: alert actions, inputs, search commands, REST handlers; the scheduler; the web.

``Runner(splunkd)`` ties all of it to a ``sandbox.splunkd.Splunkd``. Import it from ``sandbox.runner.runner``: this
module stays empty, so that ``sandbox.runner.interpreters`` can be had without the libraries of the rest.
"""
