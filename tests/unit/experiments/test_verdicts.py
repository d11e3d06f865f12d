"""Verdicts and their sentences."""

from collections.abc import Sequence

import pytest

from service.experiments import Arm, Pair, Question, Run, analyse, note, sentence
from service.messages import Language, read_messages
from tests.unit.experiments.arms import arm

ACCURACY = Question(metric="test_accuracy", baseline="SGD")
LOSS = Question(metric="test_loss", baseline="SGD")
BASE = [0.950, 0.951, 0.949, 0.952, 0.948, 0.950, 0.951, 0.949]


def shifted(*points: float) -> list[float]:
    """The accuracies of the baseline, each moved by so many percentage points."""
    return [base + point / 100 for base, point in zip(BASE, points, strict=False)]


def asked(values: Sequence[float | str], base: Sequence[float | str] = BASE, question: Question = ACCURACY) -> Pair:
    """Adam, with these values, compared with SGD."""
    return analyse([arm("SGD", base), arm("Adam", values)], question).pairs[0]


def read(
    values: Sequence[float | str],
    base: Sequence[float | str] = BASE,
    question: Question = ACCURACY,
    language: Language = "en",
) -> str:
    """The sentence about Adam and SGD."""
    arms = [arm("SGD", base), arm("Adam", values)]
    return sentence(analyse(arms, question).pairs[0], question, language, arms={each.name: each for each in arms})


BETTER = shifted(0.3, 0.5, 0.4, 0.5, 0.3, 0.6, 0.4, 0.4)
UNCLEAR = shifted(0.3, -0.2, 0.4, -0.1, 0.2, 0.1, 0.3, -0.3)


def test_a_clear_difference() -> None:
    """Better in every seed, with the numbers in percentage points, in both languages."""
    assert asked(BETTER).verdict == "better"
    assert read(BETTER) == "Adam is better than SGD here: +0.43 points, between 0.34 and 0.51, in 8 of 8 seeds."
    assert (
        read(BETTER, language="es")
        == "Adam es mejor que SGD aquí: +0,43 puntos, entre 0,34 y 0,51, en 8 de 8 semillas."
    )
    assert read(shifted(*[-each for each in (0.3, 0.5, 0.4, 0.5, 0.3, 0.6, 0.4, 0.4)])) == (
        "Adam is worse than SGD here: −0.43 points, between −0.51 and −0.34, in 8 of 8 seeds."
    )


def test_an_unclear_difference_says_how_many_seeds_would_show_it() -> None:
    """The forecast is in the sentence and in the result."""
    pair = asked(UNCLEAR)
    assert (pair.verdict, pair.more_seeds_needed) == ("not_shown", 63)
    assert read(UNCLEAR) == (
        "Cannot tell yet whether Adam is better than SGD: about 63 more seeds would. "
        "So far +0.09 points, between −0.13 and 0.30."
    )


def test_losses_are_plain_numbers() -> None:
    """The loss falls by so much."""
    base = [0.10, 0.11, 0.10, 0.12, 0.11, 0.10]
    better = [0.08, 0.08, 0.09, 0.10, 0.08, 0.08]
    assert read(better, base, LOSS) == (
        "Adam is better than SGD here: −0.0217, between −0.0296 and −0.0138, in 6 of 6 seeds."
    )


def test_a_margin_makes_small_differences_equivalent() -> None:
    """Even a difference that is certain is none, if the whole interval lies within the margin."""
    margin = Question(metric="test_accuracy", baseline="SGD", margin=0.01)
    assert asked(BETTER, question=margin).verdict == "equivalent"
    assert read(BETTER, question=margin) == (
        "Adam and SGD are equally good here, within 1.00 points: +0.43 points, between 0.34 and 0.51."
    )
    narrow = Question(metric="test_accuracy", baseline="SGD", margin=0.005)
    assert asked(BETTER, question=narrow).verdict == "better"


def test_five_seeds_are_too_few() -> None:
    """They are, however clear the difference; the sixth would suffice."""
    pair = asked(BETTER[:5], BASE[:5])
    assert (pair.verdict, pair.more_seeds_needed) == ("too_few_seeds", 1)
    assert read(BETTER[:5], BASE[:5]) == "Cannot tell yet whether Adam is better than SGD: about one more seed would."
    assert asked(BETTER[:6], BASE[:6]).verdict == "better"


def test_several_pairs_need_more_seeds() -> None:
    """Three pairs are three chances of a false finding, so six seeds are too few for them."""
    arms = [arm("a", BASE[:6]), arm("b", BETTER[:6]), arm("c", UNCLEAR[:6])]
    question = Question(metric="test_accuracy")
    assert {pair.verdict for pair in analyse(arms, question).pairs} == {"too_few_seeds"}


