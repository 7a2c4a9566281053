"""FIX 4.4 to a liquidity provider: the sessions, the orders and their store, the LP's quotes, and a simulated LP."""
