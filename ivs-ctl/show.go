package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
)

func (t *tool) showCommand() *cobra.Command {
	var verbose bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print each switch on this host: counters and ports",
		Long: "Print each switch of this network namespace with its counters and ports.\n" +
			"With none running it prints nothing and succeeds.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := t.switches(cmd.Context())
			out := bufio.NewWriter(cmd.OutOrStdout())
			for i := range all {
				printStatus(out, &all[i], verbose)
			}
			return errors.Join(err, out.Flush())
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "datapath id, controllers and the daemon's counters too")
	return cmd
}

// switches asks every daemon, then the kernel for datapaths that have none.
func (t *tool) switches(ctx context.Context) ([]control.Status, error) {
	names, err := t.run.Names()
	if err != nil {
		return nil, fmt.Errorf("look for switches: %w", err)
	}
	var all []control.Status
	for _, name := range names {
		status, failed := t.client(name).Status(ctx)
		if errors.Is(failed, control.ErrNoDaemon) {
			continue // what a killed daemon left
		}
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		all = append(all, status)
	}
	for _, status := range t.kernel.datapaths() {
		if !slices.ContainsFunc(all, func(s control.Status) bool { return s.Name == status.Name }) {
			all = append(all, status)
		}
	}
	return all, err
}

func printStatus(w io.Writer, s *control.Status, verbose bool) {
	fmt.Fprintf(w, "%s:\n", s.Name)
	fmt.Fprintf(w, "  %s lookups: hit=%d missed=%d lost=%d\n", s.Datapath, s.Hit, s.Missed, s.Lost)
	fmt.Fprintf(w, "  %s flows=%d\n", s.Datapath, s.Flows)
	fmt.Fprintf(w, "  ports:\n")
	for i := range s.Ports {
		printPort(w, &s.Ports[i])
	}
	if verbose {
		printDaemon(w, s)
	}
}

func printPort(w io.Writer, p *control.Port) {
	fmt.Fprintf(w, "    %d %s", p.Number, p.Name)
	if p.Kind != "" {
		fmt.Fprintf(w, " (%s)", p.Kind)
	}
	if p.Missing {
		fmt.Fprintf(w, " (missing)\n")
		return
	}
	fmt.Fprintln(w)
	for _, d := range []struct {
		name string
		c    control.Counters
	}{{"rx", p.Rx}, {"tx", p.Tx}} {
		fmt.Fprintf(w, "      %s: packets=%d bytes=%d errors=%d dropped=%d\n",
			d.name, d.c.Packets, d.c.Bytes, d.c.Errors, d.c.Dropped)
	}
}

func printDaemon(w io.Writer, s *control.Status) {
	if s.DPID == "" {
		fmt.Fprintf(w, "  no daemon\n")
		return
	}
	fmt.Fprintf(w, "  dpid=%s version=%s masks=%d\n", s.DPID, s.Version, s.Masks)
	fmt.Fprintf(w, "  controllers:\n")
	for _, c := range s.Controllers {
		state := "not connected"
		if c.Connected {
			state = "connected, role " + c.Role
		}
		if c.Auxiliary != 0 {
			state += fmt.Sprintf(", auxiliary %d", c.Auxiliary)
		}
		fmt.Fprintf(w, "    %s %s\n", c.Address, state)
	}
	names := make([]string, 0, len(s.Counters))
	for name := range s.Counters {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintf(w, "  counters:\n")
	for _, name := range names {
		fmt.Fprintf(w, "    %s=%d\n", name, s.Counters[name])
	}
}
