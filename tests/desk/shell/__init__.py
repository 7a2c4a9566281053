"""Tests of the desk's shell: window, docks, palette, beat, feed, library, and the strip that sets a book."""
