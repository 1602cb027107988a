"""The sweep: looks every few minutes for what is wrong in AWS now, and has it answered as a detection's finding is."""
