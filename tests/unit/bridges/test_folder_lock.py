"""A folder belongs to one process, until that ends."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dealerdesk.bridges.folder_lock import FolderInUseError, alone_in

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from dealerdesk.bridges.folder_lock import alone_in\n"
    "with alone_in(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_a_second_process_is_refused_with_the_first_ones_number_and_may_in_when_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(FolderInUseError) as error, alone_in(tmp_path):
            pass
        holder.kill()
        holder.wait(10)

    assert str(error.value) == (
        f"{tmp_path} is in use by process {holder.pid}: end that one first, or choose another folder"
    )
    with alone_in(tmp_path):
        assert (tmp_path / "in-use.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_is_made_and_free_again_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "journal"

    for _ in range(2):
        with alone_in(folder):
            assert folder.is_dir()


class Msvcrt(ModuleType):
    """Stands in for Windows' own: a byte of a file is one descriptor's, until that is closed."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int], int] = {}

    def locking(self, descriptor: int, mode: int, count: int) -> None:
        assert (mode, count) == (self.LK_NBLCK, 1)
        place = (os.fstat(descriptor).st_ino, os.lseek(descriptor, 0, os.SEEK_CUR))
        # a number that is handed out again belonged to a file that has been closed
        if self.held.get(place, descriptor) != descriptor and _is_open(self.held[place]):
            raise PermissionError(13, "Permission denied")
        self.held[place] = descriptor


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_on_windows_one_byte_far_behind_the_holders_number_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Msvcrt()
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    monkeypatch.setattr(sys, "platform", "win32")
    spec = importlib.util.find_spec("dealerdesk.bridges.folder_lock")
    assert spec is not None
    assert spec.loader is not None
    there = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(there)
    folder = tmp_path / "journal"

    with there.alone_in(folder):
        assert [place for _file, place in windows.held] == [there.PLACE]
        assert (folder / there.LOCK).read_bytes() == f"{os.getpid()}\n".encode()
        with pytest.raises(there.FolderInUseError, match=f"is in use by process {os.getpid()}"), there.alone_in(folder):
            pass
    with there.alone_in(folder):
        assert (folder / there.LOCK).stat().st_size < there.PLACE
