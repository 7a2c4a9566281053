"""The look as data: colours, type and spaces of the two themes, and how they are put on the application.

Everything that paints asks here for its colours and fonts. It draws nothing and knows no panel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from dealerdesk.assets import asset

FAMILY = "Inter"
ROW_PX = 21
HEADER_PX = 23
PANEL_HEADER_PX = 25
TEXT_PX = 12
SMALL_PX = 11
TILE_PX = 20
GAP_PX = 6
PAD_PX = 8

TEXT_CONTRAST = 4.5
FAINT_CONTRAST = 3.0


class Tone(IntEnum):
    """What a figure says beside its value; small enough for an int8 column of a table."""

    NORMAL = 0
    POSITIVE = 1
    NEGATIVE = 2
    ALARM = 3
    ATTENTION = 4
    FAINT = 5
    STALE = 6
    SECONDARY = 7
    RUNNING = 8


TOKEN_OF_TONE = {
    Tone.NORMAL: "text",
    Tone.POSITIVE: "positive",
    Tone.NEGATIVE: "negative",
    Tone.ALARM: "alarm",
    Tone.ATTENTION: "attention",
    Tone.FAINT: "faint",
    Tone.STALE: "faint",
    Tone.SECONDARY: "secondary",
    Tone.RUNNING: "running",
}
QUIET = {Tone.FAINT, Tone.STALE}
GROUNDS = ("background", "panel", "raised", "selection")


class Weight(Enum):
    REGULAR = QFont.Weight.Normal
    MEDIUM = QFont.Weight.Medium
    SEMIBOLD = QFont.Weight.DemiBold


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour tokens of one theme, each as "#RRGGBB"."""

    name: str
    background: str
    panel: str
    raised: str
    line: str
    text: str
    secondary: str
    faint: str
    positive: str
    negative: str
    alarm: str
    attention: str
    running: str
    selection: str

    @property
    def accent(self) -> str:
        """The one accent: the colour of what is positive, bought and in focus."""
        return self.positive

    def token(self, name: str) -> str:
        """The colour of a token by its name; raises KeyError for a name that is none."""
        value = getattr(self, name, None)
        if not isinstance(value, str) or not value.startswith("#"):
            raise KeyError(f"theme: no colour token is called {name!r}")
        return value

    def colour(self, token: str) -> QColor:
        """The exact colour of a token."""
        return QColor(self.token(token))

    def ink(self, tone: Tone, ground: str = "panel") -> QColor:
        """The colour for text of `tone` on a ground: the token, nudged towards the text colour only where the
        contrast would be under 4.5 : 1 (3 : 1 for faint and stale)."""
        return QColor(_ink(self, tone, ground))

    def blend(self, over: str, ground: str, share: float) -> QColor:
        """The colour of a token laid over a ground token with an opacity from 0 to 1, as an opaque colour."""
        return QColor(mix(self.token(ground), self.token(over), share))


DARK = Theme(
    name="dark",
    background="#0F1318",
    panel="#151A21",
    raised="#1C232C",
    line="#252E39",
    text="#D5DCE5",
    secondary="#8593A3",
    faint="#566373",
    positive="#4AA3F0",
    negative="#F28C38",
    alarm="#FF4D5E",
    attention="#F2C744",
    running="#3FBF8F",
    selection="#22364D",
)
LIGHT = Theme(
    name="light",
    background="#EEF1F4",
    panel="#FFFFFF",
    raised="#F5F7F9",
    line="#DCE2E8",
    text="#1B2530",
    secondary="#5F6E7E",
    faint="#9AA7B4",
    positive="#0B66B8",
    negative="#B8540B",
    alarm="#C9182B",
    attention="#9A7400",
    running="#0F7A56",
    selection="#DCEBFA",
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#RRGGBB", each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(start: str, end: str, share: float) -> str:
    """The colour `share` of the way (0 to 1) from `start` to `end`."""
    pairs = zip(channels(start), channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours after WCAG 2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=256)
def _ink(theme: Theme, tone: Tone, ground: str) -> str:
    wanted = FAINT_CONTRAST if tone in QUIET else TEXT_CONTRAST
    token, behind = theme.token(TOKEN_OF_TONE[tone]), theme.token(ground)
    for step in range(51):
        colour = mix(token, theme.text, step / 50)
        if contrast(colour, behind) >= wanted:
            return colour
    return theme.text


class _Applied:
    """The theme on the application: one per process, as the application itself is."""

    theme: Theme = DARK


def current() -> Theme:
    """The theme last applied."""
    return _Applied.theme


@cache
def load_fonts() -> None:
    """Registers the shipped Inter faces with Qt; raises OSError when one cannot be read. Needs an application."""
    for face in ("Regular", "Medium", "SemiBold"):
        name = f"fonts/{FAMILY}-{face}.otf"
        if QFontDatabase.addApplicationFontFromData(asset("resources", name).read_bytes()) < 0:
            raise OSError(f"resources/{name}: Qt cannot read this font")


def font(pixels: int = TEXT_PX, weight: Weight = Weight.REGULAR) -> QFont:
    """Inter with tabular figures, in logical pixels."""
    made = QFont(FAMILY)
    made.setPixelSize(pixels)
    made.setWeight(weight.value)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def apply(app: QApplication, theme: Theme) -> None:
    """Puts a theme on the application. Widgets hear of it by their palette and style change events."""
    load_fonts()
    _Applied.theme = theme
    app.setFont(font())
    app.setPalette(_palette(theme))
    app.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Theme) -> str:
    """The one style sheet with this theme's colours and sizes filled in; raises KeyError for an unknown name."""
    text = asset("resources", "styles/desk.qss").read_text(encoding="utf-8")
    sizes = {"text-px": TEXT_PX, "small-px": SMALL_PX, "tile-px": TILE_PX, "gap-px": GAP_PX, "pad-px": PAD_PX}
    files = {"arrow-file": Path(str(asset("resources", "styles/down.svg"))).as_posix()}
    inks = {f"{tone.name.lower()}-ink": theme.ink(tone).name() for tone in Tone}

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in sizes:
            return f"{sizes[name]}px"
        if name in files:
            return files[name]
        return inks[name] if name in inks else theme.token(name)

    return re.sub(r"@([a-z][a-z-]*[a-z])", fill, text)


def restyle(widget: QWidget) -> None:
    """Makes the style sheet see a changed dynamic property of a widget."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: theme.background,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.alarm,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.ink(Tone.FAINT).name(),
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Light: theme.raised,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, theme.ink(Tone.FAINT))
    return palette
