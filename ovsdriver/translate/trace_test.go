package translate

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestTrace(t *testing.T) {
	x := newTables(t)
	x.add(0, 100, oxms(ip4, like(ofp13.OXMIPv4Dst, 0x0a000000, 0xffffff00)),
		applying(pushing(0x8100), setting(ofp13.OXMVLANVID, 0x1007)), metadata(3, 15), going(1))
	x.add(1, 5, oxms(like(ofp13.OXMMetadata, 3, 3), ip4), writing(output(2), decreasing), applying(output(99)), going(2))
	x.add(2, 0, nil, applying(output(ofp13.PortController)))
	var b strings.Builder
	if err := Trace(x.publish(), tcpKey(), &b); err != nil {
		t.Fatal(err)
	}
	want := `packet: port=1 eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 type=0x0800 ipv4 src=10.0.0.1 dst=10.0.0.2 ttl=64 proto=6 tcp src=1000 dst=80
table 0
  hit entry: priority=100 cookie=0x64
  fields: type=0x0800 ipv4 dst=10.0.0.0/255.255.255.0
  push_vlan 0x8100
  set { vlan vid=7 }
  metadata=0x3
  goto table 1
table 1
  hit entry: priority=5 cookie=0x100000005
  fields: type=0x0800 metadata=0x3/0x3
  output 99
    that port does not send
  write output 2
  write dec_nw_ttl
  goto table 2
table 2
  hit table-miss entry: priority=0 cookie=0x200000000
  fields: any
  output CONTROLLER
    packet-in: reason=0 table=2 cookie=0x200000000
  dec_nw_ttl
  output 2
`
	got, tail, _ := strings.Cut(b.String(), "mask: ")
	// The tags of an untagged frame are shown or not as the tools show them.
	got = strings.Replace(got, " vlan vid=none pcp=0", "", 1)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(tail, "actions: push-vlan { tpid=0x8100 vid=7 pcp=0 } pktin set { ip ttl=63 } output 2\n") {
		t.Errorf("it ends with %q", tail)
	}
}

func TestTraceMiss(t *testing.T) {
	x := newTables(t)
	for name, k := range map[string]*flowtable.Key{"miss, dropping": tcpKey(), "port 9 does not receive": tcpKey(flowtable.InPort, 9)} {
		var b strings.Builder
		if err := Trace(x.publish(), k, &b); err != nil || !strings.Contains(b.String(), name) {
			t.Errorf("%s: %v\n%s", name, err, &b)
		}
		if !strings.HasSuffix(b.String(), "actions: drop\n") {
			t.Errorf("%s:\n%s", name, &b)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestTraceWriteError(t *testing.T) {
	if err := Trace(newTables(t).publish(), tcpKey(), broken{}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}
