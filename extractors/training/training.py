"""Which examples the encoder learns from, in which order and how fast.

The real sets are nearly all negatives, and the prefilter turns most of them away before the encoder sees them: what
it lets through is taught whole, of the rest a share is drawn for every pass. The word vectors stay as they were, and
so may the lowest layers, whose states are then computed only once.
"""

import json
import logging
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from extractors.reader.encoder import Cutter
from extractors.reader.prefilter import Prefilter
from extractors.training.counterfactuals import Counterfactuals
from extractors.training.data import Example
from extractors.training.model import Batch, Item, ReaderModel, batch_of, item_of, losses
from extractors.training.sources import INVENTED, may_teach

logger = logging.getLogger(__name__)

_CHUNK = 1024
"""Examples among which batches of equal length are looked for."""
_WARM_UP = 40
_REPORT = 50
"""Steps between two lines of the log."""
_MASK = 103
"""The number of [MASK] in BERT's vocabulary; those up to it are marks."""
_AVERAGED = 0.99
"""How much of the running average of the weights stays at each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a reader is trained; the README beside this module says how the one that ships was."""

    passes: float = 2.0
    rate: float = 1.4e-4
    """The learning rate of the uppermost layer; each one below learns ``decay`` times as fast, the heads three times.
    """
    decay: float = 0.9
    first: float = 1.0
    last: float = 0.0
    """The shares of ``rate`` at the first step and at the last one."""
    frozen: int = 0
    """How many of the lowest layers learn nothing."""
    passing: float = 1.0
    """The share of the other negatives, those that pass the prefilter, in each pass."""
    quiet: int = 2_500
    """Negatives in each pass that the prefilter would turn away."""
    invented: float = 0.1
    """The share of the invented statements in each pass."""
    deliveries: float = 1.0
    """The share of the invented transfers and articles."""
    pieces: int = 2_560
    """Word pieces in a batch."""
    held_out: int = 1
    """A fold of the real sets that is left out beside the untouched one, to choose by; 0 leaves out that alone."""
    half: bool = False
    """Whether half of that fold is taught all the same."""
    seed: int = 0
    threads: int = 1
    bfloat16: bool = False
    """Whether to calculate in it: faster by half on processors that can, many times slower on others."""
    otherwise: float = 0.0
    """The share of what tells of transfers that is told of other states, half of it of other weapons too; of all other
    examples half as many."""
    masked: float = 0.0
    """The share of word pieces that are hidden, so that less is learned by heart."""


Key = tuple[str, str, str]
Taught = Mapping[Key, Sequence[float]]
"""The logits of a teacher for examples."""


def key_of(example: Example) -> Key:
    """Return what tells ``example`` from all others."""
    return example.source, example.document, example.text


class Draw:
    """Draws the examples of a pass: finds twice, what else passes the prefilter once, and a share of the rest."""

    def __init__(self, examples: Sequence[Example], prefilter: Prefilter, recipe: Recipe, seeds: Path) -> None:
        """Sort ``examples`` into those of every pass and those of which a share is drawn; states are in ``seeds``."""
        self.recipe = recipe
        self.always: list[Example] = []
        self.invented: list[Example] = []
        self.quiet: list[Example] = []
        for example in examples:
            if not may_teach(example, held_out=recipe.held_out, half=recipe.half):
                continue
            if _tells(example) or _passes(example, prefilter):
                (self.invented if example.source in INVENTED else self.always).append(example)
            elif example.kind != "optional" and example.source not in INVENTED:
                self.quiet.append(example)
        known = [*self.always, *self.invented]
        named = [one.text[weapon.start : weapon.end] for one in known if one.tells for weapon in one.weapons]
        self._counterfactuals = Counterfactuals(seeds, named)

    def one_pass(self, chance: random.Random) -> list[Example]:
        """Return the examples of the next pass."""
        again = filter(_is_find, self.always)
        always = (one for one in self.always if _tells(one) or chance.random() < self.recipe.passing)
        invented = (one for one in self.invented if chance.random() < self._share(one))
        quiet = chance.sample(self.quiet, min(self.recipe.quiet, len(self.quiet)))
        return [self._told_otherwise(one, chance) for one in chain(always, again, invented, quiet)]

    def _told_otherwise(self, example: Example, chance: random.Random) -> Example:
        """Return a share of the examples, of those with a label, with other states and perhaps other weapons."""
        share = self.recipe.otherwise * (1.0 if example.tells else 0.5)
        if chance.random() >= share or (example.kind == "optional" and not example.tells):
            return example
        return self._counterfactuals.of(example, chance, weapons=bool(example.weapons) and chance.random() < 0.5)

    def _share(self, example: Example) -> float:
        return self.recipe.deliveries if example.source in ("deliveries", "articles") else self.recipe.invented


