from dlbench.values.recipe import edit


def test_every_subject_is_measured_once_a_round_and_more_work_takes_longer(worker, tiny):
    wide = edit(tiny, model__options=(("hidden", 64), ("width", 64)))
    narrow, broad = worker.time([tiny, wide], rounds=5)
    assert len(narrow) == len(broad) == 5
    for name in ("step_ms", "inference_ms"):
        ours, theirs = (sorted(getattr(row, name) for row in rows)[2] for rows in (narrow, broad))
        assert 0 < ours < theirs, "16 times the width is many times the work"
