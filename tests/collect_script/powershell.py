"""What a PowerShell script says, read from its syntax tree: for tests of the script that nobody can run here."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter
import tree_sitter_powershell

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
QUOTES = "'‘’‚‛"


def nodes(source: str | tree_sitter.Node, *types: str) -> Iterator[tree_sitter.Node]:
    """Every node of some types (all, when none is named), in the order of the text."""
    waiting = [PARSER.parse(source.encode()).root_node if isinstance(source, str) else source]
    while waiting:
        node = waiting.pop()
        if not types or node.type in types:
            yield node
        waiting += reversed(node.children)


def text_of(node: tree_sitter.Node) -> str:
    """The text of a node."""
    return (node.text or b"").decode()


def faults(script: str) -> list[str]:
    """What cannot be parsed."""
    return [f"{node.start_point}: {text_of(node)[:80]}" for node in nodes(script) if node.is_error or node.is_missing]


def verbatim(node: tree_sitter.Node) -> str:
    """The value of a single-quoted literal: doubled quotes stand for one."""
    inner = text_of(node)[1:-1]
    for quote in QUOTES:
        inner = inner.replace(quote * 2, quote)
    return inner


def commands(script: str) -> Iterator[tuple[str, list[str]]]:
    """Every command by its name, with its parameters without dash; a call of a variable by that variable's text."""
    for node in nodes(script, "command"):
        name = node.child_by_field_name("command_name")
        elements = node.child_by_field_name("command_elements")
        given = [child for child in elements.children if child.type == "command_parameter"] if elements else []
        assert name is not None, text_of(node)
        yield text_of(name), [text_of(parameter).lstrip("-").rstrip(":") for parameter in given]


def calls(script: str) -> Iterator[tuple[str, int]]:
    """Every command by its name, with the number of its arguments."""
    for node in nodes(script, "command"):
        name, elements = node.child_by_field_name("command_name"), node.child_by_field_name("command_elements")
        assert name is not None
        yield text_of(name), sum(child.type != "command_argument_sep" for child in elements.children) if elements else 0


def signatures(script: str) -> dict[str, tuple[int, int]]:
    """How many arguments each function of the script needs at least and takes at most."""
    found = {}
    for function in nodes(script, "function_statement"):
        name = next(text_of(node) for node in nodes(function, "function_name"))
        parameters = list(nodes(function, "script_parameter"))
        optional = sum(any(child.type == "script_parameter_default" for child in parameter.children) for parameter in parameters)
        found[name] = (len(parameters) - optional, len(parameters))
    return found


def functions(script: str) -> set[str]:
    """The names of the functions that the script defines."""
    return {text_of(node) for node in nodes(script, "function_name")}


def keys_in(script: str) -> list[str]:
    """The strings of the arrays that are added to $MappedKeys, as [regex]::Unescape reads them."""
    found = []
    for call in nodes(script, "invokation_expression"):
        if text_of(call).startswith("$MappedKeys.AddRange("):
            found += [unescaped(verbatim(node)) for node in nodes(call, "verbatim_string_characters")]
    return found


def unescaped(text: str) -> str:
    r"""What [regex]::Unescape makes of a text that has no other escapes than \uXXXX."""
    units = bytearray()
    place = 0
    while place < len(text):
        if text[place] == "\\":
            assert text[place + 1] == "u", text
            units += bytes.fromhex(text[place + 2 : place + 6])
            place += 6
        else:
            units += text[place].encode("utf-16-be")
            place += 1
    return units.decode("utf-16-be", "surrogatepass")
