//! NetX files: what is written is read back as the same network, and what is none is refused by layer.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_loihi_export::export::netx::{self, NetxError};
use rheobase_loihi_export::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population, Sign,
    ValidNetlist, validate,
};
use rheobase_net::file::{Hdf5Tree, Values};

/// A file of an input of 3 nodes, a dense layer of 2 with delays, and a recurrent one of 2.
fn file() -> Hdf5Tree {
    let mut tree = Hdf5Tree::default();
    let kind = |tree: &mut Hdf5Tree, path: &str, kind: &str| {
        tree.put_shaped(path, Values::Ascii(vec![kind.to_owned()]), &[1]);
    };
    kind(&mut tree, "layer/0/type", "input");
    tree.put("layer/0/shape", vec![3_i32]);
    kind(&mut tree, "layer/1/type", "dense");
    tree.put("layer/1/shape", vec![2_i32]);
    tree.put_shaped("layer/1/weight", vec![12_i32, -7, 0, 200, 3, -256], &[2, 3]);
    tree.put("layer/1/delay", vec![0_i32, 70, 4]);
    tree.put("layer/1/bias", vec![5_i32, -1]);
    kind(&mut tree, "layer/1/neuron/type", "CUBA");
    tree.put_shaped("layer/1/neuron/iDecay", vec![1024_i32], &[]);
    tree.put_shaped("layer/1/neuron/vDecay", vec![128_i32], &[]);
    tree.put("layer/1/neuron/vThMant", vec![80_i32, 90]);
    kind(&mut tree, "layer/2/type", "dense_rec");
    tree.put("layer/2/shape", vec![2_i32]);
    tree.put_shaped("layer/2/weight", vec![100_i32, 50, 25, 8], &[2, 2]);
    tree.put_shaped("layer/2/weight_rec", vec![0_i32, -50, 25, 0], &[2, 2]);
    kind(&mut tree, "layer/2/neuron/type", "LOIHI");
    tree.put_shaped("layer/2/neuron/iDecay", vec![0_i32], &[]);
    tree.put_shaped("layer/2/neuron/vDecay", vec![4096_i32], &[]);
    tree.put_shaped("layer/2/neuron/vThMant", vec![80_i32], &[]);
    tree
}

fn read(tree: &Hdf5Tree) -> Result<ValidNetlist, NetxError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.net");
    tree.write(&path).unwrap();
    netx::read(&path)
}

/// The weights that act, by (projection without the layer's name, sender, target, delay), exponents applied.
fn synapses(netlist: &Netlist) -> Vec<(String, u32, u32, u8, i32)> {
    let mut synapses = Vec::new();
    for core in &netlist.cores {
        for block in &core.blocks {
            let Link::Weights { weight_exp, weight_bits, sign, .. } = block.link else {
                panic!("they have weights")
            };
            for (row, axon) in block.axon.iter().enumerate() {
                for i in block.row(row) {
                    let matrix = block.projection.rsplit('/').next().unwrap().to_owned();
                    let (weight, cut) =
                        (block.weight[i], 8 - i32::from(weight_bits) + i32::from(sign == Sign::Mixed));
                    assert_eq!(weight % (1 << cut), 0, "the chip keeps the weight");
                    let node = core.input_axons.node[*axon as usize];
                    let weight = if weight_exp < 0 { weight >> -weight_exp } else { weight << weight_exp };
                    synapses.push((matrix, node, block.target[i], block.delay[i], weight));
                }
            }
        }
    }
    synapses.sort();
    synapses
}

