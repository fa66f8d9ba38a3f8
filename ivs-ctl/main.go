// Command ivs-ctl shows and changes running switches. It talks to each switch's
// control socket; show, dump-flows and del-br also work on kernel datapaths
// whose daemon is gone.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ivs-go/ivs/internal/control"
)

// version is set by the linker; see build/binaries.
var version = "unknown"

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
	root.PersistentFlags().StringVar(&t.name, "datapath", "ivs", "`NAME` of the switch")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return checkName(t.name) }
	root.Version = version
	root.Flags().Bool("version", false, "print the version and exit")
	root.SetVersionTemplate("ivs-ctl {{.Version}}\n")
	root.SetHelpCommand(helpCommand(root))
	root.AddCommand(t.showCommand(), t.addPortCommand(), t.addInternalPortCommand(), t.deletePortCommand(),
		t.listPortsCommand(), t.dumpFlowsCommand(), t.deleteBridgeCommand(), t.traceCommand())
	return root
}

// helpCommand is cobra's, but that it fails if there is no such command.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print a summary, or one of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("unknown command %q (try help)", strings.Join(args, " "))
			}
			return cmd.Help()
		},
	}
}

// checkName refuses what can be no switch's name and would lead out of the
// directory of control sockets.
func checkName(name string) error {
	if name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("--datapath %q: want the name of a switch", name)
	}
	return nil
}

// noArguments refuses arguments of commands that have none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, not %q", cmd.Name(), args)
	}
	return nil
}

func (t *tool) client(name string) *control.Client {
	return control.NewClient(name, t.run.Socket(name))
}
