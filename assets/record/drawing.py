"""Screens as SVG: one picture, or several that follow each other by CSS alone."""

from html import escape
from unicodedata import east_asian_width

# A cell, in pixels, and the text in it.
WIDE, HIGH, BASE, SIZE = 8.4, 18, 13.5, 14
# Around the screen: the sides, and the bar above it.
PAD, BAR = 14, 34
TEXT, BACK, EDGE, FAINT = "#d5dae3", "#14171d", "#2c323d", "#8a93a3"
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
NAMED = {
    "black": "#14171d",
    "red": "#ef8f8f",
    "green": "#8fd18f",
    "brown": "#e6c84f",
    "blue": "#7fb0f0",
    "magenta": "#d0a9ef",
    "cyan": "#5fd7d7",
    "white": TEXT,
}


def still(title, screen):
    """One screen."""
    width, height = _size(screen)
    body = "".join(_line(row, y * HIGH) for y, row in enumerate(screen))
    return _document(width, height, "", _frame(title, width, height) + _shifted(body))


def film(title, shots):
    """Screens one after the other, each for its seconds, with the key that led to it; again and again.

    What lines have in common is drawn once and used where it is shown."""
    width, height = _size(shots[0].screen)
    lines, names, frames, starts, at = {}, [], [], [], 0.0
    for number, shot in enumerate(shots):
        uses = []
        for y, row in enumerate(shot.screen):
            drawn = _line(row, 0)
            if drawn:
                name = lines.setdefault(drawn, f"l{len(lines)}")
                uses.append(f'<use href="#{name}" y="{y * HIGH}"/>')
        key = _key(shot.key, width)
        frames.append(f'<g class="f f{number}">{_shifted("".join(uses))}{key}</g>')
        starts.append(at)
        at += shot.seconds
    names = "".join(f'<g id="{name}">{drawn}</g>' for drawn, name in lines.items())
    style = [f".f{{visibility:hidden;animation:{at:.2f}s step-end infinite}}"]
    for number, (start, shot) in enumerate(zip(starts, shots)):
        begin, end = 100 * start / at, 100 * (start + shot.seconds) / at
        hidden = "0%{visibility:hidden}" if number else ""
        last = f"{end:.3f}%{{visibility:hidden}}" if end < 99.999 else ""
        style.append(f".f{number}{{animation-name:k{number}}}")
        style.append(f"@keyframes k{number}{{{hidden}{begin:.3f}%{{visibility:visible}}{last}}}")
    # Where nothing is to move, the first screen stands.
    style.append("@media (prefers-reduced-motion){.f{animation:none}.f0{visibility:visible}}")
    body = f"<defs>{names}</defs>{_frame(title, width, height)}{''.join(frames)}"
    return _document(width, height, "".join(style), body)


def cells(screen):
    """What a pyte screen shows, as lines of (text, style) cells that will not change any more."""
    lines = []
    for y in range(screen.lines):
        row = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            fore, back = _colour(cell.fg, TEXT), _colour(cell.bg, None)
            if cell.reverse:
                fore, back = back or BACK, fore
            row.append((cell.data, (fore, back, cell.bold, cell.underscore)))
        lines.append(row)
    return lines


def _size(screen):
    return len(screen[0]) * WIDE + 2 * PAD, len(screen) * HIGH + BAR + PAD


def _colour(name, default):
    if name == "default":
        return default
    return NAMED.get(name) or f"#{name}"


def _line(row, top):
    """One line: its backgrounds, then its texts, a piece for each style."""
    backs, texts, x = [], [], 0
    for text, (fore, back, bold, underlined) in _pieces(row):
        columns = sum(_columns(c) for c in text)
        if back:
            backs.append(
                f'<rect x="{x * WIDE:.1f}" y="{top}" width="{columns * WIDE:.1f}" height="{HIGH}" fill="{back}"/>'
            )
        bare = text.strip()
        if bare:
            start = x + sum(_columns(c) for c in text[: len(text) - len(text.lstrip())])
            length = sum(_columns(c) for c in bare) * WIDE
            look = "" if fore == TEXT else f' fill="{fore}"'
            look += ' font-weight="bold"' if bold else ""
            look += ' text-decoration="underline"' if underlined else ""
            texts.append(
                f'<text x="{start * WIDE:.1f}" y="{top + BASE}" textLength="{length:.1f}"{look}>{escape(bare, False)}</text>'
            )
        x += columns
    return "".join(backs + texts)


def _pieces(row):
    """Neighbours of one style together. Of a blank only what is behind it can be seen."""
    pieces = []
    for text, style in row:
        if text == "":
            continue
        if text == " " and pieces and pieces[-1][1][1] == style[1] and not style[3]:
            style = pieces[-1][1]
        if pieces and pieces[-1][1] == style:
            pieces[-1][0] += text
        else:
            pieces.append([text, style])
    return pieces


def _columns(character):
    return 2 if east_asian_width(character) in "WF" else 1


def _shifted(body):
    return f'<g transform="translate({PAD} {BAR})">{body}</g>'


def _frame(title, width, height):
    dots = "".join(
        f'<circle cx="{PAD + 6 + 18 * place}" cy="{BAR / 2}" r="5" fill="{EDGE}"/>' for place in range(3)
    )
    return (
        f'<rect x=".5" y=".5" width="{width - 1:.1f}" height="{height - 1:.1f}" rx="8" fill="{BACK}" stroke="{EDGE}"/>'
        f'{dots}<text x="{width / 2:.1f}" y="{BAR / 2 + 5}" text-anchor="middle" fill="{FAINT}">{escape(title)}</text>'
    )


def _key(key, width):
    if not key:
        return ""
    wide = len(key) * WIDE + 16
    left = width - PAD - wide
    return (
        f'<rect x="{left:.1f}" y="6" width="{wide:.1f}" height="22" rx="4" fill="{EDGE}"/>'
        f'<text x="{left + 8:.1f}" y="{BAR / 2 + 5}" font-weight="bold">{escape(key)}</text>'
    )


def _document(width, height, style, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}" fill="{TEXT}" font-family="{FONTS}" font-size="{SIZE}" '
        f'xml:space="preserve"><style>text{{white-space:pre}}{style}</style>{body}</svg>\n'
    )
