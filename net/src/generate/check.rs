//! Everything that is wrong with a description, before the long work starts.

use rheobase_ltc::cell::Ltc;

use super::error::SpecFault;
use super::rules::{self, Ends, Rule};
use super::{
    Distribution, LtcSpec, ModelSpec, NetworkSpec, Placement, PopulationSpec, ProjectionSpec, place,
};
use crate::{Waveform, memory};

/// What the description says once names are looked up.
#[derive(Debug)]
pub(super) struct Resolved {
    /// The number of nodes of every population.
    pub(super) sizes: Vec<u32>,
    /// Source and target of every projection, by their places in the list of populations.
    pub(super) ends: Vec<(usize, usize)>,
}

/// Looks up all names and sizes, and checks all that can be checked without drawing.
pub(super) fn check(spec: &NetworkSpec) -> Result<Resolved, Vec<SpecFault>> {
    let NetworkSpec { spaces, populations, projections } = spec;
    let mut faults = Vec::new();
    check_unique("space", spaces.iter().map(|space| space.name.clone()), &mut faults);
    check_unique("population", populations.iter().map(|population| population.name.clone()), &mut faults);
    check_unique("projection", projections.iter().map(ProjectionSpec::full_name), &mut faults);
    let sizes: Vec<Option<u32>> =
        populations.iter().map(|population| check_population(spec, population, &mut faults)).collect();
    let n_nodes = sizes.iter().flatten().map(|size| u64::from(*size)).sum();
    if n_nodes > u64::from(u32::MAX) {
        faults.push(SpecFault::TooManyNodes { n_nodes });
    }
    for space in spaces {
        let shares = |population: &PopulationSpec| matches!(&population.placement, Placement::Space(name) if *name == space.name);
        let members = populations.iter().zip(&sizes).filter(|(population, _)| shares(population));
        let size = members.filter_map(|(_, size)| *size).map(u64::from).sum();
        let problems = place::grid_faults(space.grid, space.spacing, size);
        let thing = format!("space \"{}\"", space.name);
        faults.extend(problems.into_iter().map(|problem| SpecFault::Space { thing: thing.clone(), problem }));
    }
    let mut n_synapses = 0.0;
    let ends: Vec<Option<(usize, usize)>> = projections
        .iter()
        .map(|projection| check_projection(spec, projection, &sizes, &mut n_synapses, &mut faults))
        .collect();
    if faults.is_empty() {
        let of_population = |(population, size): (&PopulationSpec, &Option<u32>)| {
            f64::from(size.unwrap_or(0)) * numbers_a_node(&population.model) as f64
        };
        let n_numbers = populations.iter().zip(&sizes).map(of_population).sum();
        faults.extend(check_memory(n_nodes, n_numbers, n_synapses));
    }
    let (sizes, ends): (Option<Vec<u32>>, Option<Vec<_>>) =
        (sizes.into_iter().collect(), ends.into_iter().collect());
    match (sizes, ends) {
        (Some(sizes), Some(ends)) if faults.is_empty() => Ok(Resolved { sizes, ends }),
        (Some(_) | None, Some(_) | None) => Err(faults),
    }
}

/// Refuses what cannot fit before anything is drawn.
fn check_memory(n_nodes: u64, n_numbers: f64, n_synapses: f64) -> Option<SpecFault> {
    /// A row start, and any other number that a node has.
    const NODE_BYTES: f64 = 8.0;
    /// A target, and the least that a weight and a delay take.
    const SYNAPSE_BYTES: f64 = 10.0;
    let bytes = ((n_nodes as f64 + n_numbers) * NODE_BYTES + n_synapses * SYNAPSE_BYTES) as u64;
    (!memory::is_granted(bytes)).then_some(SpecFault::Memory { n_nodes, n_synapses, bytes })
}

fn check_unique(thing: &'static str, names: impl Iterator<Item = String>, faults: &mut Vec<SpecFault>) {
    let mut names: Vec<String> = names.collect();
    names.sort();
    let mut twice: Vec<&String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    twice.dedup();
    faults.extend(twice.into_iter().map(|name| SpecFault::DuplicateName { thing, name: name.clone() }));
}

