#!/usr/bin/env python3
"""Sets DealerDesk up beside this checkout and runs it: `run.py demo`, `run.py test`, or any `dealerdesk` command.

Makes `.venv`, installs the pinned versions into it, and sees to the few system libraries that Qt's window needs:
installs them through the package manager where it may, and says exactly what is missing where it may not. Needs
nothing but Python 3.11 or newer; does nothing that a second call would have to do again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
# what Qt's xcb window asks of the system, and the Debian package that holds it
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
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
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def main(arguments: list[str]) -> int:
    """Set up, then run `arguments`; the exit code is that of the command run."""
    if sys.version_info < (3, 11):  # noqa: UP036  this file runs before anything checked the version
        print(f"DealerDesk needs Python 3.11 or newer; this is {platform.python_version()}.", file=sys.stderr)
        return 2
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    install()
    missing = missing_libraries()
    if missing and not install_libraries(missing):
        return 3
    if arguments[0] == "test":
        command = [str(PYTHON), "-m", "pytest", *arguments[1:]]
    else:
        command = [str(PYTHON), "-m", "dealerdesk", *arguments]
    return subprocess.call(command, cwd=ROOT)


def install() -> None:
    """Make the virtual environment hold what pyproject.toml and the constraints say; a second call finds it done."""
    wanted = hashlib.sha256(CONSTRAINTS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / "installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Setting up .venv (once; takes about a minute) …", flush=True)
    if not PYTHON.exists():
        make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.check_call([*pip, "--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}[test]"])
    stamp.write_text(wanted)


def make_venv() -> None:
    """An empty virtual environment; Debian's Python leaves out what this needs, so fetch it or say so."""
    try:
        venv.create(VENV, with_pip=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not install_packages([package]):
            raise SystemExit(f"Python's ensurepip is missing; install it:  sudo apt-get install {package}") from error
        venv.create(VENV, with_pip=True)


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages where apt and the rights for it are there; False where they are not."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    print(f"Installing {' '.join(packages)} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.check_call([apt, "update", "-qq"], env=environment)
    subprocess.check_call([apt, "install", "-y", "-qq", *packages], env=environment, stdout=subprocess.DEVNULL)
    return True


def missing_libraries() -> list[str]:
    """Shared libraries that Qt would not find, by name; empty where this cannot be asked (no Linux, no ldd)."""
    ldd = shutil.which("ldd")
    if sys.platform != "linux" or ldd is None:
        return []
    found = subprocess.run(
        [str(PYTHON), "-c", "import PySide6; print(PySide6.__path__[0])"], capture_output=True, text=True, check=True
    )
    qt = Path(found.stdout.strip()) / "Qt"
    files = [qt / "plugins/platforms/libqxcb.so", *(qt / "lib").glob("libQt6Widgets.so*")]
    missing: set[str] = set()
    for file in files:
        listing = subprocess.run([ldd, str(file)], capture_output=True, text=True, check=False).stdout
        missing |= {line.split()[0] for line in listing.splitlines() if line.rstrip().endswith("not found")}
    return sorted(missing)


def install_libraries(missing: list[str]) -> bool:
    """Install the packages of `missing` through apt as root; otherwise say what to install. True when all are there."""
    packages = sorted({LIBRARIES[name] for name in missing if name in LIBRARIES})
    unknown = [name for name in missing if name not in LIBRARIES]
    if packages and not unknown and install_packages(packages):
        missing = missing_libraries()
        if not missing:
            return True
    print("Qt cannot open a window here; these shared libraries are missing:", file=sys.stderr)
    for name in missing:
        print(f"  {name}" + (f"   (Debian, Ubuntu: {LIBRARIES[name]})" if name in LIBRARIES else ""), file=sys.stderr)
    if packages:
        print(f"Install them and call again:  sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
