import numpy as np
import pytest
from scipy import stats

from dlbench.kernels.mixing import NO_MIXING, mixing
from dlbench.values.augmentation import Augmentation

EVERY = np.arange(10_000)
KINDS = {"mixup": Augmentation(mixup=0.4), "cutmix": Augmentation(cutmix=1.0), "both": Augmentation(mixup=0.4, cutmix=1.0)}


def drawn(kind, positions=EVERY, seed=0, epoch=0):
    return mixing(KINDS[kind], seed, epoch, positions, (32, 24))


@pytest.mark.parametrize("kind", KINDS)
def test_the_label_has_the_share_of_the_pixels(kind):
    found = drawn(kind)
    area = (found.box[:, 2] - found.box[:, 0]) * (found.box[:, 3] - found.box[:, 1]) / (32 * 24)
    np.testing.assert_allclose(found.share, found.blend * (1 - area), atol=1e-6)
    assert found.share.min() >= 0 and found.share.max() <= 1


def test_mixup_shares_are_beta_and_have_no_box():
    found = drawn("mixup")
    assert stats.kstest(found.share, stats.beta(0.4, 0.4).cdf).pvalue > 0.001 and not found.box.any()


def test_cutmix_keeps_the_pixels_outside_its_box():
    assert (drawn("cutmix").blend == 1).all()


def test_with_both_on_each_example_gets_one_of_them():
    found = drawn("both")
    assert stats.binomtest(int((found.blend < 1).sum()), len(EVERY), 0.5).pvalue > 0.001
    assert not found.box[found.blend < 1].any()


def test_partners_are_uniform_over_the_training_examples():
    counts = np.bincount(drawn("mixup").partner // 1_000, minlength=10)
    assert len(counts) == 10 and stats.chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_mixed_by_seed_epoch_and_position_alone(kind):
    whole, some = drawn(kind), drawn(kind, EVERY[::3])
    for name in ("blend", "share", "box"):
        np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[::3])
    assert some.partner.max() < len(EVERY[::3])
    for other in (drawn(kind, seed=1), drawn(kind, epoch=1)):
        assert not np.array_equal(other.partner, whole.partner) and not np.array_equal(other.share, whole.share)


def test_off_and_empty():
    assert mixing(Augmentation(), 0, 0, EVERY, (8, 8)) is NO_MIXING
    assert len(drawn("both", EVERY[:0]).partner) == 0
