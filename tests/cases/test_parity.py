"""`plan` finds what `run` would: rows M9, M13 and V4 of the corpus and their kin, each tried from the command line."""

from __future__ import annotations

import json

import pytest

from dlbench.contract.declarations import stated
from dlbench.store.read import read
from dlbench.techniques import CATALOGUE
from tests.cases.planning import HEAD, HERE, arm, refused
from tests.selection import mostly_slow

KINDS = {
    "mlp": ("digits", "mlp", "examples = 60\n[baseline]\noptions = { hidden = 8 }"),
    "small_cnn": ("digits", "small_cnn", "examples = 60\n[baseline]\noptions = { width = 4, hidden = 8 }"),
    "residual": (f"{HERE}:images", f"{HERE}:residual", ""),
    "text_cnn": (f"{HERE}:sentences", "text_cnn", "[baseline]\noptions = { width = 4, filters = 4 }"),
    "rows": (f"{HERE}:rows", "mlp", "[baseline]\noptions = { hidden = 8 }"),
    "resnet20": (f"{HERE}:images", "resnet20", ""),
    "sounds": (f"{HERE}:tones", "small_audio_cnn", 'kind = "sequence"\n[baseline]\noptions = { rate_hz = 1000, bands = 8, width = 4 }'),
}
"""Kind of model -> dataset, model, and further keys of the study."""
SPECIAL = {"examples": {"count": 30}, "vocabulary": {"words": 5}, "article_layer_norm": {"place": "head"}}
"""Parameters that fit the small data, where a technique's own example does not."""
DROPOUT = {"technique": "dropout", "rate": 0.3}
"""What an arm has first that keeps dropout on in scoring."""


# M13: every technique is planned, run, stored and reported

def arm_of(item, **more):
    """A table of a study that applies a technique."""
    given = {**stated(item), **SPECIAL.get(item.name, {}), **more}
    steps = [*([DROPOUT] if item.name == "mc_dropout" else []), {"technique": item.name, **given}]
    return f'[[arms]]\nname = "{item.name}"\ntechniques = {in_toml(steps)}\n'


def in_toml(steps):
    return "[" + ", ".join("{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in step.items()) + " }" for step in steps) + "]"


HAS = {"small_cnn": {"conv", "flatten", "images", "signals"}, "mlp": {"images", "signals"}, "rows": set(), "text_cnn": {"text"},
       "sounds": {"conv", "flatten", "sequences", "signals", "spectrogram"},
       **{kind: {"conv", "flatten", "images", "signals", "colour", "residual"} for kind in ("residual", "resnet20")}}
ANYWHERE = {"validation", "classes", "labels", "one_input"}
"""What all of these studies have."""
APART = ("transfer", "progressive_resizing")
"""Techniques that have arms or a study of their own below."""
UNFIT = {"text_cnn": {"normalization", "article_layer_norm", "article_normalize", "width", "depth", "activation", "normalize",
                      "distillation"},
         "sounds": {"pooling"},
         **{kind: {"article_separable_conv", "pooling"} for kind in ("residual", "resnet20")}}
"""Kind of model -> techniques that find no place in it."""


def applies(item, kind):
    """Whether a technique is meant for a kind of model and data; others are refused by `plan`, which a test of its own shows."""
    met = set(item.requires) <= HAS[kind] | ANYWHERE
    return met and item.name not in UNFIT.get(kind, ()) and item.name not in APART


def first_kind(item):
    return next((kind for kind in KINDS if applies(item, kind)), None)


def adapted(item, kind):
    """Parameters that a technique needs on a kind of model without convolutions, or without hidden dense layers."""
    places = {("normalization", "mlp"): "head", ("normalization", "rows"): "head", ("article_layer_norm", "residual"): "conv",
              ("article_layer_norm", "sounds"): "conv",
              ("article_layer_norm", "resnet20"): "conv"}
    return {"place": places[item.name, kind]} if (item.name, kind) in places else {}


def study_of(kind, arms, budget="steps = 2"):
    dataset, model, more = KINDS[kind]
    return HEAD.format(dataset=dataset, model=model, more=more).replace("steps = 2", budget) + "".join(arms)


def run_all(call, kind, arms, name, **budget):
    (call.folder / f"{name}.toml").write_text(study_of(kind, arms, **budget), encoding="utf-8")
    plan = call("plan", f"{name}.toml", "--out", f"{name}.out")
    assert plan.code == 0, plan.err
    ended = call("run", f"{name}.toml", "--out", f"{name}.out", "--no-timing")
    results = read(call.folder / f"{name}.out")
    assert ended.code in (0, 3), ended.err
    assert (results.runs["status"] == "done").all(), results.runs[["arm", "status", "reason"]]
    assert not {"uncontrolled"} & set(results.runs["control"]) and (call.folder / f"{name}.out" / "index.html").is_file()
    return results