def _tells(example: Example) -> bool:
    return example.states or example.tells or example.kind == "commentary"


def _passes(example: Example, prefilter: Prefilter) -> bool:
    sentence = example.sentence
    return prefilter.statement(sentence) or (bool(example.weapons) and prefilter.transfer(sentence))


def _is_find(example: Example) -> bool:
    """Whether ``example`` is a statement or tells of a transfer for sure."""
    surely = any(weight == 1.0 for weapon in example.weapons for weight in weapon.stages.values())
    return example.states or surely


def batches_of(items: Sequence[Item], *, pieces: int, chance: random.Random) -> list[list[Item]]:
    """Return ``items`` in batches of similar length, of at most so many ``pieces`` each, in random order."""
    mixed = chance.sample(items, len(items))
    batches = [
        batch
        for at in range(0, len(mixed), _CHUNK)
        for batch in packed(sorted(mixed[at : at + _CHUNK], key=_length), pieces)
    ]
    chance.shuffle(batches)
    return batches


def packed(items: Sequence[Item], pieces: int) -> Iterator[list[Item]]:
    """Yield ``items``, which come by length, in batches of at most so many ``pieces``."""
    batch: list[Item] = []
    for item in items:
        if batch and (len(batch) + 1) * _length(item) > pieces:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _length(item: Item) -> int:
    return len(item.encoded.pieces)


def plan(draw: Draw, cutter: Cutter, recipe: Recipe, taught: Taught | None = None) -> list[list[Item]]:
    """Return the batches of all passes, of the last one perhaps a part; ``taught`` is what a teacher says."""
    taught = taught or {}
    chance = random.Random(recipe.seed)  # noqa: S311  # no secret
    known: dict[int, tuple[Example, Item]] = {}  # the example is held, so that no other one gets its id

    def cut(example: Example) -> Item:
        if id(example) not in known:
            known[id(example)] = example, replace(item_of(cutter, example), taught=taught.get(key_of(example)))
        return known[id(example)][1]

    whole = math.ceil(recipe.passes)
    passes = [
        batches_of([cut(example) for example in draw.one_pass(chance)], pieces=recipe.pieces, chance=chance)
        for _ in range(whole)
    ]
    steps = [batch for one in passes for batch in one]
    return steps[: int(len(steps) * recipe.passes / whole)]


