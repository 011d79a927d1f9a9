"""Which changes of a finished study are chosen to be confirmed, and why the others are not."""

from dataclasses import dataclass, field, replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis.choice import choose
from dlbench.analysis.factors import Factors
from dlbench.stats.factorial import factorial_effects
from dlbench.values.errors import InputError

NAN = float("nan")


@dataclass
class Study:
    """What of an analysis a choice looks at: arm -> (verdict, difference, cost, fields that it sets)."""

    arms: dict
    design: str = "one_at_a_time"
    control: dict = field(default_factory=dict)
    against: dict = field(default_factory=dict)
    factors: object = None
    higher_is_better: bool = True
    tuned: object = None
    others: tuple = ()
    margin = 0.01

    @property
    def parts(self):
        return (self, *self.others)

    @property
    def metric(self):
        return SimpleNamespace(higher_is_better=self.higher_is_better)

    @property
    def results(self):
        changes = [{}, *({name: (0, 1) for name in arm[3]} for arm in self.arms.values())]
        return SimpleNamespace(study={"design": self.design}, arms=pd.DataFrame({"arm": ["baseline", *self.arms], "changes": changes}))

    @property
    def verdicts(self):
        return pd.DataFrame([
            {"arm": arm, "verdict": verdict, "difference": difference, "step_ratio": cost, "macs_ratio": NAN,
             "control": self.control.get(arm, "controlled"), "against": self.against.get(arm, "")}
            for arm, (verdict, difference, cost, _) in self.arms.items()])


GOOD = {"a": ("helps", 0.02, 1.1, ["m.a"]), "b": ("helps", 0.04, 1.5, ["m.b"]), "c": ("hurts", -0.03, 1.0, ["m.c"]),
        "d": ("no meaningful effect", 0.001, 1.0, ["m.d"]), "e": ("inconclusive", 0.02, 1.0, ["m.e"])}


def test_arms_that_help_are_kept_the_best_first():
    found = choose(Study(GOOD))
    assert found.parts == ("b", "a") and found.cost == pytest.approx(1.65)
    assert found.left == {"c": "it hurts", "d": "it makes no meaningful difference", "e": "open"}


def test_a_lower_score_helps_where_lower_is_better():
    lower = {arm: (verdict, -difference, *rest) for arm, (verdict, difference, *rest) in GOOD.items()}
    assert choose(Study(lower, higher_is_better=False)).parts == ("b", "a")


@pytest.mark.parametrize("limit, kept", [(2.0, ("b", "a")), (1.6, ("b",)), (1.2, ("a",))])
def test_what_is_too_dear_is_left_out_and_the_largest_gain_within_the_limit_is_taken(limit, kept):
    found = choose(Study(GOOD), limit)
    assert found.parts == kept and all("more than --max-cost leaves" in found.left[arm] for arm in {"a", "b"} - set(kept))


def test_nothing_within_the_limit_or_of_unknown_cost_is_refused():
    with pytest.raises(InputError, match=r"nothing is shown to help; .*b: 1.50 times the cost"):
        choose(Study(GOOD), 1.05)
    with pytest.raises(InputError, match="--max-cost: neither training times"):
        choose(Study({"a": ("helps", 0.02, NAN, [])}), 1.05)


@pytest.mark.parametrize("cost, kept, why", [(1.0, "a", "a sets m.a too, and is as good within the margin at less cost"),
                                             (2.0, "b", "b sets m.a too, and does better")])
def test_of_arms_that_set_one_field_the_better_or_the_cheaper_is_kept(cost, kept, why):
    found = choose(Study({"a": ("helps", 0.035, cost, ["m.a"]), "b": ("helps", 0.04, 1.5, ["m.a"])}))
    assert found.parts == (kept,) and list(found.left.values()) == [why]


def test_an_uncontrolled_arm_and_one_with_another_reference_are_not_chosen():
    study = Study(GOOD, control={"b": "uncontrolled"}, against={"a": "scratch"})
    with pytest.raises(InputError, match=r"nothing is shown to help.*a: it is compared with scratch.*b: uncontrolled"):
        choose(study)


def test_an_arm_must_help_on_every_dataset():
    other = Study(GOOD | {"b": ("inconclusive", 0.01, 1.5, ["m.b"])})
    assert choose(replace(Study(GOOD), others=(other,))).parts == ("a",)


def test_at_tuned_settings_where_they_were_tuned():
    assert choose(replace(Study(GOOD), tuned=Study({"a": GOOD["a"], "b": ("hurts", -0.1, 1.5, ["m.b"])}))).parts == ("a",)


def test_what_cannot_be_left_out_is_kept():
    found = choose(Study({"without a": ("hurts", -0.02, 0.5, ["m.a"]), "without b": ("helps", 0.01, 0.9, ["m.b"]),
                          "without c": ("hurts", -0.03, 0.8, ["m.c"])}, design="leave_one_out"))
    assert found.parts == ("c", "a") and found.cost == pytest.approx(1 / 0.5 / 0.8)
    assert found.left == {"b": "the others do better without it"}


def test_an_arm_may_be_called_as_if_it_left_something_out():
    assert choose(Study({"without bias": ("helps", 0.02, 1.0, [])})).parts == ("without bias",)


def factorial(score, names=("a", "b", "c")):
    """An analysis of a full factorial with ten seeds."""
    rng, rows = np.random.default_rng(0), []
    for levels in product((-1.0, 1.0), repeat=len(names)):
        on = [name for name, level in zip(names, levels) if level > 0]
        rows += [{"arm": " + ".join(on) or "baseline", "seed": seed, "score": score(set(on)) + rng.normal(0, 0.001),
                  **{f"f{place}": level for place, level in enumerate(levels)}} for seed in range(10)]
    runs = pd.DataFrame(rows)
    arms = {arm: ("inconclusive", 0.0, 2.0 if "b" in arm else 1.0, []) for arm in runs["arm"].unique() if arm != "baseline"}
    effects = factorial_effects(runs, [f"f{place}" for place in range(len(names))], 0.05)
    return Study(arms, design="factorial", factors=Factors(names, effects, runs))


def test_a_factorial_study_keeps_the_best_setting_that_its_effects_predict():
    found = choose(factorial(lambda on: 0.02 * ("a" in on) + 0.03 * ("b" in on)))
    assert found.parts == ("b", "a") and found.left == {"c": "no effect of it is shown"} and found.cost == pytest.approx(2.0)


def test_effects_of_an_uncontrolled_arm_choose_nothing():
    study = factorial(lambda on: 0.02 * ("a" in on))
    with pytest.raises(InputError, match=r"'a \+ c' is uncontrolled, and the effects of factors are those of all arms; accepted: --keep"):
        choose(replace(study, control={"a + c": "uncontrolled"}))


def test_two_factors_that_do_the_same_are_not_both_kept():
    found = choose(factorial(lambda on: 0.03 * bool({"a", "b"} & on) - 0.01 * ({"a", "b"} <= on) - 0.001 * ("b" in on)))
    assert found.parts == ("a",) and found.left["b"] == "the others do as well without it"


def test_factors_that_help_only_together_are_kept_together():
    assert set(choose(factorial(lambda on: 0.05 * ({"a", "b"} <= on) - 0.01 * ("a" in on) - 0.01 * ("b" in on))).parts) == {"a", "b"}


def test_a_dear_factor_is_left_out():
    found = choose(factorial(lambda on: 0.02 * ("a" in on) + 0.03 * ("b" in on)), 1.5)
    assert found.parts == ("a",) and "2.00 times the cost" in found.left["b"]
