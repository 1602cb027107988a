"""The way of CloudTrail's records to Splunk, as AWS resources: trail, bucket, topic, queues, key, roles."""