TRANSFER = "".join(
    f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\nsource = [0, 1]\ntarget = [0, 1, 2]\n'
    + ('reference = "scratch"\n' if mode != "scratch" else "") for mode in ("scratch", "frozen", "finetune", "article"))


QUICK = {item.name for key in ("family", "kind") for item in {
    item.family if key == "family" else first_kind(item): item for item in reversed(CATALOGUE.shipped)}.values()} | {"gradient_clipping"}
"""A technique of each family, and one of each kind of model; all are run by the slow tests below."""


@pytest.mark.parametrize("kind", mostly_slow(("mlp", "small_cnn", "residual", "text_cnn", "sounds"), "small_cnn"))
def test_m13_a_technique_of_each_family_is_planned_run_stored_and_reported(kind, call):
    arms = [arm_of(item, **adapted(item, kind)) for item in CATALOGUE.shipped if first_kind(item) == kind and item.name in QUICK]
    results = run_all(call, kind, [*arms, TRANSFER] if kind == "small_cnn" else arms, f"once_{kind}")
    assert len(results.arms) == 1 + len(arms) + (4 if kind == "small_cnn" else 0)


def test_m13_no_technique_escapes():
    others = {item.name for item in CATALOGUE.shipped if first_kind(item) is None and not {"several", "categories"} & set(item.requires)}
    assert others == set(APART)


