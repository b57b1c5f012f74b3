//! Every model that a description can ask for becomes the population that it stands for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rheobase_net::generate::{IzhikevichSpec, LifSpec, NetworkSpec, generate};
use rheobase_net::{
    Bounds, CurrentSource, IzhikevichMethod, IzhikevichPopulation, LifPopulation, Model, Param, Plasticity,
    SpikeSource, StdpTriplet, Waveform, validate,
};

/// The model of a population of four.
fn model(text: &str) -> Model {
    let spec = format!("[[populations]]\nname = 'them'\nsize = 4\n{text}").parse().unwrap();
    let mut network = validate(generate(&spec, 3).unwrap()).unwrap().into_network();
    network.populations.remove(0).model
}

fn waveform(n_channels: u32, times: &[f64], values: &[f64]) -> Waveform {
    Waveform::new(n_channels, times.to_vec(), values.to_vec()).unwrap()
}

#[test]
fn neurons_have_the_defaults_of_their_populations() {
    assert_eq!(model(""), Model::Lif(LifPopulation::default()));
    assert_eq!(model("model.lif = {}"), Model::Lif(LifPopulation::default()));
    assert_eq!(model("model.izhikevich = {}"), Model::Izhikevich(IzhikevichPopulation::default()));
    let resonator = "model.izhikevich = { a = 0.1, b = 0.26, d = -1, v_init = -60, method = 'euler' }";
    let expected = IzhikevichPopulation {
        a: 0.1.into(),
        b: 0.26.into(),
        d: (-1.0).into(),
        v_init: (-60.0).into(),
        u_init: (0.26 * -60.0).into(),
        method: IzhikevichMethod::Euler,
        ..IzhikevichPopulation::default()
    };
    assert_eq!(model(resonator), Model::Izhikevich(expected));
}

#[test]
fn recovery_starts_at_rest_for_drawn_parameters() {
    let text = "model.izhikevich = { b = { uniform = { low = 0.2, high = 0.25 } }, v_init = -70 }";
    let Model::Izhikevich(neurons) = model(text) else { panic!("neurons") };
    assert!((0..4).all(|i| neurons.u_init.get(i) == -70.0 * neurons.b.get(i)));
    assert!(matches!(&neurons.b, Param::PerNode(b) if b[0] != b[1]));
}

/// Parameters are drawn from streams of their own: no two of them, of any two neurons, are one draw.
#[test]
fn drawn_parameters_are_independent() {
    let even = |name: &str| format!("{name} = {{ uniform = {{ low = 1.0, high = 2.0 }} }}");
    let names = LifPopulation::default().params().map(|(name, _)| name);
    let drawn: Vec<String> = names.iter().map(|name| even(name)).collect();
    let text = format!("[[populations]]\nname = 'a'\nsize = 40\nmodel.lif = {{ {} }}", drawn.join(", "));
    let network = generate(&text.parse().unwrap(), 3).unwrap();
    let Model::Lif(lif) = &network.populations[0].model else { panic!("neurons") };
    let values = lif.params().into_iter().flat_map(|(_, param)| (0..40).map(|i| param.get(i).to_bits()));
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), names.len() * 40);
}

#[test]
fn sources_are_what_they_are_called() {
    assert_eq!(
        model("model.poisson_steps = { times = [0, 100.5], rate_hz = [5, 80] }"),
        Model::SpikeSource(SpikeSource::PoissonSteps { rates: waveform(1, &[0.0, 100.5], &[5.0, 80.0]) })
    );
    let steps = |waveform| Model::CurrentSource(CurrentSource::Steps(waveform));
    assert_eq!(model("model.dc.amplitude = 250"), steps(waveform(4, &[0.0], &[250.0; 4])));
    assert_eq!(
        model("model.steps = { times = [1, 2], amplitude = [10, -10] }"),
        steps(waveform(4, &[1.0, 2.0], &[10.0, 10.0, 10.0, 10.0, -10.0, -10.0, -10.0, -10.0]))
    );
    let Model::CurrentSource(CurrentSource::Steps(drawn)) =
        model("model.dc.amplitude.normal = { mean = 1.0, std = 0.5 }")
    else {
        panic!("a current")
    };
    assert!(drawn.row(0)[0] != drawn.row(0)[1]);
    let noise = |mean: f64, interval| {
        Model::CurrentSource(CurrentSource::Noise { mean: mean.into(), sd: 20.0.into(), interval })
    };
    assert_eq!(model("model.noise.sd = 20"), noise(0.0, 0.1));
    assert_eq!(model("model.noise = { mean = -5, sd = 20, interval = 1 }"), noise(-5.0, 1.0));
}

#[test]
fn projections_carry_their_rule() {
    let text = "
        populations = [{ name = 'a', size = 3 }]
        [[projections]]
        source = 'a'
        target = 'a'
        rule = 'all_to_all'
        plasticity.stdp_triplet = { w_max = 2, bounds = 'soft' }
    ";
    let spec: NetworkSpec = text.parse().unwrap();
    let rule = StdpTriplet { w_max: 2.0, bounds: Bounds::Soft, ..StdpTriplet::default() };
    let network = generate(&spec, 1).unwrap();
    assert_eq!(network.projections[0].plasticity, Some(Plasticity::StdpTriplet(rule)));
    assert_eq!(network.description.configuration.parse::<NetworkSpec>().unwrap(), spec);
    for wrong in ["{ w_max = 0 }", "{ tau_plus = -1 }"] {
        let spec = text.replace("{ w_max = 2, bounds = 'soft' }", wrong).parse().unwrap();
        let error = generate(&spec, 1).unwrap_err();
        assert!(error.to_string().contains("projection \"a-a\": plasticity: "), "{error}");
    }
}

#[test]
fn models_that_are_none_are_refused() {
    for (text, word) in [
        ("model.steps = { times = [1, 1], amplitude = [1, 2] }", "step 1 is not after"),
        ("model.poisson_steps = { times = [1, 2], rate_hz = [1] }", "1 values for 2 times"),
        ("model.noise = { sd = 1, interval = nan }", "interval: value is NaN"),
        ("model.dc.amplitude = inf", "amplitude: value is inf"),
        ("model.izhikevich.v_peak.normal = { mean = 1, std = -1 }", "v_peak: std is -1"),
    ] {
        let spec = format!("[[populations]]\nname = 'them'\nsize = 4\n{text}").parse().unwrap();
        let error = generate(&spec, 3).unwrap_err();
        assert!(error.faults.len() == 1 && error.to_string().contains(word), "{text}: {error}");
    }
    let numbers = "[[populations]]\nname = 'a'\nsize = 4000000000\nmodel.steps";
    let times: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    let times = times.join(", ");
    let text = format!("{numbers} = {{ times = [{times}], amplitude = [{times}] }}");
    let error = generate(&text.parse().unwrap(), 1).unwrap_err();
    assert!(error.to_string().contains("more than the machine has free"), "{error}");
}

#[test]
fn descriptions_of_neurons_come_back_from_toml() {
    let lif = LifSpec { theta_jump: 1.5.into(), e_in: (-80.0).into(), ..LifSpec::default() };
    assert_eq!(toml::from_str::<LifSpec>(&toml::to_string(&lif).unwrap()).unwrap(), lif);
    for u_init in [None, Some((-14.0).into())] {
        let spec = IzhikevichSpec { u_init, ..IzhikevichSpec::default() };
        assert_eq!(toml::from_str::<IzhikevichSpec>(&toml::to_string(&spec).unwrap()).unwrap(), spec);
    }
}