def train(
    model: ReaderModel, steps: Sequence[Sequence[Item]], recipe: Recipe, *, saved: Path | None = None
) -> list[float]:
    """Train ``model`` on the batches of ``steps`` and return the loss of each.

    What ``model`` holds at the end, and what is saved to ``saved``, is a running average of its weights.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    for part in (model.bert.embeddings, *model.bert.encoder.layer[: recipe.frozen]):
        part.requires_grad_(requires_grad=False)
    known = _States(model, [item for items in steps for item in items], recipe)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(_AVERAGED))
    optimizer = torch.optim.AdamW(parameter_groups(model, recipe))
    factor = torch.optim.lr_scheduler.LambdaLR(optimizer, _factor(recipe, len(steps)))
    model.train()
    told: list[float] = []
    for number, items in enumerate(steps, 1):
        batch = masked(batch_of(items), recipe.masked)
        told.append(_step(model, known.of(items, batch), batch, optimizer, recipe))
        factor.step()
        average.update_parameters(model)
        if number % _REPORT == 0:
            logger.info("step %d of %d: loss %.3f", number, len(steps), sum(told[-_REPORT:]) / _REPORT)
    model.load_state_dict(average.module.state_dict())
    if saved:
        save_file(model.state_dict(), saved)
    return told


class _States:
    """The states after the frozen layers of what is read more than once, computed once."""

    def __init__(self, model: ReaderModel, items: Sequence[Item], recipe: Recipe) -> None:
        self._model, self._layers = model, recipe.frozen
        self._known: dict[int, Tensor] = {}
        again = Counter(id(item) for item in items) if recipe.frozen and not recipe.masked else Counter()
        once = list({id(item): item for item in items if again[id(item)] > 1}.values())
        for batch in packed(sorted(once, key=_length), 2 * recipe.pieces):
            for item, states in zip(batch, self._fresh(batch_of(batch)), strict=True):
                self._known[id(item)] = states[: _length(item)].half()

    def of(self, items: Sequence[Item], batch: Batch) -> Tensor:
        """Return the states of ``items``, which make up ``batch``."""
        if all(id(item) in self._known for item in items):
            return nn.utils.rnn.pad_sequence([self._known[id(item)].float() for item in items], batch_first=True)
        return self._fresh(batch)

    def _fresh(self, batch: Batch) -> Tensor:
        self._model.eval()
        with torch.no_grad():
            states = self._model.lower(batch.inputs, self._layers)
        self._model.train()
        return states


def masked(batch: Batch, share: float) -> Batch:
    """Return ``batch`` with a share of its word pieces hidden."""
    pieces, *others = batch.inputs
    hidden = (torch.rand(pieces.shape) < share) & (pieces > _MASK)
    return replace(batch, inputs=(pieces.masked_fill(hidden, _MASK), *others))


def _step(model: ReaderModel, states: Tensor, batch: Batch, optimizer: torch.optim.Optimizer, recipe: Recipe) -> float:
    loss = losses(model.upper(states, batch.inputs, recipe.frozen), batch).sum()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


def parameter_groups(model: ReaderModel, recipe: Recipe) -> list[dict[str, object]]:
    """Return every parameter that learns with its own rate and decay."""
    top = len(model.bert.encoder.layer) - 1

    def rate(name: str) -> float:
        layer = name.removeprefix("bert.encoder.layer.")
        return recipe.rate * (3.0 if layer == name else recipe.decay ** (top - int(layer.split(".")[0])))

    return [
        {"params": [parameter], "lr": rate(name), "weight_decay": 0.0 if parameter.ndim < 2 else 0.01}
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    ]


def _factor(recipe: Recipe, steps: int) -> Callable[[int], float]:
    """Return the share of the rates at each step: rising over the first ones, then in a straight line to the last."""

    def factor(step: int) -> float:
        return min(1.0, (step + 1) / _WARM_UP) * (recipe.first + (recipe.last - recipe.first) * step / steps)

    return factor


def write_taught(path: Path, taught: Taught) -> None:
    """Write what a teacher says, one example a line."""
    path.write_text("".join(f"{json.dumps([key, logits])}\n" for key, logits in taught.items()), encoding="utf-8")


def read_taught(path: Path) -> Taught:
    """Return what ``write_taught`` wrote."""
    with path.open(encoding="utf-8") as file:
        return {tuple(key): logits for key, logits in map(json.loads, file)}


def load_weights(model: ReaderModel, path: Path) -> None:
    """Load what ``train`` saved."""
    model.load_state_dict(load_file(path))
