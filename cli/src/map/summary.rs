//! A mapping in numbers.

use std::path::PathBuf;

use rheobase_mapping::check::CheckedMapping;
use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::quantize::QuantizeReport;
use serde::Serialize;

use super::chip_choice::assumptions;
use super::energy::Spent;
use super::stages::{InOrder, Seconds};
use super::{Finished, Laid, quantized};
use crate::output::{count, short, table};

/// What a mapping uses and costs.
#[derive(Debug, Serialize)]
pub struct Mapped {
    neurons: u32,
    synapses: u64,
    chip: String,
    title: String,
    /// Chips along x and y.
    chips: [u32; 2],
    board_cores: u32,
    cores: u32,
    budgets: Vec<BudgetUse>,
    /// The budget of which cores are fullest on average.
    binding: String,
    /// What spikes were counted.
    activity: String,
    packets: u64,
    packets_from_outside: u64,
    packets_between_chips: u64,
    hops: u64,
    hop_energy_pj: f64,
    most_loaded_link: u64,
    /// On a fabric that copies spikes on their way.
    tree_links: Option<u64>,
    in_order: Unmapped,
    /// What the activity costs, if the chip has costs of events.
    energy: Option<Spent>,
    quantized: Option<QuantizeReport>,
    remarks: Vec<String>,
    flags: Vec<String>,
    assumptions: Vec<String>,
    seconds: Seconds,
    /// What was written.
    pub files: Vec<PathBuf>,
}

/// What filling cores in the order of the network comes to.
#[derive(Debug, Clone, Copy, Serialize)]
struct Unmapped {
    cores: u32,
    cores_over_budget: u32,
    packets: u64,
    /// With cores one after the other on the board.
    hops: u64,
    hop_energy_pj: f64,
    most_loaded_link: u64,
    tree_links: Option<u64>,
}

impl Unmapped {
    fn of(in_order: &InOrder) -> Self {
        let InOrder {
            cores,
            cores_over_budget,
            packets,
            hops,
            hop_energy,
            most_loaded_link,
            tree_links,
            events: _,
        } = *in_order;
        let tree_links = tree_links.map(|links| links.n());
        Self {
            cores,
            cores_over_budget,
            packets,
            hops,
            hop_energy_pj: hop_energy,
            most_loaded_link,
            tree_links,
        }
    }
}

/// How fewer cores would do, where it is configurations that fill them.
fn sharing(checked: &CheckedMapping<'_>) -> Option<String> {
    (checked.binding() == Budget::NeuronConfigs).then(|| {
        "cores are full of neuron configurations: where neurons of a population may share decays and a threshold \
         (map --groups 4), fewer cores do"
            .to_owned()
    })
}

/// What a chip without costs leaves open.
fn costless(chip: &Chip) -> Option<String> {
    let title = chip.title();
    chip.events().is_none().then(|| format!("{title} has no costs of events: energy is that of hops alone"))
}

/// What a search that was ended has not done.
fn unfinished(ended: bool) -> Option<String> {
    ended.then(|| {
        "stopped while cores were chosen: all budgets are kept and no packet is added, but hops are more than need be"
            .to_owned()
    })
}

/// How full cores are of a budget.
#[derive(Debug, Serialize)]
struct BudgetUse {
    budget: String,
    limit: u64,
    mean: f64,
    most: u64,
    /// The core that uses most.
    core: u32,
}

impl Mapped {
    /// Collects everything; the table of what quantization cost only if it is wanted.
    pub fn of(
        finished: &Finished<'_>,
        chip: &Chip,
        laid: &Laid<'_>,
        activity: &str,
        with_report: bool,
    ) -> Self {
        let Finished {
            checked,
            routes,
            tree_links,
            in_order,
            shifts,
            ended,
            events: _,
            seconds,
            traffic: _,
            placement: _,
        } = finished;
        let network = checked.network();
        Self {
            neurons: network.n_neurons(),
            synapses: network.n_synapses(),
            chip: chip.name().to_owned(),
            title: chip.title().to_owned(),
            chips: checked.mesh().chips,
            board_cores: checked.mesh().n_cores(),
            cores: checked.cores().len() as u32,
            budgets: Budget::ALL.iter().filter_map(|budget| BudgetUse::of(finished, chip, *budget)).collect(),
            binding: checked.binding().to_string(),
            activity: activity.to_owned(),
            packets: checked.traffic().packets,
            packets_from_outside: checked.traffic().packets_in,
            packets_between_chips: routes.chip_packets,
            hops: checked.traffic().hops,
            hop_energy_pj: checked.traffic().hop_energy,
            most_loaded_link: routes.links.most_loaded(),
            tree_links: tree_links.map(|links| links.n()),
            in_order: Unmapped::of(in_order),
            energy: Spent::of(finished, chip),
            quantized: laid.report().filter(|_| with_report).cloned(),
            remarks: [laid.remark(chip), sharing(checked), costless(chip), unfinished(*ended)]
                .into_iter()
                .flatten()
                .collect(),
            flags: shifts.iter().map(ToString::to_string).collect(),
            assumptions: assumptions(chip),
            seconds: *seconds,
            files: Vec::new(),
        }
    }

