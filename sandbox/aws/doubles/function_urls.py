"""ListFunctionUrlConfigs, which moto lacks: the URL that moto keeps of the function. It knows none of aliases.

Source: Lambda API Reference, ListFunctionUrlConfigs (ResourceNotFoundException for a function that there is none of).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

from sandbox.aws.double import Answer, Refused, World


def listed(parameters: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = lambda_backends[world.account][world.region]
    try:
        function = backend.get_function(parameters["FunctionName"], None)
    except UnknownFunctionException:
        raise Refused("ResourceNotFoundException", f"Function not found: {parameters['FunctionName']}") from None
    config = function.url_config
    return {"FunctionUrlConfigs": [config.to_dict()] if config is not None else []}


DOUBLES: Mapping[tuple[str, str], Answer] = {("lambda", "ListFunctionUrlConfigs"): listed}