#[test]
fn a_file_becomes_the_network_that_netx_runs() {
    let netlist = read(&file()).unwrap();
    let named = |population: &Population| (population.name.clone(), population.size);
    let populations: Vec<_> = netlist.populations.iter().map(named).collect();
    assert_eq!(populations, [("input".to_owned(), 3), ("layer1".to_owned(), 2), ("layer2".to_owned(), 2)]);
    let Model::Lif(lif) = &netlist.cores[0].groups[0].model else { panic!("it is LIF") };
    assert_eq!((&lif.du, &lif.dv, &lif.vth), (&vec![1023; 2], &vec![128; 2], &vec![80, 90]));
    assert_eq!((&lif.bias_mant, &lif.bias_exp), (&vec![5, -1], &vec![6; 2]));
    // Delays are by columns, because there are as many as these; 62 is the longest.
    let w = "weight".to_owned();
    let expected = [
        (w.clone(), 0, 0, 0, 12),
        (w.clone(), 0, 0, 0, 100),
        (w.clone(), 0, 1, 0, 25),
        (w.clone(), 0, 1, 0, 200),
        (w.clone(), 1, 0, 0, 50),
        (w.clone(), 1, 0, 62, -7),
        (w.clone(), 1, 1, 0, 8),
        (w.clone(), 1, 1, 62, 3),
        (w, 2, 1, 4, -256),
        ("weight_rec".to_owned(), 0, 1, 0, 25),
        ("weight_rec".to_owned(), 1, 0, 0, -50),
    ];
    assert_eq!(synapses(&netlist), expected);
}

