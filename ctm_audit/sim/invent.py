"""Names and numbers that are made up, yet the same for the same seed, whoever else is in the scenario."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

# Given name, family name, address, country as Exchange prints it. No real person is meant.
# NAMES are people of the source, STAFF work in the target already.
NAMES = (
    ("Siobhán", "O'Brien", "siobhan.o'brien", "Ireland"),
    ("Jürgen", "Müller", "juergen.mueller", "Germany"),
    ("Søren", "Kjærgaard", "soeren.kjaergaard", "Denmark"),
    ("小明", "王", "xiaoming.wang", "China"),
    ("François", "Lefèvre", "francois.lefevre", "France"),
    ("Łukasz", "Wiśniewski", "lukasz.wisniewski", "Poland"),
    ("Priya", "Raghunathan", "priya.raghunathan", "India"),
    ("José", "Núñez García", "jose.nunez", "Spain"),
    ("Mary-Jane", "Smith", "mary-jane.smith", "United States"),
    ("Zoë", "van den Berg", "zoe.vandenberg", "Netherlands"),
    ("İlkay", "Öztürk", "ilkay.ozturk", "Türkiye"),
    ("健", "佐藤", "ken.sato", "Japan"),
    ("Олена", "Шевченко", "olena.shevchenko", "Ukraine"),
    ("Björn", "Åkesson", "bjorn.akesson", "Sweden"),
    ("Chinedu", "Okafor", "chinedu.okafor", "Nigeria"),
    ("Αλέξανδρος", "Παπαδόπουλος", "alexandros.papadopoulos", "Greece"),
    ("João", "da Silva", "joao.dasilva", "Brazil"),
    ("Ingrid", "Weiß", "ingrid.weiss", "Austria"),
    ("Hương", "Nguyễn", "huong.nguyen", "Vietnam"),
    ("Fatima", "al-Zahra", "fatima.alzahra", "Morocco"),
    ("Tomáš", "Dvořák", "tomas.dvorak", "Czechia"),
    ("민준", "김", "minjun.kim", "Korea"),
    ("Ágnes", "Szabó", "agnes.szabo", "Hungary"),
    ("Kwame", "Mensah", "kwame.mensah", "Ghana"),
    ("Aoife", "Ní Dhomhnaill", "aoife.nidhomhnaill", "Ireland"),
    ("Ruža", "Đorđević", "ruza.djordjevic", "Serbia"),
    ("Omar", "Haddad", "omar.haddad", "Lebanon"),
    ("Leilani", "Kahananui", "leilani.kahananui", "United States"),
    ("Henrik", "Lindqvist", "henrik.lindqvist", "Finland"),
    ("Marco", "D'Angelo", "marco.d'angelo", "Italy"),
    ("Elif", "Kaya", "elif.kaya", "Türkiye"),
    ("Ana Belén", "Ortiz", "anabelen.ortiz", "Spain"),
)
STAFF = (
    ("Nora", "Bakker", "nora.bakker", "Netherlands"),
    ("Samuel", "Adeyemi", "samuel.adeyemi", "United Kingdom"),
    ("Clémence", "Roux", "clemence.roux", "France"),
    ("Petra", "Nováková", "petra.novakova", "Czechia"),
    ("Diego", "Fuentes", "diego.fuentes", "Mexico"),
    ("Hannah", "Goldberg", "hannah.goldberg", "United States"),
)
FAMILY_NAME_FIRST = frozenset({"China", "Japan", "Korea", "Vietnam", "Hungary"})
LETTERS = str.maketrans({"ß": "ss", "ø": "oe", "Ø": "Oe", "æ": "ae", "ł": "l", "Ł": "L", "đ": "dj", "Đ": "Dj"})
DEPARTMENTS = ("Finance", "Engineering", "Sales", "Legal", "Human Resources", "IT", "Marketing", "Research & Development")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name: `address` is the local part of the mail address, plain ASCII."""

    first: str
    last: str
    address: str
    country: str
    department: str

    @property
    def name(self) -> str:
        """The whole name, in the order of its country."""
        names = (self.last, self.first) if self.country in FAMILY_NAME_FIRST else (self.first, self.last)
        return " ".join(names).strip()

    @property
    def alias(self) -> str:
        """The address without what Exchange refuses in an alias."""
        return self.address.replace("'", "")


@dataclass(frozen=True, slots=True)
class Dice:
    """Values drawn from a seed and the labels of what they are for, so that an addition changes nothing else."""

    seed: int

    def number(self, low: int, high: int, *labels: str) -> int:
        """A number from `low` to `high`, both included."""
        return low + int.from_bytes(self._digest(labels)[:8], "big") % (high - low + 1)

    def chance(self, percent: int, *labels: str) -> bool:
        """True in about `percent` of a hundred cases."""
        return self.number(1, 100, *labels) <= percent

    def one_of(self, choices: Sequence[T], *labels: str) -> T:
        """One of the choices."""
        return choices[self.number(0, len(choices) - 1, *labels)]

    def guid(self, *labels: str) -> str:
        """A well-formed random-looking GUID, lower case with dashes."""
        return str(uuid.UUID(bytes=self._digest(labels)[:16], version=4))

    def digits(self, length: int, *labels: str) -> str:
        """Lower-case hexadecimal digits."""
        return self._digest(labels).hex()[:length]

    def _digest(self, labels: Sequence[str]) -> bytes:
        return hashlib.sha256("\n".join((str(self.seed), *labels)).encode()).digest()


INVENT = Dice(0)  # for what a fault brings into a scenario


def person(dice: Dice, index: int) -> Person:
    """The person of the source at `index`; beyond the list of names, the same name again with a number."""
    return _person(dice, NAMES, index)


def colleague(dice: Dice, index: int) -> Person:
    """Somebody who works in the target already; none has a name of the source."""
    return _person(dice, STAFF, index)


def _person(dice: Dice, names: Sequence[tuple[str, str, str, str]], index: int) -> Person:
    lap, place = divmod(index, len(names))
    first, last, address, country = names[place]
    number = str(lap + 1) if lap else ""
    department = dice.one_of(DEPARTMENTS, "department", address, number)
    return Person(first, f"{last} {number}".strip(), f"{address}{number}", country, department)


def plain(name: str) -> str:
    """A name as old directories kept it: without marks, blanks kept, other scripts dropped."""
    decomposed = unicodedata.normalize("NFKD", name.translate(LETTERS))
    return "".join(letter for letter in decomposed if letter.isascii()).strip()
