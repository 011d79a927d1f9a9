"""What does not go together is refused with a reason, before anything runs."""

import pytest

from dlbench.study import load, plan
from dlbench.values.errors import InputError


def planned(tmp_path, body, **keys):
    keys = {"margin": 0.01, "seeds": 2, **keys}
    head = "\n".join(f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in keys.items())
    path = tmp_path / "study.toml"
    path.write_text(f"{head}\n{body}")
    return plan(load(str(path)))


@pytest.mark.parametrize("body, keys, words", [
    ('[[arms]]\ntechnique = "stochastic_depth"', {}, "residual connections"),
    ('[[arms]]\ntechnique = "clean_text"', {}, "sentences"),
    ('[[arms]]\ntechnique = "averaging"', {"loop": "keras"}, "averaging"),
    ('[[arms]]\ntechnique = "pruning"', {"loop": "keras"}, "pruning"),
    ('[[arms]]\ntechnique = "distillation"', {"loop": "keras"}, "distillation"),
    ('[[arms]]\ntechnique = "mixed_precision"\nkind = "float16"', {"loop": "keras"}, "float16"),
    ('[[arms]]\ntechniques = [{ technique = "quantization" }, { technique = "mixed_precision" }]', {}, "float32"),
    ('[[arms]]\ntechniques = [{ technique = "distillation" }, { technique = "transfer", mode = "frozen" }]', {}, "another run"),
    ('[[arms]]\ntechnique = "normalize"\nkind = "application"', {}, "base of keras.applications"),
    ('[[arms]]\ntechnique = "distillation"\nteacher = "smal_cnn"', {}, "did you mean 'small_cnn'"),
    ('[[arms]]\ntechnique = "transfer"\nmode = "frozen"\ndataset = "tfds mnist"', {}, "unknown dataset"),
    ('[[arms]]\ntechnique = "transfer"\nmode = "frozen"\ndataset = "digits"\nweights = "imagenet"', {}, "one of the two"),
    ('[[arms]]\ntechnique = "quantization"\nbits = 7', {}, "8, 16, 32"),
    ('[[arms]]\ntechnique = "quantization"\nbits = "8"', {}, "8, 16, 32"),
    ('[baseline]\noptions = { base = "MobileNetV9" }\n[[arms]]\ntechnique = "dropout"', {"model": "application"},
     "did you mean 'MobileNetV2'"),
    ('[[arms]]\ntechnique = "dropout"', {"measure": ["gradient_norm"]}, "gradient_norms"),
    ('[[arms]]\ntechnique = "dropout"', {"devices": 2, "loop": "keras"}, "plain Keras loop .* it needs devices = 1"),
    ('[[arms]]\ntechnique = "xla"', {"devices": 2}, "arm 'xla': a step that XLA compiles is for one device"),
    ('[[arms]]\ntechnique = "quantization"', {"devices": 2}, "quantization is for one device"),
    ('[[arms]]\ntechnique = "optimizer"\nkind = "lion"', {"devices": 2}, "the optimizer lion is for one device"),
    ('[[arms]]\ntechnique = "batch_size"\nsize = 3\nlr_rule = "none"', {"devices": 4}, "batch_size = 3: devices = 4 shares every batch"),
])
def test_it_is_refused_with_its_reason(tmp_path, body, keys, words):
    with pytest.raises(InputError, match=words):
        planned(tmp_path, body, **keys)


def test_a_transfer_arm_is_compared_with_scratch_on_its_own_labels(tmp_path):
    body = '\n'.join(f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\nlabels_per_class = [5, 20]'
                     for mode in ("scratch", "frozen", "article"))
    references = {arm.name: arm.reference for arm in planned(tmp_path, body).arms}
    assert references == {
        "baseline": None, "scratch labels_per_class=5": None, "scratch labels_per_class=20": None,
        **{f"{mode} labels_per_class={count}": f"scratch labels_per_class={count}" for mode in ("frozen", "article") for count in (5, 20)}}


def test_a_transfer_from_a_file_is_compared_with_the_baseline_unless_it_has_fewer_labels(tmp_path):
    body = '[[arms]]\nname = "{0}"\ntechnique = "transfer"\nmode = "frozen"\nweights = "mine.keras"\n'
    assert planned(tmp_path, body.format("all")).arms[1].reference == "baseline"
    few = body.format("few") + 'labels_per_class = 5\n[[arms]]\nname = "plain"\ntechnique = "transfer"\nmode = "scratch"\n' \
        'weights = "mine.keras"\nlabels_per_class = 5'
    references = {arm.name: arm.reference for arm in planned(tmp_path, few).arms}
    assert references == {"baseline": None, "few": "plain", "plain": None}


def test_training_on_fewer_labels_is_a_reference_unless_the_study_compares_it(tmp_path):
    body = '[[arms]]\nname = "few"\ntechnique = "transfer"\nmode = "scratch"\ndataset = "tfds:mnist"\nlabels_per_class = 5\n'
    assert planned(tmp_path, body).arms[1].reference is None
    assert planned(tmp_path, body + 'reference = "baseline"').arms[1].reference == "baseline"


def test_pretraining_and_teachers_are_run_once_and_shared(tmp_path):
    body = '[[arms]]\ntechnique = "distillation"\ntemperature = [2.0, 4.0]\n'
    whole = planned(tmp_path, body)
    needed = {run.needs for run in whole.runs if run.needs}
    assert len(needed) == 2 and len(whole.runs) == 3 * 2 + 2


def test_every_mistake_of_the_articles_is_an_arm(tmp_path):
    body = "\n".join(f'[[arms]]\ntechnique = "{name}"' for name in (
        "article_separable_conv", "article_layer_norm", "article_early_stopping", "article_augment", "article_normalize"))
    changed = {arm.name: arm.changes for arm in planned(tmp_path, body).arms}
    assert changed["article_separable_conv"]["model.separable"][1] == "article_all_but_first"
    assert changed["article_layer_norm"]["model.normalization"][1] == "instance"
    assert changed["article_early_stopping"]["training.early_stopping.restore_best"] == (True, False)
    assert changed["article_augment"] == {"augmentation.article": (False, True)}
    assert changed["article_normalize"] == {"data.normalization": ("scale", "article")}
