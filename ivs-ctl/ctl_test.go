package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noKernel is a kernel with the datapaths that a test gives it.
type noKernel map[string]control.Status

func (k noKernel) has(name string) bool { _, ok := k[name]; return ok }

func (k noKernel) datapaths() (all []control.Status) {
	for _, s := range k {
		all = append(all, s)
	}
	return all
}

func (k noKernel) writeFlows(name string, w io.Writer) error {
	_, err := fmt.Fprintf(w, "flows of %s\n", name)
	return err
}

func (k noKernel) remove(name string) error { delete(k, name); return nil }

// daemon is a Backend that remembers what it was asked.
type daemon struct {
	status control.Status
	asked  []string
}

func (d *daemon) Status() func() control.Status {
	status := d.status
	return func() control.Status { return status }
}

func (d *daemon) AddPort(r control.PortRequest) (control.PortReply, error) {
	d.asked = append(d.asked, fmt.Sprintf("add %s internal=%t", r.Name, r.Internal))
	if r.Name == "missing0" {
		return control.PortReply{}, errors.New("interface missing0: no such network interface")
	}
	return control.PortReply{Number: 3}, nil
}

func (d *daemon) DeletePort(name string) error { d.asked = append(d.asked, "delete "+name); return nil }

func (d *daemon) Flows() func(io.Writer) error {
	return func(w io.Writer) error {
		io.WriteString(w, "port=1 -> output 2 (7 pkts, 686 bytes)\n")
		return nil
	}
}

func (d *daemon) Trace(port uint32, lines chan<- string) (func(), error) {
	if port == 77 {
		return nil, errors.New("there is no port 77")
	}
	lines <- fmt.Sprintf("packet on port %d\n", port)
	return func() {}, nil
}

func (d *daemon) Stop() { d.asked = append(d.asked, "stop") }

// serve runs a daemon of this name until the test ends.
func serve(t *testing.T, dir control.RunDir, d *daemon) {
	t.Helper()
	srv, err := control.Listen(dir.Socket(d.status.Name))
	if err != nil {
		t.Fatal(err)
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case r := <-srv.Requests():
				r.Serve(d)
			case <-end:
				return
			}
		}
	}()
	t.Cleanup(func() { close(end); <-ended; srv.Close() })
}

