"""The formula library from the command line: one question a line, one answer a line. The formulas are elsewhere."""
