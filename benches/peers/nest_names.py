"""NEST's names for our models and parameters; units are the same (ms, mV, pF, pA, nS)."""

MODELS = {"delta": "iaf_psc_delta", "exp": "iaf_psc_exp", "alpha": "iaf_psc_alpha", "cond": "iaf_cond_exp"}
MEMBRANE = {"c_m": "C_m", "v_rest": "E_L", "v_th": "V_th", "v_reset": "V_reset", "t_ref": "t_ref",
            "i_bias": "I_e", "v_init": "V_m"}
SYNAPTIC = {"tau_syn_ex": "tau_syn_ex", "tau_syn_in": "tau_syn_in"}
NAMES = {"delta": MEMBRANE | {"tau_m": "tau_m"},
         "exp": MEMBRANE | SYNAPTIC | {"tau_m": "tau_m"},
         "alpha": MEMBRANE | SYNAPTIC | {"tau_m": "tau_m"},
         "cond": MEMBRANE | SYNAPTIC | {"g_l": "g_L", "e_ex": "E_ex", "e_in": "E_in"}}


def parameters(ours, synapse):
    """A neuron's parameters in NEST's names; what its model does not have is left out."""
    return {theirs: ours[name] for name, theirs in NAMES[synapse].items() if name in ours}
