"""Writes reference.json, which tests/stats/reference.rs holds against clinic_core::stats.

Run it beside this file, in a virtual environment:
pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 krippendorff==0.9.0 scikit-learn==1.9.1
python reference.py
"""

import json
from pathlib import Path

import krippendorff
import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

rng = np.random.default_rng(6)


def wilson():
    for k, n in [(0, 1), (1, 1), (2, 5), (0, 5), (5, 5), (7, 107), (1500, 1605), (1, 28800)]:
        yield {"count": k, "n": n, "interval": proportion_confint(k, n, method="wilson")}


def goodman():
    for counts in [[2, 1, 1], [50, 30, 20, 7], [107, 1], [9]]:
        yield {"counts": counts, "interval": multinomial_proportions_confint(counts, 0.05, "goodman")[0]}


def student():
    for n in [2, 5, 107]:
        values = rng.normal(0.3, 0.2, n)
        interval = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=stats.sem(values))
        yield {"values": values, "interval": interval}


def skewness():
    for values in [[1, 1, 5], rng.exponential(size=30), rng.integers(1, 20, 12)]:
        yield {"values": values, "skewness": stats.skew(values)}


def entropy():
    for counts in [[3, 1], [1, 1, 1], [20, 5, 3, 1, 1], [7]]:
        yield {"counts": counts, "entropy": stats.entropy(counts) / np.log(sum(counts))}


def clustered(clusters, least, most, draw):
    """Cluster ids and values; the members of a cluster are alike."""
    rows = []
    for cluster in range(clusters):
        size, own = rng.integers(least, most + 1), draw()
        rows += [(cluster, own if rng.random() < 0.6 else draw()) for _ in range(size)]
    return [r[0] for r in rows], np.array([r[1] for r in rows], dtype=float)


def wilson_of_effective(p, n):
    z2 = stats.norm.ppf(0.975) ** 2
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    return (p + z2 / (2 * n) - half) / (1 + z2 / n), (p + z2 / (2 * n) + half) / (1 + z2 / n)


def effective_interval(ids, values):
    """Half a cluster of 1s and half a cluster of 0s really added, where all clusters have one size."""
    table = values.reshape(len(set(ids)), -1)
    clusters, size = table.shape
    n = values.size
    weights = np.r_[np.ones(clusters), 0.5, 0.5]
    totals = np.r_[table.sum(axis=1), size, 0]
    cases = weights.sum() * size
    q = (weights * totals).sum() / cases
    variance = (weights * (totals - size * q) ** 2).sum() / cases**2
    effect = variance / (q * (1 - q) / cases)
    few = (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, clusters - 1)) ** 2
    effective = min(n, max(n / effect * few, min(n / effect, clusters)))
    return wilson_of_effective(values.mean(), effective)


