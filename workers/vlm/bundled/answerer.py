"""The answerer: words of a page and prompts go in, and each prompt points at the words that answer it, or at none."""

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

FAR = -1e4  # a score that no softmax brings back
LENGTHS = (1, 2, 3, 4, 6, 8, 11, 15, 20, 32)  # of words, in characters, that share a batch


@dataclass(frozen=True, slots=True)
class PageWords:
    """A batch of pages as words, padded: see `words.arrays_of` for the meaning of each."""

    ids: Tensor  # (B, N, L, K)
    probabilities: Tensor  # (B, N, L, K)
    features: Tensor  # (B, N, 10)
    places: Tensor  # (B, N, 2)
    mask: Tensor  # (B, N), true where a word is


@dataclass(frozen=True, slots=True)
class PageStates:
    """What the answerer knows of a page before any prompt."""

    words: Tensor  # (B, N, width), each word in its surroundings
    labels: Tensor  # (B, N, width), the shapes of the words that say what each word is
    tags: Tensor  # (B, N, tags), log probabilities of the field that each word belongs to


class WordShape(nn.Module):
    """One vector for a word from its soft characters: embeddings, two convolutions, the strongest and the mean."""

    def __init__(self, characters: int, inner: int, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(characters, inner)
        self.place = nn.Parameter(torch.zeros(32, inner))
        self.one = nn.Linear(3 * inner, 2 * inner)
        self.two = nn.Linear(6 * inner, 2 * inner)
        self.project = nn.Linear(4 * inner, width)

    def forward(self, ids: Tensor, probabilities: Tensor) -> Tensor:
        """(M, L, K) ids and probabilities to (M, width); words of like length go together, so little is padding."""
        lengths = (ids[..., 0] > 0).sum(1)  # (M,)
        groups, floor = [], -1
        for length in LENGTHS:
            chosen = ((lengths > floor) & (lengths <= length)).nonzero()[:, 0]
            if len(chosen):
                groups.append((chosen, self._pooled(ids[chosen, :length], probabilities[chosen, :length])))
            floor = length
        place = torch.cat([chosen for chosen, _ in groups]).argsort()
        out: Tensor = self.project(torch.cat([pooled for _, pooled in groups])[place])  # (M, width)
        return out

    def _pooled(self, ids: Tensor, probabilities: Tensor) -> Tensor:
        soft = (self.embed(ids) * probabilities[..., None]).sum(2) + self.place[: ids.shape[1]]  # (m, l, inner)
        there = (ids[..., :1] > 0).to(soft.dtype)  # (m, l, 1)
        x = F.gelu(self.one(_beside(soft * there))) * there  # (m, l, 2·inner)
        x = F.gelu(self.two(_beside(x))) * there  # (m, l, 2·inner)
        mean = x.sum(1) / there.sum(1).clamp_min(1)
        return torch.cat([x.amax(1).clamp_min(0), mean], 1)  # (m, 4·inner)


def _beside(x: Tensor) -> Tensor:
    """Each character with its neighbours: (m, l, c) to (m, l, 3·c)."""
    wide = F.pad(x, (0, 0, 1, 1))  # (m, l + 2, c)
    return torch.cat([wide[:, :-2], x, wide[:, 2:]], 2)


Turn = tuple[Tensor, Tensor]  # sines and cosines (B, 1, n, 32)


def turn_of(places: Tensor) -> Turn:
    """How far places (B, n, 2) turn a head of 64: half of it by x, half by y, wavelengths 4 to 800 lines."""
    wave = torch.exp(torch.arange(16, device=places.device) * (-math.log(200.0) / 15)) * (math.pi / 2)
    angles = (places[:, None, :, :, None] * wave).flatten(3)  # (B, 1, n, 32)
    return angles.sin(), angles.cos()


def turned(x: Tensor, turn: Turn) -> Tensor:
    """Rotate (B, heads, n, 64)."""
    sine, cosine = turn[0].to(x.dtype), turn[1].to(x.dtype)
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

    def forward(self, x: Tensor, over: Tensor, mask: Tensor, turns: tuple[Turn, Turn] | None = None) -> Tensor:
        """`x` (B, n, width) looks at `over` (B, m, width); mask (B, 1 or n, m); turns of both, to look by position."""
        q = self._split(self.query(x))  # (B, heads, n, 64)
        k, v = (self._split(t) for t in self.key_value(over).chunk(2, -1))  # (B, heads, m, 64)
        if turns is not None:
            q, k = turned(q, turns[0]), turned(k, turns[1])
        scores = (q / math.sqrt(q.shape[-1])) @ k.mT  # (B, heads, n, m)
        scores = scores.masked_fill(~mask[:, None], FAR)
        mixed = scores.softmax(-1) @ v  # (B, heads, n, 64)
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        parted: Tensor = x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return parted


def plain_shape(shapes: Tensor) -> Tensor:
    """Shapes normed, so that a product of two tells how alike their words are."""
    return F.layer_norm(shapes, shapes.shape[-1:])


class Layer(nn.Module):
    """A pre-norm transformer layer; with `crossed`, it also looks at the page."""

    def __init__(self, width: int, heads: int, *, crossed: bool) -> None:
        super().__init__()
        self.norm_self, self.look = nn.LayerNorm(width), Attention(width, heads)
        self.norm_cross = nn.LayerNorm(width) if crossed else None
        self.cross = Attention(width, heads) if crossed else None
        self.norm_think = nn.LayerNorm(width)
        self.think = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def mix(self, x: Tensor, mask: Tensor, turn: Turn | None) -> Tensor:
        """Self-attention with its short cut."""
        normed = self.norm_self(x)
        mixed: Tensor = x + self.look(normed, normed, mask, None if turn is None else (turn, turn))
        return mixed

    def ponder(self, x: Tensor) -> Tensor:
        """The two linear layers with their short cut."""
        out: Tensor = x + self.think(self.norm_think(x))
        return out


def layers_of(stack: nn.ModuleList) -> list[Layer]:
    """The layers of a stack, typed."""
    return cast("list[Layer]", list(stack))


class Answerer(nn.Module):
    """Words look at each other by place; prompts find their words and look from there; two pointers give the span."""

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
        self.label_query, self.label_key = nn.Linear(width, 2 * 64), nn.Linear(width, 2 * 64)
        self.label_gain = nn.Parameter(torch.full((2,), 0.5))
        self.weigh = nn.Linear(width, 1)
        self.tag, self.prompt_tag = nn.Linear(width, tags), nn.Linear(width, tags)
        self.tag_gain = nn.Parameter(torch.tensor(0.5))

    def read_page(self, words: PageWords) -> PageStates:
        """Each word in its surroundings, and the words that label it."""
        shapes = self.shape(words.ids[words.mask], words.probabilities[words.mask])  # (M, width)
        x = self.features(words.features)  # (B, N, width)
        x = x.masked_scatter(words.mask[..., None], x[words.mask] + shapes)
        mask, turn = words.mask[:, None], turn_of(words.places)  # (B, 1, N)
        for layer in layers_of(self.page):
            x = layer.ponder(layer.mix(x, mask, turn))
        states = self.page_norm(x)  # (B, N, width)
        plain = torch.zeros_like(states).masked_scatter(words.mask[..., None], plain_shape(shapes))  # (B, N, width)
        q, k = (f(states).unflatten(-1, (2, 64)).transpose(1, 2) for f in (self.label_query, self.label_key))
        scores = (turned(q, turn) / 8) @ turned(k, turn).mT  # (B, 2, N, N)
        looks = scores.masked_fill(~mask[:, None], FAR).softmax(-1)  # (B, 2, N, N)
        labels = (looks * self.label_gain[:, None, None]).sum(1) @ plain  # (B, N, width)
        return PageStates(states, labels, self.tag(states).float().log_softmax(-1))

    def ask_page(self, page: PageStates, words: PageWords, prompts: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Prompts (B, P, T, L), `there` (B, P, T): start scores (B, P, 1 + N), null first, and states.

        All tokens of a page's prompts stand in one row, without padding between; a prompt's tokens see only each other.
        """
        b, p, t, _ = prompts.shape
        full = torch.cat([torch.ones_like(there[..., :1]), there], -1).flatten(
            1
        )  # (B, P·(1+T)), the asking token first
        kept = full.int().argsort(dim=1, descending=True, stable=True)[:, : int(full.sum(1).max())]  # (B, Q)
        real, owner, order = full.gather(1, kept), kept // (1 + t), kept % (1 + t)  # (B, Q)
        x, plain = self._prompt_tokens(prompts, there, kept, order)  # (B, Q, width)
        inside = (owner[:, :, None] == owner[:, None]) & real[:, None]  # (B, Q, Q)
        asking = (
            ((order == 0) & real).nonzero()[:, 1].view(b, p)[..., None].expand(-1, -1, x.shape[-1])
        )  # (B, P, width)
        mask, places = words.mask[:, None], turn_of(words.places)
        turns = None
        for layer in layers_of(self.prompt):
            x = layer.mix(x, inside, None)
            assert layer.norm_cross is not None and layer.cross is not None  # noqa: S101, PT018 - made so above
            x = x + layer.cross(layer.norm_cross(x), page.words, mask, turns)
            x = layer.ponder(x)  # (B, Q, width)
            if turns is None:
                found = self._place_of(x.gather(1, asking), page.words, words)  # (B, P, 2)
                turns = (turn_of(found.gather(1, owner[..., None].expand(-1, -1, 2))), places)
        state = self.prompt_norm(x.gather(1, asking))  # (B, P, width)
        scores = self.start_query(state) @ self.start_key(page.words).mT / 8  # (B, P, N)
        mine = (owner[:, None] == torch.arange(p, device=x.device)[:, None]) & (real & (order > 0))[
            :, None
        ]  # (B, P, Q)
        share = self.weigh(x).mT.masked_fill(~mine, FAR).softmax(-1)  # (B, P, Q): which of its words tell most
        scores = scores + share @ plain @ page.labels.mT / 64  # (B, P, N): the same words as in the label
        meant = self.prompt_tags(state).softmax(-1) @ page.tags.exp().mT  # (B, P, N): the field that is meant
        scores = scores + self.tag_gain * (meant + 1e-4).log()
        scores = scores.masked_fill(~mask, FAR)
        return torch.cat([self.null(state), scores], -1).float(), state

    def prompt_tags(self, states: Tensor) -> Tensor:
        """Scores (B, P, tags) of the field that each prompt means."""
        scores: Tensor = self.prompt_tag(states).float()
        return scores

    def _prompt_tokens(self, prompts: Tensor, there: Tensor, kept: Tensor, order: Tensor) -> tuple[Tensor, Tensor]:
        """Each prompt token's first state and plain shape, (B, Q, width): each different word is looked at once."""
        known, which = prompts[there].unique(dim=0, return_inverse=True)  # (U, L), (M,)
        shapes = self.shape(known[..., None], torch.ones_like(known[..., None], dtype=self.ask.dtype))  # (U, width)
        table = torch.cat([self.ask[None], shapes])  # (1 + U, width)
        rows = F.pad(torch.zeros_like(there, dtype=torch.long), (1, 0))  # (B, P, 1 + T); 0: the asking token
        rows[..., 1:][there] = which + 1
        at = rows.flatten(1).gather(1, kept)  # (B, Q)
        return table[at] + F.pad(self.order, (0, 0, 1, 0))[order], plain_shape(table)[at]

    def _place_of(self, asked: Tensor, page: Tensor, words: PageWords) -> Tensor:
        """Where on the page a prompt's own words stand: the mean place (B, P, 2) under its attention."""
        scores = self.find_query(asked) @ self.find_key(page).mT / 8  # (B, P, N)
        found = scores.masked_fill(~words.mask[:, None], FAR).softmax(-1) @ words.places.to(page.dtype)  # (B, P, 2)
        place: Tensor = found.float()
        return place

    def end_scores(self, page: PageStates, states: Tensor, starts: Tensor, allowed: Tensor) -> Tensor:
        """Scores (B, P, N) of the last word, given word indices of the first (B, P) and which may follow (B, P, N)."""
        first = page.words.gather(1, starts[..., None].expand(-1, -1, page.words.shape[-1]))  # (B, P, width)
        query = self.end_query(torch.cat([states, first], -1))  # (B, P, width)
        scores: Tensor = query @ self.end_key(page.words).mT / 8  # (B, P, N)
        return scores.masked_fill(~allowed, FAR).float()
