use super::*;

/// Drawn by ncps 1.0.1 with NumPy 2.4: `ltc/tests/wirings.py`.
const REFERENCE: &str = include_str!("../../tests/wirings.csv");

/// The hash of `ltc/tests/wirings.py`.
fn fold(synapses: &[Synapse]) -> u64 {
    synapses.iter().fold(7, |hash, Synapse { target, source, polarity }| {
        let value = (u64::from(*target) * 1000 + u64::from(*source)) * 2 + u64::from(*polarity > 0);
        ((u128::from(hash) * 1_000_003 + u128::from(value)) % ((1 << 61) - 1)) as u64
    })
}

#[test]
fn wirings_are_those_of_ncps() {
    let mut n = 0;
    for line in REFERENCE.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [kind, arguments, n_inputs, synapses, sensory, folded, sensory_folded] = fields[..] else {
            panic!("{line}")
        };
        let arguments: Vec<f64> = arguments.split(' ').map(|field| field.parse().unwrap()).collect();
        let seed = line.split(',').nth(1).unwrap().rsplit(' ').next().unwrap();
        let n_inputs = n_inputs.parse().unwrap();
        let int = |k: usize| arguments[k] as u32;
        let wiring = match kind {
            "full" => fully_connected(n_inputs, int(0), int(1), arguments[2] == 1.0, seed.parse().unwrap()),
            "random" => random(n_inputs, int(0), int(1), arguments[2], seed.parse().unwrap()),
            "ncp" => {
                let ncp_ = Ncp {
                    inter: int(0),
                    command: int(1),
                    motor: int(2),
                    sensory_fanout: int(3),
                    inter_fanout: int(4),
                    recurrent_command_synapses: int(5),
                    motor_fanin: int(6),
                    seed: seed.parse().unwrap(),
                };
                ncp(n_inputs, &ncp_)
            }
            "auto" => {
                let (units, n_outputs, sparsity) = (int(0), int(1), arguments[2]);
                auto_ncp(n_inputs, &AutoNcp { units, n_outputs, sparsity, seed: seed.parse().unwrap() })
            }
            _ => panic!("{line}"),
        };
        let wiring = wiring.unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(wiring.synapses().len().to_string(), synapses, "{line}");
        assert_eq!(wiring.sensory().len().to_string(), sensory, "{line}");
        assert_eq!(fold(wiring.synapses()).to_string(), folded, "{line}");
        assert_eq!(fold(wiring.sensory()).to_string(), sensory_folded, "{line}");
        n += 1;
    }
    assert_eq!(n, 360);
}

#[test]
fn what_is_too_large_is_named_with_its_limit() {
    let auto = AutoNcp { units: 10, n_outputs: 8, sparsity: 0.5, seed: 1 };
    let error = auto_ncp(3, &auto).unwrap_err().to_string();
    assert_eq!(
        error,
        "the number of outputs is 8, and must be from 1 to below the number of units less 2, 8"
    );
    let error = auto_ncp(3, &AutoNcp { n_outputs: 2, sparsity: 0.05, ..auto }).unwrap_err().to_string();
    assert_eq!(error, "the sparsity is 0.05, and must be from 0.1 to 1");
    let error = ncp(
        3,
        &Ncp {
            inter: 4,
            command: 3,
            motor: 1,
            sensory_fanout: 5,
            inter_fanout: 1,
            recurrent_command_synapses: 2,
            motor_fanin: 1,
            seed: 1,
        },
    );
    let error = error.unwrap_err().to_string();
    assert_eq!(error, "the fan-out of inputs is 5, and must be at most 4, the number of inter neurons");
    assert!(random(3, 4, 4, f64::NAN, 1).is_err() && random(3, 4, 4, 1.0, 1).is_err());
    assert!(fully_connected(0, 4, 4, true, 1).is_err() && fully_connected(1, 4, 5, true, 1).is_err());
}

#[test]
fn lists_are_checked() {
    let synapse = |target, source| Synapse { target, source, polarity: 1 };
    let parts = Parts {
        n_inputs: 2,
        n_outputs: 1,
        layers: vec![vec![1, 2], vec![0]],
        kinds: vec![UnitKind::Motor, UnitKind::Inter, UnitKind::Inter],
        synapses: vec![synapse(0, 2), synapse(0, 1)],
        sensory: vec![synapse(2, 1)],
    };
    assert_eq!(Wiring::new(parts.clone()).unwrap().synapses(), [synapse(0, 1), synapse(0, 2)]);
    let faulty = |change: fn(&mut Parts)| {
        let mut parts = parts.clone();
        change(&mut parts);
        Wiring::new(parts).unwrap_err().to_string()
    };
    let error = faulty(|parts| parts.synapses[1].source = 3);
    assert_eq!(error, "synapse 1 has source 3, and there are 3: numbers go from 0 to 3 − 1");
    let error = faulty(|parts| parts.sensory[0].source = 2);
    assert_eq!(error, "synapse 0 has source 2, and there are 2: numbers go from 0 to 2 − 1");
    assert!(faulty(|parts| parts.synapses[0].polarity = 0).contains("polarity 0"));
    assert!(faulty(|parts| parts.synapses[0].source = 1).contains("two synapses from 1 to unit 0"));
    assert!(faulty(|parts| parts.layers[0].push(0)).contains("unit 0 is in 2 layers"));
    assert!(faulty(|parts| parts.layers[0].push(9)).contains("layer unit 9"));
}
