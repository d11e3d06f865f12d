"""Student's t distribution, by SciPy.

SciPy is imported by the first call: it takes a third of a second and 27 MB, which only experiments need.
"""

import math


def quantile(probability: float, *, degrees: int) -> float:
    """Return the value that t with so many degrees of freedom stays below with this probability."""
    from scipy.special import stdtrit  # noqa: PLC0415  # see above

    return float(stdtrit(degrees, probability))


def noncentral_share_below(limit: float, *, degrees: int, shift: float) -> float:
    """Return the probability that noncentral t, whose normal part has the mean *shift*, stays below *limit*."""
    from scipy.special import nctdtr  # noqa: PLC0415  # see above

    share = float(nctdtr(degrees, shift, limit))
    return 0.0 if math.isnan(share) else share  # SciPy's series underflows far below the shift
