"""The policy in force says what may go where; a file with a mistake stops the start and says on which line."""

from hashlib import sha256
from pathlib import Path

import pytest

from tiwizi.errors import BadInput, Trouble
from tiwizi.governance import Data, Decision, load_policy
from tiwizi.governance.policy import DEFAULT, NO_RULE


@pytest.mark.parametrize(
    ("jurisdiction", "data", "allowed", "rule"),
    [
        ("local", "public", True, "local-engines-only"),
        ("local", "masked", True, "local-engines-only"),
        ("local", "personal", False, "no-unmasked-words"),
        ("MA", "public", False, NO_RULE),
        ("MA", "masked", False, NO_RULE),
        ("US", "masked", False, NO_RULE),
        ("US", "personal", False, "no-unmasked-words"),
        ("", "masked", False, NO_RULE),
        ("LOCAL", "masked", False, NO_RULE),
        ("local ", "masked", False, NO_RULE),
    ],
)
def test_by_default_nothing_leaves_the_machine(
    tmp_path: Path, jurisdiction: str, data: Data, allowed: bool, rule: str
) -> None:
    assert load_policy(tmp_path).may_send("qwen", jurisdiction, data) == Decision(allowed, rule)


@pytest.mark.parametrize("engine", ["", 'a"b', "a\nb", "ⵜⵉⵡⵉⵣⵉ", 'x", jurisdiction: "local'])
def test_a_name_can_not_talk_its_way_in(tmp_path: Path, engine: str) -> None:
    assert load_policy(tmp_path).may_send(engine, "local", "masked").allowed
    assert not load_policy(tmp_path).may_send(engine, "US", "masked").allowed


def test_the_shipped_rules_pass_the_check_of_an_institutions_own(tmp_path: Path) -> None:
    shipped = load_policy(tmp_path)
    (tmp_path / "policy.cedar").write_bytes(DEFAULT.read_bytes())
    assert load_policy(tmp_path).digest == shipped.digest


def test_an_institution_writes_its_own_rules(tmp_path: Path) -> None:
    text = """// la commune a une autorisation de la CNDP
@id("engines-in-morocco")
permit (principal, action == Action::"send", resource)
when { ["local", "MA"].contains(resource.jurisdiction) && context.data != Data::"personal" };
permit (principal, action == Action::"send", resource == Engine::"mistral") when { context.data == Data::"public" };
forbid (principal, action, resource == Engine::"broken");
"""
    (tmp_path / "policy.cedar").write_text(text, "utf-8")
    policy = load_policy(tmp_path)
    assert policy.digest == sha256(text.encode()).hexdigest() != load_policy(tmp_path / "other").digest
    assert policy.may_send("any", "MA", "masked") == Decision(True, "engines-in-morocco")
    assert policy.may_send("mistral", "EU", "public") == Decision(True, "policy1")
    assert policy.may_send("mistral", "EU", "masked") == Decision(False, NO_RULE)
    assert policy.may_send("broken", "local", "masked") == Decision(False, "policy2")


def test_a_file_without_rules_permits_nothing(tmp_path: Path) -> None:
    (tmp_path / "policy.cedar").write_text("// nothing\n", "utf-8")
    assert load_policy(tmp_path).may_send("any", "local", "public") == Decision(False, NO_RULE)


GOOD = 'permit (principal, action, resource); // ; "\n\n'  # two lines; the third is where the mistake comes


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("permit (principal, action, resource", "rule on line 3 cannot be read: unexpected end"),
        ("permit (principal, action, resource when {};", "rule on line 3 cannot be read: unexpected token `when`"),
        ("permit (principle, action, resource);", "rule on line 3 cannot be read: .*principle"),
        ('@id("a;b")\nforbid (principal, action, resource) when { resource.juris == "a" };', "line 3 .*`juris`"),
        ('// why\n\n@id("a")\nforbid (principal, action, resource) when { "a" };', "rule on line 5 cannot hold"),
        ('permit (principal, action == Action::"sent", resource);', 'line 3 cannot hold: .*Action::"sent"'),
        (
            'permit (principal, action == Action::"send", resource) when { context.data == Data::"maskd" };',
            "rule on line 3 cannot hold: .*maskd",
        ),
        ('permit (principal, action, resource) when { resource.jurisdiction == "a };', "rule on line 3 cannot be read"),
        ("hello", "rule on line 3 cannot be read"),
        (";", "rule on line 3 cannot be read"),
    ],
)
def test_a_mistake_is_found_at_the_start_on_its_line(tmp_path: Path, rule: str, message: str) -> None:
    (tmp_path / "policy.cedar").write_text(f"{GOOD}{rule}\n", "utf-8")
    with pytest.raises(BadInput, match=message):
        load_policy(tmp_path)


def test_a_file_that_is_no_text_or_no_file_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "policy.cedar").write_bytes(b"// one\n// \xff\n")
    with pytest.raises(BadInput, match="line 2: it is not UTF-8"):
        load_policy(tmp_path)
    (tmp_path / "home" / "policy.cedar").mkdir(parents=True)
    with pytest.raises(Trouble, match="cannot be read"):
        load_policy(tmp_path / "home")
