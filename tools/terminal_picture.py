"""Runs commands and draws what they print, as a terminal of 24 lines a command shows it, to an SVG on stdout.

docs/terminal.svg is made by

    PATH=build/native:$PATH python3 tools/terminal_picture.py \\
      'inoculate robustness --model assets/{standard,certified_0.1}.safetensors --epsilon 0.1 --attacks quick --certify ibp' \\
      > docs/terminal.svg
"""

import re
import subprocess
import sys
from html import escape

COLUMN, LINE, MARGIN = 8.4, 19, 18  # of letters of 14 pixels
COLUMNS, LINES = 110, 24
PAPER, INK, PROMPT, COMMAND, FAINT = "#14171c", "#d5dae1", "#6fce8f", "#ffffff", "#7d8794"


def lines_of(command):
    """Pairs of a text and its colour, a list for each line."""
    done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    yield [("$ ", PROMPT), (command, COMMAND)]
    lines = done.stdout.rstrip("\n").split("\n")
    for line in lines[: LINES - 2]:
        shown = line if len(line) <= COLUMNS else line[: COLUMNS - 4] + " ..."
        yield [(shown, FAINT if set(line) <= {"-", " "} else INK)]
    if len(lines) > LINES - 2:
        yield [("...", FAINT)]
    yield []


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    lines = [line for command in sys.argv[1:] for line in lines_of(command)][:-1]
    width = round(2 * MARGIN + COLUMN * max(sum(len(text) for text, _ in line) for line in lines))
    height = 2 * MARGIN + LINE * len(lines)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>')
    print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">')
    for number, line in enumerate(lines):
        column = 0
        for text, colour in line:
            # Word by word, so that columns stay columns whatever font there is.
            for word in re.finditer(r"\S+", text):
                x, y = MARGIN + COLUMN * (column + word.start()), MARGIN + LINE * number + 14
                length = f'textLength="{COLUMN * len(word[0]):.1f}" lengthAdjust="spacingAndGlyphs"'
                print(f'<text x="{x:.1f}" y="{y}" fill="{colour}" {length}>{escape(word[0])}</text>')
            column += len(text)
    print("</g>\n</svg>")


main()
