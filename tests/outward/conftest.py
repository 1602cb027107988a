"""What the tests of the outward side share: a finding, the stand-ins, and the descriptions of their APIs."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from responder.documents.reports import ChangeReport, RemediationReport
from responder.findings.finding import Finding

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn
from tests import specs
from tests.opened_group import OPENED_GROUP


@pytest.fixture(scope="session")
def valid_adf() -> Any:
    """A function that raises when a document breaks Atlassian's published JSON schema of ADF."""
    # Compiled: the schema is one large anyOf, which interpreting validators take seconds for.
    fastjsonschema = pytest.importorskip("fastjsonschema")
    return fastjsonschema.compile(specs.load(specs.ADF))


@pytest.fixture
def finding() -> Finding:
    """An opened security group, as plain as they come."""
    return OPENED_GROUP


@pytest.fixture
def report() -> RemediationReport:
    """A remediation that has put the group right."""
    change = ChangeReport(
        resource="sg-0abc12345",
        resource_type="AWS::EC2::SecurityGroup",
        region="eu-central-1",
        summary="Remove tcp/22 from 0.0.0.0/0.",
        before={"rules": [{"port": 22, "cidr": "0.0.0.0/0"}]},
        after={"rules": []},
        verified=True,
        observed="The rule is gone.",
    )
    message = "Revoke open ingress: removed tcp/22 from 0.0.0.0/0."
    return RemediationReport("revoke_open_ingress", "enforce", "done", message, (change,), 1_789_000_090.0)


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraStandIn]:
    with JiraStandIn(request.param) as standin:
        yield standin


@pytest.fixture
def cloud() -> Iterator[JiraStandIn]:
    with JiraStandIn("cloud") as standin:
        yield standin


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as standin:
        yield standin


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Everything logged at any level on our side of the wire."""
    lines: list[str] = []

    class Ours(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # The stand-in's own log is the other side's.
            if not record.name.startswith("sandbox"):
                lines.append(record.getMessage())

    handler = Ours()
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on loopback that refuses connections."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]


class Described:
    """One API description."""

    def __init__(self, document: Any) -> None:
        self.document = document

    def body(self, schema: str, body: Any) -> None:
        """Fails the test when a body is not what a named schema describes."""
        assert self.problems(schema, body) == []

    def problems(self, schema: str, body: Any) -> list[str]:
        """What in a body is not as a named schema describes."""
        jsonschema = pytest.importorskip("jsonschema")
        described = {"$ref": f"#/components/schemas/{schema}", "components": self.document["components"]}
        validator = jsonschema.validators.validator_for(described)(described)
        return [str(error.message) for error in validator.iter_errors(body)]

    def query(self, path: str, method: str) -> set[str]:
        """Names of the parameters an operation has."""
        return {parameter["name"] for parameter in self.document["paths"][path][method]["parameters"]}


@pytest.fixture(scope="session")
def described() -> dict[str, list[Described]]:
    """By service, every description that there is of it (tests/specs)."""
    return {
        "jira cloud": [Described(specs.load(specs.JIRA_CLOUD))],
        "jira datacenter": [Described(document) for document in specs.jira_datacenter()],
        "slack": [Described(specs.load(specs.SLACK))],
    }
