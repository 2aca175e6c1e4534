"""The key of a server reaches that server, and nobody and nothing else."""

import json
import logging
from pathlib import Path

import pytest

from core.errors import FolioscopeError, ModelUnavailable
from core.settings import Settings
from tests.protocol_server import ProtocolServer, cuts, fails
from tests.workers.vlm.remote.reached import CONNECT, FIELDS, FORM, PAGE, SECRET, ask, model_of, opened
from workers.vlm.catalog import Entry, Kind, read_catalog
from workers.vlm.interface import PageRequest
from workers.vlm.registry import load_model
from workers.vlm.remote import hugging_face
from workers.vlm.remote.model import RemoteModel
from workers.vlm.remote.protocol import cleaned


def test_the_key_reaches_the_server_and_nobody_else(
    server: ProtocolServer, kind: Kind, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    model = model_of(server, kind)
    seen = [repr(model), repr(model._server), repr(vars(model)), repr(model._entry)]
    told = [fails(status, f"bad key {SECRET}") for status in (400, 401, 404, 429, 500)]
    for act in (FORM, *told, cuts):
        server.plays(act)
        model = model_of(server, kind)
        try:
            seen.append(repr(ask(model, *FIELDS)))
        except FolioscopeError as error:
            logging.getLogger("test").exception("it failed")
            seen += [repr(error), repr(error.facts), error.detail, repr(error.__cause__)]
    seen += [caplog.text, *capfd.readouterr(), json.dumps([str(record.__dict__) for record in caplog.records])]
    assert all(SECRET not in text for text in seen)
    assert all(SECRET in str(headers) for headers in server.headers)
    assert "base64" not in caplog.text  # nor does the page


@pytest.mark.parametrize("odd", [f"{SECRET}\n{SECRET}", f"{SECRET}\x00", f"{SECRET} ", f"ä{SECRET}"])
def test_what_no_client_can_send_as_a_key_is_refused_before_it_is_quoted(kind: Kind, odd: str) -> None:
    entry = Entry.model_validate({"kind": kind, "name": "big", "base_url": "http://127.0.0.1:9/v1", "key": f"{odd}x"})
    with pytest.raises(ModelUnavailable, match="key holds none, or more than one") as refused:
        CONNECT[kind]("mine", entry)
    assert SECRET not in repr((refused.value.detail, refused.value.facts))


def test_the_key_comes_from_the_variable_that_is_named(
    server: ProtocolServer, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(f'[models.mine]\nkind = "{kind}"\nname = "big"\nbase_url = "{server.url}"\nkey_env = "MY_KEY"\n')
    settings = Settings(data_dir=tmp_path, model="mine")
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="needs a key: set the environment variable MY_KEY"):
        load_model(settings)
    monkeypatch.setenv("MY_KEY", SECRET)
    server.plays(FORM)
    model = load_model(settings)
    assert isinstance(model, RemoteModel)
    opened.append(model)
    (found,) = model.generate([PageRequest(PAGE, FIELDS)])
    assert [g.text for g in found] == ["12.00", None]
    assert SECRET in str(server.headers[0])
    assert SECRET not in repr(read_catalog(settings)) + repr(settings)


def test_without_a_key_of_its_own_a_server_gets_no_other_servers_key(
    server: ProtocolServer, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    server.plays(FORM)
    ask(model_of(server, kind, key=None), *FIELDS)
    assert SECRET not in str(server.headers)


def test_this_machines_own_token_is_kept_out_of_messages_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    model = hugging_face.connect("mine", Entry.model_validate({"kind": "huggingface", "name": "org/big"}))
    opened.append(model)
    server = model._server
    assert isinstance(server, hugging_face.HuggingFaceServer)
    assert cleaned(f"no right for {SECRET}", server.secret) == "no right for ***"


def test_space_around_a_key_is_no_part_of_it(server: ProtocolServer, kind: Kind) -> None:
    server.plays(FORM)
    ask(model_of(server, kind, key=f"\n{SECRET}\n"), *FIELDS)
    assert f"Bearer {SECRET}" in server.headers[0].values()