def test_m13_images_grow_from_epoch_to_epoch(call):
    arms = [arm_of(CATALOGUE.find("progressive_resizing"), stages=2)]
    costs = run_all(call, "residual", arms, "growing", budget="epochs = 2").runs.set_index("arm")["train_macs"]
    assert costs["progressive_resizing"] < costs["baseline"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_m13_every_technique_on_every_kind_of_model_that_it_applies_to(kind, call):
    arms = [arm_of(item, **adapted(item, kind)) for item in CATALOGUE.shipped if applies(item, kind)]
    run_all(call, kind, [*arms, TRANSFER] if "small_cnn" in kind else arms, f"every_{kind}")


PARTNERS = ("l2", "dropout", "flip", "batch_size", "lr_schedule", "optimizer", "gradient_clipping", "averaging", "label_smoothing", "mixup")


@pytest.mark.slow
@pytest.mark.parametrize("partner", PARTNERS)
def test_m13_every_technique_runs_together_with_ten_others_or_is_refused_with_words(partner, call):
    kind, other = "small_cnn", CATALOGUE.find(partner)
    arms = []
    same = {"l1_l2"} if partner == "l2" else set()  # with l2, it is what l1 with l2 is, and a study has no two equal arms
    for item in (item for item in CATALOGUE.shipped if applies(item, kind) and item is not other and item.name not in same):
        steps = [{"technique": one.name, **stated(one), **SPECIAL.get(one.name, {})} for one in (item, other)]
        arm = f'[[arms]]\nname = "{item.name} and {partner}"\ntechniques = {in_toml(steps)}\n'
        (call.folder / "pair.toml").write_text(study_of(kind, [arm]), encoding="utf-8")
        plan = call("plan", "pair.toml", "--out", "pair.out")
        if plan.code == 0:
            arms.append(arm)
        else:
            refused(plan, f"arm '{item.name} and {partner}': ")
    run_all(call, kind, arms, f"with_{partner}")


@pytest.mark.parametrize("kind", ["mlp", "text_cnn", "sounds"])
def test_m13_what_does_not_apply_is_refused_with_the_arm_and_the_reason(kind, call):
    (call.folder / "not.toml").unlink(missing_ok=True)
    for item in CATALOGUE.shipped:
        if set(item.requires) <= HAS[kind] | ANYWHERE:
            continue
        (call.folder / "not.toml").write_text(study_of(kind, [arm_of(item)]), encoding="utf-8")
        refused(call("plan", "not.toml", "--out", "not.out"), f"arm '{item.name}': {item.name} needs ")


def test_m13_a_place_that_the_network_lacks_is_refused_by_plan(planned):
    refused(planned('[[arms]]\ntechnique = "normalization"\nkind = "batch"', "mlp", "digits"),
            "arm 'normalization kind=batch': it needs a hidden layer (conv), and model 'mlp' has none")


# M9: what would fail in every run is one sentence in `plan`, or it works

@pytest.mark.parametrize(("model", "words"), [
    ("half", ["dtype policy mixed_float16", "technique mixed_precision computes in 16 bits"]), ("brain", ["dtype policy bfloat16"]),
    ("double", ["dtype policy float64"]), ("eager", ["run_functions_eagerly(True); leave that out"]),
    ("several", ["wanted one output"]), ("stateful", ["is stateful", "stateful=False"]), ("patches", ["cannot be", "patches"]),
])
def test_m9_a_model_that_cannot_be_trained_is_refused_by_plan(model, words, planned):
    ended = planned(arm("dropout"), f"{HERE}:{model}")
    assert ended.code == 2 and "Traceback" not in ended.err and any(word in ended.err for word in words), ended.err


@pytest.mark.slow
@pytest.mark.parametrize("model", ["two_units", "one_unit"])
def test_m9_two_classes_train_with_one_unit_or_two_to_the_same_weights_in_either_loop(model, call):
    losses = []
    for loop in ("compiled", "keras"):
        name = f"{loop}_{model}"
        text = HEAD.format(dataset=f"{HERE}:two", model=f"{HERE}:{model}", more=f'loop = "{loop}"') + arm("l2")
        (call.folder / f"{name}.toml").write_text(text, encoding="utf-8")
        assert call("plan", f"{name}.toml", "--out", name).code == 0
        ended = call("run", f"{name}.toml", "--out", name, "--no-timing")
        assert ended.code == 0, ended.err
        losses.append(read(call.folder / name).runs.set_index("arm")["test_loss"])
    assert losses[0].to_numpy() == pytest.approx(losses[1].to_numpy(), rel=1e-4)


def test_m9_an_xla_arm_on_a_layer_that_xla_lacks_is_refused_by_plan(planned):
    refused(planned(arm("xla"), f"{HERE}:turning"), "arm 'xla': ", "XLA has no ", "leave the technique xla out")


@pytest.mark.parametrize("model", mostly_slow(("recurrent", "lossy", "seeded"), "lossy"))
def test_m9_others_of_the_kind_work(model, planned):
    given = arm("l2"), f"{HERE}:{model}"
    assert planned(*given).code == 0
    ended = planned(*given, command="run")
    assert ended.code == 0, ended.err


@pytest.mark.parametrize(("model", "words"), [
    ("compiled", "what it was compiled with (optimizer, loss, metrics) is not used"), ("own_step", "its own train_step is not called")])
def test_m9_what_is_not_used_of_a_model_is_said(model, words, planned):
    ended = planned(arm("l2"), f"{HERE}:{model}")
    assert ended.code == 0 and words in " ".join(ended.err.split()), ended.err


# V4: settings of one arm that the data does not have are refused with the arm's name, by plan and run

def task(mode, **more):
    return arm("transfer", name=mode, mode=mode, **more)


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize(("arms", "name", "words"), [
    (task("scratch") + task("frozen", reference="scratch"), "scratch", "class 5 does not exist: the data has classes 0 to 2"),
    (task("scratch", target=[0, 1]) + task("frozen", target=[0, 1], source=[2, 9], reference="scratch"), "frozen",
     "its pretraining: class 9 does not exist"),
    (task("scratch", target=[0, 1], labels_per_class=500), "scratch", "labels_per_class = 500: the smallest class has"),
    (arm("examples", count=5000), "examples count=5000", "examples = 5000: the training split has"),
])
def test_v4_an_arm_whose_task_the_data_lacks_is_refused_with_its_name(arms, name, words, command, planned):
    refused(planned(arms, command=command), f"arm '{name}': ", words)


@pytest.mark.parametrize(("arms", "dataset", "words"), [
    (arm("mixup"), "sentences", "mixup needs images or sequences"), (arm("flip"), "rows", "flip needs images"),
    (arm("hue"), "rows", "hue needs"), (arm("time_shift"), "images", "time_shift needs sequences"),
    (arm("clean_text"), "images", "clean_text needs sentences"), (arm("crop", pad=9), "images", "pad = 9 of crop: the images have 8 px"),
    (arm("cutout", pixels=16), "images", "pixels = 16 of cutout"), (arm("shift", pixels=8), "images", "pixels = 8 of shift"),
    (arm("test_time_augmentation", pad=8), "images", "pad = 8 of test_time_augmentation"),
    (arm("test_time_augmentation"), "rows", "test_time_augmentation needs images"),
])
def test_v4_settings_that_do_not_fit_the_data_are_refused_with_the_arms_name(arms, dataset, words, planned):
    model = "text_cnn" if dataset == "sentences" else f"{HERE}:smooth"
    refused(planned(arms, model, f"{HERE}:{dataset}"), "arm '", words)


def test_v4_a_batch_larger_than_the_data_is_said(planned):
    ended = planned(arm("batch_size", size=4096, lr_rule="none"))
    assert ended.code == 0 and "batch_size = 4096: a batch holds all" in " ".join(ended.err.split()), ended.err
