"""The in-memory state of the market and the book, and every figure computed from it."""