def cluster():
    """Clustered standard errors: statsmodels' use_correction multiplies the variance by
    C/(C-1) (n-1)/(n-k), and k is 1 here."""
    coin = lambda rate: lambda: rng.random() < rate
    sets = [
        (True, clustered(30, 5, 5, coin(0.7))),
        (True, clustered(8, 3, 3, coin(0.2))),
        (True, clustered(2, 4, 4, coin(0.5))),
        (True, clustered(40, 1, 1, coin(0.4))),
        (False, clustered(25, 5, 15, coin(0.9))),
        (False, clustered(107, 1, 15, lambda: round(rng.random(), 3))),
        (False, clustered(12, 2, 9, lambda: round(rng.normal(), 3))),
    ]
    for even, (ids, values) in sets:
        fit = sm.OLS(values, np.ones(len(values))).fit(
            cov_type="cluster", cov_kwds={"groups": np.array(ids), "use_correction": True}
        )
        error = fit.bse[0]
        yield {
            "ids": ids,
            "values": values,
            "value": values.mean(),
            "error": error,
            "student": stats.t.interval(0.95, len(set(ids)) - 1, loc=values.mean(), scale=error),
            "wilson": effective_interval(ids, values) if even else None,
            "detectable": (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error,
        }


def macro():
    """Mean of groups' means: OLS on a column a group, clustered over the groups; the factor
    (n-1)/(n-k) of statsmodels' correction is taken out."""
    for groups in [2, 15]:
        ids, columns, values = [], [], []
        for item in range(20):
            own = rng.random() < 0.5
            for group in range(groups):
                if rng.random() < 0.8:
                    ids.append(item)
                    columns.append(group)
                    values.append(own if rng.random() < 0.5 else rng.random() < group / groups)
        values = np.array(values, dtype=float)
        design = np.eye(groups)[columns]
        fit = sm.OLS(values, design).fit(
            cov_type="cluster", cov_kwds={"groups": np.array(ids), "use_correction": True}
        )
        mean = np.full(groups, 1 / groups)
        n = len(values)
        variance = mean @ fit.cov_params() @ mean * (n - groups) / (n - 1)
        yield {
            "groups": [[[i, v] for i, c, v in zip(ids, columns, values) if c == g] for g in range(groups)],
            "value": mean @ fit.params,
            "error": np.sqrt(variance),
        }


def exact_mcnemar():
    for b, c in [(0, 0), (1, 0), (5, 5), (3, 12), (0, 40), (700, 800), (5, 600)]:
        p = mcnemar([[10, b], [c, 10]], exact=True).pvalue
        yield {"only_first": b, "only_second": c, "p": min(p, 1.0)}


def agresti_min():
    """The formula: half a case more in each of the four cells, then Wald's interval."""
    for b, c, n in [(0, 0, 5), (4, 1, 10), (30, 12, 107), (0, 107, 107)]:
        cells = np.array([b, c]) + 0.5
        share = cells / (n + 2)
        difference = share[0] - share[1]
        sd = np.sqrt(share.sum() - difference**2)
        half = stats.norm.ppf(0.975) * sd / np.sqrt(n + 2)
        ends = np.clip([difference - half, difference + half], -1, 1)
        yield {"only_first": b, "only_second": c, "n": n, "interval": ends, "sd": sd}


def sign_flip():
    """All patterns of signs, as scipy counts them."""
    sets = [
        [1, 1, 1, 1, -1],
        [2, 0, 0, 3],
        [0.1, 0.2, -0.3, 0.7, 0.3],
        rng.integers(-3, 5, 12),
        rng.normal(0.4, 1, 16),
        rng.normal(0.5, 1, 18),
        np.r_[rng.integers(-3, 6, 18), np.zeros(40)],
    ]
    for sums in sets:
        # A cluster of 0 doubles all patterns and changes no share.
        counted = np.array([s for s in sums if s != 0], dtype=float)
        found = stats.permutation_test(
            (counted,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=True, batch=10_000
        )
        yield {"sums": sums, "p": found.pvalue, "exact": len(counted) <= 16}


def holm():
    for p in [[0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.05], rng.random(40) ** 3]:
        yield {"p": p, "adjusted": multipletests(p, method="holm")[1]}


def power():
    """One-sided at 2.5 %, which leaves out findings in the wrong direction, as the formula does."""
    for sd, difference, power in [(0.5, 0.1, 0.8), (0.3, -0.02, 0.9), (1.0, 0.7, 0.8), (0.7, 0.05, 0.5)]:
        n = NormalIndPower().solve_power(
            abs(difference) / sd, alpha=0.025, power=power, ratio=0, alternative="larger"
        )
        yield {"sd": sd, "difference": difference, "power": power, "n": n}


def mover():
    """Zou & Donner's formula, written out end by end."""
    for weights in [[0.5, 0.5], [1.0, -1.0], [0.2, -0.3, 0.5]]:
        parts = []
        for weight in weights:
            n = int(rng.integers(20, 200))
            k = int(rng.integers(0, n + 1))
            parts.append((weight, k / n, proportion_confint(k, n, method="wilson")))
        total = sum(w * e for w, e, _ in parts)
        lower = sum((min(w * l, w * u) - w * e) ** 2 for w, e, (l, u) in parts)
        upper = sum((max(w * l, w * u) - w * e) ** 2 for w, e, (l, u) in parts)
        yield {"parts": parts, "interval": [total - np.sqrt(lower), total + np.sqrt(upper)]}


def bootstrap():
    """A mean and a skewness of clusters. The Rust test knows how far two bootstraps may differ."""
    mean = lambda sums, counts, axis: sums.sum(axis=axis) / counts.sum(axis=axis)
    for clusters in [20, 107]:
        counts = rng.integers(1, 16, clusters)
        sums = rng.binomial(counts, rng.beta(2, 1, clusters))
        found = stats.bootstrap(
            (sums, counts), mean, paired=True, method="percentile", n_resamples=10_000, rng=rng
        )
        yield {
            "sums": sums,
            "counts": counts,
            "interval": list(found.confidence_interval),
            "error": found.standard_error,
        }


def rated(units, raters, most, agree, missing=0.0):
    """Ratings from 1 to `most`, a row a unit: a rater gives the unit's own with the chance `agree`."""
    own = rng.integers(1, most + 1, (units, 1))
    other = rng.integers(1, most + 1, (units, raters))
    ratings = np.where(rng.random((units, raters)) < agree, own, other).astype(float)
    ratings[rng.random((units, raters)) < missing] = np.nan
    return ratings


def units(ratings):
    return [[None if np.isnan(r) else int(r) for r in row] for row in ratings]


def alpha_of(ratings, scale):
    return krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=scale)


def alpha():
    sets = [
        rated(12, 2, 5, 0.6),
        rated(40, 4, 5, 0.7, 0.3),
        rated(60, 7, 9, 0.2, 0.6),
        rated(30, 3, 2, 0.0, 0.1),
        # What is never given lies between what is; two units have one rating, one has none.
        np.array([[1, 1, 9], [9, 9, 9], [1, 200, 1], [4, 4, np.nan], [9, np.nan, np.nan],
                  [np.nan, 200, np.nan], [np.nan] * 3, [200, 200, 200]]),
    ]  # fmt: skip
    for ratings in sets:
        scales = ["nominal", "ordinal", "interval"]
        yield {"units": units(ratings), **{scale: alpha_of(ratings, scale) for scale in scales}}


def cohen():
    """Weights by the numbers themselves: scikit-learn takes places in the list of labels."""
    for ratings in [rated(9, 2, 3, 0.5), rated(107, 2, 5, 0.7), rated(50, 2, 5, 0.0) * 3 - 1]:
        first, second = ratings.astype(int).T
        labels = range(int(ratings.max()) + 1)
        kappa = lambda weights: cohen_kappa_score(first, second, labels=labels, weights=weights)
        yield {
            "pairs": ratings.astype(int),
            "none": kappa(None),
            "linear": kappa("linear"),
            "quadratic": kappa("quadratic"),
        }


def fleiss():
    for ratings in [rated(10, 2, 2, 0.4), rated(60, 3, 5, 0.6), rated(107, 6, 4, 0.1)]:
        kappa = fleiss_kappa(aggregate_raters(ratings.astype(int))[0], method="fleiss")
        yield {"units": units(ratings), "kappa": kappa}


def bca():
    """The interval of a few replicates that are the same on both sides."""
    sets = [(rng.exponential(size=25), np.mean), (rng.exponential(size=40), np.std), (rng.normal(size=12), np.mean)]
    for values, statistic in sets:
        found = stats.bootstrap((values,), statistic, method="BCa", n_resamples=299, rng=rng)
        yield {
            "value": statistic(values),
            "replicates": found.bootstrap_distribution,
            "without": [statistic(np.delete(values, i)) for i in range(len(values))],
            "interval": list(found.confidence_interval),
        }


def agreement():
    """BCa over clusters. The Rust test knows how far two bootstraps may differ."""
    for clusters, agree in [(25, 0.5), (80, 0.85)]:
        sizes = rng.integers(1, 5, clusters)
        members = [rated(size, 3, 5, agree, 0.15) for size in sizes]
        measure = lambda drawn: alpha_of(np.concatenate([members[int(c)] for c in drawn]), "ordinal")
        found = stats.bootstrap(
            (np.arange(clusters),), measure, vectorized=False, method="BCa", n_resamples=10_000, rng=rng
        )
        yield {
            "units": units(np.concatenate(members)),
            "clusters": np.repeat(np.arange(clusters), sizes),
            "value": measure(range(clusters)),
            "interval": list(found.confidence_interval),
            "error": found.standard_error,
        }


def plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))


REFERENCES = {
    "wilson": wilson, "goodman": goodman, "student": student, "skewness": skewness,
    "entropy": entropy, "cluster": cluster, "macro_mean": macro, "mcnemar": exact_mcnemar,
    "agresti_min": agresti_min, "sign_flip": sign_flip, "holm": holm, "power": power,
    "mover": mover, "bootstrap": bootstrap, "alpha": alpha, "cohen": cohen, "fleiss": fleiss,
    "bca": bca, "agreement": agreement,
}  # fmt: skip

lines = []
for name, cases in REFERENCES.items():
    rows = ",\n".join("    " + json.dumps(case, default=plain, allow_nan=False) for case in cases())
    lines.append(f'  "{name}": [\n{rows}\n  ]')
path = Path(__file__).with_name("reference.json")
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
