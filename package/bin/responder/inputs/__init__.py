"""What splunkd starts by interval."""
