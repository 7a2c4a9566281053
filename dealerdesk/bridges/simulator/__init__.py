"""A simulated brokerage behind the bridge protocol, deterministic by seed."""