/// Checks a population and gives its size, if it has one.
fn check_population(
    spec: &NetworkSpec,
    population: &PopulationSpec,
    faults: &mut Vec<SpecFault>,
) -> Option<u32> {
    let PopulationSpec { name, size: _, model, placement } = population;
    let thing = || format!("population \"{name}\"");
    check_model(name, model, faults);
    let n_nodes = population.n_nodes();
    let mut problems = Vec::new();
    match placement {
        Placement::None => {}
        Placement::Space(space) => {
            if !spec.spaces.iter().any(|known| known.name == *space) {
                let names = spec.spaces.iter().map(|space| space.name.as_str());
                faults.push(unknown(thing(), "space", space, names));
            }
        }
        Placement::Grid { n, spacing, origin } => {
            problems.extend(place::grid_faults(*n, *spacing, n_nodes.unwrap_or(0)));
            problems.extend(place::origin_faults(*origin));
        }
        Placement::Random { size, origin } => {
            problems.extend(place::length_faults("size", *size));
            problems.extend(place::origin_faults(*origin));
        }
    }
    faults.extend(problems.into_iter().map(|problem| SpecFault::Space { thing: thing(), problem }));
    if let ModelSpec::Trained(trained) = model
        && trained.cell().is_none()
    {
        let (population, file) = (name.clone(), trained.file.clone());
        faults.push(SpecFault::Unread { population, file });
        return None;
    }
    let units = model.as_group().map(|group| group.n_units);
    if let (Some(units), Some(n)) = (units, n_nodes)
        && units != n
    {
        let problem = format!("it has {n} nodes and a cell of {units} units: leave its size out");
        faults.push(SpecFault::Size { population: name.clone(), problem });
        return None;
    }
    let problem = match n_nodes {
        None => "it has no size: give it one, or a grid of its own".to_owned(),
        Some(0) => "it is empty: give it at least one node or leave it out".to_owned(),
        Some(n) => match u32::try_from(n) {
            Ok(size) => return Some(size),
            Err(_) => format!("it has {n} nodes, and the limit is {}: make it smaller", u32::MAX),
        },
    };
    faults.push(SpecFault::Size { population: name.clone(), problem });
    None
}

fn check_model(population: &str, model: &ModelSpec, faults: &mut Vec<SpecFault>) {
    let thing = format!("population \"{population}\"");
    let mut check = |parameter: &str, distribution: &Distribution| {
        check_distribution(&thing, parameter, distribution, faults);
    };
    match model {
        ModelSpec::Lif(lif) => lif.params().iter().for_each(|(name, drawn)| check(name, drawn)),
        ModelSpec::Izhikevich(spec) => spec.params().iter().for_each(|(name, drawn)| check(name, drawn)),
        ModelSpec::Ltc(spec) => check_group(population, spec, faults),
        ModelSpec::Poisson { rate_hz } => check("rate_hz", rate_hz),
        ModelSpec::Dc { amplitude } => check("amplitude", amplitude),
        ModelSpec::Noise { mean, sd, interval } => {
            check("mean", mean);
            check("sd", sd);
            check("interval", &Distribution::Constant(*interval));
        }
        ModelSpec::PoissonSteps { times, rate_hz: values }
        | ModelSpec::Steps { times, amplitude: values } => {
            if let Err(fault) = Waveform::new(1, times.clone(), values.clone()) {
                faults.push(SpecFault::Waveform { population: population.to_owned(), fault });
            }
        }
        ModelSpec::Trained(_) | ModelSpec::ExternalSpikes | ModelSpec::ExternalCurrents => {}
    }
}

/// Checks that a group can be made.
fn check_group(population: &str, spec: &LtcSpec, faults: &mut Vec<SpecFault>) {
    /// A synapse, and its four parameters.
    const SYNAPSE_BYTES: f64 = 48.0;
    /// A unit in its layer, and its three parameters.
    const UNIT_BYTES: f64 = 32.0;
    let (n_nodes, n_synapses) = (spec.n_units(), spec.most_synapses());
    let bytes = (n_nodes as f64 * UNIT_BYTES + n_synapses * SYNAPSE_BYTES) as u64;
    if !memory::is_granted(bytes) {
        return faults.push(SpecFault::Memory { n_nodes, n_synapses, bytes });
    }
    let population = population.to_owned();
    match spec.wiring.draw(spec.n_inputs()) {
        Err(fault) => faults.push(SpecFault::Wiring { population, fault }),
        Ok(wiring) => {
            if let Err(fault) = Ltc::new(wiring, spec.config.clone()) {
                faults.push(SpecFault::Cell { population, fault });
            }
        }
    }
}

