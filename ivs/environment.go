package main

import (
	"fmt"
	"strconv"

	"github.com/ivs-go/ivs/ovsdriver"
)

// environment is what the original switch takes from environment variables.
type environment struct {
	benchmark        bool // INDIGO_BENCHMARK=1: no limits of packet-ins and cached flows
	disableKflows    bool // IVS_DISABLE_KFLOWS: nothing is cached
	disableMegaflows bool // IVS_DISABLE_MEGAFLOWS: cached flows match exactly
	workers          int  // INDIGO_THREADS; 0 means one per CPU
}

// readEnvironment reads the variables by lookup (os.LookupEnv). As in the
// original, those that disable something do so by being there.
func readEnvironment(lookup func(string) (string, bool)) (environment, error) {
	var e environment
	value, _ := lookup("INDIGO_BENCHMARK")
	e.benchmark = value == "1"
	_, e.disableKflows = lookup("IVS_DISABLE_KFLOWS")
	_, e.disableMegaflows = lookup("IVS_DISABLE_MEGAFLOWS")
	threads, ok := lookup("INDIGO_THREADS")
	if !ok || threads == "" {
		return e, nil
	}
	n, err := strconv.Atoi(threads)
	if err != nil || n < ovsdriver.MinWorkers || n > ovsdriver.MaxWorkers {
		return e, fmt.Errorf("INDIGO_THREADS=%q: want a number from %d to %d", threads, ovsdriver.MinWorkers, ovsdriver.MaxWorkers)
	}
	e.workers = n
	return e, nil
}
