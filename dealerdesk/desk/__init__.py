"""The Qt workstation: shell, docks, tables, charts and panels."""
