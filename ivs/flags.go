package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow"
	"github.com/ivs-go/ivs/ovsdriver"
)

// options are what the command line says.
type options struct {
	name          string
	dpid          uint64 // 0 means: make one from the name and the host
	datapath      string // "auto", "kernel", "userspace"
	interfaces    []string
	internalPorts []string
	controllers   []string // host:port
	listeners     []string // host:port
	auxiliaries   int      // connections to each controller besides the main one
	buffers       int      // packets that wait for a controller's word
	noEchoTimeout bool     // connections outlive unanswered echo requests
	fixedTables   bool     // controllers may not configure tables
	verbose       bool
	trace         bool
	syslog        bool
	ignored       []string // flags that were given and do nothing
}

// errHelp and errVersion say that the flag was given and answered.
var (
	errHelp    = errors.New("help was asked for")
	errVersion = errors.New("the version was asked for")
)

// Flags of the original that this switch does not have yet. They are errors, so
// that nobody believes them to be at work.
var unsupported = []struct {
	long, short, usage string
	boolean            bool
}{
	{"uplink", "u", "", false},
	{"inband-vlan", "", "", false},
	{"config-file", "f", "", false},
	{"hitless", "", "", true},
}

// given are flags that options do not hold as they are.
type given struct {
	controllers, listeners            []string
	dpid, version, pipeline, maxFlows string
	help, showVersion                 bool
}

// parseFlags reads the command line (without the program's name). An error
// names the flag and what would be right.
func parseFlags(args []string, out io.Writer) (*options, error) {
	o, g := new(options), new(given)
	f := pflag.NewFlagSet("ivs", pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard) // the caller prints errors, once
	declare(f, o, g)
	if err := f.Parse(args); err != nil {
		return nil, parseError(err)
	}
	switch {
	case g.help:
		printUsage(out, f)
		return nil, errHelp
	case g.showVersion:
		return nil, errVersion
	case f.NArg() > 0 && g.pipeline == "experimental":
		return nil, fmt.Errorf("unexpected argument %q: a pipeline is given as --pipeline=NAME, in one word", f.Arg(0))
	case f.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q: interfaces are given by -i", f.Arg(0))
	}
	if f.Changed("max-flows") {
		o.ignored = append(o.ignored, "--max-flows")
	}
	return o, errors.Join(
		refuseUnsupported(f, g.version, g.pipeline),
		o.setDPID(g.dpid, f.Changed("dpid")),
		o.setAddresses(g.controllers, g.listeners),
		o.check(),
	)
}

// declare makes the flags, in the order of the help.
func declare(f *pflag.FlagSet, o *options, g *given) {
	f.StringArrayVarP(&g.controllers, "controller", "c", nil, "connect to a controller at `IP[:PORT]` (port 6653); may be repeated")
	f.StringArrayVarP(&g.listeners, "listen", "l", nil, "listen for OpenFlow connections at `IP[:PORT]` (port 6634); may be repeated")
	f.StringArrayVarP(&o.interfaces, "interface", "i", nil, "attach `INTERFACE`; may be repeated: ports are numbered 1, 2, 3... in this order")
	f.StringArrayVar(&o.internalPorts, "internal-port", nil, "make an interface `NAME` by which the host takes part; may be repeated")
	f.StringVar(&o.name, "name", "ivs", "`NAME` of the switch and its datapath")
	f.StringVar(&g.dpid, "dpid", "", "datapath id, up to 16 `HEX` digits (default: made from the name and the first interface's address)")
	f.StringVar(&o.datapath, "datapath", "auto", "what forwards: `KIND` is auto, kernel or userspace")
	f.IntVar(&o.auxiliaries, "aux-connections", 0, "open `N` auxiliary connections to each controller, up to 16, for packet-ins")
	f.IntVar(&o.buffers, "buffers", 0, "buffer up to `N` packets of which controllers see a part, up to 65536 (default: send packets whole)")
	f.BoolVar(&o.noEchoTimeout, "no-echo-timeout", false, "keep connections whose peer answers no echo requests (default: reset them after 6 seconds)")
	f.BoolVar(&o.fixedTables, "fixed-tables", false, "refuse controllers who would configure tables by table features")
	f.StringVar(&g.pipeline, "pipeline", "standard-1.3", "forwarding pipeline `NAME`; standard-1.3 is the only one")
	f.Lookup("pipeline").NoOptDefVal = "experimental" // as in the original
	f.StringVarP(&g.version, "openflow-version", "V", "1.3", "OpenFlow `VERSION`; 1.3 is the only one")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "log what happens")
	f.BoolVarP(&o.trace, "trace", "t", false, "log everything")
	f.BoolVar(&o.syslog, "syslog", false, "log to syslog instead of standard error")
	f.BoolVar(&g.showVersion, "version", false, "print the version and exit")
	f.BoolVarP(&g.help, "help", "h", false, "print this and exit")
	f.StringVar(&g.maxFlows, "max-flows", "", "ignored")
	f.Lookup("max-flows").Hidden = true
	for _, u := range unsupported {
		if u.boolean {
			f.BoolP(u.long, u.short, false, u.usage)
		} else {
			f.StringArrayP(u.long, u.short, nil, u.usage)
		}
		f.Lookup(u.long).Hidden = true
	}
}

