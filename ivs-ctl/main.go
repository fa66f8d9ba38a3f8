// Command ivs-ctl shows and changes running switches. It talks to each switch's
// control socket; show, dump-flows and del-br also work on kernel datapaths
// whose daemon is gone.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newCommand(control.DefaultRunDir(), newKernel()).ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "ivs-ctl: %v\n", err)
		stop()
		os.Exit(1)
	}
}

// tool is what every command needs: where the sockets are, what the kernel
// knows, and which switch is meant.
type tool struct {
	run    control.RunDir
	kernel kernelView
	name   string
}

func newCommand(run control.RunDir, kernel kernelView) *cobra.Command {
	t := &tool{run: run, kernel: kernel}
	root := &cobra.Command{
		Use:           "ivs-ctl",
		Short:         "Show and change running ivs switches",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q (try help)", args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&t.name, "datapath", "ivs", "the switch's name")
	root.AddCommand(t.showCommand(), t.addPortCommand(), t.addInternalPortCommand(), t.deletePortCommand(),
		t.listPortsCommand(), t.dumpFlowsCommand(), t.deleteBridgeCommand(), t.traceCommand())
	return root
}

func (t *tool) client(name string) *control.Client {
	return control.NewClient(name, t.run.Socket(name))
}
