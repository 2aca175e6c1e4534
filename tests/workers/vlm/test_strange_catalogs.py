"""A models file of the strangest kind is refused with a sentence, and never quoted where it may hold a secret."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import Settings
from workers.vlm.catalog import read_catalog

TOKEN = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz"
BIG = '[models.big]\nkind = "openai"\nname = "big"\n'
SERVED = BIG + 'base_url = "http://host/v1"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SERVED + SERVED, "not TOML"),
        (SERVED + f'key_env = "{TOKEN}"', "models.big.key_env string should match"),
        (SERVED + f'key_env = "BIG_KEY"\nkey = "{TOKEN}"', "models.big.key says nothing beside key_env"),
        (SERVED + f'key = {{a = "{TOKEN}"}}', "models.big.key input should be a valid string"),
        (BIG + f'base_url = "http://host:{TOKEN}/v1"', "models.big.base_url is to be a URL"),
        (BIG + f'base_url = "http://host/v1#{TOKEN}"', "models.big.base_url is to hold no secret"),
        (BIG + 'base_url = "http://[::1"', "models.big.base_url is to be a URL"),
        (SERVED + "timeout_seconds = inf", "models.big.timeout_seconds input should be less"),
        (SERVED + "timeout_seconds = nan", "models.big.timeout_seconds input should be"),
        (SERVED + 'timeout_seconds = "12"', "models.big.timeout_seconds input should be a valid number"),
        (SERVED + "concurrency = true", "models.big.concurrency input should be a valid integer"),
        (SERVED + 'logprobs = "no"', "models.big.logprobs input should be a valid boolean"),
        (SERVED + f"max_new_tokens = {'9' * 30}", "models.big.max_new_tokens input should be less"),
        (SERVED + f"concurrency = {'9' * 5000}", "too large to read"),
        (f"a = {'[' * 100_000}{']' * 100_000}", "too large to read"),
        ('[models."../big"]\nkind = "local"\nname = "x"', "cannot be a name"),
        ('[[models.big]]\nkind = "local"', "is to be a table"),
    ],
    ids=lambda text: text[-40:],
)
def test_what_no_catalog_can_be_is_refused_without_a_word_of_its_secrets(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        read_catalog(Settings(data_dir=tmp_path))
    assert says in raised.value.detail
    assert TOKEN not in repr((raised.value.detail, raised.value.facts, raised.value.__cause__))


def test_nothing_in_the_file_is_looked_up_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", TOKEN)
    (tmp_path / "models.toml").write_text(SERVED + 'revision = "${MY_KEY}"')
    assert read_catalog(Settings(data_dir=tmp_path)).entry("big").revision == "${MY_KEY}"
