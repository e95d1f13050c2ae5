"""`Export-Clixml` files, streamed: each object is given out, and forgotten, as soon as it is read.

The parser is defusedxml's, which refuses document types, and with them entities. Three handlers are ours: as SAX events they are too slow.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import XMLParserType
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected, shortened
from ctm_audit.readers.clixml_values import NOT_KEPT, PRIMITIVES, SECTIONS, UNMARKED, Open, TypeMarks, marks_of, unescaped
from ctm_audit.readers.text import NOTHING

STEP = 1 << 18
LONGEST_OBJECT = 1 << 28  # characters of one object
LONGEST_TAG = 1 << 24
ELEMENT = 16  # what an element without text counts
DEEPEST = 100
KEPT_REFERENCES = 50_000  # values that a later <Ref> may name


NO_BEGINNING = "this is not Export-Clixml: it does not begin with <Objs>"
CUT = ("no element found", "unclosed token", "partial character", "unclosed CDATA section")
TEXTS = PRIMITIVES.keys() | {"ToString", "T"}


class Unusable(Exception):
    """From here on the file cannot be read."""


def read_clixml(path: Path) -> Iterator[Any | Fault]:
    """The top-level values of the file. Raises NotCollected when it holds nothing, or something else than Export-Clixml writes."""
    parser = _Parser(path.name)
    with path.open("rb") as file:
        if not file.read(1 << 10).strip(b"\xef\xbb\xbf\xfe\xff \r\n\t\0"):
            raise NotCollected(NOTHING.format(path.name))
        file.seek(0)
        try:
            while chunk := file.read(STEP):
                parser.take(chunk)
                yield from parser.given()
            parser.close()
        except (SAXParseException, DefusedXmlException, Unusable) as error:
            yield from parser.given()
            yield parser.end(error)


class _Parser(DefusedExpatParser):
    """Takes bytes; `given` are the top-level values that were completed since it was last asked."""

    _parser: XMLParserType  # of xml.sax.expatreader

    def __init__(self, file: str) -> None:
        super().__init__(forbid_dtd=True)
        self._file = file
        self._found: list[Any] = []
        self._stack: list[Open] = []
        self._types: dict[str, TypeMarks] = {}
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._pieces: list[str] = []
        self._name = ""
        self._size = 0
        self._fed = 0
        self._is_begun = self._is_done = False
        self._twice = ""

    def reset(self) -> None:
        """Prepare for a file; the handlers for document types and entities stay defusedxml's."""
        super().reset()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._pieces.append

    def take(self, chunk: bytes) -> None:
        """Read on. Raises Unusable when one tag or object is beyond measure."""
        self._fed += len(chunk)
        self.feed(chunk)
        pending = sum(map(len, self._pieces))
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TAG or self._size + pending > LONGEST_OBJECT:
            raise Unusable(f"an object is longer than {LONGEST_OBJECT:,} characters")

    def given(self) -> list[Any]:
        """The values completed since the last call."""
        found, self._found = self._found, []
        return found

    def end(self, error: Exception) -> Fault:
        """What is to be said of the place where reading ends."""
        line = error.getLineNumber() or 0 if isinstance(error, SAXParseException) else self._parser.CurrentLineNumber
        if isinstance(error, DefusedXmlException):
            what = "the file declares a document type or entities, as Export-Clixml never does"
        elif isinstance(error, SAXParseException):
            what = "the file ends in the middle: it was cut off" if self._is_cut(error) else f"this is not XML: {error.getMessage()}"
        else:
            what = str(error)
        return Fault(self._file, line, 1, f"{what}; nothing from here on was read")

    def _is_cut(self, error: SAXParseException) -> bool:
        return not self._is_done and error.getMessage() in CUT

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in TEXTS:
            self._name = attributes.get("N", "") if attributes else ""
            self._pieces.clear()
        elif tag == "Obj":
            self._open(attributes)
        elif tag in SECTIONS:
            self._innermost(tag).begin(tag)
        elif tag == "Ref":
            self._put(attributes.get("N", ""), self._kept.get(attributes.get("RefId", ""), NOT_KEPT))
        elif tag == "TNRef":
            self._innermost(tag).marks = self._types.get(attributes.get("RefId", ""), UNMARKED)
        elif tag == "TN":
            self._innermost(tag).type_ref = attributes.get("RefId", "")
        elif not self._is_begun and tag == "Objs":
            self._is_begun = True
        elif tag != "En":
            raise Unusable(f"this is not Export-Clixml: <{shortened(tag)}> is none of its elements")

    def _open(self, attributes: dict[str, str]) -> None:
        if not self._is_begun or len(self._stack) >= DEEPEST:
            raise Unusable(f"objects stand {DEEPEST} deep in each other" if self._stack else NO_BEGINNING)
        self._stack.append(Open(attributes.get("N", ""), attributes.get("RefId", "")))

    def _innermost(self, tag: str) -> Open:
        if not self._stack:
            raise Unusable(f"this is not Export-Clixml: <{tag}> stands outside of an object")
        return self._stack[-1]

    def _end(self, tag: str) -> None:
        read = PRIMITIVES.get(tag)
        if read is not None:
            text = "".join(self._pieces)
            self._size += len(text) + ELEMENT
            if self._stack and self._stack[-1].put(self._name, read(text)):
                self._twice = self._name or self._twice
            elif not self._stack:
                self._give(read(text))
        elif tag == "Obj":
            self._close()
        elif tag in SECTIONS:
            self._stack[-1].section = ""
        elif self._stack:
            self._end_of_description(tag, self._stack[-1])
        else:
            self._is_done = tag == "Objs"

    def _end_of_description(self, tag: str, innermost: Open) -> None:
        if tag == "ToString":
            innermost.shown = unescaped("".join(self._pieces))
        elif tag == "T":
            innermost.types = [*(innermost.types or ()), "".join(self._pieces)]
        elif tag == "TN":
            innermost.marks = self._types[innermost.type_ref] = marks_of(innermost.types)

    def _close(self) -> None:
        done = self._stack.pop()
        value = done.value(nested=bool(self._stack))
        if self._stack and done.ref:
            self._kept[done.ref] = value
            if len(self._kept) > KEPT_REFERENCES:
                self._kept.popitem(last=False)
        self._put(done.name, value)

    def _put(self, name: str, value: Any) -> None:
        if self._stack:
            self._twice = self._stack[-1].put(name, value) or self._twice
        else:
            self._give(value)

    def _give(self, value: Any) -> None:
        if not self._is_begun:
            raise Unusable(NO_BEGINNING)
        if self._twice:
            what = f"{shortened(self._twice)} stands twice in one object; the object that ends here was left out"
            value = Fault(self._file, self._parser.CurrentLineNumber, 1, what)
        self._found.append(value)
        self._size, self._twice = 0, ""
