"""Plays the console over a demo of its own and draws the pictures of the README.

What is shown is what a real run shows; only how long each screen stands is chosen here."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

from drawing import cells, film, still
from terminal import Terminal

COLUMNS, LINES = 100, 27

# What has come by itself cannot be answered sooner, in seconds.
READING = 0.6
TITLE = "highwater --demo"

Shot = namedtuple("Shot", "screen key seconds")

# Keys, how they are called, what the screen shows once they have been taken in, and for how long it is
# to be looked at.
STORY = [
    ("", "", r"supplier +\d{4}-", 2.4),
    ("jjjjjj", "↓", r"payment", 0.9),
    ("i", "i", r"in 1 object(.|\n)*Ingest payment\?", 2.6),
    ("y", "y", r"ingest payment: ", 1.8),
    ("k", "↑", r"invoice", 1.6),
    ("d", "d", r"repair use-object(.|\n)*E shows all", 3.2),
    ("\r", "Enter", r"Repair invoice\?", 2.8),
    ("y", "y", r"looked at again", 2.4),
    ("i", "i", r"in 1 object(.|\n)*Ingest invoice\?", 2.0),
    ("y", "y", r"ingest invoice: ", 1.6),
    ("\x1b", "Esc", r"Tables 16", 2.0),
    ("jjjjj", "↓", r"sales_order", 0.6),
    ("p", "p", r'"sales_order_id"', 2.6),
    ("q", "q", r"Tables 16", 1.6),
]

# What the still waits for: rows that are held back, and counts that have moved.
MOVED = r"[▁-▇]{6}(.|\n)*held back by"


def play(program, state):
    """Plays the story; gives a shot for each of its steps, and the still."""
    environment = {
        "HOME": str(state),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "XDG_CONFIG_HOME": str(state),
        "XDG_STATE_HOME": str(state),
    }
    preferences = state / "highwater" / "console.json"
    preferences.parent.mkdir(parents=True)
    preferences.write_text('{"demo": {"theme": "dark", "toured": true}}')
    shots = []
    try:
        with Terminal([program, "--demo"], environment, COLUMNS, LINES) as terminal:
            for keys, name, shown, seconds in STORY:
                for key in keys:
                    terminal.press(key)
                    terminal.settle()
                terminal.wait_for(shown)
                time.sleep(READING)
                shots.append(Shot(cells(terminal.screen), name, seconds))
            terminal.wait_for(MOVED)
            picture = cells(terminal.screen)
            terminal.press("q")
            terminal.wait_for_end()
    finally:
        # For root, the cluster is elsewhere.
        subprocess.run([program, "demo", "reset", "-q"], env=environment, check=False)
    return shots, picture


def main():
    program, assets = os.path.abspath(sys.argv[1]), Path(sys.argv[2])
    # Its name is to be seen in the header, so it is to be short.
    state = Path(tempfile.gettempdir()) / "shop"
    if state.exists():
        raise SystemExit(f"{state} is in the way: remove it")
    try:
        shots, picture = play(program, state)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    pictures = {"console.svg": still(TITLE, picture), "run.svg": film(TITLE, shots)}
    for name, text in pictures.items():
        (assets / name).write_text(text)
        print(f"{assets / name}: {len(text.encode()) // 1000} kB")


if __name__ == "__main__":
    main()
