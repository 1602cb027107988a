"""Where records go: the input's own stream, or Splunk's HTTP Event Collector. Each says when they are taken."""
