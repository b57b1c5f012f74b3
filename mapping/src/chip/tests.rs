use super::*;

fn chip(name: &str) -> Chip {
    Chip::named(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The generic chip's file with one line exchanged.
fn changed(from: &str, to: &str) -> String {
    let text = Chip::text("generic").unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

fn faults(text: &str) -> Vec<String> {
    match Chip::from_toml(text) {
        Err(ChipError::Invalid(invalid)) => invalid.faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_known_chip_has_its_name_and_a_source_for_every_number() {
    for name in Chip::names() {
        let chip = chip(name);
        assert_eq!(chip.name(), name);
        assert!(chip.figures().len() >= 14, "{name}: {} figures", chip.figures().len());
        for figure in chip.figures() {
            assert!(!figure.source.is_empty(), "{name}: {figure}");
            assert!(figure.assumed || figure.source != "no source given", "{name}: {figure}");
        }
        assert!(chip.mesh(Some("single"), 1).is_ok(), "{name}");
    }
}

/// Specs of nengo-loihi's block.py, as every partitioner is held to them.
#[test]
fn the_limits_of_loihi_are_those_of_nengo_loihi() {
    let chip = chip("loihi1");
    let memory = SynapseMemory { word: 64, header: 10, block: 64 };
    assert_eq!(
        chip.limits(),
        Limits {
            compartments: 1024,
            input_axons: 4096,
            output_axons: 4096,
            synapse_words: 16_384,
            neuron_configs: 8,
            memory,
        }
    );
    assert_eq!(chip.synapse().bits(8, 0), Some(18));
    // Whole blocks of 64 synapses: ⌈(64 · 18 + 10) / 64⌉ = 19 words.
    assert_eq!(chip.limits().memory.words(128, 18), 38);
    assert_eq!(chip.mesh(Some("single"), 128).unwrap().n_cores(), 128);
    let assumed: Vec<&str> = chip.assumptions().map(|figure| figure.name.as_str()).collect();
    assert_eq!(assumed, ["boards[2].chips", "hops.chip_x", "hops.chip_y"]);
}

/// SANA-FE's loihi.yaml.
#[test]
fn the_costs_of_loihi_are_those_of_sana_fe() {
    let chip = chip("loihi1");
    let events = chip.events().unwrap();
    assert_eq!(events.model, "Davies 2018 pre-silicon model");
    assert_eq!(events.axon_out, Cost { energy: 111.0, latency: 5.1 });
    assert_eq!(events.synapse_sparse, Cost { energy: 33.6, latency: 4.7 });
    assert_eq!(events.soma_spike, Cost { energy: 69.3, latency: 30.0 });
    assert_eq!(events.barrier, [[1.0, 0.6], [2.0, 1.0], [4.0, 1.4], [29.0, 1.8]]);
    let mesh = chip.mesh(None, 1).unwrap();
    assert_eq!((mesh.hop, mesh.chip_hop), ([3.0, 4.2], [30.0, 42.0]));
}

/// specs: 8192 neurons and 192 KB of 21-bit synapses, an assumption; no limits of axons.
#[test]
fn loihi_2_has_no_limits_of_axons_and_says_what_is_assumed() {
    let chip = chip("loihi2");
    let limits = chip.limits();
    assert_eq!(limits.compartments, 8192);
    assert_eq!((limits.input_axons, limits.output_axons), (u32::MAX, u32::MAX));
    assert_eq!(chip.synapse().bits(8, 0), Some(21));
    let most = 192 * 1024 * 8 / 21;
    assert!(limits.memory.words(most, 21) <= limits.synapse_words);
    assert!(limits.memory.words(most + 1, 21) > limits.synapse_words);
    let assumed = |name: &str| chip.assumptions().any(|figure| figure.name == name);
    assert!(assumed("core.compartments") && assumed("core.synapse_words"));
    assert!(chip.events().is_none());
    assert_eq!(chip.chip_mesh().n_cores(), 120);
}

#[test]
fn a_core_of_truenorth_is_a_crossbar() {
    let chip = chip("truenorth");
    let limits = chip.limits();
    assert_eq!((limits.compartments, limits.input_axons), (256, 256));
    // However many of the 256 neurons an axon reaches, it takes one row.
    let bits = u32::from(chip.synapse().bits(1, 0).unwrap());
    assert_eq!([1, 100, 256].map(|n| limits.memory.words(n, bits)), [1, 1, 1]);
    assert_eq!(limits.synapse_words, 256);
    assert_eq!(chip.chip_mesh().n_cores(), 4096);
}

#[test]
fn spinnaker_2_has_152_processors_and_multicast() {
    let chip = chip("spinnaker2");
    assert_eq!(chip.chip_mesh().n_cores(), 152);
    assert_eq!(chip.chip_mesh().fabric, Fabric::Multicast);
    assert_eq!(chip.limits().compartments, 1000);
}

#[test]
fn the_generic_chip_holds_64_k_synapses_and_is_all_assumed() {
    let chip = chip("generic");
    let limits = chip.limits();
    assert_eq!((limits.compartments, limits.synapse_words), (256, 65_536));
    let bits = u32::from(chip.synapse().bits(8, 63).unwrap());
    assert_eq!(limits.memory.words(1000, bits), 1000);
    assert_eq!(chip.assumptions().count(), chip.figures().len());
}

#[test]
fn a_line_of_the_generic_chip_can_be_changed_or_taken_in() {
    let text = changed("# fan_in = 1024", "fan_in = { value = 64, source = \"data sheet, page 3\" }");
    let chip = Chip::from_toml(&text).unwrap();
    assert_eq!(chip.core().fan_in, Some(64));
    let figure = chip.figures().iter().find(|figure| figure.name == "core.fan_in").unwrap();
    assert_eq!(figure.to_string(), "core.fan_in = 64 (data sheet, page 3)");
    // Every line that the file offers as a comment is a field.
    let uncommented = Chip::text("generic").unwrap().replace("\n# ", "\n");
    let (head, fields) = uncommented.split_once("name = \"generic\"").unwrap();
    assert!(head.contains("bare number"));
    let fields: Vec<&str> =
        fields.lines().filter(|line| line.contains('=') || line.starts_with('[')).collect();
    let chip = Chip::from_toml(&format!("name = \"generic\"\n{}", fields.join("\n"))).unwrap();
    assert_eq!(chip.core().input_axons, Some(4096));
    assert_eq!(chip.neuron().refractory_steps, Some([1, 63]));
    assert!(chip.events().is_some());
}

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    let text = changed("compartments = 256 ", "compartmets = -1 ")
        .replace("word = 32", "word = 0")
        .replace("x = [1.0, 1.0]", "x = [nan, 1.0]")
        .replace("tiles = [16, 16]", "tiles = [16, 1e99]");
    let line = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    let told = faults(&text);
    assert_eq!(
        told,
        [
            "`core.compartments` is missing: it has to be a whole number from 1 to 4294967294".to_owned(),
            format!(
                "line {}: there is no field `core.compartmets` (did you mean `compartments`?)",
                line("compartmets")
            ),
            format!(
                "line {}: `synapse.word` is 0, and has to be a whole number from 1 to 4096",
                line("word = 0")
            ),
            format!(
                "line {}: `mesh.tiles` is [16, 1e99], and has to be two values in brackets, each a whole number from 1 to 4096",
                line("1e99")
            ),
            format!(
                "line {}: `hops.x` is [nan, 1.0], and has to be two values in brackets, each a number from 0 to 1000000000000",
                line("nan")
            ),
        ]
    );
}

#[test]
fn a_figure_says_where_it_is_from_or_that_it_is_assumed() {
    let told = faults(&changed("compartments = 256 ", "compartments = { value = 256 } "));
    assert!(
        told[0].ends_with(
            "`core.compartments` has no source: say where it is from, or mark it `assumed = true`"
        )
    );
    let told = faults(&changed("compartments = 256 ", "compartments = { valeu = 256, source = \"a\" } "));
    assert!(
        told[0].contains("there is no field `core.compartments.valeu` (did you mean `value`?)"),
        "{told:?}"
    );
    assert!(told[1].starts_with("`core.compartments.value` is missing"), "{told:?}");
}

#[test]
fn values_that_do_not_go_together_are_told() {
    let told = faults(&changed("delay_bits = 6", "delay_bits = 5"));
    assert!(told[0].contains("63 steps do not fit into 5 bits, which hold 31"), "{told:?}");
    let told = faults(&changed("tiles = [16, 16]", "tiles = [4096, 4096]"));
    assert!(told.iter().any(|told| told.contains("67108864 cores, and the limit is 16777216")), "{told:?}");
    let told = faults(&changed("name = \"four\"", "name = \"single\""));
    assert!(told[0].contains("a second board is named \"single\""), "{told:?}");
}

#[test]
fn a_board_is_chosen_by_name_or_as_large_as_needed() {
    let chip = chip("loihi1");
    assert_eq!(chip.mesh(None, 128).unwrap().chips, [1, 1]);
    assert_eq!(chip.mesh(None, 129).unwrap().chips, [2, 1]);
    assert_eq!(chip.mesh(None, 5 * 128).unwrap().chips, [3, 2]);
    assert_eq!(chip.mesh(None, 16 * 128).unwrap().chips, [4, 4]);
    assert_eq!(
        chip.mesh(Some("nahuko"), 1).unwrap_err().to_string(),
        "loihi1 has no board \"nahuko\" (did you mean `nahuku`?): name one of single, kapoho-bay, nahuku, or none for as many chips as needed"
    );
    assert_eq!(
        chip.mesh(Some("kapoho-bay"), 257).unwrap_err().to_string(),
        "257 cores are needed, and the board \"kapoho-bay\" of loihi1 has 256 (2 chips of 128): take the board \"nahuku\", or name none"
    );
    let told = chip.mesh(Some("nahuku"), 4097).unwrap_err().to_string();
    assert!(told.ends_with("name no board for the 33 chips that it takes"), "{told}");
    assert!(chip.mesh(None, u32::MAX).is_err());
}

#[test]
fn an_unknown_chip_is_told_with_the_nearest() {
    assert_eq!(
        Chip::named("loihi").unwrap_err().to_string(),
        "there is no chip \"loihi\" (did you mean `loihi2`?): name one of loihi1, loihi2, truenorth, spinnaker2, generic, or give a file of your own"
    );
}

#[test]
fn bits_of_a_synapse_grow_with_its_delay() {
    let chip = chip("loihi1");
    let synapse = chip.synapse();
    assert_eq!([0, 1, 7, 8, 62].map(|steps| synapse.bits(8, steps)), [18, 19, 21, 22, 24].map(Some));
    assert_eq!((synapse.bits(7, 0), synapse.bits(8, 63)), (None, None));
}

#[test]
fn a_great_many_faults_take_no_great_time() {
    let fields: String = (0..50_000).map(|i| format!("field_{i} = 1\n")).collect();
    let told = faults(&format!("{}\n[more]\n{fields}", Chip::text("generic").unwrap()));
    assert_eq!(told.len(), 1);
    let told = faults(&format!("{fields}{}", Chip::text("generic").unwrap()));
    assert_eq!(told.len(), 50_000);
    assert!(told[49_999].starts_with("line 50000: there is no field `field_49999`"));
}
