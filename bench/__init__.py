"""What the app costs, counted and compared: see README.md."""
