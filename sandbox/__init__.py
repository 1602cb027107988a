"""The sandbox: stand-ins for Splunk, Jira, Slack and AWS, on which the demo and the tests run the built app."""
