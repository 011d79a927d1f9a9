"""Synthetic results: everything a report reads, without a run."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import Analysis, analyse, judge
from dlbench.report import html, markdown
from dlbench.report.document import Document, Table, Text
from dlbench.report.study import study_document
from dlbench.store.results import Results
from dlbench.values.controls import Control, digests
from dlbench.values.record import Controls, Cost, Outcome, Record, Status

EFFECTS = {
    "baseline": 0.0,
    "rotate degrees=10": 0.006,
    "l1 strength=0.01": -0.031,
    "l2 strength=0.001": 0.0002,
    "dropout rate=0.5": 0.003,
    "batch_size size=128 lr_rule=linear": -0.004,
    "lr_schedule kind=cosine": 0.0045,
    "separable_conv": -0.012,
    "transfer mode=scratch": 0.0,
    "transfer mode=finetune": 0.02,
}
CHANGES = {
    "rotate degrees=10": {"augmentation.rotate_degrees": (0.0, 10.0)},
    "l1 strength=0.01": {"regularization.l1": (0.0, 0.01)},
    "l2 strength=0.001": {"regularization.l2": (0.0, 0.001)},
    "dropout rate=0.5": {"model.dropout": (0.0, 0.5)},
    "batch_size size=128 lr_rule=linear": {"training.batch_size": (32, 128), "training.learning_rate": (0.001, 0.004)},
    "lr_schedule kind=cosine": {"training.schedule.kind": ("constant", "cosine")},
    "separable_conv": {"model.separable": (None, "all")},
    "transfer mode=finetune": {"transfer.mode": ("none", "finetune"), "transfer.source_classes": (None, (0, 1, 2, 3, 4))},
}
HOSTILE = (
    "<script>alert(1)</script>",
    "a|b`c`\n| d <img src=x onerror=alert(1)>",
    '=HYPERLINK("http://x")',
    r"\input{x} $y$ 50% _u_ #1 & ~ ^ {}",
    '"><svg/onload=alert(1)>',
    "@SUM(1)\t\x00\x1b[31m",
    "javascript:alert(1)](x) ![i](http://e/i.png)",
    "</style></title>{{ 7*7 }}{% raw %}",
    "名前 émoji 🎲 \u202e",
)


@dataclass(frozen=True)
class Shape:
    """How large a synthetic study is, and how its scores vary."""

    seeds: int = 8
    epochs: int = 20
    noise: float = 0.004
    shared: float = 0.005


def build(effects: dict[str, float] | None = None, shape: Shape = Shape(), **study: Any) -> Results:
    """Results of a finished study whose arms differ from the baseline by the given effects."""
    effects = EFFECTS if effects is None else effects
    draw = np.random.default_rng(7)
    shared = draw.normal(0, shape.shared, shape.seeds)
    runs, curves = [], []
    for position, (arm, effect) in enumerate(effects.items()):
        for seed in range(shape.seeds):
            score = round((0.962 + effect + shared[seed] + draw.normal(0, shape.noise)) * 450) / 450
            runs.append(_run(arm, seed, score, position, shape))
            curves += _curve(arm, seed, score, shape)
    return Results(
        study=_study(shape) | study,
        arms=_arms(list(effects)),
        runs=pd.DataFrame(runs),
        curves=pd.DataFrame(curves),
        rounds=_rounds(list(effects)),
        environments={
            "e0": {"python": "3.11.7", "tensorflow": "2.21.0", "machine": "x86_64, 2 cores", "threads": 1, "onednn": True}
        },
        complete=True,
    )


def _study(shape: Shape) -> dict[str, Any]:
    return {
        "name": "quickstart",
        "question": "Which classic techniques help a small CNN on handwritten digits?",
        "dataset": "digits",
        "model": "small_cnn",
        "design": "one_at_a_time",
        "metric": "test_accuracy",
        "margin": 0.005,
        "seeds": list(range(shape.seeds)),
        "budget": {"epochs": shape.epochs},
        "split_seed": 0,
        "target": 0.95,
        "text": 'question = "Which classic techniques help?"\ndataset = "digits"\n',
        "hash": "0123456789abcdef" * 4,
        "command": "dlbench run quickstart",
        "created": "2025-01-02T03:04:05Z",
    }


def _reference(arm: str, arms: list[str]) -> str | None:
    scratch = "transfer mode=scratch"
    if arm in (arms[0], scratch):
        return None
    return scratch if arm.startswith("transfer") and scratch in arms else arms[0]


def _arms(arms: list[str]) -> pd.DataFrame:
    rows = [
        {
            "arm": arm,
            "reference": _reference(arm, arms),
            "changes": CHANGES.get(arm, {"data.classes": (None, (5, 6, 7, 8, 9))}),
            "recipe": {},
            "techniques": arm.split()[0],
        }
        for arm in arms
    ]
    rows[0]["changes"] = {}
    return pd.DataFrame(rows)


def _run(arm: str, seed: int, score: float, position: int, shape: Shape) -> dict[str, Any]:
    """The row of a finished run, made of the values that an engine hands over."""
    reached, late, separable = 6 + position % 4 + seed % 3, score < 0.95, arm == "separable_conv"
    part = {name: f"{zlib.crc32(f'{name} {seed}'.encode()):08x}" * 2 for name in ("data", "split", "order", "init")}
    outcome = Outcome(
        Status.DONE,
        scores={"test_accuracy": score, "test_loss": 0.4 - score / 4, "target_epoch": None if late else reached,
                "target_s": None if late else reached * 0.09},
        cost=Cost(parameters=7000 if separable else 19_000 + 4_000 * (position == 4), macs=60_000 if separable else 210_000,
                  epochs=shape.epochs, steps=800, train_s=1.5 + 0.1 * position),
        controls=Controls(data=part["data"], split=part["split"], order=(part["order"],), init={"dense": part["init"]},
                          weights=f"{zlib.crc32(f'{arm} {seed}'.encode()):08x}" * 2))
    return row_of(arm, Record.of(outcome, f"{position:08x}{seed:08x}", {}, seed, environment="e0", started="2025-01-02T03:04:05Z"),
                  Control.CONTROLLED if position else Control.BASELINE)


def row_of(arm: str, record: Record, control: Control) -> dict[str, Any]:
    """A record as a row of ``Results.runs``."""
    return {"arm": arm, "seed": record.seed, "run_id": record.run_id, "status": record.status, "reason": record.reason,
            "environment": record.environment, "started": record.started, "control": control.value, "control_faults": "",
            **record.scores, **record.cost.to_dict(), **digests(record.controls)}


def _curve(arm: str, seed: int, score: float, shape: Shape) -> list[dict[str, Any]]:
    draw = np.random.default_rng([seed, len(arm)])
    epochs = np.arange(1, shape.epochs + 1)
    accuracy = score - 0.6 * np.exp(-epochs / 2.5) + draw.normal(0, 0.003, len(epochs))
    return [
        {
            "arm": arm,
            "seed": seed,
            "epoch": epoch,
            "train_loss": 2.2 * np.exp(-epoch / 4) + 0.02,
            "train_accuracy": min(1.0, value + 0.02),
            "validation_loss": 2.3 * np.exp(-epoch / 4) + 0.1,
            "validation_accuracy": value,
            "learning_rate": 1e-3,
            "seconds": 0.09 * epoch,
        }
        for epoch, value in zip(epochs.tolist(), accuracy.tolist())
    ]


def _rounds(arms: list[str]) -> pd.DataFrame:
    rows = []
    for position, arm in enumerate(arms):
        step = {0: 1.0, 7: 1.43, 4: 1.06}.get(position, 1 + 0.004 * position)
        rows += [
            {
                "arm": arm,
                "reference": _reference(arm, arms),
                "batch_size": 32,
                "reference_batch_size": 32,
                "step_ms": 1.9 * step * disturbance,
                "inference_ms": 0.4 * step * disturbance**2,
                "reference_step_ms": 1.9,
                "reference_inference_ms": 0.4,
            }
            for disturbance in (0.96, 1.0, 1 / 0.96) * 10
        ]
    return pd.DataFrame(rows)


def fail(results: Results, arm: str, seeds: list[int], status: Status = Status.DIVERGED,
         reason: str = "loss is not finite at step 12") -> Results:
    """The same results, with some runs of an arm failed."""
    runs, curves = results.runs.copy(), results.curves
    bad = (runs["arm"] == arm) & runs["seed"].isin(seeds)
    runs.loc[bad, ["status", "reason", "control"]] = [status, reason, Control.UNKNOWN]
    runs.loc[bad, ["test_accuracy", "test_loss"]] = np.nan
    lost = (curves["arm"] == arm) & curves["seed"].isin(seeds)
    return replace(results, runs=runs, curves=curves[~lost].reset_index(drop=True))


def without_runs(results: Results, arm: str, keep: tuple[int, ...] = ()) -> Results:
    """The same results as if only some seeds of an arm had been run yet."""
    stay = (results.runs["arm"] != arm) | results.runs["seed"].isin(keep)
    shown = (results.curves["arm"] != arm) | results.curves["seed"].isin(keep)
    return replace(
        results,
        runs=results.runs[stay].reset_index(drop=True),
        curves=results.curves[shown].reset_index(drop=True),
        complete=False,
    )


def page_of(analysis: Analysis) -> str:
    """The page of a study."""
    return html.render(study_document(analysis))


def markdown_of(analysis: Analysis) -> str:
    """The Markdown of a study."""
    return markdown.render(study_document(analysis))


@pytest.fixture(scope="session")
def results() -> Results:
    """A finished study of ten arms and eight seeds."""
    return build()


@pytest.fixture(scope="session")
def drawn(results) -> tuple[Analysis, Document]:
    """The study with one diverged run, analysed, and its report."""
    analysis = analyse(fail(results, "separable_conv", [2]))
    return analysis, study_document(analysis)


@pytest.fixture(scope="session")
def page_text(drawn) -> str:
    """The page of the study with one diverged run."""
    return html.render(drawn[1])


@pytest.fixture(scope="session")
def hostile_text(hostile) -> str:
    """The page of the hostile study."""
    return page_of(analyse(hostile))


@pytest.fixture(scope="session")
def hostile() -> Results:
    """A finished study in which everything the user wrote is hostile."""
    made = build(
        {"baseline": 0.0, **{name: 0.004 * index for index, name in enumerate(HOSTILE)}},
        Shape(seeds=4, epochs=3),
        target=None,
        name=HOSTILE[0],
        question=HOSTILE[1],
        text="\n".join(HOSTILE),
        command=HOSTILE[4],
        dataset=HOSTILE[2],
        model=HOSTILE[6],
    )
    arms = made.arms.copy()
    arms["changes"] = [{}] + [{"model.name": ("small_cnn", name)} for name in HOSTILE]
    made = fail(replace(made, arms=arms), HOSTILE[0], [1], reason=HOSTILE[1])
    runs = made.runs.copy()
    runs.loc[runs["arm"] == HOSTILE[3], ["control", "control_faults"]] = [Control.UNCONTROLLED, HOSTILE[4]]
    return replace(made, runs=runs, environments={"e0": {HOSTILE[0]: HOSTILE[4]}})


@pytest.fixture
def judged(monkeypatch) -> list[dict[str, str]]:
    """The families that were judged from now on, each as arm -> reference."""
    found, compare = [], judge.compare

    def noted(scores, references, rule):
        found.append(references)
        return compare(scores, references, rule)

    monkeypatch.setattr(judge, "compare", noted)
    return found


def empty() -> Results:
    """A study of which nothing has run."""
    made = build()
    nothing = {name: getattr(made, name).iloc[:0] for name in ("runs", "curves", "rounds")}
    return replace(made, **nothing, environments={}, complete=False)


def shown(section, results):
    """What a section shows of results: the texts of its paragraphs, and the cells' texts of its tables by their names."""
    blocks = tuple(section.build(analyse(results)))
    tables = {block.name: block for block in blocks if isinstance(block, Table)}
    rows = {name: tuple(tuple(cell.text for cell in row.cells) for row in table.rows) for name, table in tables.items()}
    return [block.text for block in blocks if isinstance(block, Text)], rows
