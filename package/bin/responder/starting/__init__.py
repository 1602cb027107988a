"""Getting started: from the installed app to the first protected alert, step by step, and back."""