#[test]
fn what_is_written_is_read_back() {
    let netlist = read(&file()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.net");
    assert_eq!(netx::write(&path, &netlist, false).unwrap(), []);
    let again = netx::read(&path).unwrap();
    assert_eq!(synapses(&again), synapses(&netlist));
    let model = |netlist: &ValidNetlist, core: usize| netlist.cores[core].groups[0].model.clone();
    assert_eq!([0, 1].map(|core| model(&again, core)), [0, 1].map(|core| model(&netlist, core)));
}

#[test]
fn what_netx_cannot_say_is_listed_and_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lossy.net");
    let error = netx::write(&path, &liquid(), false).unwrap_err();
    let NetxError::Lossy(lost) = &error else { panic!("{error}") };
    let told = error.to_string();
    for part in [
        "which neurons share a core: NetX has layers (core 3, and 1 more)",
        "refractory periods: NetX ignores `refDelay` (core 3, group 0, entry 0, and 1 more)",
        "biases that are not multiples of 64, or beyond 16 bits of these: they are rounded down",
        "delays of synapses of a recurrent layer, on which NetX fails (to neuron 1 of \"liquid\")",
        "weights finer than 1, by an exponent below 0: they are rounded down (core 3, block 0, entry 0)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!path.exists());
    assert_eq!(&netx::write(&path, &liquid(), true).unwrap(), lost);
    let again = netx::read(&path).unwrap();
    assert_eq!(again.cores.len(), 1);
    assert_eq!(again.cores[0].n_compartments(), 2);
}

/// Two refractory neurons on two cores, which know each other, fed by a source.
fn liquid() -> ValidNetlist {
    let lif = |bias: i32| Lif {
        du: vec![10],
        dv: vec![20],
        vth: vec![30],
        bias_mant: vec![bias],
        bias_exp: vec![0],
        refractory: vec![3],
        u: vec![0],
        v: vec![0],
        v_min: -(1 << 23) + 1,
        v_max: (1 << 23) - 1,
    };
    let block = |projection: &str, axon: u32, weight: i32, exp: i8, delay: u8| Block {
        projection: projection.to_owned(),
        group: 0,
        port: 0,
        link: Link::Weights { weight_exp: exp, weight_bits: 8, sign: Sign::Excitatory, message_bits: 0 },
        axon: vec![axon],
        first: vec![0, 1],
        target: vec![0],
        weight: vec![weight],
        delay: vec![delay],
    };
    let core = |core: u32, neuron: u32, blocks: Vec<Block>, to: u32| Core {
        core,
        groups: vec![Group {
            population: 1,
            neurons: vec![neuron],
            model: Model::Lif(lif(64 * neuron as i32 + 5)),
        }],
        input_axons: InputAxons { population: vec![0, 1], node: vec![0, 1 - neuron] },
        blocks,
        output_axons: OutputAxons { first: vec![0, 1], core: vec![to], axon: vec![1] },
    };
    let source = OutputAxons { first: vec![0, 2], core: vec![3, 7], axon: vec![0, 0] };
    validate(Netlist {
        origin: Origin { dt: 1.0, ..Origin::default() },
        chip: None,
        populations: vec![
            Population { name: "in".to_owned(), size: 1, source: Some(source) },
            Population { name: "liquid".to_owned(), size: 2, source: None },
        ],
        cores: vec![
            core(3, 0, vec![block("in", 0, 21, -1, 0), block("rec", 1, 6, 0, 0)], 7),
            core(7, 1, vec![block("in", 0, 20, 1, 0), block("rec", 1, 8, 0, 5)], 3),
        ],
    })
    .unwrap()
}

#[test]
fn what_is_no_layer_is_told_by_its_number() {
    let told = |change: &dyn Fn(&mut Hdf5Tree)| {
        let mut tree = file();
        change(&mut tree);
        read(&tree).unwrap_err().to_string()
    };
    let kind = |tree: &mut Hdf5Tree, path: &str, kind: &str| {
        tree.put_shaped(path, Values::Ascii(vec![kind.to_owned()]), &[1]);
    };
    let cases = [
        (told(&|tree| kind(tree, "layer/3/type", "conv")), "layer 3: it is \"conv\", and input, flatten"),
        (told(&|tree| kind(tree, "layer/4/type", "dense")), "must be called 0, 1, 2"),
        (told(&|tree| tree.put("layer/2/delay", vec![1_i32, 2])), "layer 2: it is dense_rec and has delays"),
        (
            told(&|tree| tree.put_shaped("layer/1/neuron/messageBits", vec![0_i32], &[])),
            "layer 1: it has neuron/messageBits",
        ),
        (
            told(&|tree| kind(tree, "layer/0/neuron/type", "CUBA")),
            "layer 0: it is an input with neurons of its own",
        ),
        (
            told(&|tree| tree.put("layer/2/bias", vec![1_i32, 2, 3])),
            "layer 2: `bias` has 3 values and needs 1 or 2",
        ),
    ];
    for (told, part) in cases {
        assert!(told.contains(part), "{part}: {told}");
    }
    let layer = |weights: Vec<f64>, shape: &[u64], size: i32| {
        let mut tree = Hdf5Tree::default();
        kind(&mut tree, "layer/0/type", "dense");
        tree.put("layer/0/shape", vec![size]);
        tree.put_shaped("layer/0/weight", weights, shape);
        read(&tree).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(layer(vec![1.9, -2.9], &[1, 2], 1), Ok(()), "NetX cuts what is behind the point");
    for (weights, shape, size, part) in [
        (vec![0.0, 0.0], vec![1, 2], 1, "layer 0: all its weights are 0"),
        (
            vec![300.0, 1.0],
            vec![1, 2],
            1,
            "`weight` has 300 at 0, and it may be from -256 to 255, or NetX makes zeros",
        ),
        (vec![f64::NAN, 1.0], vec![1, 2], 1, "`weight` has NaN at 0"),
        (
            vec![1.0, 1.0],
            vec![1, 2],
            2,
            "`weight` has 2 values and needs 2 rows of the number of its senders",
        ),
        (vec![1.0, 1.0], vec![1, 2], 0, "its shape [0] is that of no neurons"),
        (vec![1.0, 1.0], vec![1, 2], i32::MAX, "is that of no neurons, or of more than 1048576"),
    ] {
        let told = layer(weights, &shape, size).unwrap_err();
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// Files of which a byte is another, or the end is missing: an error or a netlist, never a panic.
#[test]
fn damaged_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.net");
    file().write(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for i in 0..300_usize {
        let mut bytes = whole.clone();
        let at = i * 7919 % bytes.len();
        bytes[at] ^= 1 << (i % 8);
        if i % 5 == 0 {
            bytes.truncate(at);
        }
        refused += usize::from(netx::read_bytes(&bytes).is_err());
    }
    assert!(refused > 60, "{refused} of 300");
}
