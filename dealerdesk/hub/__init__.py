"""The headless half: records the bridges' streams, dispatches commands."""
