"""``dlbench doctor DIR``: what in finished runs speaks against their verdicts."""

from __future__ import annotations


def test_results_of_which_nothing_speaks_against_the_verdicts(call, results):
    ended = call("doctor", results)
    assert ended.code == 0 and "nothing in these runs speaks against their verdicts" in ended.out
    refused = call("doctor", "nowhere")
    assert refused.code == 2 and "no results here" in refused.err and "Traceback" not in refused.err


def test_what_is_found_has_evidence_and_a_remedy_within_80_columns(call, study, request):
    study.write_text(study.read_text().replace("margin = 0.01", "margin = 0.2"))
    ended = call("doctor", request.getfixturevalue("results"))
    assert ended.code == 4 and ended.out.startswith("no arm can help by the margin")
    assert "evidence" in ended.out and "remedy" in ended.out and max(map(len, ended.out.splitlines())) <= 80
