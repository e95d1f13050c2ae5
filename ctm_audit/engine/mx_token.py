"""How Exchange Online writes a domain into the name of its MX host: a hint for people, never what is expected.

Microsoft documents nothing of it and says to read the value; the way is seen in 23 of 23 public samples. Dots become hyphens. Hyphens
go, and their places are written behind: `0`, then for each group of four characters a letter whose bits are the places of hyphens in
it, and for groups without one their number.
"""

from __future__ import annotations

from itertools import groupby

GROUP = 4


def mx_token(domain: str) -> str:
    """The left label of the host, such as contoso-com for contoso.com."""
    masks = [
        sum(1 << place for place, letter in enumerate(domain[at : at + GROUP]) if letter == "-") for at in range(0, len(domain), GROUP)
    ]
    while masks and not masks[-1]:
        masks.pop()
    runs = [(mask, len(list(run))) for mask, run in groupby(masks)]
    written = "".join(chr(ord("a") + mask) * length if mask else str(length) for mask, length in runs)
    return domain.replace("-", "").replace(".", "-") + (f"0{written}" if written else "")
