package differential

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

var (
	seed     = flag.Uint64("seed", 1, "of the scenarios")
	first    = flag.Uint64("first", 0, "number of the first scenario")
	duration = flag.Duration("duration", 30*time.Second, "how long to go on")
	datapath = flag.String("datapath", "userspace", "of ivs: userspace or kernel")
	packets  = flag.Int("packets", 0, "how many frames to send, whatever the duration; 0 means as many as there is time for")
)

// TestAgainstOpenVSwitch plays scenarios to both switches until one differs.
func TestAgainstOpenVSwitch(t *testing.T) {
	p := newPair(t)
	begin, n := time.Now(), *first
	for ; p.more(begin); n++ {
		s := newScenario(*seed, n)
		d, err := p.run(s, framesEach)
		if err != nil {
			t.Fatalf("-seed %d -first %d: %v", *seed, n, err)
		}
		if d != nil {
			s, d = p.shrink(s, d)
			t.Fatalf("-seed %d -first %d: the switches differ\n%v\n%v", *seed, n, s, d)
		}
	}
	t.Logf("-seed %d: agreed on %d scenarios, %d frames in, %d frames out, %d packet-ins, in %v",
		*seed, n-*first, p.sent, p.received, p.heard, time.Since(begin).Round(time.Second))
}

// more reports whether there is more to do.
func (p *pair) more(begin time.Time) bool {
	if *packets > 0 {
		return p.sent < *packets
	}
	return time.Since(begin) < *duration
}

// newPair starts both switches, or skips the test.
func newPair(t *testing.T) *pair {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, for network namespaces")
	}
	for _, name := range []string{"ip", "ethtool", "ovs-vswitchd", "ovsdb-server", "ovs-ofctl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s: %v", name, err)
		}
	}
	far := newNamespace(t)
	p := &pair{ivs: startIvs(t, binaries(t), far), ovs: startOVS(t, far), grace: answerLimit}
	for _, s := range []*target{p.ivs, p.ovs} {
		if _, err := s.ofctl("", "add-meter", anyMeter); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// anyMeter lets all pass that the test sends.
const anyMeter = "meter=1,pktps,band=type=drop,rate=1000000"

// binaries is the directory that has ivs: IVS_BIN, or else it is compiled.
func binaries(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("IVS_BIN"); dir != "" {
		return dir
	}
	dir := t.TempDir()
	if out, err := exec.Command("../../build/binaries", dir).CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("build/binaries: %w: %s", err, out))
	}
	return dir
}
