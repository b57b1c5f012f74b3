"""Writes the tables beside this file with multiprecision arithmetic; with a name, that table only.

    pip install mpmath && python3 reference.py

Crossings: random neurons and states; the potential is written out as its closed form, sampled at 4,000
points over 12 slow time constants and refined around every local maximum by golden section, and the
first crossing is bisected to 1e-40 ms. The method shares nothing with the one under test.

Conductances: Taylor series of the differential equation, 36 terms on pieces of 1/8 ms; crossings are
sampled and bisected on them. That shares nothing with the quadrature under test.
"""

import csv
import math
import os
import random
import sys

from mpmath import e, exp, expm1, fac, mp, mpf, polyval

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


def exponentials():
    rng = random.Random(3)
    rows = []
    for k in range(400):
        x = [rng.uniform(0, 1), 10 ** rng.uniform(-12, 2.845), rng.uniform(0, 700), rng.randint(1, 40) * math.log(2) / 2][k % 4]
        values = [exp(-mpf(x)), -expm1(-mpf(x)) / mpf(x)]
        split = [part for value in values for part in (float(value), float(value - mpf(float(value))))]
        rows.append([repr(x), *map(repr, split)])
    with open(os.path.join(HERE, "exponentials.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["x", "exp", "exp_rest", "mean", "mean_rest"], *rows])


def conductances():
    step = mpf(1) / 8
    rng = random.Random(4)
    rows = []
    while len(rows) < 60:
        tau_m, c_m = rng.uniform(5, 30), rng.uniform(100, 300)
        tau_ex, tau_in = rng.uniform(0.3, 8), rng.uniform(0.5, 15)
        e_ex, e_in, theta = rng.uniform(50, 75), rng.uniform(-25, -5), 10.0
        u, bias = rng.uniform(-15, 9.9), rng.choice([0, rng.uniform(-0.5, 1.4)]) * theta * c_m / tau_m
        g_ex, g_in = rng.uniform(0, 3) * c_m / tau_m * rng.choice([0, 1, 1]), rng.uniform(0, 12) * c_m / tau_m * rng.choice([0, 1])
        t = rng.uniform(0.05, 20)
        values = [mpf(x) for x in (tau_m, c_m, tau_ex, tau_in, e_ex, e_in, theta, u, bias, g_ex, g_in)]
        m_tau, m_c, m_ex, m_in, m_eex, m_ein, m_theta, m_u, m_bias, m_gex, m_gin = values

        def pieces():
            """Taylor coefficients of the potential around 0, 1/8, 2/8 ... ms, 36 of each."""
            start, ex, inh = m_u, m_gex, m_gin
            while True:
                ex_k = [ex * (-1 / m_ex) ** k / fac(k) for k in range(36)]
                in_k = [inh * (-1 / m_in) ** k / fac(k) for k in range(36)]
                c = [start]
                for k in range(35):
                    pull = m_eex * ex_k[k] + m_ein * in_k[k] + (m_bias if k == 0 else 0)
                    pull -= sum((ex_k[j] + in_k[j]) * c[k - j] for j in range(k + 1))
                    c.append((pull / m_c - c[k] / m_tau) / (k + 1))
                yield c
                start, ex, inh = polyval(c[::-1], step), ex * exp(-step / m_ex), inh * exp(-step / m_in)

        crossing = u_after = None
        for k, c in enumerate(pieces()):
            if u_after is None and t < (k + 1) * step:
                u_after = polyval(c[::-1], t - k * step)
            if crossing is None and polyval(c[::-1], step) >= m_theta:
                a, b = mpf(0), step
                for _ in range(70):
                    middle = (a + b) / 2
                    a, b = (a, middle) if polyval(c[::-1], middle) >= m_theta else (middle, b)
                crossing = k * step + b
            if u_after is not None and (crossing is not None or (k + 1) * step >= 60):
                break
        if crossing is None and rng.random() < 0.6:
            continue
        answer = "never" if crossing is None else text(crossing)
        rows.append([*(repr(float(x)) for x in values), repr(t), text(u_after), answer])
    header = "tau_m c_m tau_syn_ex tau_syn_in e_ex e_in theta u i_bias g_ex g_in t u_after crossing".split()
    with open(os.path.join(HERE, "conductances.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


for table in (responses, crossings, exponentials, conductances):
    if len(sys.argv) == 1 or table.__name__ in sys.argv:
        table()
