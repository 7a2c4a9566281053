"""What a dealing desk decides: requests, routing, coverage, limits. Its rules are pure; it draws nothing."""
