//! What the activity costs, event by event, by the chip's figures.

use rheobase_mapping::chip::Chip;
use rheobase_mapping::{Energy, EventCounts, TreeLinks};
use serde::Serialize;

use super::Finished;
use crate::output::{count, short, table};

/// What the activity costs on the mapped cores, and on cores that are filled in order.
#[derive(Debug, Serialize)]
pub struct Spent {
    /// Where the costs are from.
    model: String,
    /// What happens on the mapped cores.
    events: EventCounts,
    /// Links that packets go over.
    hops: u64,
    mapped_pj: Energy,
    in_order_pj: Energy,
    /// Figures that enter and that no source says.
    assumed: Vec<String>,
}

impl Spent {
    /// The energy of a mapping; `None` if the chip has no costs of events.
    pub fn of(finished: &Finished<'_>, chip: &Chip) -> Option<Self> {
        let costs = chip.events()?;
        let Finished { routes, tree_links, events, in_order, checked, .. } = finished;
        // Where spikes are copied on their way, they pay for every link once.
        let hops = |trees: &Option<TreeLinks>, energy: f64| {
            trees.map_or(energy, |trees| trees.energy(checked.mesh()))
        };
        let between_chips = routes.chip_packets > 0;
        let enters = |name: &str| match name.split_once('.') {
            Some(("hops", axis)) => between_chips || !axis.starts_with("chip"),
            // All synapses are charged as those of sparse rows, and times are not told.
            Some(("events", event)) => !["synapse_dense", "synapse_conv", "barrier"].contains(&event),
            _ => false,
        };
        Some(Self {
            model: costs.model.clone(),
            events: *events,
            hops: tree_links.map_or(routes.hops, |links| links.n()),
            mapped_pj: events.energy(hops(tree_links, routes.energy), costs),
            in_order_pj: in_order.events.energy(hops(&in_order.tree_links, in_order.hop_energy), costs),
            assumed: chip
                .assumptions()
                .map(|figure| figure.name.clone())
                .filter(|name| enters(name))
                .collect(),
        })
    }

    /// The table that people read; `activity` is what was counted.
    pub fn to_text(&self, activity: &str) -> String {
        let Self { model, events, hops, mapped_pj, in_order_pj, assumed } = self;
        let EventCounts { sent, received, synapses, spikes, updates } = *events;
        let of = |names: &[&str]| {
            let is_assumed = assumed.iter().any(|known| names.iter().any(|name| known.starts_with(name)));
            if is_assumed { ", partly assumed" } else { "" }
        };
        let micro = |pj: f64| short(pj / 1e6);
        let row = |what: &str, names: &[&str], n: u64, energy: fn(&Energy) -> f64| {
            let what = format!("{what}{}", of(names));
            vec![what, count(n), micro(energy(mapped_pj)), micro(energy(in_order_pj))]
        };
        let mut rows = vec![
            row("packets that leave a core", &["events.axon_out"], sent, |energy| energy.sent),
            row("their hops", &["hops."], *hops, |energy| energy.hops),
            row("packets that arrive", &["events.axon_in"], received, |energy| energy.received),
            row("synaptic events", &["events.synapse_sparse", "events.dendrite"], synapses, |energy| {
                energy.synapses + energy.dendrites
            }),
            row("spikes of neurons", &["events.soma_spike"], spikes, |energy| energy.spikes),
        ];
        let all = ["all of these".to_owned(), String::new()];
        let sums = [mapped_pj, in_order_pj].map(|energy| micro(energy.of_spikes()));
        rows.push(all.into_iter().chain(sums).collect());
        if let Some(n) = updates {
            let names = ["events.soma_access", "events.soma_update"];
            let most = |energy: &Energy| energy.updates.unwrap_or(0.0);
            rows.push(row("every neuron in every step, at most", &names, n, most));
        }
        let title = format!("energy (µJ) by the {model}, of {activity}");
        table(&title, &["", "events", "mapped", "filled in order"], rows)
    }
}
