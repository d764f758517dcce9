"""Frozen dataclasses made in less time: in all that is used of them they do as those of `dataclasses` do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, field
from types import ModuleType
from typing import Any, ClassVar

import pytest

from memdb_tui import frozen

SOURCE = '''
from __future__ import annotations
from typing import ClassVar, Generic, TypeVar
from dataclasses import field

T = TypeVar("T")

@dataclass(frozen=True, slots=True)
class Point:
    """A point."""
    kind: ClassVar[str] = "point"
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)
    names: tuple[str, ...] = field(default=())

    @property
    def sum(self) -> int:
        return self.x + self.y

@dataclass(frozen=True, slots=True)
class One:
    value: object

@dataclass(frozen=True, slots=True)
class Nothing:
    """Has no fields."""

@dataclass(frozen=True, slots=True)
class Typed(Generic[T]):
    value: T

@dataclass(frozen=True, slots=True)
class Checked:
    low: int
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")

@dataclass(frozen=True, slots=True)
class Named:
    name: str
    note: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<{self.name}>"
'''


def _module(name: str, decorator: object) -> Any:
    module = ModuleType(name)
    vars(module)["dataclass"] = decorator
    sys.modules[name] = module
    exec(SOURCE, vars(module))
    return module


# Of one name, so that what they show can be compared.
STANDARD = _module("frozen_samples", dataclasses.dataclass)
MADE = _module("frozen_samples", frozen.dataclass)

EXPRESSIONS = (
    "m.Point(1)",
    "m.Point(1, 2, ['a'], ('b',))",
    "m.Point(x=1, tags=['a'])",
    "m.Point(1) == m.Point(1, 0)",
    "m.Point(1) == m.Point(2)",
    "m.Point(1) == (1, 0, [], ())",
    "m.Point(1) != m.One(1)",
    "m.Point(1).tags is m.Point(1).tags",
    "m.Point(1, 5).sum, m.Point.kind, m.Point.__doc__, m.Point.__match_args__, m.Point.__slots__",
    "m.Point()",
    "m.Point(1, 2, 3, 4, 5)",
    "m.Point(1, z=2)",
    "hash(m.One('a')) == hash(m.One('a'))",
    "hash(m.One([]))",
    "m.One(m.One(1))",
    "{m.One(1), m.One(1), m.One(2)}",
    "m.Nothing(), m.Nothing() == m.Nothing(), hash(m.Nothing()) == hash(m.Nothing())",
    "m.Typed(3), m.Typed(3) == m.Typed(3)",
    "m.Checked(1), m.Checked(1) == m.Checked(1, 9)",
    "m.Checked(10)",
    "m.Named('a', 'b'), m.Named('a', 'b') == m.Named('a'), hash(m.Named('a')) == hash('a')",
    "d.replace(m.Point(1, 2), y=3)",
    "d.replace(m.Checked(1), low=10)",
    "d.replace(m.Point(1), z=3)",
    "d.asdict(m.Point(1)), d.astuple(m.Point(1)), d.is_dataclass(m.Point)",
    "[(f.name, f.type, f.default) for f in d.fields(m.Named)]",
    "copy.copy(m.Point(1)), copy.deepcopy(m.Point(1, 2, ['a'])), copy.copy(m.Nothing())",
    "setattr(m.Point(1), 'x', 2)",
    "delattr(m.Point(1), 'x')",
    "m.Point(1).other",
)


def _outcome(expression: str, module: Any) -> str:
    names = {"m": module, "d": dataclasses, "copy": copy}
    try:
        return f"{eval(expression, names)!r}"
    except Exception as error:  # noqa: BLE001 - whatever it is, both have to raise it
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_they_do_as_the_standard_ones_do(expression: str) -> None:
    assert _outcome(expression, MADE) == _outcome(expression, STANDARD)


def test_they_can_be_pickled() -> None:
    value = MADE.Point(1, 2, ["a"], ("b",))
    assert pickle.loads(pickle.dumps(value)) == value
    assert pickle.loads(pickle.dumps(MADE.Nothing())) == MADE.Nothing()


def test_nothing_can_be_put_into_one() -> None:
    value = MADE.Point(1)
    with pytest.raises(FrozenInstanceError):
        value.y = 2
    with pytest.raises(FrozenInstanceError):
        value.other = 2
    with pytest.raises(FrozenInstanceError):
        del value.y
    assert not hasattr(value, "__dict__")
    assert value.y == 0


@pytest.mark.parametrize(
    "given", [{"init": False}, {"repr": False}, {"compare": False}, {"hash": True}, {"kw_only": True}]
)
def test_what_is_not_made_here_is_refused_when_the_class_is_made(given: dict[str, Any]) -> None:
    class Wanted:
        kept: ClassVar[int] = 1
        value: int = field(default=0, **given)

    with pytest.raises(TypeError, match="only defaults can be given here"):
        frozen.dataclass(frozen=True, slots=True)(Wanted)


@pytest.mark.parametrize("options", [{"frozen": False, "slots": True}, {"frozen": True, "slots": False}])
def test_only_frozen_ones_with_slots_are_made(options: dict[str, bool]) -> None:
    with pytest.raises(TypeError, match="only frozen dataclasses with slots"):
        frozen.dataclass(**options)


def test_the_layers_that_a_start_imports_use_them() -> None:
    code = (
        "import dataclasses, sys\n"
        "import memdb_tui.ui.app\n"
        "made = [c for m in list(sys.modules.values()) if m.__name__.startswith('memdb_tui.')\n"
        "        for c in vars(m).values() if isinstance(c, type) and dataclasses.is_dataclass(c)]\n"
        "print(len({c for c in made if hasattr(c, '_values')}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 50
