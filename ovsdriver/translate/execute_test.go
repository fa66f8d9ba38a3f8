package translate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// plain is a frame of 18 bytes; addresses tell edits.
func plain() *datapath.Frame {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34, 'd', 'a', 't', 'a'}
	f := &datapath.Frame{Buf: make([]byte, 200), Start: datapath.Headroom}
	f.End = f.Start + copy(f.Buf[f.Start:], b)
	return f
}

// ipFrame is an IPv4 packet of no protocol with this TTL.
func ipFrame(ttl byte) *datapath.Frame {
	f := framed([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,
		0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59, 0x66, 0xac, 10, 0, 0, 1, 10, 0, 0, 2})
	must(packet.Edit(f, &datapath.Act{Kind: datapath.Set, Field: flowtable.IPTTL, Value: uint64(ttl)}))
	return f
}

// dsts is outputs as a port and the last byte of the frame's destination.
func dsts(out []string) string {
	var short []string
	for _, s := range out {
		port, hex, _ := strings.Cut(s, ": ")
		short = append(short, port+":"+hex[10:12])
	}
	return strings.Join(short, " ")
}

func packetOut(t *testing.T, v *View, inPort uint32, list ...ofp13.Action) (out, in string) {
	t.Helper()
	p, err := CompileActions(list)
	if err != nil {
		t.Fatal(err)
	}
	var x Executor
	sink := &recorder{t: t, features: v.Features()}
	f := plain()
	var k flowtable.Key
	packet.Parse(f, datapath.PortNo(inPort), &k)
	x.PacketOut(v, p, &k, f, 1, sink)
	sink.flush()
	return dsts(sink.out), fmt.Sprint(len(sink.in))
}

func TestPacketOut(t *testing.T) {
	dst := func(v uint64) ofp13.Action { return setting(ofp13.OXMEthDst, v) }
	table := output(ofp13.PortTable)
	x := newTables(t)
	x.add(0, 1, nil, applying(output(3), dst(9), output(4)))
	x.add(0, 2, oxms(is(ofp13.OXMEthDst, 7)), applying(output(ofp13.PortController)))
	v := x.publish()
	tests := []struct {
		name    string
		inPort  uint32
		actions []ofp13.Action
		out, in string
	}{
		{"nothing", 1, nil, "", "0"},
		{"output", ofp13.PortController, []ofp13.Action{output(2)}, "2:01", "0"},
		{"all but the ingress port", 2, []ofp13.Action{output(ofp13.PortAll)}, "1:01 3:01 4:01 4294967294:01", "0"},
		{"all", ofp13.PortController, []ofp13.Action{output(ofp13.PortAll)}, "1:01 2:01 3:01 4:01 4294967294:01", "0"},
		{"in_port", 2, []ofp13.Action{output(ofp13.PortInPort)}, "2:01", "0"},
		{"in_port of no port", ofp13.PortController, []ofp13.Action{output(ofp13.PortInPort)}, "", "0"},
		{"edits between", 1, []ofp13.Action{output(2), dst(5), output(3), output(4), dst(6), output(2)}, "2:01 3:05 4:05 2:06", "0"},
		{"table", ofp13.PortController, []ofp13.Action{table}, "3:01 4:09", "0"},
		{"table, port 0", 0, []ofp13.Action{table}, "3:01 4:09", "0"},
		{"table, any", ofp13.PortAny, []ofp13.Action{table}, "3:01 4:09", "0"},
		{"the table's edits are its own", 1, []ofp13.Action{dst(5), table, output(2), dst(7), table, output(2)}, "3:05 4:09 2:05 2:07", "1"},
		{"controller", 1, []ofp13.Action{output(ofp13.PortController), output(2)}, "2:01", "1"},
		{"queues", 2, []ofp13.Action{queueing(16), output(3), output(1), dst(5), output(2), output(4), queueing(0), output(1)},
			"3/80010010:01 1/10010:01 4/10010:05 1:05", "0"},
		{"queue before table", 1, []ofp13.Action{queueing(16), table, output(3)}, "3/80010010:01 4/10010:09 3/80010010:01", "0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, in := packetOut(t, v, test.inPort, test.actions...)
			if out != test.out || in != test.in {
				t.Errorf("got %q and %s packet-ins, want %q and %s", out, in, test.out, test.in)
			}
		})
	}
}