func run(dir control.RunDir, k kernelView, line string) (string, error) {
	var out bytes.Buffer
	cmd := newCommand(dir, k)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(strings.Fields(line))
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

func TestShowWithNothingRunning(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	if err := os.WriteFile(dir.Socket("dead"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(dir, noKernel{}, "show"); err != nil || out != "" {
		t.Errorf("show: %q, %v", out, err)
	}
}

func TestShow(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	serve(t, dir, &daemon{status: control.Status{
		Name: "ivs", Datapath: "kernel", DPID: "0000000000000001", Version: "1", Hit: 1, Missed: 13, Lost: 6, Flows: 1,
		Ports: []control.Port{
			{Number: 0, Name: "ivs", Kind: "internal"},
			{Number: 1, Name: "v0", Rx: control.Counters{Packets: 8, Bytes: 648, Errors: 1, Dropped: 2}},
			{Number: 2, Name: "v1", Missing: true},
		},
		Controllers: []control.Controller{{Address: "127.0.0.1:6653", Role: "master", Connected: true}, {Address: "127.0.0.1:6653", Role: "master", Connected: true, Auxiliary: 1}, {Address: "[::1]:6653"}},
		Counters:    map[string]uint64{"b": 2, "a": 1},
	}})
	orphan := noKernel{"s1": {Name: "s1", Datapath: "kernel"}, "ivs": {Name: "ivs", Datapath: "kernel"}}
	want := `ivs:
  kernel lookups: hit=1 missed=13 lost=6
  kernel flows=1
  ports:
    0 ivs (internal)
      rx: packets=0 bytes=0 errors=0 dropped=0
      tx: packets=0 bytes=0 errors=0 dropped=0
    1 v0
      rx: packets=8 bytes=648 errors=1 dropped=2
      tx: packets=0 bytes=0 errors=0 dropped=0
    2 v1 (missing)
`
	tail := `s1:
  kernel lookups: hit=0 missed=0 lost=0
  kernel flows=0
  ports:
`
	if out, err := run(dir, orphan, "show"); err != nil || out != want+tail {
		t.Errorf("show: %v\n%s", err, out)
	}
	more := `  dpid=0000000000000001 version=1 masks=0
  controllers:
    127.0.0.1:6653 connected, role master
    127.0.0.1:6653 connected, role master, auxiliary 1
    [::1]:6653 not connected
  counters:
    a=1
    b=2
`
	if out, err := run(dir, orphan, "show -v"); err != nil || out != want+more+tail+"  no daemon\n" {
		t.Errorf("show -v: %v\n%s", err, out)
	}
}

func TestCommandsReachTheNamedSwitch(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	ivs := &daemon{status: control.Status{Name: "ivs", Ports: []control.Port{{Name: "ivs"}, {Name: "v0"}}}}
	s1 := &daemon{status: control.Status{Name: "s1"}}
	serve(t, dir, ivs)
	serve(t, dir, s1)
	for _, tt := range []struct{ line, out string }{
		{"add-port eth1", ""},
		{"add-port --datapath s1 s1-eth3", ""}, // as Mininet says it
		{"add-if eth2", ""},
		{"add-internal-port in0", ""},
		{"del-port --datapath s1 s1-eth3", ""},
		{"--datapath=s1 del-if x", ""},
		{"list-ports", "ivs\nv0\n"},
		{"dump-flows", "port=1 -> output 2 (7 pkts, 686 bytes)\n"},
		{"del-br", ""},
		{"del-dp --datapath s1", ""},
	} {
		if out, err := run(dir, noKernel{}, tt.line); err != nil || out != tt.out {
			t.Errorf("%s: %q, %v", tt.line, out, err)
		}
	}
	if got, want := strings.Join(ivs.asked, ", "), "add eth1 internal=false, add eth2 internal=false, add in0 internal=true, stop"; got != want {
		t.Errorf("ivs was asked: %s\nwant: %s", got, want)
	}
	if got, want := strings.Join(s1.asked, ", "), "add s1-eth3 internal=false, delete s1-eth3, delete x, stop"; got != want {
		t.Errorf("s1 was asked: %s\nwant: %s", got, want)
	}
}

func TestFailures(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	serve(t, dir, &daemon{status: control.Status{Name: "ivs"}})
	for _, tt := range []struct{ line, word string }{
		{"add-port missing0", "interface missing0: no such network interface"},
		{"add-port", "add-port wants the name of one interface, not 0 names"},
		{"add-port a b", "add-port wants the name of one interface, not 2 names"},
		{"add-port --datapath s9 eth1", "s9: no such switch is running"},
		{"dump-flows --datapath s9", "s9: no such switch is running"},
		{"frobnicate", `unknown command "frobnicate" (try help)`},
		{"trace port", "trace takes"},
		{"trace port x", `trace port "x"`},
		{"trace port -1", `unknown shorthand flag`},
		{"trace port 4294967296", `trace port "4294967296"`},
		{"trace port 77", "there is no port 77"},
		{"show --nonsense", "--nonsense"},
		{"show this", `show takes no arguments, not ["this"]`},
		{"list-ports a b", `list-ports takes no arguments, not ["a" "b"]`},
		{"dump-flows 1", "dump-flows takes no arguments"},
		{"del-br ivs", "del-br takes no arguments"},
		{"trace port 1 2", "trace takes"},
		{"trace 1", "trace takes"},
		{"help frobnicate", `unknown command "frobnicate" (try help)`},
		{"help show this", `unknown command "show this" (try help)`},
		{"--datapath= list-ports", `--datapath "": want the name of a switch`},
		{"--datapath ../ivs del-br", `--datapath "../ivs": want the name of a switch`},
	} {
		if _, err := run(dir, noKernel{}, tt.line); err == nil || !strings.Contains(err.Error(), tt.word) {
			t.Errorf("%s: error %v, want one that says %q", tt.line, err, tt.word)
		}
	}
}

func TestKernelDatapathWithoutDaemon(t *testing.T) {
	dir, k := control.RunDir(t.TempDir()), noKernel{"old": {Name: "old", Datapath: "kernel"}}
	if out, err := run(dir, k, "dump-flows --datapath old"); err != nil || out != "flows of old\n" {
		t.Errorf("dump-flows: %q, %v", out, err)
	}
	if _, err := run(dir, k, "del-br --datapath old"); err != nil || k.has("old") {
		t.Errorf("del-br: %v, still there: %t", err, k.has("old"))
	}
}

func TestHelpAndVersion(t *testing.T) {
	for line, word := range map[string]string{
		"": "add-port", "help": "add-port", "--help": "add-port", "help show": "--verbose", "trace -h": "trace [port N]",
		"help help": "COMMAND", "--version": "ivs-ctl unknown\n",
	} {
		if out, err := run(control.RunDir(t.TempDir()), noKernel{}, line); err != nil || !strings.Contains(out, word) {
			t.Errorf("ivs-ctl %s: %q, %v, want %q", line, out, err, word)
		}
	}
}

func TestTracedPort(t *testing.T) {
	for word, want := range map[string]uint32{"1": 1, "65535": 65535, "LOCAL": 0xfffffffe, "local": 0xfffffffe, "0": 0xfffffffe} {
		if got, err := tracedPort([]string{"port", word}); got != want || err != nil {
			t.Errorf("port %s is %#x, %v, want %#x", word, got, err, want)
		}
	}
	if got, err := tracedPort(nil); got != 0 || err != nil {
		t.Errorf("no port is %#x, %v, want 0 for all", got, err)
	}
}

// The kernel matches that a frame was not recirculated, in every flow. That is
// told of flows only for which it says something.
func TestRecirculationIsHidden(t *testing.T) {
	for id, want := range map[uint64]string{0: "port=1 ", 5: "recirc=0x5 port=1 "} {
		m := flowtable.Match{}
		m.Exact(flowtable.InPort, 1)
		m.Exact(flowtable.RecircID, id)
		hideDefaults(&m)
		if got := string(datapath.AppendMatch(nil, &m)); got != want {
			t.Errorf("recirculation %d: %q, want %q", id, got, want)
		}
	}
}

// What can't be written is a failure.
func TestFullDisk(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	serve(t, dir, &daemon{status: control.Status{Name: "ivs", Ports: []control.Port{{Name: "ivs"}}}})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, line := range []string{"show", "list-ports", "dump-flows"} {
		cmd := newCommand(dir, noKernel{})
		cmd.SetOut(full)
		cmd.SetArgs([]string{line})
		if err := cmd.ExecuteContext(t.Context()); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s to a full disk: %v", line, err)
		}
	}
}

func TestTraceEndsWithItsContext(t *testing.T) {
	dir := control.RunDir(t.TempDir())
	serve(t, dir, &daemon{status: control.Status{Name: "ivs"}})
	ctx, cancel := context.WithCancel(context.Background())
	cmd := newCommand(dir, noKernel{})
	cmd.SetOut(writerFunc(func(p []byte) { // the first paragraph is enough
		if string(p) != "packet on port 4\n" {
			t.Errorf("trace said %q", p)
		}
		cancel()
	}))
	cmd.SetArgs([]string{"trace", "port", "4"})
	if err := cmd.ExecuteContext(ctx); err != nil {
		t.Error(err)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }
