"""The command line: options, console, exit codes. Heavy imports stay inside commands."""
