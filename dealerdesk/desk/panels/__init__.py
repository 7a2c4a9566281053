"""One module per panel; a panel draws and asks, it decides nothing."""