/// Numbers that are kept for every node of a population of currents.
fn numbers_a_node(model: &ModelSpec) -> usize {
    match model {
        ModelSpec::Dc { .. } => 1,
        ModelSpec::Steps { times, .. } => times.len(),
        ModelSpec::Lif(_)
        | ModelSpec::Izhikevich(_)
        | ModelSpec::Ltc(_)
        | ModelSpec::Trained(_)
        | ModelSpec::Poisson { .. }
        | ModelSpec::PoissonSteps { .. }
        | ModelSpec::Noise { .. }
        | ModelSpec::ExternalSpikes
        | ModelSpec::ExternalCurrents => 0,
    }
}

/// Checks a projection and gives the places of its ends, if they are there.
fn check_projection(
    spec: &NetworkSpec,
    projection: &ProjectionSpec,
    sizes: &[Option<u32>],
    of_all: &mut f64,
    faults: &mut Vec<SpecFault>,
) -> Option<(usize, usize)> {
    let name = projection.full_name();
    let thing = format!("projection \"{name}\"");
    check_distribution(&thing, "weight", &projection.weight, faults);
    check_distribution(&thing, "delay", &projection.delay, faults);
    let tick = projection.tick;
    if !(1e-6..=1e3).contains(&tick) {
        let must = "from 1e-6 to 1000 ms".to_owned();
        faults.push(SpecFault::Range { thing: thing.clone(), name: "tick".to_owned(), value: tick, must });
    }
    if let Some(plasticity) = &projection.plasticity {
        faults.extend(plasticity.faults().into_iter().map(|(parameter, value, must)| SpecFault::Range {
            thing: thing.clone(),
            name: format!("plasticity: {parameter}"),
            value,
            must: must.to_owned(),
        }));
    }
    let mut find = |end: &str, wanted: &String| {
        let place = spec.populations.iter().position(|population| population.name == *wanted);
        if place.is_none() {
            let names = spec.populations.iter().map(|population| population.name.as_str());
            faults.push(unknown(format!("the {end} of {thing}"), "population", wanted, names));
        }
        place
    };
    let (source, target) = (find("source", &projection.source), find("target", &projection.target));
    let (source, target) = (source?, target?);
    if spec.populations[target].model.is_source() {
        let problem = format!(
            "it ends at \"{}\", which is a source and receives nothing: end it at neurons",
            projection.target
        );
        faults.push(SpecFault::Rule { projection: name.clone(), problem });
    }
    let (source_group, target_group) =
        (spec.populations[source].model.as_group(), spec.populations[target].model.as_group());
    if matches!(projection.rule, Rule::Distance(_)) && (source_group.is_some() || target_group.is_some()) {
        let problem =
            "it depends on distance, and the inputs and outputs of a group are nowhere: take another rule";
        faults.push(SpecFault::Rule { projection: name, problem: problem.to_owned() });
        return None;
    }
    if matches!(projection.rule, Rule::Distance(_)) {
        for place in [source, target] {
            if spec.populations[place].placement == Placement::None {
                let population = spec.populations[place].name.clone();
                faults.push(SpecFault::NoPositions { projection: name.clone(), population });
            }
        }
    }
    let n_sources = source_group.map_or(sizes[source]?, |group| group.n_outputs);
    let n_targets = target_group.map_or(sizes[target]?, |group| group.n_inputs);
    let ends = Ends {
        n_sources,
        n_targets,
        same: source == target && target_group.is_none(),
        allow_autapses: projection.allow_autapses,
        allow_multapses: projection.allow_multapses,
        source_at: None,
        target_at: None,
    };
    let problems = rules::faults(&projection.rule, &ends);
    faults.extend(problems.into_iter().map(|problem| SpecFault::Rule { projection: name.clone(), problem }));
    if let Some(n_synapses) = rules::expected(&projection.rule, &ends) {
        *of_all += n_synapses;
        if n_synapses > rules::MOST_SYNAPSES {
            let limit = rules::MOST_SYNAPSES;
            faults.push(SpecFault::TooManySynapses { projection: name, n_synapses, limit });
        }
    }
    Some((source, target))
}

fn check_distribution(thing: &str, what: &str, distribution: &Distribution, faults: &mut Vec<SpecFault>) {
    faults.extend(distribution.faults().into_iter().map(|(key, value, must)| SpecFault::Range {
        thing: thing.to_owned(),
        name: format!("{what}: {key}"),
        value,
        must: must.to_owned(),
    }));
}

fn unknown<'a>(
    user: String,
    thing: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> SpecFault {
    let unlike = |known: &&str| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
    let nearest = known.min_by_key(unlike).map(str::to_owned);
    SpecFault::UnknownName { user, thing, name: name.to_owned(), nearest }
}
