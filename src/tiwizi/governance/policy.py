"""Which words may go to which engine: rules in Cedar (cedarpolicy.com), written by the institution.

Cedar is loaded when a rule is first asked or an institution's own rules are first read, not before.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from tiwizi.errors import BadInput, Trouble

if TYPE_CHECKING:
    from cedarpy import PolicySet

FILE = "policy.cedar"
DEFAULT = Path(__file__).with_name("default.cedar")
NO_RULE = "the absence of a rule that permits it"
SCHEMA = """
entity Data enum ["public", "masked", "personal"];
entity Assistant;
entity Engine { jurisdiction: String };
action send appliesTo { principal: Assistant, resource: Engine, context: { data: Data } };
"""
ASSISTANT = {"type": "Assistant", "id": "tiwizi"}
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|\s+|(?P<end>;)|(?P<other>.)', re.DOTALL)

Data = Literal["public", "masked", "personal"]


class Decision(Struct, frozen=True):
    """Whether something may be done, and the name of the rule that says so."""

    allowed: bool
    rule: str


class Policy:
    """The rules in force, and the `digest` of the file they are in. Made by `load_policy`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha256(text.encode()).hexdigest()

    def may_send(self, engine: str, jurisdiction: str, data: Data) -> Decision:
        """Return whether these words may go to the engine called `engine`, and by which rule."""
        from cedarpy import is_authorized

        resource = {"type": "Engine", "id": engine}
        answer = is_authorized(
            {
                "principal": ASSISTANT,
                "action": {"type": "Action", "id": "send"},
                "resource": resource,
                "context": {"data": {"__entity": {"type": "Data", "id": data}}},
            },
            self._rules,
            [{"uid": resource, "attrs": {"jurisdiction": jurisdiction}, "parents": []}],
        )
        if answer.diagnostics.errors:  # Cedar skips a rule it cannot compute, even one that forbids
            return Decision(allowed=False, rule="a rule that cannot be computed")
        names = [answer.diagnostics.id_annotations_by_reason.get(rule) or rule for rule in answer.diagnostics.reasons]
        return Decision(allowed=answer.allowed, rule="; ".join(sorted(names)) or NO_RULE)

    @cached_property
    def _rules(self) -> "PolicySet":
        from cedarpy import PolicySet

        return PolicySet.from_str(self.text)


def load_policy(home: Path) -> Policy:
    """Return the rules in `policy.cedar` of the instance's folder, or those that come with Tiwizi.

    Raises BadInput naming the line of the first rule that cannot be read or speaks of something that does not exist
    (Cedar would skip it, and what it forbids would pass); Trouble when the file cannot be opened.
    """
    path = home / FILE
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return Policy(DEFAULT.read_bytes().decode())
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}, line {line}: it is not UTF-8. Save the file as UTF-8.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}.") from None
    _check(path, text)
    return Policy(text)


def _check(path: Path, text: str) -> None:
    from cedarpy import PolicySet, validate_policies

    lines = []
    for line, rule in _rules_with_lines(text):
        lines.append(line)
        try:
            PolicySet.from_str(rule)
        except ValueError as error:
            raise BadInput(f"{path}: the rule on line {line} cannot be read: {error}.") from None
    for problem in validate_policies(text, SCHEMA).errors:  # Cedar calls the rules policy0, policy1… in order
        number = problem.policy_id.removeprefix("policy")
        place = f"the rule on line {lines[int(number)]}" if number.isdecimal() else "a rule"
        reason = problem.error.partition(f"`{problem.policy_id}`, ")[2] or problem.error
        raise BadInput(f"{path}: {place} cannot hold: {reason}. See {DEFAULT.name} for what a rule may speak of.")


def _rules_with_lines(text: str) -> Iterator[tuple[int, str]]:
    """Cut a file after each semicolon that ends a rule; Cedar's own messages do not say where."""
    start = first = None
    for token in TOKEN.finditer(text):
        if start is None and not token[0].isspace() and not token[0].startswith("//"):
            start, first = token.start(), text.count("\n", 0, token.start()) + 1
        if token["end"] and start is not None and first is not None:
            yield first, text[start : token.end()]
            start = None
    if start is not None and first is not None:
        yield first, text[start:]
