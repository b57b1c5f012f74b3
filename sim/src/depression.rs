//! Short-term plasticity: what share of a weight a spike delivers, by the spikes before it.
//!
//! The two variables of a synapse depend on the spikes of its source alone, so all synapses of a row share
//! them: a spike costs one update a projection, however many synapses it passes. Updates are made where
//! spikes are joined, in order of (time, node), before they are sent.

use rheobase_net::{NodeId, Plasticity, PopulationId, Tsodyks, ValidNetwork};
use serde::{Deserialize, Serialize};

use crate::snapshot::Misfit;

/// The rows of all projections with short-term plasticity, in the order of the projections.
#[derive(Debug, Clone)]
pub(crate) struct Depression {
    projections: Vec<Rows>,
    /// The populations that a node is the first of, and whether any of its projections is here.
    of_population: Vec<(u32, Vec<usize>)>,
}

/// The rows of a projection.
#[derive(Debug, Clone)]
struct Rows {
    rule: Tsodyks,
    first_node: u32,
    rows: Vec<Row>,
}

/// What a row remembers, as it is after its last spike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    x: f64,
    u: f64,
    /// The last spike \[ms\]; NaN before the first.
    t: f64,
}

impl Depression {
    /// All rows at rest.
    pub fn new(network: &ValidNetwork) -> Self {
        let mut projections: Vec<Rows> = Vec::new();
        let n = network.populations().len();
        let first = |idx| network.first_node(PopulationId(idx as u32)).0;
        let mut of_population: Vec<(u32, Vec<usize>)> = (0..n).map(|idx| (first(idx), Vec::new())).collect();
        for projection in network.projections() {
            let Some(Plasticity::Tsodyks(rule)) = projection.plasticity else { continue };
            let NodeId(first_node) = network.first_node(projection.source);
            let size = network.population(projection.source).size as usize;
            let start = Row { x: rule.x0, u: rule.initial_u(), t: f64::NAN };
            of_population[projection.source.idx()].1.push(projections.len());
            projections.push(Rows { rule, first_node, rows: vec![start; size] });
        }
        Self { projections, of_population }
    }

    /// How many projections have short-term plasticity.
    pub fn len(&self) -> usize {
        self.projections.len()
    }

    /// All rows as they are.
    pub fn rows(&self) -> Vec<Vec<Row>> {
        self.projections.iter().map(|projection| projection.rows.clone()).collect()
    }

    /// Goes on with the rows of a snapshot.
    pub fn go_on(&mut self, rows: Vec<Vec<Row>>) -> Result<(), Misfit> {
        let fits = |(own, rows): (&Rows, &Vec<Row>)| own.rows.len() == rows.len();
        let all_fit = rows.len() == self.len() && self.projections.iter().zip(&rows).all(fits);
        Misfit::unless(all_fit, "short-term plasticity")?;
        self.projections.iter_mut().zip(rows).for_each(|(own, rows)| own.rows = rows);
        Ok(())
    }

    /// The share of its weights that each spike delivers through each projection, `len` numbers a spike;
    /// those of projections that do not start at the node are 0. Spikes are in order of time.
    pub fn shares(&mut self, spikes: &[(f64, u32)], shares: &mut Vec<f64>) {
        shares.clear();
        let n = self.len();
        if n == 0 {
            return;
        }
        for (t, node) in spikes {
            let at = shares.len();
            shares.resize(at + n, 0.0);
            let population = self.of_population.partition_point(|(first, _)| first <= node) - 1;
            for k in &self.of_population[population].1 {
                let Rows { rule, first_node, rows } = &mut self.projections[*k];
                shares[at + k] = rows[(node - *first_node) as usize].release(rule, *t);
            }
        }
    }
}

impl Row {
    /// The share that a spike at `t` delivers.
    fn release(&mut self, rule: &Tsodyks, t: f64) -> f64 {
        if !self.t.is_nan() {
            let h = t - self.t;
            let facilitation = if rule.tau_fac > 0.0 { libm::exp(-h / rule.tau_fac) } else { 0.0 };
            self.x = 1.0 + (self.x - self.x * self.u - 1.0) * libm::exp(-h / rule.tau_rec);
            self.u = rule.u + self.u * (1.0 - rule.u) * facilitation;
        }
        self.t = t;
        self.x * self.u
    }
}
