"""Takes stills of the desk: every workspace and every panel, dark and light, at two sizes. It leaves no trace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap

from dealerdesk.desk import theme
from dealerdesk.desk.theme import THEMES
from dealerdesk.desk.workspaces import WORKSPACES

if TYPE_CHECKING:
    from dealerdesk.desk.station import Station
    from dealerdesk.desk.window import DeskWindow

SIZES = (QSize(1920, 1080), QSize(1366, 768))
SETTLE_S = 0.6
"""How long a changed layout has to be drawn: a beat for every panel and a refresh of the tiles."""


async def take_all(station: Station, window: DeskWindow, folder: Path) -> list[Path]:
    """Writes the stills into `folder` and returns their paths; raises OSError when one cannot be written."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    _select_something(station)
    before = (theme.current(), window.size(), window.workspaces.current)
    taken: list[Path] = []
    for look in THEMES.values():
        window.set_theme(look)
        for size in SIZES:
            window.resize(size)
            for workspace in WORKSPACES:
                window.show_workspace(workspace.name)
                window.workspaces.reset()
                await asyncio.sleep(SETTLE_S)
                name = f"{workspace.name}-{look.name}-{size.width()}x{size.height()}.png"
                taken.append(_save(window.grab(), folder / name))
    for look in THEMES.values():
        window.set_theme(look)
        window.resize(SIZES[0])
        for dock in window.docks:
            window.docks.open(dock.entry.name)
            await asyncio.sleep(SETTLE_S)
            taken.append(_save(dock.grab(), folder / f"panel-{dock.entry.name}-{look.name}.png"))
    window.set_theme(before[0])
    window.resize(before[1])
    window.show_workspace(before[2])
    window.workspaces.reset()
    return taken


def _select_something(station: Station) -> None:
    """Selects the account nearest to its margin call, so that the panels that follow a selection have a subject."""
    accounts, frame = station.state.accounts, station.beat.frame
    level = np.where(accounts.alive[: frame.count], frame.level[: frame.count], np.nan)
    if np.isfinite(level).any():
        slot = int(np.nanargmin(level))
        station.selection.select_account(accounts.server_name[slot], int(accounts.login[slot]))


def _save(picture: QPixmap, path: Path) -> Path:
    if not picture.save(str(path)):
        raise OSError(f"{path}: the picture could not be written")
    return path
