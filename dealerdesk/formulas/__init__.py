"""Profit, margin and conversion as the platforms compute them: pure, one source for screen, hub and reports."""