// parseError says what the value of a flag should have been; the flags that can
// be parsed wrongly are numbers, and those that are there or not.
func parseError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	want := map[string]string{"int": "a number", "bool": "true or false"}[invalid.GetFlag().Value.Type()]
	return fmt.Errorf("flag --%s %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

func printUsage(out io.Writer, f *pflag.FlagSet) {
	usages := f.FlagUsages()
	bare := `--pipeline NAME[="experimental"]` // which is there to be refused
	usages = strings.Replace(usages, bare, fmt.Sprintf("%-*s", len(bare), "--pipeline=NAME"), 1)
	fmt.Fprint(out, "ivs: Indigo Virtual Switch, an OpenFlow 1.3 switch\n\nUsage: ivs [flags]\n\n", usages)
}

func refuseUnsupported(f *pflag.FlagSet, version, pipeline string) error {
	for _, u := range unsupported {
		if f.Changed(u.long) {
			return fmt.Errorf("flag --%s: not supported yet", u.long)
		}
	}
	if version != "1.3" {
		return fmt.Errorf("flag -V %s: not supported yet; this switch speaks OpenFlow 1.3", version)
	}
	if pipeline != "standard-1.3" {
		return fmt.Errorf("flag --pipeline=%s: not supported yet; the pipeline is standard-1.3", pipeline)
	}
	return nil
}

func (o *options) check() error {
	if err := link.CheckName(o.name); err != nil {
		return fmt.Errorf("flag --name: %w", err)
	}
	seen := map[string]bool{o.name: true}
	ports := slices.Concat(o.interfaces, o.internalPorts)
	if len(ports) > ovsdriver.MaxPorts {
		return fmt.Errorf("flags -i and --internal-port: %d ports; a switch has at most %d", len(ports), ovsdriver.MaxPorts)
	}
	for _, name := range ports {
		if err := link.CheckName(name); err != nil {
			return fmt.Errorf("flags -i and --internal-port: %w", err)
		}
		if seen[name] {
			return fmt.Errorf("flags -i and --internal-port: %q is given twice, or is the switch's own name", name)
		}
		seen[name] = true
	}
	if len(o.controllers) > openflow.MaxControllers {
		return fmt.Errorf("flag -c: %d controllers; a switch connects to at most %d", len(o.controllers), openflow.MaxControllers)
	}
	if o.auxiliaries < 0 || o.auxiliaries > openflow.MaxAuxiliaries {
		return fmt.Errorf("flag --aux-connections %d: want 0 to %d", o.auxiliaries, openflow.MaxAuxiliaries)
	}
	if o.buffers < 0 || o.buffers > ovsdriver.MaxBuffers {
		return fmt.Errorf("flag --buffers %d: want 0 to %d", o.buffers, ovsdriver.MaxBuffers)
	}
	if !slices.Contains([]string{"auto", "kernel", "userspace"}, o.datapath) {
		return fmt.Errorf("flag --datapath %q: want auto, kernel or userspace", o.datapath)
	}
	return nil
}