// A packet whose way ends in a packet-out's list is output no more, and not to
// TABLE either; one whose way ends in the tables is.
func TestPacketOutEnds(t *testing.T) {
	table := output(ofp13.PortTable)
	dst := setting(ofp13.OXMEthDst, 9)
	grow := slices.Repeat([]ofp13.Action{pushing(0x8100)}, 90) // which the frame's buffer has no room for
	long := slices.Repeat([]ofp13.Action{dst}, maxActions)
	for _, tt := range []struct {
		name    string
		list    []ofp13.Action
		out, in string
	}{
		{"TTL of IP", []ofp13.Action{output(2), decreasing, table, output(3)}, "2:01", "[2]"},
		{"behind TABLE", []ofp13.Action{table, output(3), decreasing, table, output(3)}, "3:01", "[2 2]"},
		{"in a bucket", []ofp13.Action{grouping(1), output(3)}, "3:01", "[2]"},
		{"in a bucket before TABLE", []ofp13.Action{grouping(1), settingTTL(9), table, output(3)}, "4:01 3:01", "[2]"},
		{"too many actions", append(long, table, output(3)), "", "[]"},
		{"no room", append(grow, table, output(3)), "", "[]"},
	} {
		x := newTables(t)
		x.group(ofp13.GroupTypeAll, 1, weighing(0, decreasing, output(2)))
		x.add(0, 1, oxms(ip4), applying(decreasing, output(4)))
		v := x.publish()
		p, err := CompileActions(tt.list)
		if err != nil {
			t.Fatal(err)
		}
		f := ipFrame(1)
		var k flowtable.Key
		packet.Parse(f, 1, &k)
		var executor Executor
		sink := &recorder{t: t, features: v.Features()}
		executor.PacketOut(v, p, &k, f, 1, sink)
		sink.flush()
		var in []byte
		for _, s := range sink.in {
			in = append(in, s[len("reason ")]-'0')
		}
		if dsts(sink.out) != tt.out || fmt.Sprint(in) != tt.in {
			t.Errorf("%s: left by %q, packet-ins for %v; want %q, %v", tt.name, dsts(sink.out), in, tt.out, tt.in)
		}
	}
}

// Groups in packet-outs, with copies made by the datapath or here; the frame goes
// on as it was before.
func TestPacketOutGroups(t *testing.T) {
	dst := func(n uint64) ofp13.Action { return setting(ofp13.OXMEthDst, n) }
	for kind, features := range featureSets() {
		x := newTablesOn(t, features)
		x.group(ofp13.GroupTypeAll, 1, weighing(0, dst(5), output(2)), weighing(0, output(3)), weighing(0, dst(6), output(2)))
		x.group(ofp13.GroupTypeIndirect, 2, weighing(0, dst(7), grouping(1)))
		x.add(0, 1, nil, applying(grouping(2)))
		v := x.publish()
		table := output(ofp13.PortTable)
		for _, test := range []struct {
			actions []ofp13.Action
			want    string
		}{
			{[]ofp13.Action{grouping(1)}, "2:05 3:01 2:06"},
			{[]ofp13.Action{grouping(2), output(3)}, "2:05 3:07 2:06 3:01"},
			{[]ofp13.Action{dst(9), grouping(1), output(3), dst(8), output(2)}, "2:05 3:09 2:06 3:09 2:08"},
			{[]ofp13.Action{dst(9), table, grouping(1)}, "2:05 3:07 2:06 2:05 3:09 2:06"},
		} {
			if out, _ := packetOut(t, v, ofp13.PortController, test.actions...); out != test.want {
				t.Errorf("%s: got %q, want %q", kind, out, test.want)
			}
		}
	}
}

// A packet-out's own actions count nowhere; through the tables it counts once.
func TestPacketOutCredits(t *testing.T) {
	x := newTables(t)
	e := x.add(0, 1, nil, applying(output(3)))
	v := x.publish()
	packetOut(t, v, 1, output(2))
	packetOut(t, v, 1, output(ofp13.PortTable), output(2))
	if packets, bytes, _ := e.Stats.Read(); packets != 1 || bytes != 18 {
		t.Errorf("%d packets, %d bytes", packets, bytes)
	}
}

