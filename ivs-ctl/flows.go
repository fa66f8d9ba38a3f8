package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
)

func (t *tool) dumpFlowsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dump-flows",
		Short: "Print the flows that the datapath holds in its cache",
		Args:  cobra.NoArgs,
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
		Args:  cobra.MaximumNArgs(2),
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
	n, err := strconv.ParseUint(args[1], 10, 32)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("trace port %q: want an OpenFlow port number", args[1])
	}
	return uint32(n), nil
}

func (t *tool) deleteBridgeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "del-br",
		Aliases: []string{"del-dp"},
		Short:   "End the switch and remove its datapath",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := t.client(t.name).Stop(cmd.Context())
			if errors.Is(err, control.ErrNoDaemon) && t.kernel.has(t.name) {
				return t.kernel.remove(t.name)
			}
			return err
		},
	}
}
