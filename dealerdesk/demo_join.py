"""Lets further desks join a running demonstration: each a process of its own, for another of its people.

The running one listens at a socket in its own folder, where nobody else can come, and hands the terms, the bridges'
key among them, over that line: they stand in no file and no argument. The line stays open as long as the demonstration
runs, so that its end, however it comes, ends every desk that joined. Where the socket lies is noted in the user's
folder; that note holds no secret.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import msgspec
import structlog

from dealerdesk.commands.signed_in import Session
from dealerdesk.config import CannotStartError, ConfigError, Credentials, Profile, user_folder
from dealerdesk.desk.access import Access
from dealerdesk.desk.app import SIGN_IN_AGAIN, Launch, run
from dealerdesk.desk.settings import UserFiles
from dealerdesk.store.demo_staff import PEOPLE

log = structlog.get_logger(__name__)
LOOK_S = 0.25
TERMS_WITHIN_S = 120.0
NOBODY = "No demonstration is running here: start one with `dealerdesk demo`, then join it."
HAS_ENDED = "The demonstration that this desk had joined has ended"
ENDED_EARLY = "The demonstration ended before this desk could join it."


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a desk needs to join; `staff` sits at the first one."""

    profile: Profile
    credentials: Credentials
    staff: str


def note_file() -> Path:
    """Where the address of the demonstration that was started last is noted."""
    return user_folder("demo") / "running"


class Meeting:
    """The place where desks join. `begin` listens, `offer` says the terms once all is up, `end` lets everybody go."""

    def __init__(self, folder: Path) -> None:
        self._address = _address(folder)
        self._terms: Terms | None = None
        self._is_up = threading.Event()
        self._has_ended = threading.Event()
        self._lines: list[Connection] = []
        self._lock = threading.Lock()
        self._listener: Listener | None = None
        self._thread = threading.Thread(target=self._welcome, name="meeting", daemon=True)

    def begin(self) -> None:
        """Listens from now on; without a folder to note it in, the demonstration runs on alone."""
        try:
            self._listener = Listener(self._address)
            note_file().parent.mkdir(parents=True, exist_ok=True)
            note_file().write_text(self._address, "utf-8")
        except OSError as error:
            log.warning("nobody can join this demonstration", error=str(error))
        if self._listener is not None:
            self._thread.start()

    def offer(self, terms: Terms) -> None:
        """Everything is up: who waits and who comes gets these."""
        with self._lock:
            self._terms = terms
            for line in self._lines:
                _tell(line, terms)

    def end(self) -> None:
        """Lets everybody go; a second call does nothing."""
        if self._listener is None or self._has_ended.is_set():
            return
        self._has_ended.set()
        with contextlib.suppress(OSError):
            if note_file().read_text("utf-8") == self._address:
                note_file().unlink()
        # the thread waits for somebody to come
        with contextlib.suppress(OSError):
            Client(self._address).close()
        self._thread.join()
        self._listener.close()
        with self._lock:
            for line in self._lines:
                line.close()

    def _welcome(self) -> None:
        assert self._listener is not None
        while not self._has_ended.is_set():
            try:
                line = self._listener.accept()
            except (OSError, EOFError) as error:
                log.warning("somebody who came to join left again", error=str(error))
                continue
            with self._lock:
                self._lines.append(line)
                if self._terms is not None:
                    _tell(line, self._terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinOptions:
    """How a desk joins; `staff` is empty for somebody else than sits at the first one."""

    staff: str
    headless: bool
    seconds: float | None
    screenshot: Path | None


class Line:
    """The open line to the demonstration; `terms` came over it."""

    def __init__(self, line: Connection, terms: Terms) -> None:
        self.terms = terms
        self._line = line
        self._has_left = threading.Event()
        self.has_ended = False

    def until_it_ends(self) -> str:
        """Blocks until the demonstration ends, or this desk leaves it, and says which happened (empty: it left)."""
        while not self._has_left.is_set():
            if self._is_over():
                self.has_ended = True
                return f"{HAS_ENDED}: it closes now"
        return ""

    def _is_over(self) -> bool:
        """Nothing more is ever said: what can be read, or not even that, is the end."""
        try:
            return self._line.poll(LOOK_S)
        except OSError:
            return True

    def leave(self) -> None:
        """Ends the wait; a second call does nothing."""
        self._has_left.set()


def meet(note: Path | None = None) -> Line:
    """A line to the demonstration that runs, once all of it is up (blocking).

    Raises CannotStartError when none runs, or when it ends meanwhile.
    """
    try:
        line = Client((note or note_file()).read_text("utf-8"))
    except OSError as error:
        raise CannotStartError(NOBODY) from error
    try:
        if not line.poll(TERMS_WITHIN_S):
            raise CannotStartError(f"The demonstration was not up within {TERMS_WITHIN_S:.0f} seconds; try again.")
        return Line(line, msgspec.json.decode(line.recv_bytes(), type=Terms))
    except (OSError, EOFError) as error:
        raise CannotStartError(ENDED_EARLY) from error
    except msgspec.DecodeError as error:
        raise CannotStartError("The demonstration that runs is of another version: start it anew.") from error


def join_demo(options: JoinOptions) -> int:
    """Opens one more desk on the demonstration that runs, until it closes or the demonstration ends; 1 for a bug.

    Raises CannotStartError when none runs, ConfigError for somebody who does not work there.
    """
    if options.headless and options.seconds is None and options.screenshot is None:
        raise ConfigError("--headless: say with --seconds how long")
    line = meet()
    session = session_of(options.staff or _somebody_else(line.terms.staff))
    with tempfile.TemporaryDirectory(prefix="dealerdesk-") as folder:
        files = Path(folder) if options.headless else user_folder(f"demo-{session.staff}")
        code = run(
            Launch(
                access=Access(line.terms.profile, session),
                credentials=line.terms.credentials,
                files=UserFiles(files),
                until=line.until_it_ends,
                stop_children=line.leave,
                headless=options.headless,
                seconds=options.seconds,
                screenshots=options.screenshot,
            )
        )
    if line.has_ended:
        print(f"{HAS_ENDED}.", file=sys.stderr)
    return 0 if code == SIGN_IN_AGAIN else code


def _somebody_else(than: str) -> str:
    """Whoever decides what most people ask for, or asks when it is they who sit there already."""
    return "dana" if than == "carol" else "carol"


def session_of(staff: str) -> Session:
    """One of the demonstration's people at a desk; raises ConfigError for anybody else.

    Nobody has a password here: the database is gone when the window closes.
    """
    people = {person: (name, role) for person, name, role in PEOPLE}
    if staff not in people:
        raise ConfigError(f"--staff: expected one of {', '.join(people)}, got {staff!r}")
    name, role = people[staff]
    return Session(staff=staff, name=name, role=role, login=staff, has_password=False)


def _tell(line: Connection, terms: Terms) -> None:
    with contextlib.suppress(OSError):
        line.send_bytes(msgspec.json.encode(terms))


def _address(folder: Path) -> str:
    """A socket in the demonstration's own folder; where there are none, a pipe of the system's under its name."""
    if sys.platform == "win32":
        return rf"\\.\pipe\{folder.name}"
    return str(folder / "door")
