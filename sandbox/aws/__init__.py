"""AWS in the sandbox: moto's server, CloudTrail records of what its actors do, and their way to the index."""

from sandbox.aws.actors import Actor
from sandbox.aws.server import ACCOUNT, AwsStandIn

__all__ = ["ACCOUNT", "Actor", "AwsStandIn"]