    /// The tables that people read.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n\n{}", self.budgets_text(), self.costs_text());
        if let Some(energy) = &self.energy {
            text.push_str(&format!("\n\n{}", energy.to_text(&self.activity)));
        }
        if let Some(report) = &self.quantized {
            text.push_str(&format!("\n\n{}", quantized::to_text(report)));
        }
        text.push_str(&listed("to know", &self.remarks));
        text.push_str(&listed("flags", &self.flags));
        text.push_str(&listed("assumed of the chip, without a source", &self.assumptions));
        let Seconds { partition, place, check } = self.seconds;
        text.push_str(&format!(
            "\n\npartition {partition:.2} s, placement {place:.2} s, count of every budget anew {check:.2} s"
        ));
        for file in &self.files {
            text.push_str(&format!("\n{}", file.display()));
        }
        text
    }

    /// The cores, and one line on the traffic.
    pub fn brief(&self) -> String {
        let Self { packets, hops, in_order, activity, .. } = self;
        let Unmapped { cores, cores_over_budget, packets: unmapped, .. } = in_order;
        format!(
            "{}\n  {} packets between cores with {} hops, by {activity}; filled in order: {} packets, and \
             {cores_over_budget} of {cores} cores beyond a budget{}",
            self.budgets_text(),
            count(*packets),
            count(*hops),
            count(*unmapped),
            self.remarks.iter().map(|remark| format!("\n  {remark}")).collect::<String>()
        )
    }

    /// How full the cores are, budget by budget.
    fn budgets_text(&self) -> String {
        let rows = self.budgets.iter().map(|of| {
            let BudgetUse { budget, limit, mean, most, core } = of;
            let name =
                if *budget == self.binding { format!("{budget}, which binds") } else { budget.clone() };
            let percent = |used: f64| format!("{:.1} %", 100.0 * used / *limit as f64);
            vec![
                name,
                count(*limit),
                count(mean.round() as u64),
                percent(*mean),
                count(*most),
                percent(*most as f64),
                core.to_string(),
            ]
        });
        let header = ["budget of a core", "limit", "mean", "", "most", "", "in core"];
        let Self { neurons, synapses, title, chips: [x, y], board_cores, cores, .. } = self;
        let n_chips = x * y;
        let title = format!(
            "{} neurons and {} synapses on {cores} of {} cores, {n_chips} chip{}: {title}",
            count(u64::from(*neurons)),
            count(*synapses),
            count(u64::from(*board_cores)),
            if n_chips == 1 { "" } else { "s" }
        );
        table(&title, &header, rows)
    }

    fn costs_text(&self) -> String {
        let Unmapped {
            cores,
            cores_over_budget,
            packets,
            hops,
            hop_energy_pj,
            most_loaded_link,
            tree_links: in_order_links,
        } = self.in_order;
        let dash = || "–".to_owned();
        let energy = |pj: f64| short(pj / 1e6);
        let mut rows = vec![
            ["cores".to_owned(), self.cores.to_string(), cores.to_string()],
            ["cores beyond a budget".to_owned(), "0".to_owned(), cores_over_budget.to_string()],
            ["packets between cores".to_owned(), count(self.packets), count(packets)],
            ["hops of these packets".to_owned(), count(self.hops), count(hops)],
            ["energy of the hops (µJ)".to_owned(), energy(self.hop_energy_pj), energy(hop_energy_pj)],
            [
                "packets over the fullest link".to_owned(),
                count(self.most_loaded_link),
                count(most_loaded_link),
            ],
            ["packets from sources outside".to_owned(), count(self.packets_from_outside), dash()],
        ];
        if self.chips != [1, 1] {
            let between = count(self.packets_between_chips);
            rows.push(["packets between chips".to_owned(), between, dash()]);
        }
        if let Some(links) = self.tree_links {
            let in_order = in_order_links.map_or_else(dash, count);
            rows.push(["links of the multicast trees".to_owned(), count(links), in_order]);
        }
        let header = ["", "mapped", "filled in order"];
        table(&format!("traffic, by {}", self.activity), &header, rows.into_iter().map(Vec::from))
    }
}

impl BudgetUse {
    fn of(finished: &Finished<'_>, chip: &Chip, budget: Budget) -> Option<Self> {
        let limit = chip.limit(budget)?;
        let (core, _) = finished.checked.fullest(budget)?;
        let used = || finished.checked.cores().iter().map(|core| core.usage.of(budget));
        Some(Self {
            budget: budget.to_string(),
            limit,
            mean: used().sum::<u64>() as f64 / used().count().max(1) as f64,
            most: used().max().unwrap_or(0),
            core,
        })
    }
}

/// Lines under a title; nothing if there are none.
pub fn listed(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    lines.iter().fold(format!("\n\n{title}"), |text, line| format!("{text}\n  {line}"))
}
