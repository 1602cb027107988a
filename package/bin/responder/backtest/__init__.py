"""What the app would have changed in the past, and what people did about the same things within a day."""
