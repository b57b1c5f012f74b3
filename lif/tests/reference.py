"""Writes responses.csv and crossings.csv, beside this file, with 200-bit arithmetic.

    pip install mpmath && python3 reference.py

Crossings: random neurons and states; the potential is written out as its closed form, sampled at 4,000
points over 12 slow time constants and refined around every local maximum by golden section, and the
first crossing is bisected to 1e-40 ms. The method shares nothing with the one under test.
"""

import csv
import os
import random

from mpmath import e, exp, mp, mpf

mp.prec = 200
HERE = os.path.dirname(os.path.abspath(__file__))


def exp_response(t, tau_m, c_m, tau_syn):
    if tau_m == tau_syn:
        return t * exp(-t / tau_m) / c_m
    return (exp(-t / tau_m) - exp(-t / tau_syn)) / (c_m * (1 / tau_syn - 1 / tau_m))


def alpha_response(t, tau_m, c_m, tau_syn):
    if tau_m == tau_syn:
        return t * t * exp(-t / tau_m) / (2 * c_m)
    b = 1 / tau_syn - 1 / tau_m
    return ((exp(-t / tau_m) - exp(-t / tau_syn)) / b**2 - t * exp(-t / tau_syn) / b) / c_m


def text(x):
    return mp.nstr(mpf(x), 25)


def responses():
    rng = random.Random(1)
    rows = []
    for _ in range(200):
        tau_m = rng.choice([rng.uniform(0.5, 100), 10.0])
        tau_syn = tau_m * rng.choice([1, 1 + 1e-12, 1 - 1e-9, 1 + 1e-6, 1 - 1e-3, 0.5, 2, rng.uniform(0.01, 20)])
        t = 10 ** rng.uniform(-3, 2.3)
        c_m = rng.uniform(1, 500)
        arguments = [mpf(x) for x in (t, tau_m, c_m, tau_syn)]
        rows.append([repr(x) for x in (t, tau_m, c_m, tau_syn)] + [text(exp_response(*arguments)), text(alpha_response(*arguments))])
    with open(os.path.join(HERE, "responses.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["t", "tau_m", "c_m", "tau_syn", "exp_response", "alpha_response"], *rows])


def first_crossing(f, end):
    n = 4000
    times = [end * k / n for k in range(n + 1)]
    # A double finds where to look; 200 bits decide.
    values = [f(t) for t in times]
    if values[0] >= 0:
        return mpf(0)
    for k in range(1, n + 1):
        a, b = times[k - 1], times[k]
        if values[k] < 0:
            if k < n and values[k] >= values[k - 1] and values[k] >= values[k + 1]:
                lo, hi = times[k - 1], times[k + 1]
                ratio = (mp.sqrt(5) - 1) / 2
                for _ in range(90):
                    x, y = hi - ratio * (hi - lo), lo + ratio * (hi - lo)
                    lo, hi = (lo, y) if f(x) > f(y) else (x, hi)
                top = (lo + hi) / 2
                if f(top) < 0:
                    continue
                b = top
            else:
                continue
        for _ in range(140):
            middle = (a + b) / 2
            a, b = (a, middle) if f(middle) >= 0 else (middle, b)
        return b
    return None


def crossings():
    rng = random.Random(2)
    rows = []
    while len(rows) < 240:
        model = rng.choice(["delta", "exp", "alpha"])
        tau_m, c_m, theta = rng.uniform(5, 40), rng.uniform(50, 400), rng.uniform(5, 20)
        tau_ex = rng.choice([tau_m, tau_m * (1 + 1e-7), rng.uniform(0.3, 8), rng.uniform(5, 60)])
        tau_in = rng.choice([tau_ex, rng.uniform(0.3, 8), rng.uniform(5, 60)])
        gain = theta * c_m / tau_m
        u = rng.uniform(-10, 0.99 * theta)
        bias = rng.choice([0, rng.uniform(0, 0.99) * gain, rng.uniform(1.01, 3) * gain])
        state = [0.0] * 4
        if model != "delta":
            state[0] = gain * rng.uniform(0, 12) * rng.choice([0, 1, 1])
            state[2] = -gain * rng.uniform(0, 12) * rng.choice([0, 1, 1])
        if model == "alpha":
            state[1] = gain * rng.uniform(0, 12) / tau_ex
            state[3] = -gain * rng.uniform(0, 12) / tau_in
        values = [mpf(x) for x in (tau_m, c_m, tau_ex, tau_in, theta, u, bias, *state)]
        m_tau, m_c, m_ex, m_in, m_theta, m_u, m_bias, i_ex, d_ex, i_in, d_in = values
        u_inf = m_tau / m_c * m_bias

        def f(t):
            return (
                u_inf - m_theta + (m_u - u_inf) * exp(-t / m_tau)
                + i_ex * exp_response(t, m_tau, m_c, m_ex) + d_ex * alpha_response(t, m_tau, m_c, m_ex)
                + i_in * exp_response(t, m_tau, m_c, m_in) + d_in * alpha_response(t, m_tau, m_c, m_in)
            )

        crossing = first_crossing(f, 12 * max(m_tau, m_ex, m_in))
        # One row in four may be a neuron that never fires.
        if crossing is None and rng.random() < 0.75:
            continue
        answer = "never" if crossing is None else text(crossing)
        rows.append([model, *(repr(float(x)) for x in values), answer])
    header = "model tau_m c_m tau_syn_ex tau_syn_in theta u i_bias i_ex d_ex i_in d_in crossing".split()
    with open(os.path.join(HERE, "crossings.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


responses()
crossings()
