"""Objects out of JSON values: lists, pages of Microsoft Graph and Exchange, and what is neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import shortened

Item = Mapping[str, Any] | Fault
KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}


def objects_in(values: Iterable[Any], file: str) -> Iterator[Item]:
    """The objects of all values in order, pages opened; a Fault for what is no object, and for a page nobody fetched.

    Pages stand one after another: the link of one leads to the next (https://learn.microsoft.com/graph/paging).
    """
    link = ""
    for number, value in enumerate(values, 1):
        if _is_page(value):
            link = str(value.get("@odata.nextLink") or "")
        yield from _objects(value, f"{file}, value {number}")
    if link:
        yield Fault(file, 0, 0, "the last page has an @odata.nextLink that was not followed: objects are missing")


def _objects(value: Any, place: str) -> Iterator[Item]:
    if isinstance(value, Fault):
        yield value
    elif isinstance(value, list):
        for member in value:
            yield from _objects(member, place)
    elif not isinstance(value, dict):
        yield Fault(place, 0, 0, f"{KINDS[type(value)]} ({shortened(value)}) stands where an object is meant")
    elif _is_page(value):
        yield from _page(value, place)
    elif _is_error(value):
        yield Fault(place, 0, 0, f"the service answered with an error: {_words_of(value['error'])}")
    else:
        yield _with_additional(value)


def _with_additional(value: dict[str, Any]) -> Mapping[str, Any]:
    """The object with what Microsoft Graph PowerShell keeps in AdditionalProperties; never in place of a property that it has."""
    additional = value.get("AdditionalProperties")
    if not isinstance(additional, dict) or not additional:
        return value
    own = {name.casefold() for name in value}
    return value | {name: member for name, member in additional.items() if name.casefold() not in own}


def _is_page(value: Any) -> bool:
    """A list in `value`, and beside it nothing but annotations, or the Count of Windows PowerShell 5.1."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), list):
        return False
    return all("@" in name or name in ("value", "Count") for name in value)


def _page(page: Mapping[str, Any], place: str) -> Iterator[Item]:
    members = page["value"]
    if page.get("Count", len(members)) != len(members):
        yield Fault(place, 0, 0, f"a list says that it has {shortened(page['Count'])} members and has {len(members)}")
    yield from _objects(members, place)


def _is_error(value: Mapping[str, Any]) -> bool:
    error = value.get("error")
    return isinstance(error, dict) and len(value) == 1 and ("code" in error or "message" in error)


def _words_of(error: Mapping[str, Any]) -> str:
    return " ".join(shortened(error[name]) for name in ("code", "message") if name in error)
