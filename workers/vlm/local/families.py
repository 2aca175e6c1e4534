"""The table of families: how each is asked, how its text is read, how it writes boxes, and what it can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workers.vlm.interface import Capability, PromptKind
from workers.vlm.local import boxes
from workers.vlm.local.boxes import BoxFormat


class Shared(StrEnum):
    """What the prompts of one page have in common, once the page is encoded."""

    PREFIX = "prefix"  # keys and values of all that stands before the prompt: later text changes nothing in them
    FEATURES = "features"  # what the vision tower says; the prompt is read together with the page
    ENCODER = "encoder"  # all that the encoder says: prompts are read by the decoder alone
    NOTHING = "nothing"  # the prompt is part of the picture, or nobody knows


class Entry(StrEnum):
    """Where a prompt goes in."""

    TEXT = "text"  # into the text, beside marks for the page
    DECODER = "decoder"  # before the reply
    HEADER = "header"  # as a line drawn above the page


@dataclass(frozen=True, slots=True)
class Family:
    """One row. `tasks` are the words of a kind of prompt, `{text}` its text; kinds left out go in plain words."""

    can: frozenset[Capability]
    chat: bool = True  # asked by its chat template; False: by its tasks
    shared: Shared = Shared.NOTHING
    entry: Entry = Entry.TEXT
    tasks: Mapping[PromptKind, str] = field(default_factory=dict)
    places: BoxFormat | None = None  # how it answers where something is
    lines: BoxFormat | None = None  # how its readings carry boxes; None: they are plain lines
    ends: tuple[str, ...] = ()  # tokens that end a reply, beside the end of the sequence
    absent: frozenset[str] = frozenset()  # what it says, in lower case, where the page has no such thing
    pads_left: bool = True  # False where an encoder counts its positions from the left, padding included


_TALKS = frozenset(
    {Capability.EXTRACT, Capability.ASK, Capability.READ, Capability.CLASSIFY, Capability.DESCRIBE}
    | {Capability.CHAT, Capability.ROWS}
)
_POINTS = _TALKS | {Capability.LOCATE}
_ANSWERS = frozenset({Capability.EXTRACT, Capability.ASK})

FAMILIES: Mapping[str, Family] = {
    "paligemma": Family(
        can=_POINTS - {Capability.CHAT, Capability.ROWS},
        chat=False,
        shared=Shared.FEATURES,  # page and prompt look at each other in both directions
        tasks={
            PromptKind.FIELD: "answer en What is the {text}?",
            PromptKind.QUESTION: "answer en {text}",
            PromptKind.READ: "ocr",
            PromptKind.LOCATE: "detect {text}",
            PromptKind.DESCRIBE: "caption en",
            PromptKind.CLASSIFY: "answer en {text}",
        },
        places=boxes.PALIGEMMA,
        absent=frozenset({"unanswerable"}),
    ),
    "idefics2": Family(can=_TALKS, shared=Shared.PREFIX, ends=("<end_of_utterance>",)),
    "idefics3": Family(can=_TALKS, shared=Shared.PREFIX, ends=("<end_of_utterance>",)),
    "smolvlm": Family(can=_TALKS, shared=Shared.PREFIX, ends=("<end_of_utterance>",)),
    "llava": Family(
        can=_POINTS,
        shared=Shared.PREFIX,
        tasks={PromptKind.LOCATE: boxes.LLAVA.asks},
        places=boxes.LLAVA,
    ),
    "qwen2_vl": Family(
        can=_POINTS,
        shared=Shared.PREFIX,
        tasks={PromptKind.LOCATE: boxes.QWEN2.asks},
        places=boxes.QWEN2,
    ),
    "qwen2_5_vl": Family(
        can=_POINTS, shared=Shared.PREFIX, tasks={PromptKind.LOCATE: boxes.QWEN25.asks}, places=boxes.QWEN25
    ),
    "qwen3_vl": Family(
        can=_POINTS, shared=Shared.PREFIX, tasks={PromptKind.LOCATE: boxes.QWEN3.asks}, places=boxes.QWEN3
    ),
    "deepseek_vl": Family(can=_TALKS, shared=Shared.PREFIX),
    "mllama": Family(can=_TALKS, shared=Shared.PREFIX),
    "vision-encoder-decoder": Family(  # Donut
        can=_ANSWERS,
        chat=False,
        shared=Shared.ENCODER,
        entry=Entry.DECODER,
        tasks={
            PromptKind.FIELD: "<s_docvqa><s_question>What is the {text}?</s_question><s_answer>",
            PromptKind.QUESTION: "<s_docvqa><s_question>{text}</s_question><s_answer>",
        },
        ends=("</s_answer>",),
    ),
    "pix2struct": Family(
        can=_ANSWERS,
        chat=False,
        entry=Entry.HEADER,
        tasks={PromptKind.FIELD: "What is the {text}?", PromptKind.QUESTION: "{text}"},
    ),
    "florence2": Family(
        can=frozenset({Capability.READ, Capability.LOCATE, Capability.DESCRIBE}),
        chat=False,
        shared=Shared.FEATURES,
        tasks={
            PromptKind.READ: "<OCR_WITH_REGION>",
            PromptKind.LOCATE: "<CAPTION_TO_PHRASE_GROUNDING>{text}",
            PromptKind.DESCRIBE: "<DETAILED_CAPTION>",
        },
        places=boxes.FLORENCE,
        lines=boxes.FLORENCE_QUADS,
        pads_left=False,
    ),
    "kosmos-2": Family(
        can=_ANSWERS | {Capability.LOCATE, Capability.CLASSIFY, Capability.DESCRIBE},
        chat=False,
        shared=Shared.PREFIX,
        tasks={
            PromptKind.FIELD: "Question: What is the {text}? Answer:",
            PromptKind.QUESTION: "Question: {text} Answer:",
            PromptKind.LOCATE: "<grounding><phrase>{text}</phrase>",
            PromptKind.DESCRIBE: "An image of",  # what it says goes on from there
            PromptKind.CLASSIFY: "Question: {text} Answer:",
        },
        places=boxes.KOSMOS,
    ),
}

UNKNOWN = Family(can=_TALKS)  # by its chat template, or in plain words
