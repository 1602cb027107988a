"""A stand-in for Jira: the REST faces of Cloud (v3 and v2) and Data Center (v2), and pages to look at tickets."""

from sandbox.jira.model import CustomField, Project
from sandbox.jira.site import JiraCredentials
from sandbox.jira.standin import JiraStandIn

__all__ = ["CustomField", "JiraCredentials", "JiraStandIn", "Project"]
