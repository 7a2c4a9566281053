"""Everything between a trading server and the rest of the program: the bridge protocol, its two ends, the bridges."""
