package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
)

func (t *tool) addPortCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "add-port INTERFACE",
		Aliases: []string{"add-if"},
		Short:   "Add an interface to the switch as a port",
		Args:    oneInterface,
		RunE:    t.addPort(false),
	}
}

func (t *tool) addInternalPortCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "add-internal-port INTERFACE",
		Short: "Make an interface by which the host takes part, and add it as a port",
		Args:  oneInterface,
		RunE:  t.addPort(true),
	}
}

// oneInterface refuses arguments other than the name of one interface.
func oneInterface(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s wants the name of one interface, not %d names", cmd.Name(), len(args))
	}
	return nil
}

func (t *tool) addPort(internal bool) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		_, err := t.client(t.name).AddPort(cmd.Context(), control.PortRequest{Name: args[0], Internal: internal})
		return err
	}
}

func (t *tool) deletePortCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "del-port INTERFACE",
		Aliases: []string{"del-if"},
		Short:   "Take a port away from the switch",
		Args:    oneInterface,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.client(t.name).DeletePort(cmd.Context(), args[0])
		},
	}
}

func (t *tool) listPortsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list-ports",
		Short: "Print the name of each port",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			status, err := t.client(t.name).Status(cmd.Context())
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			for _, p := range status.Ports {
				fmt.Fprintln(out, p.Name)
			}
			return out.Flush()
		},
	}
}
