"""States and derivatives of cells that PyTorch and ncps 1.0.1 have, in double precision, on made-up numbers.

Number k of a list is sin(1.7 k + salt), times 0.6 for parameters (salt 1); inputs have salt 2, initial states 3,
elapsed times are |…| with salt 4. A line: name, states after every step, derivatives of the sum of all squared
outputs by parameters in our order, by inputs, by elapsed times (0 where a cell knows none), by initial states.
"""
import numpy as np, torch
from ncps.torch import CfCCell

torch.set_default_dtype(torch.float64)
B, T, I, N = 2, 3, 3, 4


def numbers(n, salt):
    return torch.tensor(np.sin(1.7 * np.arange(n) + salt))


def fill(tensors):
    """Gives the parameters their numbers, block after block."""
    values, at = 0.6 * numbers(sum(p.numel() for p in tensors), 1.0), 0
    for p in tensors:
        p.data = values[at:at + p.numel()].reshape(p.shape).clone().requires_grad_().data
        p.grad = None
        at += p.numel()


def case(name, tensors, step, state=N):
    """step(u, h, t) -> h, the first N numbers of which are the outputs."""
    fill(tensors)
    u = numbers(B * T * I, 2.0).reshape(B, T, I).requires_grad_()
    h0 = numbers(B * state, 3.0).reshape(B, state).requires_grad_()
    t = numbers(B * T, 4.0).abs().reshape(B, T).requires_grad_()
    h, states = h0, []
    for k in range(T):
        h = step(u[:, k], h, t[:, k:k + 1])
        states.append(h)
    states = torch.stack(states, 1)
    (states[:, :, :N] ** 2).sum().backward()
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in [*tensors, u, t, h0]]
    flat = lambda of: " ".join(f"{x:.17g}" for p in of for x in p.detach().flatten().tolist())
    print(f"{name},{flat([states])},{flat(grads)}")


print("name,states,derivatives")
kinds = ["default silu", "default gelu", "no_gate relu", "pure tanh", "pure lecun_tanh"]
for mode, activation in map(str.split, kinds):
    cell = CfCCell(I, N, mode=mode, backbone_activation=activation, backbone_units=5, backbone_layers=2)
    dense = [m for m in cell.backbone if isinstance(m, torch.nn.Linear)] + [cell.ff1]
    dense += [] if mode == "pure" else [cell.ff2, cell.time_a, cell.time_b]
    tensors = [p for d in dense for p in (d.weight, d.bias)]
    tensors += [cell.w_tau, cell.A] if mode == "pure" else []
    case(f"cfc {mode} {activation}", tensors, lambda u, h, t: cell(u, h, t)[0])

gru = torch.nn.GRUCell(I, N)
of_gru = [gru.weight_ih, gru.bias_ih, gru.weight_hh, gru.bias_hh]
case("gru", of_gru, lambda u, h, t: gru(u, h))

plain = torch.nn.RNNCell(I, N)
plain.bias_hh = None
case("plain", [plain.weight_ih, plain.weight_hh, plain.bias_ih],
     lambda u, h, t: torch.tanh(u @ plain.weight_ih.T + plain.bias_ih + h @ plain.weight_hh.T))

lstm = torch.nn.LSTMCell(I, N)
del lstm.bias_hh


def lstm_step(u, hc, t):
    """The order of gates is i, f, g, o in torch and g, i, f, o in ours; rows are moved, all else is torch's."""
    move = lambda of: torch.cat([of[N:2 * N], of[2 * N:3 * N], of[:N], of[3 * N:]])
    h, c = torch.lstm_cell(u, (hc[:, :N].contiguous(), hc[:, N:].contiguous()), move(lstm.weight_ih),
                           move(lstm.weight_hh), move(lstm.bias_ih), torch.zeros(4 * N))
    return torch.cat([h, c], 1)


case("lstm", [lstm.weight_ih, lstm.bias_ih, lstm.weight_hh], lstm_step, 2 * N)

hidden, output = torch.nn.Linear(N, 6), torch.nn.Linear(6, N)


def evolve(h, t):
    f = lambda h: output(torch.tanh(hidden(h)))
    for _ in range(2):
        s = t / 2
        k1 = f(h)
        k2 = f(h + s / 2 * k1)
        k3 = f(h + s / 2 * k2)
        k4 = f(h + s * k3)
        h = h + s * (k1 + 2 * k2 + 2 * k3 + k4) / 6
    return h


case("ode-rnn", [hidden.weight, hidden.bias, output.weight, output.bias, *of_gru],
     lambda u, h, t: gru(u, evolve(h, t)))
