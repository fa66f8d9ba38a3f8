// Command bench compares ivs with Open vSwitch and with a forwarder that does
// nothing else: same topology, same run, each at work alone. build/bench builds
// what it needs and starts it as root.
//
// Two hosts, each a network namespace, are joined by the switch in a third:
//
//	host a: eth0 --- p1 [switch] p2 --- eth0 :host b
//
// Every figure is the median over rounds; in a round the contenders take turns,
// so that a disturbance of the machine hits them alike.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// settings are what the command line says.
type settings struct {
	bin     string        // directory of ivs and afforward
	json    string        // file to write the results to
	kernel  bool          // compare upcalls on the kernel's openvswitch module
	rounds  int           // how often each contender has its turn
	seconds time.Duration // length of one measurement
}

func main() {
	var s settings
	flag.StringVar(&s.bin, "bin", "bin", "`directory` of ivs and afforward")
	flag.StringVar(&s.json, "json", "", "`file` to write the results to")
	flag.BoolVar(&s.kernel, "kernel", false, "compare upcalls on the openvswitch module")
	flag.IntVar(&s.rounds, "rounds", 5, "`number` of rounds")
	flag.DurationVar(&s.seconds, "time", time.Second, "`length` of one measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run makes all rounds and reports.
func run(ctx context.Context, s settings) error {
	suite := embedded(s)
	if s.kernel {
		suite = onKernel(s)
	}
	results := newResults(suite, s)
	for round := range s.rounds {
		for _, c := range suite.contenders {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, s.rounds, c.title)
			if err := turn(ctx, suite, c, results); err != nil {
				return fmt.Errorf("%s: %w", c.title, err)
			}
		}
	}
	results.print(os.Stdout)
	if s.json == "" {
		return nil
	}
	return results.write(s.json)
}

// turn lets one contender do all that is measured of it, in a network of its
// own.
func turn(ctx context.Context, suite *suite, c contender, results *results) (err error) {
	l, err := newLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	sw, err := c.start(l)
	if err != nil {
		return err
	}
	defer sw.stop()
	for _, m := range suite.measurements {
		if m.skip[c.key] {
			continue
		}
		figures, err := m.take(l, sw)
		if err != nil {
			return fmt.Errorf("%s: %w", m.title, err)
		}
		for _, metric := range slices.Sorted(maps.Keys(figures)) {
			fmt.Fprintf(os.Stderr, "    %s: %.4g\n", metric, figures[metric])
			results.add(metric, c.key, figures[metric])
		}
	}
	return nil
}
