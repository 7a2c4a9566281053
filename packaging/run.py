#!/usr/bin/env python3
"""Sets DealerDesk up beside this checkout and runs it: `run.py demo`, `run.py test`, or any `dealerdesk` command.

Makes `.venv`, installs the pinned versions into it, and sees to the few system packages that this and Qt need: as root
on Debian or Ubuntu it installs them, elsewhere it says exactly what is missing and ends with code 3. Needs nothing but
Python 3.11 to 3.13; does nothing that a second call would have to do again.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
ENSUREPIP = "Python's ensurepip"
# what Qt asks of the system to draw at all, and the Debian package that holds it
DRAWING = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
# what it asks for besides, to open a window on a screen
WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Qt's platform plugin by what is run: a window on a screen, or pictures off screen
PLUGINS = {"xcb": {**DRAWING, **WINDOW}, "offscreen": DRAWING}
# each process keeps its half of the files in their order, with a database server of its own, and then helps the other
IN_TWO_PROCESSES = ("-n", "2", "--dist", "worksteal")
NO_SCREEN = """There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.
Without one the demo draws off screen and keeps its pictures, so:
  python3 packaging/run.py demo --headless --seconds 20 --screenshot build/screens"""


class CannotSetUp(Exception):  # noqa: N818  it says what it is where it is raised
    """What keeps DealerDesk from being set up or shown here, in a person's words."""


def main(arguments: list[str]) -> int:
    """Set up, then run `arguments`; the exit code is that of the command run, or 2 or 3 where nothing was run."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        print(f"DealerDesk needs Python 3.11, 3.12 or 3.13; this is {platform.python_version()}.", file=sys.stderr)
        return 2
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        set_up(plugin_for(arguments))
    except CannotSetUp as trouble:
        print(trouble, file=sys.stderr)
        return 3
    return subprocess.call([str(PYTHON), "-m", *module_for(arguments)], cwd=ROOT)


def module_for(arguments: list[str]) -> list[str]:
    """The module that does what is asked for, and its arguments; all the tests together run in two processes."""
    if arguments[0] != "test":
        return ["dealerdesk", *arguments]
    return ["pytest", *(arguments[1:] or IN_TWO_PROCESSES)]


def plugin_for(arguments: list[str]) -> str | None:
    """Qt's platform plugin that the command will load; None for what draws nothing, or for Qt's own choice."""
    if sys.platform != "linux" or "--help" in arguments or arguments[0] not in ("demo", "desk", "test"):
        return None
    if arguments[0] == "test" or "--headless" in arguments:
        return "offscreen"
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen if chosen in PLUGINS else None
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise CannotSetUp(NO_SCREEN)
    return "xcb"


def set_up(plugin: str | None) -> None:
    """Install what is missing, everything that can be known beforehand in one go; a second call finds it done."""
    libraries = PLUGINS[plugin] if plugin else {}
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / "installed"
    if not (PYTHON.exists() and stamp.is_file() and stamp.read_text() == wanted):
        provide(missing_beforehand(libraries))
        print("Setting up .venv (once; takes about a minute) …", flush=True)
        install()
        stamp.write_text(wanted)
    missing = missing_libraries(plugin) if plugin else {}
    if plugin and missing:
        provide(missing)
        left = missing_libraries(plugin)
        if left:
            raise CannotSetUp(what_is_missing(left))


def missing_beforehand(libraries: dict[str, str]) -> dict[str, str]:
    """What can be seen to be missing before Qt itself is there: each thing by name, with its Debian package."""
    missing = {name: package for name, package in libraries.items() if not loads(name)}
    if importlib.util.find_spec("ensurepip") is None and not has_pip():
        missing = {ENSUREPIP: f"python{sys.version_info.major}.{sys.version_info.minor}-venv", **missing}
    return missing


def loads(library: str) -> bool:
    """Whether the system's own loader finds this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_libraries(plugin: str) -> dict[str, str]:
    """What Qt's own files ask for in vain, with the Debian package where we know it; nothing without ldd to ask."""
    ldd = shutil.which("ldd")
    missing: set[str] = set()
    for qt in VENV.glob("lib/python*/site-packages/PySide6/Qt") if ldd else ():
        for file in (qt / f"plugins/platforms/libq{plugin}.so", *qt.glob("lib/libQt6Widgets.so*")):
            listing = subprocess.run([str(ldd), str(file)], capture_output=True, text=True, check=False).stdout
            missing |= {line.split()[0] for line in listing.splitlines() if line.rstrip().endswith("not found")}
    return {name: PLUGINS["xcb"].get(name, "") for name in sorted(missing)}


def install() -> None:
    """Make the virtual environment, unless one with pip is there, and bring it to the pinned versions."""
    if not has_pip() and subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise CannotSetUp("Python could not make the virtual environment .venv; what it said stands above.")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}[test]"]):
        raise CannotSetUp(
            "pip could not install the pinned versions; what it said stands above.\n"
            "It needs the network, or a package index of your own in pip's configuration. Call again to go on."
        )


def has_pip() -> bool:
    """Whether .venv holds a Python with pip; one that was made without ensurepip, or left half made, does not."""
    if not PYTHON.exists():
        return False
    return subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def provide(missing: dict[str, str]) -> None:
    """Install the packages of what is missing, through apt-get as root; CannotSetUp says what to install where not."""
    if not missing:
        return
    apt, packages = shutil.which("apt-get"), packages_of(missing)
    if apt is None or not all(missing.values()) or not is_root():
        raise CannotSetUp(what_is_missing(missing))
    print(f"Installing {' '.join(packages)} …", flush=True)
    # one broken package source of many need not matter, so only the second answer counts
    updated = run_apt([apt, "update", "-qq"])
    # a fresh machine is often still busy installing its own updates: wait for those
    options = ["-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    installed = run_apt([apt, "install", *options, *packages])
    if installed.returncode:
        said = f"{updated.stderr}{installed.stderr}".strip()
        raise CannotSetUp(
            f"{said}\n\napt-get could not install them; what it said stands above. It needs the network and a package "
            f"source that has them.\n{how_to_install(missing)}"
        )
    importlib.invalidate_caches()


def run_apt(command: list[str]) -> subprocess.CompletedProcess[str]:
    """One call of apt-get that asks nobody anything and keeps what it says for the case that it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def packages_of(missing: dict[str, str]) -> list[str]:
    """The Debian packages that hold what is missing, each once."""
    return sorted({package for package in missing.values() if package})


def is_root() -> bool:
    """Whether packages may be installed by this very process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def what_is_missing(missing: dict[str, str]) -> str:
    """Everything missing by name, and how to install it."""
    lines = ["DealerDesk cannot run here yet; this is missing:"]
    lines += [f"  {name:<24}{f'(Debian, Ubuntu: {of})' if of else ''}".rstrip() for name, of in missing.items()]
    return "\n".join([*lines, how_to_install(missing)])


def how_to_install(missing: dict[str, str]) -> str:
    """The one line that installs what is missing, where there is one, and who may run it."""
    packages = " ".join(packages_of(missing))
    if not packages or shutil.which("apt-get") is None:
        return "Install it with this system's package manager and call again."
    sudo = "" if is_root() or shutil.which("sudo") is None else "sudo "
    who = "" if sudo or is_root() else " as root"
    return f"Install it{who} and call again:\n  {sudo}apt-get update && {sudo}apt-get install {packages}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
