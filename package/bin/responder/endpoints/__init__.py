"""What the app answers over splunkd's REST API: one file an endpoint, which declares its ``ENDPOINT``."""
