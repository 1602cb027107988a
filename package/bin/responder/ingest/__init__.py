"""CloudTrail's files, from a queue or a bucket into the index.

``keys`` and ``notifications`` say which objects there are, ``splitting`` cuts a file into ``record``s, ``filters`` and
``seen`` say which of them are left out.
"""