// Each way of a packet-out's through the tables counts what its own meters pass.
func TestPacketOutCreditsBehindMeters(t *testing.T) {
	x := newTables(t)
	x.view.SetMeters(testMeters(&anything), nil)
	x.add(0, 1, nil, metering(passing), going(1))
	x.add(0, 2, oxms(is(ofp13.OXMEthDst, 9)), metering(dropping), going(2))
	x.add(1, 1, nil, applying(output(ofp13.PortController)))
	behind := x.add(2, 1, nil, applying(output(ofp13.PortController)))
	table := output(ofp13.PortTable)
	_, in := packetOut(t, x.publish(), 1, table, setting(ofp13.OXMEthDst, 9), table)
	if packets, _, _ := behind.Stats.Read(); packets != 0 || in != "1" {
		t.Errorf("%d packets counted behind a meter that drops, %s packet-ins; want 0 and 1", packets, in)
	}
}

// More copies than there are buffers: the sink has to execute in between.
func TestExecutorFull(t *testing.T) {
	f := anything
	f.Acts = 1 << datapath.Output
	x := newTablesOn(t, f)
	var list []ofp13.Action
	var want []string
	for i := range 3 * maxCopies {
		list = append(list, setting(ofp13.OXMEthDst, uint64(i)), output(2))
		want = append(want, fmt.Sprintf("2:%02x", i))
	}
	x.add(0, 1, nil, applying(list...))
	v := x.publish()
	var ex Executor
	sink := &recorder{t: t, features: v.Features()}
	for range 10 {
		frame := plain()
		var k flowtable.Key
		packet.Parse(frame, 1, &k)
		sink.out = nil
		ex.Packet(v, &k, frame, 1, sink)
		sink.flush()
		ex.Reset()
		if got := dsts(sink.out); got != strings.Join(want, " ") {
			t.Fatalf("got %s", got)
		}
	}
	if sink.fulls < 10*2 {
		t.Errorf("full %d times", sink.fulls)
	}
}

// A frame whose buffer has no room ends where it is, and is counted.
func TestExecutorNoRoom(t *testing.T) {
	f := anything
	f.Acts = 1 << datapath.Output
	x := newTablesOn(t, f)
	x.add(0, 1, nil, applying(output(2), pushing(0x8100), output(3)))
	frame := plain()
	frame.Buf = frame.Buf[frame.Start:frame.End]
	frame.Start, frame.End = 0, len(frame.Buf)
	v := x.publish()
	var ex Executor
	sink := &recorder{t: t, features: v.Features()}
	var k flowtable.Key
	packet.Parse(frame, 1, &k)
	ex.Packet(v, &k, frame, 1, sink)
	sink.flush()
	if dsts(sink.out) != "2:01" || ex.Failed != 1 {
		t.Errorf("out %q, %d failed", dsts(sink.out), ex.Failed)
	}
}

// nowhere is a Sink that forgets.
type nowhere struct{ frames, packetIns int }

func (s *nowhere) Execute(datapath.Execution)                          { s.frames++ }
func (s *nowhere) PacketIn(*PacketIn, *flowtable.Key, *datapath.Frame) { s.packetIns++ }
func (s *nowhere) Full()                                               {}

func TestExecutorAllocs(t *testing.T) {
	for name, features := range featureSets() {
		x := newTablesOn(t, features)
		x.group(ofp13.GroupTypeAll, 1, weighing(0, setting(ofp13.OXMEthDst, 6), output(2)), weighing(0, output(3)))
		x.add(0, 1, nil, applying(output(2), setting(ofp13.OXMEthDst, 5), grouping(1), queueing(16), output(3), output(ofp13.PortController),
			pushing(0x8100), output(4), popping, output(ofp13.PortAll)))
		v := x.publish()
		var ex Executor
		var sink nowhere
		frame := plain()
		var k flowtable.Key
		packet.Parse(frame, 1, &k)
		run := func() {
			ex.Packet(v, &k, frame, 1, &sink)
			ex.Reset()
		}
		for range 2 * maxCopies {
			run()
		}
		if n := testing.AllocsPerRun(1000, run); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
		if sink.packetIns == 0 || sink.frames < 4 {
			t.Errorf("%s: %+v", name, sink)
		}
	}
}
