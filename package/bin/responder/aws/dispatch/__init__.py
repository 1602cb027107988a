"""Where findings are sent in AWS, a file each: a service, what is called there, and what its answers mean.

A file declares ``DISPATCHER``. The choice on the setup page, the permissions, the test of an entry, the health line and
the alert action follow from it.
"""