def test_a_missing_run_leaves_the_pair_incomplete() -> None:
    """Pending and failed runs are counted and named; the other seeds say what they can."""
    assert asked([*BETTER[:6], "pending", "pending"]).verdict == "incomplete"
    assert read([*BETTER[:6], "pending", "pending"]) == (
        "Not complete: 2 of 8 seeds have no result yet for Adam and SGD. "
        "So far +0.43 points, between 0.31 and 0.56, in 6 seeds."
    )
    assert read([*BETTER[:7], "failed"]).startswith(
        "Not complete: in 1 of 8 seeds, a run of Adam or SGD failed or was cancelled. So far +0.43 points"
    )
    assert read(["pending"] * 8) == "Not complete: 8 of 8 seeds have no result yet for Adam and SGD."


def test_an_arm_that_was_stopped_early_is_not_compared() -> None:
    """The sentence says which one, and when."""
    assert asked([*BETTER[:3], *["stopped"] * 5]).verdict == "incomplete"
    assert read([*BETTER[:3], *["stopped"] * 5]).startswith(
        "Not compared: Adam was stopped early, after 3 of 8 seeds. So far"
    )


def test_divergence_is_a_result() -> None:
    """An arm that diverges in every seed is worse, though it has no metric at all."""
    pair = asked(["diverged"] * 8)
    assert (pair.verdict, pair.compared.losses, pair.compared.difference) == ("worse", 8, None)
    assert read(["diverged"] * 8) == "Adam is worse than SGD here: Adam diverged in 8 of 8 seeds, SGD in 0."
    assert asked(BETTER, ["diverged"] * 8, LOSS).verdict == "better"


def test_one_diverged_run_outweighs_small_gains() -> None:
    """Better in seven seeds but diverged in the eighth is not better; the seven are still summarized."""
    pair = asked([*BETTER[:7], "diverged"])
    assert (pair.verdict, pair.compared.diverged, pair.compared.differences.n) == ("not_shown", 1, 7)
    assert read([*BETTER[:7], "diverged"]) == (
        "Cannot tell whether Adam is better than SGD: of 8 seeds, Adam diverged in 1 and SGD in 0."
    )


def test_a_metric_that_is_not_finite_counts_as_diverged() -> None:
    """NaN and infinity are no numbers to average."""
    pair = asked([*BETTER[:7], float("nan")], question=LOSS)
    assert (pair.compared.diverged, pair.compared.differences.n) == (1, 7)
    assert asked(["diverged"] * 8, ["diverged"] * 8).compared.ties == 8


def test_equal_runs_show_nothing_and_do_not_break() -> None:
    """Ties everywhere, and differences without variance, have their verdicts."""
    assert asked(BASE).verdict == "not_shown"
    assert read(BASE) == "Adam and SGD had the same result in every seed."
    constant = asked([0.96] * 8, [0.95] * 8)
    assert (constant.verdict, constant.compared.differences.sd) == ("better", 0)
    assert asked([0.95] * 5, [0.95] * 5).more_seeds_needed == 1


def test_a_hopelessly_small_difference_has_no_forecast() -> None:
    """Where 1,000 more seeds would not suffice, the sentence says so."""
    tiny = shifted(0.3, -0.3, 0.3, -0.3, 0.3, -0.3, 0.3, -0.29)
    assert asked(tiny).more_seeds_needed is None
    assert "1,000 more seeds are too few" in read(tiny)
    assert "1.000 semillas más" in read(tiny, language="es")


def test_seeds_pair_runs_whatever_their_order() -> None:
    """Runs are matched by their seeds, and a seed of one arm only is missing."""
    runs = [Run(seed=seed, job_id="job", state="measured", value=value) for seed, value in enumerate(BASE, 1)]
    shuffled = Arm(name="Adam", runs=[*reversed(runs[1:]), Run(seed=99, job_id="job", state="measured", value=0.5)])
    pair = analyse([Arm(name="SGD", runs=runs), shuffled], ACCURACY).pairs[0]
    assert (pair.compared.ties, pair.compared.missing) == (7, 2)


def test_many_arms_are_compared_with_the_best_one() -> None:
    """Without a baseline, and corrected for all pairs that could have been chosen."""
    arms = [arm(f"arm {number}", shifted(*[number / 10] * 8)) for number in range(12)]
    analysis = analyse(arms, Question(metric="test_accuracy"))
    assert ({pair.compared.arm for pair in analysis.pairs}, len(analysis.pairs)) == ({"arm 11"}, 11)
    assert analysis.tested == 66


def test_seeds_that_were_added_after_a_look_have_a_note() -> None:
    """It says that looking again gives chance more tries."""
    assert note(ACCURACY, "en") is None
    for language in ("en", "es"):
        once, twice = (note(Question(metric="test_loss", looks=looks), language) for looks in (1, 2))
        assert once
        assert twice
        assert "2" in twice


@pytest.mark.parametrize("name", ["experiments"])
def test_both_languages_have_the_same_messages(name: str) -> None:
    """Each code is in both files, with the same numbers in it."""
    english, spanish = read_messages(name, "en"), read_messages(name, "es")
    assert english.keys() == spanish.keys()
