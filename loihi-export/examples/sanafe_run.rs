//! Runs a network of SANA-FE with both timing models and prints what came of it as a line of JSON.
//!
//! ```text
//! sanafe_run ARCHITECTURE NETWORK STEPS [--messages CSV] [--write FOLDER] [--records] [--seconds S]
//! ```
//! `ARCHITECTURE` is a file, or `loihi` for the table that ships with the crate; `NETWORK` is YAML, or a netlist if its
//! name ends in `.net`. `--messages` takes the order in which neurons send to cores from SANA-FE's record of a run;
//! `--write` writes both files again into a folder, `--records` prints spikes, potentials and costs step by step, and
//! `--seconds` says for how long to repeat the runs that are timed. `benches/peers/conformance/sanafe.py` compares it
//! with the real tool.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rheobase_loihi_export::cost::{Architecture, Energy, Meter, StepCost, Timing};
use rheobase_loihi_export::sanafe::{
    CoreOrder, Program, Run, RunConfig, SanaFeNetwork, map, read_netlist, read_network, simulate,
    write_architecture, write_network,
};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What to do.
struct Task {
    architecture: String,
    network: PathBuf,
    steps: u64,
    messages: Option<PathBuf>,
    write: Option<PathBuf>,
    with_records: bool,
    seconds: f64,
}

fn main() -> Result<()> {
    let task = task()?;
    let start = cpu_time();
    let Loaded { chip, network, program } = load(&task)?;
    let loaded = cpu_time() - start;
    if let Some(folder) = &task.write {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("arch.yaml"), write_architecture(&chip))?;
        std::fs::write(folder.join("net.yaml"), write_network(&network)?)?;
    }
    let mut answer = json!({
        "neurons": network.n_neurons(),
        "synapses": program.n_synapses(),
        "steps": task.steps,
        "load_cpu_s": loaded.as_secs_f64(),
    });
    for (name, timing) in [("simple", Timing::Simple), ("detailed", Timing::Detailed)] {
        let config = RunConfig {
            steps: task.steps,
            timing,
            spikes: task.with_records,
            potentials: task.with_records,
            messages: false,
        };
        let recording = simulate(&program, &config);
        let StepCost { energy, time, counts } = recording.total;
        answer[name] = json!({
            "energy": components(&energy),
            "sim_time": time,
            "spikes": counts.synaptic_events,
            "packets_sent": counts.packets,
            "neurons_updated": counts.updated,
            "neurons_fired": counts.fired,
            "hops": counts.hops,
        });
        if task.with_records {
            let spikes: Vec<Value> = recording
                .spikes
                .iter()
                .map(|(step, neuron)| json!([step, network.name_of(*neuron)]))
                .collect();
            let costs: Vec<Value> =
                recording.costs.iter().map(|cost| json!([cost.time, cost.energy.total()])).collect();
            answer[name]["records"] =
                json!({ "spikes": spikes, "potentials": recording.potentials, "costs": costs });
        }
        if task.seconds > 0.0 {
            answer[name]["steps_per_cpu_s"] =
                json!(steps_per_second(&program, timing, task.steps, task.seconds));
        }
    }
    answer["peak_kb"] = json!(peak_kb());
    println!("{answer}");
    Ok(())
}

fn task() -> Result<Task> {
    let usage = "usage: sanafe_run ARCHITECTURE NETWORK STEPS [--messages CSV] [--write FOLDER] [--records] [--seconds S]";
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or(usage);
    let (architecture, network, steps) = (next()?, PathBuf::from(next()?), next()?.parse()?);
    let mut task =
        Task { architecture, network, steps, messages: None, write: None, with_records: false, seconds: 0.0 };
    while let Ok(option) = next() {
        match option.as_str() {
            "--messages" => task.messages = Some(PathBuf::from(next()?)),
            "--write" => task.write = Some(PathBuf::from(next()?)),
            "--records" => task.with_records = true,
            "--seconds" => task.seconds = next()?.parse()?,
            _ => return Err(usage.into()),
        }
    }
    Ok(task)
}

/// What the files say.
struct Loaded {
    chip: Architecture,
    network: SanaFeNetwork,
    program: Program,
}

fn load(task: &Task) -> Result<Loaded> {
    let name = |path: &Path| path.display().to_string();
    let chip = match task.architecture.as_str() {
        "loihi" => Architecture::loihi(),
        file => Architecture::read(&std::fs::read_to_string(file)?, file)?.0,
    };
    let text = std::fs::read_to_string(&task.network)?;
    let (network, ignored) = match task.network.extension().is_some_and(|ending| ending == "net") {
        true => read_netlist(&text, &name(&task.network))?,
        false => read_network(&text, &name(&task.network))?,
    };
    for ignored in ignored {
        eprintln!("{}: {ignored}", name(&task.network));
    }
    let order = match &task.messages {
        Some(messages) => CoreOrder::from_messages(&std::fs::read_to_string(messages)?, &chip)?,
        None => CoreOrder::ascending(),
    };
    let program = map(&network, &chip, &order)?;
    Ok(Loaded { chip, network, program })
}

fn components(energy: &Energy) -> Value {
    let Energy { synapse, dendrite, soma, network } = energy;
    json!({ "synapse": synapse, "dendrite": dendrite, "soma": soma, "network": network, "total": energy.total() })
}

/// The best of repeated runs, in steps per second of this process's own time.
fn steps_per_second(program: &Program, timing: Timing, steps: u64, seconds: f64) -> f64 {
    let begin = cpu_time();
    let mut best = f64::INFINITY;
    while (cpu_time() - begin).as_secs_f64() < seconds {
        let mut run = Run::new(program);
        let mut meter = Meter::new(program.plan(), timing);
        let mut total = StepCost::default();
        let start = cpu_time();
        for _ in 0..steps {
            total += meter.step(run.step());
        }
        let taken = (cpu_time() - start).as_secs_f64();
        std::hint::black_box(total);
        best = best.min(taken);
    }
    steps as f64 / best
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The most memory that the process had \[kB\].
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
