"""Make a file's text layer say the characters that were set, where a font draws two of them with one glyph."""

import re
from collections.abc import Iterator

import pymupdf

# Fonts share glyphs between these; MuPDF then writes the one on the left into the map from glyphs to characters.
TWINS = {0xA0: " ", 0xAD: "-", 0x2010: "-", 0x2011: "-", 0x2015: "—", 0x37E: ";"}
ENTRY = re.compile(r"<([0-9a-f]+)> (?:<([0-9a-f]+)> )?<([0-9a-f]+)>\n")


def correct_text_layer(document: pymupdf.Document) -> None:
    """Append to each font's ToUnicode map the glyphs that it takes for a twin: what comes last holds."""
    done: set[int] = set()
    for xref in range(1, document.xref_length()):
        kind, target = document.xref_get_key(xref, "ToUnicode")
        stream = int(target.split()[0]) if kind == "xref" else 0
        if stream and stream not in done:
            done.add(stream)
            cmap = document.xref_stream(stream).decode("ascii")
            right = "".join(f"<{glyph:04x}> <{ord(char):04x}>\n" for glyph, char in _wrong(cmap))
            if right:
                block = f"{right.count(chr(10))} beginbfchar\n{right}endbfchar\nendcmap"
                document.update_stream(stream, cmap.replace("endcmap", block).encode("ascii"))


def _wrong(cmap: str) -> Iterator[tuple[int, str]]:
    """Glyphs that are mapped to a twin, and the character meant."""
    for first, last, start in ENTRY.findall(cmap):
        low, code = int(first, 16), int(start, 16)
        for twin, char in TWINS.items():
            if 0 <= twin - code <= int(last or first, 16) - low:
                yield low + twin - code, char
