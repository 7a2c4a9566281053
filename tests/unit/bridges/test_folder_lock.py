"""A folder belongs to one process, until that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
