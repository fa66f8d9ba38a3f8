package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/internal/link"
	"github.com/ivs-go/ivs/openflow"
	"github.com/ivs-go/ivs/openflow/bsn"
	"github.com/ivs-go/ivs/ovsdriver"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// daemon is the running switch: its parts, wired. The main goroutine owns it.
type daemon struct {
	opts    *options
	dpid    uint64
	log     *logrus.Entry
	plane   *plane
	driver  *ovsdriver.Driver
	server  *openflow.Server
	control *control.Server
	modes   *link.Modes
	watcher *link.Watcher
	stop    context.CancelFunc // ends the loop
	stopped context.Context

	closers []func() error // in the order of opening
}

// The driver is all that sessions ask for.
var _ openflow.Switch = (*ovsdriver.Switch)(nil)

// start opens every part. On an error those that were opened are closed again.
func start(ctx context.Context, o *options, env environment, files control.RunDir, log *logrus.Entry) (*daemon, error) {
	d := &daemon{opts: o, log: log}
	d.stopped, d.stop = context.WithCancel(ctx)
	steps := []func() error{
		d.identify,
		d.watchLinks,
		func() error { return d.openDriver(env) },
		func() error { return d.addPorts(files) },
		d.openSessions,
		func() error { return d.openControl(files) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	return d, nil
}

// close closes the parts, the last one first.
func (d *daemon) close() error {
	d.stop()
	var all error
	for _, c := range slices.Backward(d.closers) {
		all = errors.Join(all, c())
	}
	d.closers = nil
	return all
}

func (d *daemon) onClose(c func() error) { d.closers = append(d.closers, c) }

func (d *daemon) identify() error {
	d.dpid = d.opts.dpid
	if d.dpid != 0 {
		return nil
	}
	address, err := link.FirstHWAddr()
	if err != nil {
		return err
	}
	d.dpid = defaultDPID(d.opts.name, address)
	return nil
}

func (d *daemon) watchLinks() (err error) {
	if d.modes, err = link.OpenModes(); err != nil {
		return err
	}
	d.onClose(d.modes.Close)
	if d.watcher, err = link.Watch(); err != nil {
		return err
	}
	d.onClose(func() error { d.watcher.Close(); return nil })
	return nil
}

func (d *daemon) openDriver(env environment) (err error) {
	if d.plane, err = openPlane(d.opts, d.log); err != nil {
		return err
	}
	workers := ovsdriver.Workers(env.workers)
	// A worker sleeps in a system call of its own, and holds one of Go's
	// processors for as long as the scheduler takes to notice: timers and
	// connections need others meanwhile. Measured with two CPUs, timers came up
	// to 1.6 ms late without this and 0.1 ms with it.
	runtime.GOMAXPROCS(runtime.NumCPU() + workers)
	collectLess()
	d.driver = ovsdriver.New(ovsdriver.Config{
		Identity: ovsdriver.Identity{DatapathID: d.dpid, Name: d.opts.name, Version: version, Datapath: d.plane.kind, Buffers: d.opts.buffers},
		Datapath: d.plane,
		Links:    hostLinks{d.modes},
		Log:      d.log,

		Workers:          workers,
		Unlimited:        env.benchmark,
		DisableMegaflows: env.disableMegaflows,
		DisableKflows:    env.disableKflows,
		FixedTables:      d.opts.fixedTables,
	})
	d.onClose(d.driver.Close)
	return nil
}

// garbagePercent is how much garbage may gather, in percent of the heap that is
// live. With Go's 100, a stream of 20,000 flow-mods took a quarter longer; this
// takes 3 MB more memory with as many flows.
const garbagePercent = 150

// collectLess sets garbagePercent unless the environment variable GOGC has a
// wish of its own.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// addPorts starts the workers and attaches the ports that the flags name. A
// port that can't be attached now keeps its number, and the others come up.
func (d *daemon) addPorts(files control.RunDir) error {
	d.server = openflow.NewServer(d.driver.Switch(), d.sessions(files))
	if err := d.driver.Start(d.server); err != nil {
		return err
	}
	wanted := d.wantedPorts()
	ports := d.driver.Switch().Ports
	if err := ports.Prune(wanted); err != nil {
		return err
	}
	for _, spec := range wanted {
		if d.stopped.Err() != nil {
			return nil // asked to end meanwhile: a thousand ports take a while
		}
		if _, err := ports.Await(spec.Name, spec.Kind); err != nil {
			text := "port is not attached; it will be when its interface can be had"
			if errors.Is(err, datapath.ErrUnsupported) {
				text = "port can't be attached"
			}
			d.log.WithError(err).WithFields(logrus.Fields{"port": spec.Name, "number": spec.No}).Error(text)
		}
	}
	return nil
}

// wantedPorts are LOCAL, the interfaces as 1, 2, 3... in the order of the
// flags, and then the internal ports.
func (d *daemon) wantedPorts() []datapath.PortSpec {
	specs := []datapath.PortSpec{{No: datapath.Local, Name: d.opts.name, Kind: datapath.LocalPort}}
	add := func(kind datapath.PortKind, names []string) {
		for _, name := range names {
			specs = append(specs, datapath.PortSpec{No: datapath.PortNo(len(specs)), Name: name, Kind: kind})
		}
	}
	add(datapath.Netdev, d.opts.interfaces)
	add(datapath.Internal, d.opts.internalPorts)
	return specs
}

func (d *daemon) sessions(files control.RunDir) openflow.Config {
	var limits openflow.Limits
	if d.opts.noEchoTimeout {
		limits.EchoLosses = -1
	}
	return openflow.Config{
		Limits:      limits,
		Controllers: d.opts.controllers,
		Listen:      d.opts.listeners,
		UnixSocket:  files.OpenFlowSocket(d.opts.name),
		Auxiliaries: d.opts.auxiliaries,
		Log:         d.log,

		Experimenters: map[uint32]openflow.Experimenter{bsn.ID: d.extensions()},
	}
}

func (d *daemon) openSessions() error {
	// The server lives until Close, which flushes what is queued; the context
	// must not end before.
	if err := d.server.Start(context.Background()); err != nil {
		return err
	}
	d.onClose(func() error { d.server.Close(); return nil })
	return nil
}

func (d *daemon) openControl(files control.RunDir) (err error) {
	if d.control, err = control.Listen(files.Socket(d.opts.name)); err != nil {
		return err
	}
	d.onClose(func() error { d.control.Close(); return nil })
	return nil
}

// errDatapathGone ends the daemon: whoever supervises it starts it again, with
// a datapath of its own.
var errDatapathGone = errors.New("another program removed the datapath; start ivs again to make a new one")
