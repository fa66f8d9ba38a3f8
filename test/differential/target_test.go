package differential

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ports is how many ports each switch has, numbered from 1.
const ports = 4

// target is a switch under test and the far ends of its cables.
type target struct {
	name   string
	space  *namespace // where it runs
	dir    string     // all its files
	socket string     // its OpenFlow socket, for ovs-ofctl
	main   *process
	cables *cables

	listener *listener

	// settle has the switch forget what it has cached, if it does not see to
	// that itself before it answers a barrier.
	settle func() error
}

// newTarget makes the place for a switch: a namespace with ports p1, p2...
func newTarget(t *testing.T, name string, far *namespace) *target {
	t.Helper()
	dir, err := os.MkdirTemp("", "ivs-diff") // a short path: it holds unix sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &target{name: name, space: newNamespace(t), dir: dir, settle: func() error { return nil }}
	s.space.mustRun(t, nil, "", "ip", "link", "set", "lo", "up")
	var ends []string
	for i := 1; i <= ports; i++ {
		end, port := fmt.Sprint(name, i), fmt.Sprint("p", i)
		ends = append(ends, end)
		s.space.mustRun(t, nil, fmt.Sprintf("link add %s type veth peer name %s netns %s\nlink set %[1]s up\n",
			port, end, far.Path()), "ip", "-batch", "-")
		far.mustRun(t, nil, "", "ip", "link", "set", end, "up")
		// What is compared is what the switch wrote, so no one else may complete it.
		s.space.mustRun(t, nil, "", "ethtool", "-K", port, "tx", "off", "rx", "off", "sg", "off", "tso", "off", "gso", "off", "gro", "off")
		far.mustRun(t, nil, "", "ethtool", "-K", end, "tx", "off", "rx", "off", "gro", "off")
		await(t, end+" has a carrier", func() bool { return far.Running(end) && s.space.Running(port) })
	}
	s.cables = openCables(t, far, ends)
	return s
}

// startIvs starts ivs, on its embedded datapath unless -datapath says otherwise.
func startIvs(t *testing.T, bin string, far *namespace) *target {
	t.Helper()
	s := newTarget(t, "ivs", far)
	s.socket = filepath.Join(s.dir, "ivs.openflow.sock")
	args := []string{"--name", "ivs", "--dpid", "00000000000000aa", "--datapath", *datapath, "--listen", openflowAddress}
	for i := 1; i <= ports; i++ {
		args = append(args, "-i", fmt.Sprint("p", i))
	}
	env := []string{"IVS_RUNDIR=" + s.dir, "INDIGO_BENCHMARK=1"} // no limit of packet-ins
	s.main = s.space.spawn(t, s.dir, env, filepath.Join(bin, "ivs"), args...)
	s.awaitReady(t)
	s.listener = listen(t, s.space, openflowAddress)
	return s
}

// openflowAddress is where each switch listens, in its own namespace.
const openflowAddress = "127.0.0.1:6653"

// startOVS starts a private Open vSwitch with its userspace datapath. It parses
// two tags, as ivs does. Its megaflows are off: they have faults of their own.
func startOVS(t *testing.T, far *namespace) *target {
	t.Helper()
	s := newTarget(t, "ovs", far)
	s.socket = filepath.Join(s.dir, "br0.mgmt")
	var env []string
	for _, v := range []string{"RUNDIR", "DBDIR", "LOGDIR", "SYSCONFDIR"} {
		env = append(env, "OVS_"+v+"="+s.dir)
	}
	db, ctl := "unix:"+s.dir+"/db.sock", s.dir+"/vswitchd.ctl"
	s.space.mustRun(t, env, "", "ovsdb-tool", "create", s.dir+"/conf.db", "/usr/share/openvswitch/vswitch.ovsschema")
	s.space.spawn(t, s.dir, env, "ovsdb-server", s.dir+"/conf.db", "--remote=p"+db, "--unixctl="+s.dir+"/ovsdb.ctl")
	await(t, "ovsdb-server listens", func() bool { return accepts(s.dir + "/db.sock") })
	vsctl := []string{"--db=" + db, "--timeout=15"}
	s.space.mustRun(t, env, "", "ovs-vsctl", append(vsctl, "--no-wait", "init")...)
	s.main = s.space.spawn(t, s.dir, env, "ovs-vswitchd", db, "--unixctl="+ctl)

	setup := "set open_vswitch . other_config:vlan-limit=2 -- add-br br0 -- set bridge br0" +
		" datapath_type=netdev protocols=OpenFlow13 fail_mode=secure other-config:disable-in-band=true" +
		" -- set-controller br0 ptcp:6653:127.0.0.1"
	for i := 1; i <= ports; i++ {
		setup += fmt.Sprintf(" -- add-port br0 p%d -- set interface p%[1]d ofport_request=%[1]d", i)
	}
	s.space.mustRun(t, env, "", "ovs-vsctl", append(vsctl, strings.Fields(setup)...)...)
	s.awaitReady(t)
	s.space.mustRun(t, env, "", "ovs-appctl", "-t", ctl, "upcall/disable-megaflows")
	s.listener = listen(t, s.space, openflowAddress)
	// By itself, and by any other SET_CONFIG, it hides a first fragment's ports.
	if _, err := s.ofctl("", "set-frags", "nx-match"); err != nil {
		t.Fatal(err)
	}
	// Its barrier's answer precedes the flush of its cache.
	s.settle = func() error {
		_, err := s.space.run(env, "", "ovs-appctl", "-t", ctl, "revalidator/purge")
		return err
	}
	return s
}

// accepts reports whether a unix socket takes connections: there it is a little
// earlier.
func accepts(path string) bool {
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
	}
	return err == nil
}

// ofctl runs an ovs-ofctl command on the switch. Where the machine is busy it may
// not connect at once.
func (s *target) ofctl(input, command string, args ...string) (out string, err error) {
	line := append([]string{"-O", "OpenFlow13", command, "unix:" + s.socket}, args...)
	for range 3 {
		out, err = s.space.run(nil, input, "ovs-ofctl", line...)
		if err == nil || !strings.Contains(out, "failed to connect") {
			break
		}
	}
	return out, err
}

// awaitReady waits until the switch has all its ports.
func (s *target) awaitReady(t *testing.T) {
	t.Helper()
	await(t, s.name+" has its ports", func() bool {
		if s.main.ended() {
			t.Fatalf("%s has ended", s.name)
		}
		out, err := s.ofctl("", "dump-ports-desc")
		return err == nil && strings.Count(out, "(p") == ports
	})
}

// apply runs flow-mods and group-mods, in the words of ovs-ofctl's files, and waits until the
// switch obeys.
func (s *target) apply(mods []string) error {
	for len(mods) > 0 {
		command, n := "add-flows", slices.IndexFunc(mods, isGroupMod)
		if n == 0 {
			command, n = "add-groups", slices.IndexFunc(mods, func(mod string) bool { return !isGroupMod(mod) })
		}
		if n < 0 {
			n = len(mods)
		}
		text := strings.ReplaceAll(strings.Join(mods[:n], "\n")+"\n", groupWord, "")
		if _, err := s.ofctl(text, command, "-"); err != nil {
			return fmt.Errorf("%w\nof\n%s", err, text)
		}
		mods = mods[n:]
	}
	return s.settle()
}

// exchange sends frames and returns what comes out; see cables.
func (s *target) exchange(frames []injection) (outputs, error) {
	s.listener.forget()
	if err := s.listener.packetOuts(frames); err != nil {
		return outputs{}, fmt.Errorf("%s: %w", s.name, err)
	}
	out, err := s.cables.exchange(frames)
	if err == nil {
		err = s.listener.barrier()
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	return out, err
}
