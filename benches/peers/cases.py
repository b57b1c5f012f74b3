"""What is compared with what: networks, sizes, simulators, and how near their statistics must be."""

from dataclasses import dataclass, field

GRID, EVENT, GRID_2 = ("rheobase", "grid", 1), ("rheobase", "event", 1), ("rheobase", "grid", 2)
NEST, BRIAN2, ARBOR = ("nest", None, 1), ("brian2", None, 1), ("arbor", None, 1)
LABELS = {"rheobase": "Rheobase", "nest": "NEST", "brian2": "Brian2", "arbor": "Arbor"}


@dataclass(frozen=True)
class Tolerance:
    """How far a simulator's mean over five rounds, each with a seed of its own, may be from the first peer's.

    With fewer rounds the mean scatters more: the tolerance is multiplied by the root of 5 / rounds.
    """

    rate: float = 0.05
    cv: float = 0.05
    corr: float = 0.01


# Activity that holds itself up for a while scatters more from network to network.
WIDE = Tolerance(rate=0.12, cv=0.1, corr=0.03)
# In 0.2 s there are 40 bins, and Arbor's spikes, which lie on no grid, are less synchronous: over three seeds of
# 2500 neurons correlations of 0.014 to 0.041 in NEST, of 0.001 to 0.010 in Arbor.
FAST = Tolerance(corr=0.03)
# Bursts, which begin in the first second, at a time that depends on the seed: hence also the long warm-up.
BURSTING = Tolerance(rate=0.25, cv=0.3, corr=0.15)


@dataclass(frozen=True)
class Comparison:
    """One network at one size. Of `pd14` the scale is given, of the others the number of neurons."""

    name: str
    n: int = 0
    scale: float = 0.0
    seconds: float = 1.0
    # In ms.
    warm_up: float = 100.0
    contenders: tuple = field(default=())
    tolerance: Tolerance = Tolerance()
    # Where a round takes minutes.
    at_most_rounds: int = 100

    @property
    def title(self):
        return f"{self.name} at scale {self.scale:g}" if self.name == "pd14" else f"{self.name} {self.n:,}"


FULL = [
    Comparison("lsm-delta", 10_000, contenders=(GRID, EVENT, NEST, BRIAN2, ARBOR)),
    Comparison("lsm-delta", 100_000, seconds=0.2, contenders=(GRID, EVENT, NEST, BRIAN2, ARBOR)),
    Comparison("lsm-exp", 10_000, contenders=(GRID, EVENT, NEST, BRIAN2)),
    Comparison("lsm-stp", 10_000, warm_up=1000.0, contenders=(GRID, EVENT, NEST, BRIAN2), tolerance=BURSTING),
    Comparison("cuba", 4000, contenders=(GRID, NEST, BRIAN2), tolerance=WIDE),
    Comparison("cuba", 100_000, seconds=0.2, contenders=(GRID, NEST, BRIAN2)),
    Comparison("coba", 4000, seconds=0.3, contenders=(GRID, NEST, BRIAN2), tolerance=WIDE),
    Comparison("brunel-delta", 2500, seconds=0.2, contenders=(GRID, NEST, BRIAN2, ARBOR), tolerance=FAST),
    Comparison("brunel-delta", 12_500, seconds=0.2, contenders=(GRID, GRID_2, NEST, BRIAN2), tolerance=FAST),
    Comparison("pd14", scale=0.1, warm_up=500.0, contenders=(GRID, GRID_2, NEST, BRIAN2), tolerance=WIDE),
    Comparison("pd14", scale=1.0, warm_up=500.0, contenders=(GRID, GRID_2), at_most_rounds=2),
]
QUICK = [
    Comparison("lsm-delta", 1000, contenders=(GRID, EVENT, NEST, BRIAN2, ARBOR), tolerance=WIDE),
    Comparison("lsm-exp", 1000, contenders=(GRID, EVENT, NEST), tolerance=WIDE),
    Comparison("lsm-stp", 1000, contenders=(GRID, EVENT, NEST), tolerance=BURSTING),
    Comparison("cuba", 4000, seconds=0.3, contenders=(GRID, NEST, BRIAN2), tolerance=WIDE),
    Comparison("coba", 4000, seconds=0.1, contenders=(GRID, NEST), tolerance=WIDE),
    Comparison("brunel-delta", 2500, seconds=0.2, contenders=(GRID, NEST, ARBOR), tolerance=FAST),
    Comparison("pd14", scale=0.05, seconds=0.3, warm_up=200.0, contenders=(GRID, NEST), tolerance=WIDE),
]


def label(contender):
    """A contender's name in the tables."""
    simulator, scheduler, threads = contender
    words = [LABELS[simulator], scheduler, f"{threads} threads" if threads > 1 else None]
    return ", ".join(word for word in words if word)
