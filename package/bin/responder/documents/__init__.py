"""How a document is written for each service. The only place where text from events is escaped."""
