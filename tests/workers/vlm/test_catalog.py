"""Models are configured by name in one place, and what is wrong there is said with its line and key."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError, UnknownModel
from core.settings import Settings
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.catalog import Catalog, Kind, read_catalog
from workers.vlm.interface import Capability

SECRET = "sk-never-to-be-seen"


def catalog(folder: Path, text: str | None, **settings: object) -> Catalog:
    if text is not None:
        (folder / "models.toml").write_text(text)
    return read_catalog(Settings.model_validate({"data_dir": folder, **settings}))


FILE = """\
default = "big"
questions = "bundled"

[models.big]
kind = "openai"
name = "Qwen/Qwen2.5-VL-7B-Instruct"
base_url = "http://127.0.0.1:8000/v1"
key_env = "BIG_KEY"
concurrency = 16

[models."team/small.v2"]
kind = "local"
name = "/models/small"
quantization = "int8"
"""


def test_without_a_file_there_is_the_bundled_model_and_nobody_has_chosen(tmp_path: Path) -> None:
    known = catalog(tmp_path, None)
    assert (list(known.models), known.default, known.questions) == (["bundled"], "bundled", "bundled")
    assert known.chosen(None) is None


def test_the_file_in_the_data_folder_names_models_and_defaults(tmp_path: Path) -> None:
    known = catalog(tmp_path, FILE)
    assert list(known.models) == ["bundled", "big", "team/small.v2"]
    assert (known.chosen(None), known.chosen(None, question=True)) == ("big", "bundled")
    assert known.chosen("team/small.v2") == "team/small.v2"
    assert (known.entry("big").concurrency, known.entry("big").is_remote) == (16, True)
    assert known.entry("team/small.v2").kind is Kind.LOCAL


def test_another_file_can_be_named(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(FILE)
    assert catalog(tmp_path, None, models_file=other).default == "big"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("big", Kind.OPENAI),
        ("bundled", Kind.BUNDLED),
        ("/models/another", Kind.LOCAL),
        ("org/name", Kind.LOCAL),
        ("my.module:load", Kind.FACTORY),
    ],
)
def test_the_setting_names_the_default_of_jobs_and_questions(tmp_path: Path, name: str, kind: Kind) -> None:
    known = catalog(tmp_path, FILE, model=name)
    assert (known.default, known.questions, known.entry(name).kind) == (name, name, kind)
    assert known.chosen(None) == name


def test_a_job_that_names_no_known_model_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel) as raised:
        catalog(tmp_path, FILE).chosen("huge")
    assert "bundled, big, team/small.v2" in raised.value.detail
    assert raised.value.facts["known"] == ["bundled", "big", "team/small.v2"]


BIG = '[models.big]\nkind = "openai"\nname = "big"\n'
SMALL = '[models.small]\nkind = "local"\nname = "/models/small"\n'


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("default = big", "line 1", "not TOML"),
        ('default = "big"', "line 1", "default names no model"),
        ('defualt = "bundled"', "line 1", "defualt is not known"),
        ("models = 3", "line 1", "models is to be a table"),
        ('[models.big]\nname = "x"', "line 1", "models.big.kind field required"),
        ('\n[models.big]\nkind = "remote"', "line 3", "models.big.kind input should be 'bundled', 'local'"),
        (BIG, "line 1", "models.big.base_url is needed"),
        (BIG + 'base_url = "127.0.0.1:8000"', "line 4", "models.big.base_url is to be a URL"),
        (BIG + f'base_url = "http://me:{SECRET}@host/v1"', "line 4", "models.big.base_url is to hold no secret"),
        (BIG + 'base_url = "http://host/v1"\ndevice = "cuda"', "line 5", "models.big.device says nothing"),
        (BIG + f'base_url = "http://host/v1"\nkye = "{SECRET}"', "line 5", "models.big.kye extra inputs"),
        (BIG + 'base_url = "http://host/v1"\nconcurrency = 0', "line 5", "models.big.concurrency input should be"),
        (BIG + 'base_url = "http://host/v1"\nboxes = "feet"', "line 5", "models.big.boxes is to be one of shares, "),
        (SMALL + 'boxes = "shares"', "line 4", "models.small.boxes says nothing to a model of kind local"),
        ('[models.small]\nkind = "local"', "line 1", "models.small.name is needed"),
        (SMALL + 'quantization = "int4"', "line 4", "models.small.quantization input should be 'none' or 'int8'"),
        (
            '[models.own]\nkind = "factory"\nname = "a:b"\nlogprobs = false',
            "line 4",
            "models.own.logprobs says nothing",
        ),
        ('[models."a b"]\nkind = "local"', "line 1", "cannot be a name"),
        ('[models.bundled]\nkind = "local"\nname = "x"', "line 2", 'is to be "bundled"'),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_line_and_key(
    tmp_path: Path, text: str, line: str, says: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        catalog(tmp_path, text)
    assert line in raised.value.detail
    assert says in raised.value.detail
    assert SECRET not in repr((raised.value.detail, raised.value.facts, raised.value.__cause__))


def test_what_the_bundled_model_can_do_is_known_without_loading_it(tmp_path: Path) -> None:
    assert catalog(tmp_path, None).entry("bundled").capabilities == BundledModel.capabilities


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('{"model_type": "florence2"}', {"read", "locate", "describe"}),
        ('{"model_type": "never_heard_of"}', {"extract", "ask", "read", "classify", "describe", "chat", "rows"}),
        ('{"architectures": []}', None),
        ("half a fi", None),
        (None, None),
    ],
)
def test_what_a_checkpoint_can_do_is_told_by_its_config(
    tmp_path: Path, config: str | None, expected: set[str] | None
) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    entry = catalog(tmp_path, f'[models.small]\nkind = "local"\nname = "{tmp_path}"').entry("small")
    assert entry.capabilities == expected
    assert entry.can_talk == (None if expected is None else "chat" in expected)


def test_a_model_behind_an_api_can_locate_where_its_way_to_write_boxes_is_known(tmp_path: Path) -> None:
    text = BIG + 'base_url = "http://host/v1"\n'
    silent = set(catalog(tmp_path, text).entry("big").capabilities or ())
    assert silent == {Capability(name) for name in ("extract", "ask", "read", "classify", "describe", "chat", "rows")}
    able = set(catalog(tmp_path, text + 'boxes = "qwen3-vl"').entry("big").capabilities or ())
    assert able == silent | {Capability.LOCATE}


def test_a_setting_that_is_empty_leaves_the_default_to_the_file(tmp_path: Path) -> None:
    known = catalog(tmp_path, FILE, model="")
    assert (known.default, known.questions, list(known.models)) == (
        "big",
        "bundled",
        ["bundled", "big", "team/small.v2"],
    )


def test_a_file_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml cannot be read"):
        catalog(tmp_path, None, models_file=tmp_path / "nowhere.toml")


def test_a_secret_in_the_file_is_taken_and_never_shown(tmp_path: Path) -> None:
    known = catalog(tmp_path, BIG + f'base_url = "http://host/v1"\nkey = "{SECRET}"')
    assert SECRET not in repr(known)
    assert known.entry("big").key is not None
