"""Graphs that `rheobase export` writes, read by networkx (GraphML) and pydot (DOT): is all of it there?

    python3 benches/peers/conformance/run_graphs.py

Exit codes: 0 agreed, 1 did not, 77 not run, because there is no package index.
"""

import argparse
import json
import tempfile
from pathlib import Path

import tool


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args = tool.arguments(parser)
    tool.inside("graphs")
    with tempfile.TemporaryDirectory(prefix="rheobase-graphs-") as folder:
        folder = Path(folder)
        tool.run([args.generator.absolute(), folder, args.networks, args.seed], args.timeout)
        names = sorted(path.name.removesuffix(".input.h5") for path in folder.glob("*.input.h5"))
        tool.compare_all("graphs", names, lambda name: compare(folder, name, args), args.jobs, "networks")


def compare(folder, name, args):
    path = lambda ending: folder / f"{name}{ending}"
    export = lambda *how: tool.run([args.rheobase.absolute(), "export", path(".h5"), *how], args.timeout)
    export("--format", "json", "-o", path(".json"))
    netlist = json.loads(path(".json").read_text())["netlist"]
    for of in ("cores", "neurons"):
        for language in ("graphml", "dot"):
            export("--format", language, "--of", of, "-o", path(f".{of}.{language}"))
        check(netlist, of, path(f".{of}.graphml"), path(f".{of}.dot"))
    synapses = sum(len(block["target"]) for core in netlist["cores"] for block in core["blocks"])
    return f"{len(netlist['cores'])} cores, {synapses} synapses"


def check(netlist, of, graphml, dot):
    """Holds what was read against the netlist itself."""
    import networkx
    import pydot
    read = networkx.read_graphml(graphml, force_multigraph=True)
    drawn, = pydot.graph_from_dot_file(str(dot))
    sources = [each for each in netlist["populations"] if each["source"] is not None]
    synapses = sum(len(block["target"]) for core in netlist["cores"] for block in core["blocks"])
    axons = sum(len(core["input_axons"]["node"]) for core in netlist["cores"])
    if of == "cores":
        expect("nodes", read.number_of_nodes(), len(sources) + len(netlist["cores"]))
        expect("axons", sum(d["axons"] for *_, d in read.edges(data=True)), axons)
        expect("synapses", sum(d["synapses"] for *_, d in read.edges(data=True)), synapses)
        neurons = sum(d["nodes"] for _, d in read.nodes(data=True))
        expect("neurons and sources", neurons, sum(each["size"] for each in netlist["populations"]))
    else:
        expect("nodes", read.number_of_nodes(), sum(each["size"] for each in netlist["populations"]))
        expect("synapses", read.number_of_edges(), synapses)
        delays = sum(sum(block["delay"]) for core in netlist["cores"] for block in core["blocks"])
        expect("delays", sum(d["delay"] for *_, d in read.edges(data=True)), delays)
    # pydot counts the line of defaults as a node.
    nodes = [each for each in drawn.get_nodes() if each.get_name() != "node"]
    expect("nodes of the drawing", len(nodes), read.number_of_nodes())
    expect("edges of the drawing", len(drawn.get_edges()), read.number_of_edges())


def expect(what, found, expected):
    if found != expected:
        raise tool.Failed(f"{found} {what}, and the netlist has {expected}")


if __name__ == "__main__":
    main()
