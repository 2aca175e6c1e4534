"""The answerer: words of a page and prompts go in, and each prompt points at the words that answer it, or at none."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

FAR = -1e4  # a score that no softmax brings back


@dataclass(frozen=True, slots=True)
class PageWords:
    """A batch of pages as words, padded: see `words.arrays_of` for the meaning of each."""

    ids: Tensor  # (B, N, L, K)
    probabilities: Tensor  # (B, N, L, K)
    features: Tensor  # (B, N, 10)
    places: Tensor  # (B, N, 2)
    mask: Tensor  # (B, N), true where a word is


class WordShape(nn.Module):
    """One vector for a word from its soft characters: embeddings, two small convolutions, the strongest and the mean."""

    def __init__(self, characters: int, inner: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(characters, inner)
        self.place = nn.Parameter(torch.zeros(32, inner))
        self.one = nn.Conv1d(inner, 2 * inner, 3, padding=1)
        self.two = nn.Conv1d(2 * inner, 2 * inner, 3, padding=1)
        self.project = nn.Linear(4 * inner, width)

    def forward(self, ids: Tensor, probabilities: Tensor) -> Tensor:
        """(M, L, K) ids and probabilities to (M, width)."""
        soft = (self.embed(ids) * probabilities[..., None]).sum(2) + self.place[: ids.shape[1]]  # (M, L, inner)
        there = (ids[..., :1] > 0).to(soft.dtype)  # (M, L, 1)
        x = F.gelu(self.one((soft * there).mT))  # (M, 2·inner, L)
        x = F.gelu(self.two(x)).mT * there  # (M, L, 2·inner)
        mean = x.sum(1) / there.sum(1).clamp_min(1)
        out: Tensor = self.project(torch.cat([x.amax(1), mean], 1))  # (M, width)
        return out


def turned(x: Tensor, places: Tensor) -> Tensor:
    """Rotate (B, heads, n, 64) by places (B, n, 2): half of each head by x, half by y, wavelengths 4 to 800 lines."""
    quarter = x.shape[-1] // 4
    wave = torch.exp(torch.arange(quarter, device=x.device) * (-math.log(200.0) / (quarter - 1))) * (math.pi / 2)
    angles = (places[:, None, :, :, None] * wave).flatten(3)  # (B, 1, n, 2·quarter)
    sine, cosine = angles.sin().to(x.dtype), angles.cos().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], -1)


class Attention(nn.Module):
    """Multi-head attention written out: faster backwards on a CPU than the fused one with a mask."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, over: Tensor, mask: Tensor, places: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """`x` (B, n, width) looks at `over` (B, m, width); mask (B, 1 or n, m); places of both, to look by position."""
        q = self._split(self.query(x))  # (B, heads, n, 64)
        k, v = (self._split(t) for t in self.key_value(over).chunk(2, -1))  # (B, heads, m, 64)
        if places is not None:
            q, k = turned(q, places[0]), turned(k, places[1])
        scores = q @ k.mT / math.sqrt(q.shape[-1])  # (B, heads, n, m)
        scores = scores.masked_fill(~mask[:, None], FAR)
        mixed = scores.softmax(-1) @ v  # (B, heads, n, 64)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Layer(nn.Module):
    """A pre-norm transformer layer; with `crossed`, it also looks at the page."""

    def __init__(self, width: int, heads: int, *, crossed: bool) -> None:
        super().__init__()
        self.norm_self, self.look = nn.LayerNorm(width), Attention(width, heads)
        self.norm_cross = nn.LayerNorm(width) if crossed else None
        self.cross = Attention(width, heads) if crossed else None
        self.norm_think = nn.LayerNorm(width)
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def mix(self, x: Tensor, mask: Tensor, places: Tensor | None) -> Tensor:
        """Self-attention with its short cut."""
        normed = self.norm_self(x)
        mixed: Tensor = x + self.look(normed, normed, mask, None if places is None else (places, places))
        return mixed

    def ponder(self, x: Tensor) -> Tensor:
        """The two linear layers with their short cut."""
        out: Tensor = x + self.think(self.norm_think(x))
        return out


class Answerer(nn.Module):
    """Words look at each other by place; prompts find their words, then look from there; two pointers give the span."""

    def __init__(self, characters: int, inner: int, width: int, heads: int, layers: tuple[int, int], tags: int) -> None:
        super().__init__()
        self.shape = WordShape(characters, inner, width)
        self.features = nn.Sequential(nn.Linear(10, 64), nn.GELU(), nn.Linear(64, width))
        self.page = nn.ModuleList(Layer(width, heads, crossed=False) for _ in range(layers[0]))
        self.page_norm = nn.LayerNorm(width)
        self.ask = nn.Parameter(torch.randn(width) * 0.02)
        self.order = nn.Parameter(torch.randn(32, width) * 0.02)
        self.prompt = nn.ModuleList(Layer(width, heads, crossed=True) for _ in range(layers[1]))
        self.prompt_norm = nn.LayerNorm(width)
        self.find_query, self.find_key = nn.Linear(width, width), nn.Linear(width, width)
        self.start_query, self.start_key = nn.Linear(width, width), nn.Linear(width, width)
        self.null = nn.Linear(width, 1)
        self.end_query, self.end_key = nn.Linear(2 * width, width), nn.Linear(width, width)
        self.tag = nn.Linear(width, tags)

    def read_page(self, words: PageWords) -> Tensor:
        """Each word in its surroundings: (B, N, width)."""
        b, n = words.mask.shape
        shapes = self.shape(words.ids.flatten(0, 1), words.probabilities.flatten(0, 1)).view(b, n, -1)
        x = shapes + self.features(words.features)  # (B, N, width)
        mask = words.mask[:, None]  # (B, 1, N)
        for layer in self.page:
            x = layer.ponder(layer.mix(x, mask, words.places))
        normed: Tensor = self.page_norm(x)
        return normed

    def ask_page(self, page: Tensor, words: PageWords, prompts: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Prompts (B, P, T, L) of exact character ids, `there` (B, P, T): start scores (B, P, 1 + N), null first, and states."""
        b, p, t, _ = prompts.shape
        x = self.shape(prompts.flatten(0, 2)[..., None], torch.ones_like(prompts.flatten(0, 2)[..., None], dtype=page.dtype))
        x = torch.cat([self.ask.expand(b * p, 1, -1), x.view(b * p, t, -1) + self.order[:t]], 1)  # (B·P, 1+T, width)
        inside = torch.cat([torch.ones_like(there[..., :1]), there], -1).flatten(0, 1)[:, None]  # (B·P, 1, 1+T)
        mask, at = words.mask[:, None], None
        for layer in self.prompt:
            x = layer.mix(x, inside, None)
            flat = x.view(b, p * (1 + t), -1)  # (B, P·(1+T), width)
            assert layer.norm_cross is not None and layer.cross is not None  # noqa: S101, PT018 - made so above
            flat = flat + layer.cross(layer.norm_cross(flat), page, mask, at)
            x = layer.ponder(flat).view(b * p, 1 + t, -1)
            if at is None:
                at = (self._place_of(x.view(b, p, 1 + t, -1)[:, :, 0], page, words, 1 + t), words.places)
        state = self.prompt_norm(x.view(b, p, 1 + t, -1)[:, :, 0])  # (B, P, width)
        scores = self.start_query(state) @ self.start_key(page).mT / 8  # (B, P, N)
        scores = scores.masked_fill(~mask, FAR)
        return torch.cat([self.null(state), scores], -1).float(), state

    def _place_of(self, asked: Tensor, page: Tensor, words: PageWords, repeat: int) -> Tensor:
        """Where on the page a prompt's own words stand: the mean place under its attention, for each of its tokens."""
        scores = self.find_query(asked) @ self.find_key(page).mT / 8  # (B, P, N)
        found = scores.masked_fill(~words.mask[:, None], FAR).softmax(-1) @ words.places.to(page.dtype)  # (B, P, 2)
        return found.repeat_interleave(repeat, 1).float()  # (B, P·repeat, 2)

    def end_scores(self, page: Tensor, states: Tensor, starts: Tensor, allowed: Tensor) -> Tensor:
        """Scores (B, P, N) of the last word, given word indices of the first (B, P) and which may follow (B, P, N)."""
        first = page.gather(1, starts[..., None].expand(-1, -1, page.shape[-1]))  # (B, P, width)
        query = self.end_query(torch.cat([states, first], -1))  # (B, P, width)
        scores = query @ self.end_key(page).mT / 8  # (B, P, N)
        return scores.masked_fill(~allowed, FAR).float()
