"""What splunkd starts as processes: alert actions, inputs, search commands, REST handlers; the scheduler; the web."""
