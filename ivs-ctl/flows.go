package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func (t *tool) dumpFlowsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dump-flows",
		Short: "Print the flows that the datapath holds in its cache",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := t.client(t.name).CopyFlows(cmd.Context(), cmd.OutOrStdout())
			if errors.Is(err, control.ErrNoDaemon) && t.kernel.has(t.name) {
				return t.kernel.writeFlows(t.name, cmd.OutOrStdout())
			}
			return err
		},
	}
}

func (t *tool) traceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "trace [port N]",
		Short: "Explain the forwarding decision for each new flow, until interrupted",
		Long: "Explain the forwarding decision for each new flow, until interrupted.\n" +
			"With a port's number, or LOCAL, only flows that enter there.",
		RunE: func(cmd *cobra.Command, args []string) error {
			port, err := tracedPort(args)
			if err != nil {
				return err
			}
			err = t.client(t.name).CopyTrace(cmd.Context(), port, cmd.OutOrStdout())
			if cmd.Context().Err() != nil {
				return nil // interrupted: that is how it ends
			}
			return err
		},
	}
}

// tracedPort reads "port N"; no words mean every port, which is 0.
func tracedPort(args []string) (uint32, error) {
	if len(args) == 0 {
		return 0, nil
	}
	if len(args) != 2 || args[0] != "port" {
		return 0, fmt.Errorf(`trace takes "port N" or nothing, not %q`, args)
	}
	if strings.EqualFold(args[1], "local") {
		return uint32(datapath.Local), nil
	}
	n, err := strconv.ParseUint(args[1], 10, 32)
	switch {
	case err != nil:
		return 0, fmt.Errorf("trace port %q: want an OpenFlow port number, as ivs-ctl show lists them, or LOCAL", args[1])
	case n == 0: // as show and dump-flows write it
		return uint32(datapath.Local), nil
	}
	return uint32(n), nil
}

func (t *tool) deleteBridgeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "del-br",
		Aliases: []string{"del-dp"},
		Short:   "End the switch and remove its datapath",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := t.client(t.name).Stop(cmd.Context())
			if errors.Is(err, control.ErrNoDaemon) && t.kernel.has(t.name) {
				return t.kernel.remove(t.name)
			}
			return err
		},
	}
}
