"""The work lists of a run: for each owner what waits for them, as a table, as a page, and as scripts."""
