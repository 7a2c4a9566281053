"""packaging/run.py on machines that lack something: it installs where it may, and otherwise says what and how."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import PySide6
import pytest

FILE = Path(__file__).parents[2] / "packaging" / "run.py"
APT = "/usr/bin/apt-get"
SUDO = "/usr/bin/sudo"
Calls = list[list[str]]
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux's loader")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, on a Linux with a screen and a checkout whose .venv is not there yet."""
    spec = importlib.util.spec_from_file_location("run", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    return module


@pytest.fixture
def machine(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Calls]:
    """Makes the machine one with these tools, for root or not; what apt-get would have been called with is listed."""

    def make(*tools: str, root: bool = False, apt_says: str = "") -> Calls:
        calls: Calls = []

        def run_apt(command: list[str]) -> subprocess.CompletedProcess[str]:
            calls.append(command)
            return subprocess.CompletedProcess(command, 100 if apt_says else 0, "", apt_says)

        monkeypatch.setattr(shutil, "which", lambda name: next((tool for tool in tools if tool.endswith(name)), None))
        monkeypatch.setattr(run, "is_root", lambda: root)
        monkeypatch.setattr(run, "run_apt", run_apt)
        return calls

    return make


def test_root_on_debian_gets_everything_missing_in_one_go(
    run: ModuleType, machine: Callable[..., Calls], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = machine(APT, root=True)

    run.provide(
        {run.ENSUREPIP: "python3.11-venv", "libglib-2.0.so.0": "libglib2.0-0", "libgthread-2.0.so.0": "libglib2.0-0"}
    )

    assert [command[1] for command in calls] == ["update", "install"]
    assert calls[1][-2:] == ["libglib2.0-0", "python3.11-venv"]
    assert capsys.readouterr().out == "Installing libglib2.0-0 python3.11-venv …\n"


def test_where_nothing_is_missing_nothing_is_asked_of_anyone(run: ModuleType, machine: Callable[..., Calls]) -> None:
    calls = machine(APT, root=True)

    run.provide({})

    assert calls == []


@pytest.mark.parametrize(
    ("tools", "end"),
    [
        ((APT,), "Install it as root and call again:\n  apt-get update && apt-get install libegl1"),
        ((APT, SUDO), "Install it and call again:\n  sudo apt-get update && sudo apt-get install libegl1"),
        ((), "Install it with this system's package manager and call again."),
    ],
)
def test_who_may_not_install_is_told_what_is_missing_and_how_to_get_it(
    run: ModuleType, machine: Callable[..., Calls], tools: tuple[str, ...], end: str
) -> None:
    calls = machine(*tools)

    with pytest.raises(run.CannotSetUp) as told:
        run.provide({"libEGL.so.1": "libegl1"})

    assert str(told.value) == (
        f"DealerDesk cannot run here yet; this is missing:\n  libEGL.so.1             (Debian, Ubuntu: libegl1)\n{end}"
    )
    assert calls == []


def test_a_library_of_no_known_package_is_named_and_nothing_is_half_installed(
    run: ModuleType, machine: Callable[..., Calls]
) -> None:
    calls = machine(APT, root=True)

    with pytest.raises(run.CannotSetUp, match=r"\n  libnew\.so\.1\n"):
        run.provide({"libEGL.so.1": "libegl1", "libnew.so.1": ""})

    assert calls == []


def test_apt_without_a_network_is_quoted_and_put_in_a_sentence(run: ModuleType, machine: Callable[..., Calls]) -> None:
    machine(APT, root=True, apt_says="E: Unable to locate package libegl1\n")

    with pytest.raises(run.CannotSetUp) as told:
        run.provide({"libEGL.so.1": "libegl1"})

    assert "E: Unable to locate package libegl1\n\napt-get could not install them" in str(told.value)
    assert "It needs the network" in str(told.value)
    assert str(told.value).endswith("apt-get update && apt-get install libegl1")


def test_a_python_without_ensurepip_asks_for_its_own_version_of_the_package(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    missing = run.missing_beforehand({})

    assert missing == {run.ENSUREPIP: f"python3.{sys.version_info.minor}-venv"}


@linux
def test_a_library_counts_as_there_when_the_loader_finds_it(run: ModuleType) -> None:
    assert run.missing_beforehand({"libc.so.6": "libc6", "libnowhere.so.9": "libnowhere9"}) == {
        "libnowhere.so.9": "libnowhere9"
    }


@linux
@pytest.mark.parametrize("plugin", ["offscreen", "xcb"])
def test_the_tables_name_only_what_qts_own_files_ask_for(run: ModuleType, plugin: str) -> None:
    file = Path(PySide6.__path__[0]) / f"Qt/plugins/platforms/libq{plugin}.so"
    listing = subprocess.run(["ldd", file], capture_output=True, text=True, check=True).stdout

    asked_for = {line.split()[0] for line in listing.splitlines()}

    assert set(run.PLUGINS[plugin]) <= asked_for


@pytest.mark.parametrize(
    ("command", "plugin"),
    [
        ("demo", "xcb"),
        ("desk --profile x", "xcb"),
        ("demo --headless --seconds 20", "offscreen"),
        ("test tests/unit", "offscreen"),
        ("demo --help", None),
        ("hub --profile x", None),
        ("db check sqlite://", None),
    ],
)
def test_only_a_window_asks_for_a_windows_libraries(run: ModuleType, command: str, plugin: str | None) -> None:
    assert run.plugin_for(command.split()) == plugin


def test_a_machine_without_a_screen_is_told_before_anything_is_installed(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY")

    assert run.main(["demo"]) == 3

    assert capsys.readouterr().err.startswith("There is no screen here: neither DISPLAY nor WAYLAND_DISPLAY is set.\n")
    assert not run.VENV.exists()


def test_qts_own_switch_chooses_the_platform_without_a_screen(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")

    assert run.plugin_for(["demo"]) == "offscreen"


def test_pip_without_a_network_is_a_sentence_and_code_3_and_is_tried_again(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "has_pip", lambda: True)
    monkeypatch.setattr(run, "missing_beforehand", lambda libraries: {})
    monkeypatch.setattr(subprocess, "call", lambda command: 1)

    assert [run.main(["test"]), run.main(["test"])] == [3, 3]

    assert capsys.readouterr().err.count("pip could not install the pinned versions") == 2


def test_all_tests_run_in_two_processes_and_chosen_ones_as_they_were_asked_for(run: ModuleType) -> None:
    assert run.module_for(["test"]) == ["pytest", "-n", "2", "--dist", "worksteal"]
    assert run.module_for(["test", "tests/unit", "-x"]) == ["pytest", "tests/unit", "-x"]
    assert run.module_for(["db", "check"]) == ["dealerdesk", "db", "check"]


def test_a_second_call_installs_nothing_until_the_versions_change(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[str] = []
    monkeypatch.setattr(run, "CONSTRAINTS", tmp_path / "constraints.txt")
    monkeypatch.setattr(run, "install", lambda: installed.append(run.CONSTRAINTS.read_text()))
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.touch()
    for versions in ("numpy==1", "numpy==1", "numpy==2"):
        run.CONSTRAINTS.write_text(versions)
        run.set_up(None)

    assert installed == ["numpy==1", "numpy==2"]


def test_a_library_still_missing_once_its_package_is_there_is_named(
    run: ModuleType, machine: Callable[..., Calls], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = machine(APT, root=True)
    monkeypatch.setattr(run, "missing_beforehand", lambda libraries: {})
    monkeypatch.setattr(run, "install", lambda: run.VENV.mkdir())
    monkeypatch.setattr(run, "missing_libraries", lambda plugin: {"libEGL.so.1": "libegl1"})

    with pytest.raises(run.CannotSetUp, match=r"libEGL\.so\.1 "):
        run.set_up("offscreen")

    assert [command[1] for command in calls] == ["update", "install"]


def test_a_virtual_environment_without_pip_is_made_anew(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Calls = []
    monkeypatch.setattr(run, "has_pip", lambda: False)
    monkeypatch.setattr(subprocess, "call", lambda command: calls.append(command) or 0)

    run.install()

    assert calls[0][1:] == ["-m", "venv", "--clear", str(run.VENV)]
    assert calls[1][1:4] == ["-m", "pip", "install"]


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 14, 0)])
def test_a_python_too_old_or_too_new_is_told_which_will_do(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: tuple[int, ...]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)

    assert run.main(["demo"]) == 2

    assert "DealerDesk needs Python 3.11, 3.12 or 3.13" in capsys.readouterr().err
