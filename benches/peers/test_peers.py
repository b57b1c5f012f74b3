"""Tests of the scripts that need no simulator: python -m unittest discover -s benches/peers

Expected values are closed forms or numbers of the papers.
"""

import contextlib
import io
import json
import math
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

import agreement
import networks
import reference
import report
import stats
from stats import Train


class Statistics(unittest.TestCase):
    def test_regular_train_has_no_variation(self):
        train = Train(np.arange(1.0, 1001.0, 10.0), np.zeros(100, int), 2, 0.0, 1000.0)
        np.testing.assert_allclose(stats.rates(train), [100.0, 0.0])
        np.testing.assert_allclose(stats.cvs(train), [0.0], atol=1e-12)

    def test_two_kinds_of_intervals(self):
        # Intervals of 10 and 30 in turns: mean 20, deviation 10.
        times = np.cumsum([10.0, 30.0] * 50)
        found = stats.cvs(Train(np.concatenate(([5.0], 5.0 + times)), np.zeros(101, int), 1, 0.0, 3000.0))
        self.assertAlmostEqual(found[0], 0.5)

    def test_poisson_train_has_cv_one(self):
        rng = np.random.default_rng(3)
        times = np.cumsum(rng.exponential(10.0, 40_000))
        train = Train(times, np.zeros(len(times), int), 1, 0.0, times[-1])
        # The deviation of the estimate is 1 / sqrt(intervals).
        self.assertAlmostEqual(stats.cvs(train)[0], 1.0, delta=4.0 / math.sqrt(40_000))

    def test_few_spikes_have_no_cv(self):
        self.assertEqual(len(stats.cvs(Train(np.array([1.0, 2.0, 3.0]), np.zeros(3, int), 1, 0.0, 10.0))), 0)
        self.assertEqual(len(stats.cvs(Train(np.array([1.0, 2.0, 3.0]), np.zeros(3, int), 1, 0.0, 10.0), 3)), 1)

    def test_copies_of_a_mother_train_correlate_by_their_probability(self):
        # Each spike of a Poisson train is copied to each neuron with probability 0.3: correlation 0.3.
        rng = np.random.default_rng(5)
        mother = rng.uniform(0.0, 200_000.0, 20_000)
        copied = rng.random((20, len(mother))) < 0.3
        node, place = np.nonzero(copied)
        found = stats.correlations(Train(mother[place], node, 20, 0.0, 200_000.0))
        self.assertEqual(len(found), 190)
        self.assertAlmostEqual(found.mean(), 0.3, delta=0.02)

    def test_window_is_open_at_its_start(self):
        # A spike that ends the step at the window's start belongs to the warm-up.
        train = Train(np.array([100.0, 100.1, 200.0, 200.1]), np.zeros(4, int), 1, 100.0, 200.0)
        np.testing.assert_allclose(train.t_ms, [100.1, 200.0])

    def test_distance_of_distributions(self):
        self.assertEqual(stats.ks_distance([1, 1, 0, 0], [0, 0, 5, 5]), 1.0)
        self.assertAlmostEqual(stats.ks_distance([1, 1], [3, 1]), 0.25)
        self.assertIsNone(stats.ks_distance([0, 0], [1, 0]))

    def test_counts_keep_what_is_beyond_the_edges(self):
        self.assertEqual(stats.counts([-1.0, 0.5, 1.0, 9.0], np.array([0.0, 1.0, 2.0])), [2, 2])

    def test_recording_is_read_without_its_sources(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.h5"
            with h5py.File(path, "w") as file:
                file.attrs.update(t_start_ms=0.0, t_stop_ms=300.0)
                file["populations/name"] = ["in", "exc", "inh"]
                file["populations/first"], file["populations/size"] = np.array([0, 2, 5]), np.array([2, 3, 1])
                file["populations/is_source"] = np.array([1, 0, 0], "u1")
                file["spikes/t_ms"] = [50.0, 150.0, 150.0, 250.0]
                file["spikes/node"] = np.array([2, 0, 4, 5], "u4")
            train, populations = stats.read_recording(path, 0.2)
        self.assertEqual(populations, [("exc", 0, 3), ("inh", 3, 1)])
        self.assertEqual(train.n, 4)
        self.assertEqual(list(zip(train.t_ms, train.node)), [(150.0, 2), (250.0, 3)])


class Networks(unittest.TestCase):
    def test_microcircuit_at_full_scale(self):
        # Potjans & Diesmann 2014: 77,169 neurons; 298,880,968 synapses follow from their probabilities.
        circuit = networks.pd14(1.0)
        self.assertEqual(circuit.size.sum(), 77_169)
        self.assertEqual(circuit.synapses.sum(), 298_880_968)
        self.assertAlmostEqual(circuit.weight[0, 0], 87.8, places=1)
        self.assertAlmostEqual(circuit.weight[0, 2], 175.6, places=1)
        self.assertAlmostEqual(circuit.weight[3, 1], -351.2, places=1)
        np.testing.assert_array_equal(circuit.dc, 0.0)

    def test_scaled_microcircuit_keeps_the_mean_input(self):
        # Synapses times scale, weights over its root: what is missing of the mean input is (1 - root) of it.
        scale = 0.25
        full, small = networks.pd14(1.0), networks.pd14(scale)

        def mean_input(circuit):
            recurrent = (circuit.weight * circuit.synapses * networks.PD14_RATE / circuit.size[:, None]).sum(axis=1)
            external = circuit.input_weight * circuit.k_ext * networks.PD14["input_rate"]
            return 0.001 * networks.PD14["tau_syn"] * (recurrent + external) + circuit.dc

        np.testing.assert_allclose(mean_input(small), mean_input(full), rtol=2e-3)

    def test_microcircuit_synapses(self):
        circuit = networks.pd14(0.02)
        source, target, weight, delay = networks.pd14_synapses(circuit, np.random.default_rng(1))
        self.assertEqual(len(source), circuit.synapses.sum())
        firsts = np.concatenate(([0], np.cumsum(circuit.size)))
        population = np.searchsorted(firsts, source, side="right") - 1
        self.assertTrue(((weight > 0) == (population % 2 == 0)).all())
        self.assertGreaterEqual(delay.min(), networks.DT - 1e-12)
        self.assertLess(target.max(), circuit.size.sum())

    def test_liquid_has_the_expected_number_of_synapses(self):
        # 10 x 10 x 10, by the sum of all pairs' probabilities with the mean over kinds of 80 % and 20 %.
        rng = np.random.default_rng(2)
        counts = [len(networks.liquid(1000, rng).source) for _ in range(20)]
        grid = np.stack(np.unravel_index(np.arange(1000), (10, 10, 10)), axis=1)
        squared = ((grid[:, None] - grid[None]) ** 2).sum(axis=2)
        share = np.exp(-squared / 4.0) * (squared > 0) * (squared <= 81)
        mean_c = 0.8 * 0.8 * 0.3 + 0.8 * 0.2 * 0.2 + 0.2 * 0.8 * 0.4 + 0.2 * 0.2 * 0.1
        expected = mean_c * share.sum()
        self.assertAlmostEqual(np.mean(counts) / expected, 1.0, delta=0.02)

    def test_brunel_input(self):
        # 20 kHz a neuron, whatever the size.
        self.assertAlmostEqual(networks.brunel_input_rate(), 20_000.0)
        self.assertEqual(networks.brunel_in_degrees(12_500), (1000, 250))


class Reference(unittest.TestCase):
    def found(self, populations):
        """What a network would show that does in every population what NEST does on average."""
        observables = reference.KEYS
        return {name: {key: expected[key][0] for key in observables}
                | {counts: expected[counts] for counts in observables.values()}
                for name, expected in populations.items()}

    def test_another_rate_does_not_fit_in(self):
        for simulated in json.loads(reference.FILE.read_text())["simulated"].values():
            populations = simulated["populations"]
            found = self.found(populations)
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(reference.against_seeds([found], simulated), [])
                self.assertEqual(reference.against_seeds([found] * 3, simulated), [])
                found["L4E"]["rate_hz"] *= 1.2
                found["L6I"]["cv_counts"] = found["L6I"]["cv_counts"][20:]
                bad = reference.against_seeds([found], simulated)
            self.assertEqual([line.split(":")[0] for line in bad], ["L4E", "L6I"])

    def test_published_rates_fit_in(self):
        published = json.loads(reference.FILE.read_text())["published"]
        for rates, fits in [(published["rates"][0]["rate_hz"], True), ([5.0] * 8, False)]:
            found = {name: {"rate_hz": rate, "cv_isi": 0.9, "corr": 0.0}
                     for name, rate in zip(networks.PD14_POPULATIONS, rates)}
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(reference.against_published(found, published) == [], fits)


def measurement(rate_of_brian2=5.0):
    def run(simulator, cost, rate, **more):
        return {"simulator": simulator, "round": 0, "load": 0.1, "engine": simulator, "threads": 1, "build_s": 1.0,
                "cpu_s": cost, "cpu_s_per_bio_s": cost, "rtf": cost, "spikes": 10, "synaptic_events": 1_000_000,
                "peak_rss_mb": 10.0, "rate_hz": rate, "cv_isi": 0.6, "corr": 0.001} | more

    runs = [run("Rheobase, grid", 0.01, 5.0, recorded_spikes=10), run("NEST", 0.5, 5.0),
            run("Brian2", 0.04, rate_of_brian2, compile_s=9.0)]
    comparison = {"title": "cuba 4,000", "name": "cuba", "n": 4000, "scale": 0.0, "rounds": 5, "silent": {}, "failed": {},
                  "tolerance": {"rate": 0.05, "cv": 0.05, "corr": 0.01}, "runs": runs}
    return {"date": "2026-01-02", "rounds": 5, "quick": False, "faults": agreement.faults(comparison),
            "machine": {"cpu": "CPU", "cores": 2, "memory_gb": 8.0, "system": "Linux", "kernel": "6", "gcc": "12",
                        "python": "3", "commit": "abc", "program": "def"}, "comparisons": [comparison]}


class Reports(unittest.TestCase):
    def test_ratios_are_to_ours(self):
        text = report.page(measurement())
        self.assertIn("| cuba 4,000 | NEST | 0.5 | 0.5 | 2 | 1 | 10 | 5 | 0.6 | 0.001 | 50 |", text)
        self.assertIn("| 1 + 9 |", text)
        self.assertIn("| **0.01** (grid) | 0.04 (4×) | 0.5 (50×) | – |", report.readme_table(measurement(), "x.md"))

    def test_another_network_is_found_out(self):
        self.assertEqual(measurement()["faults"], [])
        self.assertEqual(measurement(5.2)["faults"], [])
        self.assertIn("rate 5.3 of Brian2", measurement(5.3)["faults"][0])

    def test_a_recording_of_another_run_is_found_out(self):
        comparison = measurement()["comparisons"][0]
        comparison["runs"][0]["recorded_spikes"] = 11
        self.assertEqual(len(agreement.faults(comparison)), 1)

    def test_readme_is_checked(self):
        readme = report.README
        with tempfile.TemporaryDirectory() as folder:
            try:
                report.README = Path(folder) / "README.md"
                report.README.write_text("before\n{}\n{}\nafter\n".format(*report.PEERS_TABLE.marks()))
                path = Path(folder) / "2026-01-02.json"
                path.write_text(json.dumps(measurement()))
                with contextlib.redirect_stderr(io.StringIO()):
                    self.assertEqual(report.check_readme(Path(folder), report.PEERS_TABLE), 1)
                report.write_readme(path, report.PEERS_TABLE)
                self.assertEqual(report.check_readme(Path(folder), report.PEERS_TABLE), 0)
                path.write_text(json.dumps(measurement()).replace("0.04", "0.05"))
                with contextlib.redirect_stderr(io.StringIO()):
                    self.assertEqual(report.check_readme(Path(folder), report.PEERS_TABLE), 1)
            finally:
                report.README = readme

    def test_numbers(self):
        self.assertEqual([report.number(each) for each in (None, 1234.5, 0.04061, 5.138, 0.0007853, 12.34)],
                         ["–", "1,234", "0.0406", "5.14", "0.000785", "12.3"])


if __name__ == "__main__":
    unittest.main()
