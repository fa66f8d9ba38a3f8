package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// contender is a switch to be measured.
type contender struct {
	key, title string
	start      func(*lab) (*forwarder, error)
}

// forwarder is a contender at work: what enters at p1 leaves at p2, and the
// other way round.
type forwarder struct {
	main   *program // whose memory counts
	target string   // where ovs-ofctl finds it; "" if it speaks no OpenFlow
	stop   func()
}

// ofctl runs ovs-ofctl COMMAND TARGET ARGS...
func (f *forwarder) ofctl(l *lab, command string, args ...string) error {
	_, err := l.output("ovs-ofctl", append([]string{"-O", "OpenFlow13", command, f.target}, args...)...)
	return err
}

// connect waits until the switch answers and gives it its two flows.
func (f *forwarder) connect(l *lab, programs ...*program) error {
	if err := l.await("the switch", func() error { return f.ofctl(l, "show") }, programs...); err != nil {
		return err
	}
	for _, flow := range []string{"priority=1,in_port=1,actions=output:2", "priority=1,in_port=2,actions=output:1"} {
		if err := f.ofctl(l, "add-flow", flow); err != nil {
			return err
		}
	}
	return nil
}

// doNothing is afforward.
func doNothing(bin string) contender {
	return contender{"forwarder", "do-nothing forwarder", func(l *lab) (*forwarder, error) {
		p, err := l.start(l.sw, nil, filepath.Join(bin, "afforward"), "p1", "p2")
		if err != nil {
			return nil, err
		}
		return &forwarder{main: p, stop: p.stop}, nil
	}}
}

// ivs runs on one of its datapaths.
func ivs(bin, datapath string, env ...string) contender {
	return contender{"ivs", "ivs", func(l *lab) (*forwarder, error) {
		p, err := l.start(l.sw, env, filepath.Join(bin, "ivs"), "-i", "p1", "-i", "p2", "--datapath="+datapath)
		if err != nil {
			return nil, err
		}
		f := &forwarder{main: p, target: "unix:" + filepath.Join(l.dir, "ivs.openflow.sock"), stop: p.stop}
		if err := f.connect(l, p); err != nil {
			f.stop()
			return nil, err
		}
		return f, nil
	}}
}

// openVSwitch runs Debian's Open vSwitch apart from the system's, on its
// datapath of this type: "netdev" or "system".
func openVSwitch(datapathType string, prepare ...func(*lab, *forwarder) error) contender {
	return contender{"openvswitch", "Open vSwitch" + ovsVersion(), func(l *lab) (*forwarder, error) {
		for try := 1; ; try++ {
			o := &ovs{lab: l}
			f, err := o.start(datapathType)
			for _, step := range prepare {
				if err == nil {
					err = step(l, f)
				}
			}
			if err == nil {
				return f, nil
			}
			o.stop()
			if !errors.Is(err, errDeaf) || try == 5 {
				return nil, err
			}
			fmt.Fprintln(os.Stderr, "    Open vSwitch answers no upcall; starting it again")
		}
	}}
}

// ovsVersion is " 3.1.0" or the like, nothing if it can't be had.
func ovsVersion() string {
	out, _ := exec.Command("ovs-vswitchd", "--version").Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return line[max(0, strings.LastIndexByte(line, ' ')):]
}

// ovs is the two daemons that make one Open vSwitch.
type ovs struct {
	lab      *lab
	database *program
	switchd  *program
}

func (o *ovs) path(name string) string { return filepath.Join(o.lab.dir, name) }

func (o *ovs) start(datapathType string) (*forwarder, error) {
	l, socket := o.lab, "unix:"+o.path("db.sock")
	os.Remove(o.path("conf.db")) // a former start's
	_, err := l.output("ovsdb-tool", "create", o.path("conf.db"), "/usr/share/openvswitch/vswitch.ovsschema")
	if err != nil {
		return nil, err
	}
	o.database, err = l.start(l.sw, nil, "ovsdb-server", o.path("conf.db"), "--remote=p"+socket,
		"--unixctl="+o.path("ovsdb.ctl"), "-vconsole:off")
	if err != nil {
		return nil, err
	}
	err = l.await("ovsdb-server", func() error { _, err := os.Stat(o.path("db.sock")); return err }, o.database)
	if err != nil {
		return nil, err
	}
	vsctl := func(args ...string) error {
		_, err := l.output("ovs-vsctl", append([]string{"--db=" + socket, "--timeout=20"}, args...)...)
		return err
	}
	if err := vsctl("--no-wait", "init"); err != nil {
		return nil, err
	}
	o.switchd, err = l.start(l.sw, nil, "ovs-vswitchd", socket, "--unixctl="+o.path("switchd.ctl"), "-vconsole:off", "--log-file="+o.path("switchd.log"))
	if err != nil {
		return nil, err
	}
	if err := vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type="+datapathType, "protocols=OpenFlow13",
		"fail_mode=secure", "--", "add-port", "br0", "p1", "--", "set", "interface", "p1", "ofport_request=1",
		"--", "add-port", "br0", "p2", "--", "set", "interface", "p2", "ofport_request=2"); err != nil {
		return nil, fmt.Errorf("configure: %w", err)
	}
	f := &forwarder{main: o.switchd, target: "unix:" + o.path("br0.mgmt"), stop: o.stop}
	return f, f.connect(l, o.switchd)
}

// appctl gives ovs-vswitchd a command.
func appctl(l *lab, args ...string) error {
	_, err := l.output("ovs-appctl", append([]string{"-t", filepath.Join(l.dir, "switchd.ctl")}, args...)...)
	return err
}

// stop has the daemon remove its devices and datapath, which it otherwise
// leaves behind.
func (o *ovs) stop() {
	if o.switchd != nil {
		_ = appctl(o.lab, "exit", "--cleanup") // else a signal ends it
		o.switchd.stop()
	}
	if o.database != nil {
		o.database.stop()
	}
}
