//! What the engine hands to a scheduler.

use std::ops::ControlFlow;

use rheobase_net::{IzhikevichPopulation, LifPopulation, Model, Param, SynapseKind, ValidNetwork};

use crate::inputs::Bound;
use crate::plan::{Part, Plan, Reception};
use crate::record::TracePlan;

/// Is told the fraction of the run that is done, once a window, and may stop it there.
pub type Progress<'a> = &'a mut (dyn FnMut(f64) -> ControlFlow<()> + Send);

/// What a scheduler needs for one run.
pub(crate) struct Job<'a> {
    pub network: &'a ValidNetwork,
    pub plan: &'a Plan,
    pub bound: Bound<'a>,
    pub dt: f64,
    pub duration: f64,
    pub warm_up: f64,
    pub seed: u64,
    pub traces: TracePlan,
}

/// A value of the neurons of a part: one for all, or one each.
pub(crate) enum PerNeuron<T> {
    /// One for all.
    Shared(T),
    /// One each.
    Each(Vec<T>),
}

impl<T: Copy + PartialEq> PerNeuron<T> {
    /// Makes the values of the neurons of a part by `of_neuron`, from the neuron's population and its
    /// index there. Values that are all the same are shared, so that the fast kernels serve them.
    pub fn of_part(job: &Job<'_>, part: &Part, of_neuron: impl Fn(&LifPopulation, usize) -> T) -> Self {
        let lif = job.lif(part);
        let first = part.first as usize;
        let is_shared = |(_, param): &(&str, &Param)| matches!(param, Param::Shared(_));
        if lif.params().iter().all(is_shared) {
            return Self::Shared(of_neuron(lif, first));
        }
        Self::of_neurons(part, |i| of_neuron(lif, i))
    }
}

impl<T: Copy + PartialEq> PerNeuron<T> {
    /// As [`PerNeuron::of_part`], for neurons that are not LIF; `of_neuron` takes the index in the population.
    pub fn of_neurons(part: &Part, of_neuron: impl Fn(usize) -> T) -> Self {
        let first = part.first as usize;
        let each: Vec<T> = (first..first + part.size as usize).map(of_neuron).collect();
        if each.iter().all(|value| *value == each[0]) { Self::Shared(each[0]) } else { Self::Each(each) }
    }

    /// As [`PerNeuron::of_part`], for neighboring parts.
    pub fn of_parts(job: &Job<'_>, parts: &[Part], of_neuron: impl Fn(&LifPopulation, usize) -> T) -> Self {
        let mut joined: Option<Self> = None;
        for (k, part) in parts.iter().enumerate() {
            let values = Self::of_part(job, part, &of_neuron);
            let before: usize = parts[..k].iter().map(|part| part.size as usize).sum();
            joined = Some(match (joined, values) {
                (None, values) => values,
                (Some(Self::Shared(a)), Self::Shared(b)) if a == b => Self::Shared(a),
                (Some(known), values) => {
                    let known = (0..before).map(|i| known.get(i));
                    Self::Each(known.chain((0..part.size as usize).map(|i| values.get(i))).collect())
                }
            });
        }
        joined.unwrap_or_else(|| Self::Each(Vec::new()))
    }
}

impl<T: Copy> PerNeuron<T> {
    /// The values that `f` makes of these.
    pub fn map<S>(&self, f: impl Fn(T) -> S) -> PerNeuron<S> {
        match self {
            Self::Shared(value) => PerNeuron::Shared(f(*value)),
            Self::Each(values) => PerNeuron::Each(values.iter().map(|value| f(*value)).collect()),
        }
    }

    /// The value of neuron `i` of the part.
    #[inline]
    pub fn get(&self, i: usize) -> T {
        match self {
            Self::Shared(value) => *value,
            Self::Each(values) => values[i],
        }
    }
}

impl<'a> Job<'a> {
    /// The model of a part.
    pub fn model(&self, part: &Part) -> &'a Model {
        &self.network.population(part.population).model
    }

    fn lif(&self, part: &Part) -> &'a LifPopulation {
        match self.model(part) {
            Model::Lif(lif) => lif,
            Model::Izhikevich(_) | Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
                unreachable!("only LIF neurons are asked for their membranes")
            }
        }
    }

    /// The neurons of a part that are Izhikevich's.
    pub fn izhikevich(&self, part: &Part) -> &'a IzhikevichPopulation {
        match self.model(part) {
            Model::Izhikevich(izhikevich) => izhikevich,
            Model::Lif(_) | Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
                unreachable!("only Izhikevich's neurons are asked for their recovery")
            }
        }
    }

    /// How the neurons of a part receive.
    pub fn reception(&self, part: &Part) -> &'a Reception {
        &self.plan.classes[usize::from(part.class)]
    }

    /// The initial potentials \[mV\] of a part.
    pub fn v_init(&self, part: &Part) -> Vec<f64> {
        let v_init = match self.model(part) {
            Model::Lif(lif) => &lif.v_init,
            Model::Izhikevich(izhikevich) => &izhikevich.v_init,
            Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
                unreachable!("groups and sources are in no part")
            }
        };
        let first = part.first as usize;
        (first..first + part.size as usize).map(|i| v_init.get(i)).collect()
    }

    /// The excitatory and inhibitory currents \[pA\] or conductances \[nS\] of a part at the start; zeros for
    /// delta synapses.
    pub fn syn_init(&self, part: &Part) -> (Vec<f64>, Vec<f64>) {
        let first = part.first as usize;
        let range = first..first + part.size as usize;
        let Model::Lif(lif) = self.model(part) else {
            return (vec![0.0; range.len()], vec![0.0; range.len()]);
        };
        let is_used = lif.synapse != SynapseKind::Delta;
        let values =
            |param: &Param| range.clone().map(|i| if is_used { param.get(i) } else { 0.0 }).collect();
        (values(&lif.syn_ex_init), values(&lif.syn_in_init))
    }
}
