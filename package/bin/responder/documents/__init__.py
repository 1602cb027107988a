"""What tickets, comments and messages say, before it is written in a service's markup."""
