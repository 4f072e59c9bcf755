"""A program in a pseudo-terminal: keys in, screens out."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pyte

# How long anything may take.
PATIENCE = 120
# How long nothing must change for a screen to be finished.
QUIET = 0.3


class Terminal:
    """A program in a terminal of its own; it ends with the block that it is used in."""

    def __init__(self, command, environment, columns, lines):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.program = subprocess.Popen(
            command,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.terminate()
            self.program.wait(PATIENCE)
        os.close(self.master)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def text(self):
        return "\n".join(self.screen.display)

    def wait_for(self, pattern):
        """Waits until the screen shows the pattern, and is finished."""
        self._until(lambda: re.search(pattern, self.text()), pattern)
        self.settle()

    def settle(self):
        """Waits until nothing changes any more, but the clock in the first line."""
        deadline = time.monotonic() + PATIENCE
        quiet_since, before = time.monotonic(), self._body()
        while time.monotonic() - quiet_since < QUIET:
            self._read(0.05)
            if self._body() != before:
                quiet_since, before = time.monotonic(), self._body()
            if time.monotonic() > deadline:
                raise SystemExit(f"it never rests:\n{self.text()}")

    def wait_for_end(self):
        """Waits for the program's end."""
        deadline = time.monotonic() + PATIENCE
        while self.program.poll() is None:
            self._read(0.05)
            if time.monotonic() > deadline:
                raise SystemExit(f"it never ends:\n{self.text()}")

    def _until(self, is_so, what):
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            self._read(0.05)
            if self.program.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"never shown: {what}\n{self.text()}")

    def _read(self, patience):
        ready, _, _ = select.select([self.master], [], [], patience)
        if ready:
            try:
                self.stream.feed(os.read(self.master, 65536))
            except OSError:
                # The other end is closed: the program has ended.
                pass

    def _body(self):
        return self.screen.display[1:]
