// Command ivs is an OpenFlow 1.3 switch. It connects to controllers, which
// program it, and forwards packets by the Linux openvswitch module or, where
// that is not there, by a datapath of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/ivs-go/ivs/internal/control"
)

// version is set by the linker; see build/binaries.
var version = "unknown"

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	// A crash is to end by SIGABRT. Go's own status for it, 2, is exitUsage here,
	// after which no service manager tries again.
	debug.SetTraceback("crash")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// There is no configuration file to read again, and a switch goes on when
	// whoever reads its log has ended.
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the program: it returns when ctx ends or the switch can't go on.
func run(ctx context.Context, args []string, out, errout io.Writer) int {
	o, err := parseFlags(args, out)
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case errors.Is(err, errVersion):
		fmt.Fprintf(out, "ivs %s\n", version)
		return exitOK
	case err != nil:
		fmt.Fprintf(errout, "ivs: %v\nTry ivs --help.\n", err)
		return exitUsage
	}
	env, err := readEnvironment(os.LookupEnv)
	if err == nil {
		err = control.DefaultRunDir().Check(o.name)
	}
	if err != nil {
		fmt.Fprintf(errout, "ivs: %v\n", err)
		return exitUsage
	}
	if err := serve(ctx, o, env, errout); err != nil {
		fmt.Fprintf(errout, "ivs: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// serve claims the switch's name and runs it.
func serve(ctx context.Context, o *options, env environment, errout io.Writer) error {
	if err := checkCapabilities(); err != nil {
		return err
	}
	log, err := newLog(o, errout)
	if err != nil {
		return err
	}
	for _, flag := range o.ignored {
		log.Warnf("flag %s does nothing", flag)
	}
	files := control.DefaultRunDir()
	pid, err := claim(ctx, files.PIDFile(o.name), claimPatience)
	if ctx.Err() != nil && err != nil {
		return nil // asked to end before there was anything
	}
	if err != nil {
		return fmt.Errorf("switch %s: %w", o.name, err)
	}
	defer func() {
		if err := pid.release(); err != nil {
			log.WithError(err).Warn("pid file")
		}
		files.Tidy()
	}()
	d, err := start(ctx, o, env, files, log)
	if err != nil {
		return err
	}
	log.Info("ready")
	notify(log, "READY=1")
	err = d.loop(ctx)
	notify(log, "STOPPING=1")
	return errors.Join(err, d.close())
}
