"""The command lines behind the root scripts: options, calls of `app`, texts and tables, exit codes."""
