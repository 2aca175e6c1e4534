"""Tiny checkpoints of each family: what they say of pages and texts, and what is no checkpoint of visual search."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from transformers import AutoProcessor

from core.errors import ModelUnavailable, UnknownModel
from core.settings import Settings
from tests.workers.vlm.embedding.tiny_searchers import FAMILIES, WIDTH
from tests.workers.vlm.local.checkpoints import FAMILIES as READERS
from workers.vlm.catalog import ONLY_EMBEDS, read_catalog
from workers.vlm.embedding import backend, interface
from workers.vlm.embedding.backend import LateInteraction
from workers.vlm.embedding.registry import load_embedding_model


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    FAMILIES[request.param](made)
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> LateInteraction:
    return LateInteraction.load(str(folder))


def page(number: int, size: tuple[int, int] = (60, 84)) -> Image.Image:
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((5 * number, 7 * number, 5 * number + 15, 7 * number + 30), fill=20 * number)
    return image


def test_a_checkpoint_is_known_to_embed_and_for_nothing_else_without_loading_it(folder: Path) -> None:
    catalog = read_catalog(Settings(model=str(folder)))
    assert catalog.entry(str(folder)).capabilities == ONLY_EMBEDS
    assert catalog.entry(str(folder)).can_talk is False
    with pytest.raises(UnknownModel, match="embeds pages"):
        catalog.chosen(str(folder))


def test_the_families_that_are_known_are_those_that_can_be_loaded() -> None:
    assert set(interface.FAMILIES) == set(backend.FAMILIES) == set(FAMILIES)


def test_pages_and_texts_have_vectors_of_length_one(model: LateInteraction) -> None:
    (seen,) = model.embed_pages([page(1)])
    asked = model.embed_query("When is the rent due?")
    assert seen.shape[1] == asked.shape[1] == WIDTH
    assert len(seen) > 4
    assert len(asked) > len("When is the rent due?")
    for vectors in (seen, asked):
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_page_is_told_the_same_whatever_stands_beside_it(model: LateInteraction) -> None:
    pages = [page(1), page(2, (84, 56)), page(3), page(4), page(5, (84, 56)), page(1), page(2), page(3)]
    together = model.embed_pages(pages)
    for image, told in zip(pages, together, strict=True):
        (alone,) = model.embed_pages([image])
        assert told == pytest.approx(alone, abs=1e-4)
    assert np.abs(together[0] - together[2]).max() > 0.01


def test_pages_score_as_the_library_scores_them(model: LateInteraction, folder: Path) -> None:
    pages, asked = model.embed_pages([page(1), page(2)]), model.embed_query("total")
    ours = [float((asked @ one.T).max(axis=1).sum()) for one in pages]
    theirs = AutoProcessor.from_pretrained(folder).score_retrieval(
        [torch.from_numpy(asked)], [torch.from_numpy(one) for one in pages]
    )
    assert ours == pytest.approx(theirs[0].tolist(), rel=1e-4)


def test_the_revision_follows_the_weights(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    same = LateInteraction.load(str(tmp_path)).identity.revision
    assert same == LateInteraction.load(str(folder)).identity.revision
    (tmp_path / "processor_config.json").write_text((tmp_path / "processor_config.json").read_text() + "\n")
    assert LateInteraction.load(str(tmp_path)).identity.revision != same


def test_weights_that_are_pickles_are_not_loaded(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    torch.save({}, tmp_path / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(ModelUnavailable, match="safetensors"):
        LateInteraction.load(str(tmp_path))


def test_the_settings_name_it_and_it_is_no_model_of_jobs(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(f'[models.eye]\nkind = "local"\nname = "{folder}"\n')
    settings = Settings(data_dir=tmp_path, visual_model="eye")
    catalog = read_catalog(settings)
    assert list(catalog.models) == ["bundled"]
    assert load_embedding_model(settings, str(folder), catalog).identity.name == str(folder)
    with pytest.raises(ModelUnavailable, match="not been told"):
        load_embedding_model(settings, "another", catalog)


def test_a_checkpoint_of_another_kind_or_none_at_all_says_so(tmp_path: Path) -> None:
    READERS["donut"](tmp_path)
    for name, says in ((str(tmp_path), "colpali and colqwen2"), ("/no/such/folder", "no such folder")):
        settings = Settings(data_dir=tmp_path, visual_model=name)
        with pytest.raises(ModelUnavailable, match=says):
            load_embedding_model(settings, name, read_catalog(settings))
