package fwd

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// packetOut sends a packet-out of a frame.
func (r *rig) packetOut(inPort uint32, frame []byte, actions ...ofp13.Action) error {
	return r.packets.PacketOut(&ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: inPort, Data: frame, Actions: actions})
}

// sent takes out how many frames left each port.
func (r *rig) sent() (n [3]int) {
	for i := range n {
		n[i] = len(r.dp.Sent(datapath.PortNo(i + 1)))
	}
	return n
}

func TestPacketOut(t *testing.T) {
	for _, c := range []struct {
		name    string
		inPort  uint32
		actions []ofp13.Action
		want    [3]int
	}{
		{"nothing", ofp13.PortController, nil, [3]int{}},
		{"a port", ofp13.PortController, []ofp13.Action{output(2)}, [3]int{0, 1, 0}},
		{"in_port 0", 0, []ofp13.Action{output(2)}, [3]int{0, 1, 0}},
		{"in_port ANY", ofp13.PortAny, []ofp13.Action{output(2)}, [3]int{0, 1, 0}},
		{"flood", ofp13.PortController, []ofp13.Action{output(ofp13.PortFlood)}, [3]int{1, 1, 1}},
		{"flood but the ingress", 2, []ofp13.Action{output(ofp13.PortFlood)}, [3]int{1, 0, 1}},
		{"all but the ingress", 2, []ofp13.Action{output(ofp13.PortAll)}, [3]int{1, 0, 1}},
		{"the ingress by number", 2, []ofp13.Action{output(2)}, [3]int{}},
		{"the ingress by IN_PORT", 2, []ofp13.Action{output(ofp13.PortInPort)}, [3]int{0, 1, 0}},
		{"tables", 1, []ofp13.Action{output(ofp13.PortTable)}, [3]int{0, 0, 1}},
		{"a port and tables", 1, []ofp13.Action{output(2), output(ofp13.PortTable)}, [3]int{0, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			// Not committed: what comes through the tables shall meet it anyway.
			r.flowMod(ofp13.FlowMod{Instructions: do(apply(output(3)))})
			if err := r.packetOut(c.inPort, frameTo(1), c.actions...); err != nil {
				t.Fatal(err)
			}
			if got := r.sent(); got != c.want {
				t.Errorf("frames out by port: %v, want %v", got, c.want)
			}
		})
	}
}

// A packet-out's in_port is what the tables see: CONTROLLER too (§7.3.7).
func TestPacketOutFromTheController(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Match: match(inPort(uint64(ofp13.PortController))), Priority: 2, Instructions: do(apply(output(1)))})
	r.flowMod(ofp13.FlowMod{Match: match(inPort(3)), Priority: 2, Instructions: do(apply(output(2)))})
	for _, from := range []uint32{ofp13.PortController, 3, 2} {
		if err := r.packetOut(from, frameTo(1), output(ofp13.PortTable)); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.sent(); got != [3]int{1, 1, 0} {
		t.Errorf("frames out by port: %v, want one by 1 and one by 2", got)
	}
}

func TestPacketOutEdits(t *testing.T) {
	r := newRig(t)
	frame := frameTo(1)
	err := r.packetOut(ofp13.PortController, frame,
		output(1),
		ofp13.Action{Type: ofp13.ActionPushVLAN, EtherType: 0x8100},
		ofp13.Action{Type: ofp13.ActionSetField, Field: ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1064)},
		output(2))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.dp.Sent(1); len(got) != 1 || !bytes.Equal(got[0], frame) {
		t.Errorf("port 1 sent %x, want the frame as it was", got)
	}
	tagged := append(append(append([]byte(nil), frame[:12]...), 0x81, 0, 0, 0x64), frame[12:]...)
	if got := r.dp.Sent(2); len(got) != 1 || !bytes.Equal(got[0], tagged) {
		t.Errorf("port 2 sent %x, want %x", got, tagged)
	}
	if !bytes.Equal(frame, frameTo(1)) {
		t.Error("the message's own bytes were edited")
	}
}

func TestPacketOutRefusals(t *testing.T) {
	r := newRig(t)
	buffered := r.packets.PacketOut(&ofp13.PacketOut{BufferID: 1, Data: frameTo(1)})
	for _, c := range []struct {
		name      string
		err       error
		typ, code uint16
	}{
		{"a buffer", buffered, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown},
		{"a port that is not there", r.packetOut(9, frameTo(1), output(1)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPort},
		{"in_port FLOOD", r.packetOut(ofp13.PortFlood, frameTo(1), output(1)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPort},
		{"13 bytes", r.packetOut(1, frameTo(1)[:13], output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPacket},
		{"no packet", r.packetOut(1, nil, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPacket},
		{"a bad action", r.packetOut(1, frameTo(1), output(2), output(0)), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"a group", r.packetOut(1, frameTo(1), ofp13.Action{Type: ofp13.ActionGroup}), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutGroup},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.err, c.typ, c.code) })
	}
	if err := r.packetOut(1, nil); err != nil { // suites try by it whether they may send packets
		t.Errorf("no packet and nothing to do with it: %v", err)
	}
	if got := r.sent(); got != [3]int{} {
		t.Errorf("refused packet-outs sent %v", got)
	}
}

func TestPacketOutTellsOfTheDatapath(t *testing.T) {
	r := newRig(t)
	gone := errors.New("the datapath is gone")
	r.packets.cfg.Execute = func([]datapath.Execution) error { return gone }
	if err := r.packetOut(1, frameTo(1), output(2)); !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
	r.packets.cfg.Execute = r.dp.Execute
	if err := r.packetOut(1, frameTo(1), output(2)); err != nil {
		t.Errorf("the error stayed: %v", err)
	}
}

func TestPacketOutToTheController(t *testing.T) {
	r := newRig(t)
	if err := r.packetOut(2, frameTo(1), output(ofp13.PortController)); err != nil {
		t.Fatal(err)
	}
	if len(r.packetIns) != 1 || r.packetIns[0].Reason != ofp13.ReasonAction || r.packetIns[0].Match.Fields[0] != inPort(2) ||
		r.packetIns[0].Cookie != ^uint64(0) { // §7.4.1: that of no entry
		t.Errorf("packet-ins %+v", r.packetIns)
	}
}

// packetIn hands up a frame from a port.
func (r *rig) packetIn(in translate.PacketIn, port uint64, bytes []byte) {
	frame := datapathtest.NewFrame(bytes)
	var key flowtable.Key
	key.Set(flowtable.InPort, port)
	key.Set(flowtable.EthType, uint64(bytes[12])<<8|uint64(bytes[13]))
	r.packets.PacketIn(&in, &key, &frame)
}

func TestPacketInSaysAll(t *testing.T) {
	r := newRig(t)
	in := translate.PacketIn{Table: 4, Reason: ofp13.ReasonAction, MaxLen: 20, Cookie: 0xc0, Metadata: 7, TunnelID: 9}
	r.packetIn(in, 3, frameTo(1))
	r.packetIn(translate.PacketIn{Reason: ofp13.ReasonNoMatch}, 2, frameTo(2))
	want := []ofp13.PacketIn{
		{
			BufferID: ofp13.NoBuffer, TotalLen: 60, Reason: ofp13.ReasonAction, TableID: 4, Cookie: 0xc0,
			Match: match(inPort(3), ofp13.NewOXM64(ofp13.OXMMetadata, 7), ofp13.NewOXM64(ofp13.OXMTunnelID, 9)),
			Data:  frameTo(1), // the whole of it, whatever max_len says: nothing is buffered
		},
		{
			BufferID: ofp13.NoBuffer, TotalLen: 60, Reason: ofp13.ReasonNoMatch,
			Match: match(inPort(2)), Data: frameTo(2),
		},
	}
	if diff := cmp.Diff(want, r.packetIns); diff != "" {
		t.Errorf("packet-ins (-want +got):\n%s", diff)
	}
}

// OFPPC_NO_PACKET_IN is about table misses only (§7.2.1).
func TestNoPacketIn(t *testing.T) {
	r := newRig(t)
	r.tables.SetPorts(translate.NewPortSet([]translate.Port{{No: 1, Config: ofp13.PortConfigNoPacketIn}, {No: 2}}))
	r.settle()
	r.packetIn(translate.PacketIn{Reason: ofp13.ReasonNoMatch}, 1, frameTo(1))
	r.packetIn(translate.PacketIn{Reason: ofp13.ReasonAction}, 1, frameTo(1))
	r.packetIn(translate.PacketIn{Reason: ofp13.ReasonNoMatch}, 2, frameTo(1))
	if c := r.packets.Counters(); c.Sent != 2 || c.Disabled != 1 {
		t.Errorf("%+v, want two sent and one disabled", c)
	}
}

// A packet that had waited while its port was taken away must not reach
// controllers after the PORT_STATUS that told them so.
func TestNoPacketInFromAPortThatIsGone(t *testing.T) {
	r := newRig(t)
	r.packetIn(translate.PacketIn{}, 1, frameTo(1))
	r.packetIn(translate.PacketIn{}, uint64(ofp13.PortController), frameTo(1)) // of a packet-out
	r.tables.SetPorts(translate.NewPortSet([]translate.Port{{No: 2}}))
	r.tables.Publish()
	r.packetIn(translate.PacketIn{}, 1, frameTo(1))
	if c := r.packets.Counters(); c.Sent != 2 || c.Gone != 1 {
		t.Errorf("%+v, want 2 packet-ins sent, and one of a port that is gone", c)
	}
}

func TestPacketInLimits(t *testing.T) {
	lldp := frameTo(1)
	lldp[12], lldp[13] = 0x88, 0xcc
	r := newRig(t)
	for range 100 {
		r.packetIn(translate.PacketIn{}, 1, frameTo(1))
	}
	if c := r.packets.Counters(); c.Sent != 32 || c.Limited != 68 {
		t.Errorf("%+v, want a burst of 32 sent and 68 limited", c)
	}
	r.packetIn(translate.PacketIn{}, 1, lldp)
	if c := r.packets.Counters(); c.Sent != 33 {
		t.Error("LLDP was held back")
	}
	r.now += int64(3 * time.Millisecond)
	r.packetIn(translate.PacketIn{}, 1, frameTo(1))
	if c := r.packets.Counters(); c.Sent != 34 {
		t.Error("nothing was sent after 3 ms")
	}
	r.packets.cfg.Unlimited = true
	for range 100 {
		r.packetIn(translate.PacketIn{}, 1, frameTo(1))
	}
	if c := r.packets.Counters(); c.Sent != 134 {
		t.Errorf("%+v, want all sent without a limit", c)
	}
}

// Packets that no controller wants to hear of take no token, no meter's and no
// buffer from others.
func TestUnwantedPacketIns(t *testing.T) {
	r := newBufferRig(t, 1)
	r.packets.cfg.Unlimited = false
	s := newMeters(r)
	s.must(t, packetMeter(ofp13.MeterController, 1, 1))
	r.unwanted = 1<<ofp13.ReasonNoMatch | 1<<ofp13.ReasonInvalidTTL
	for range 100 {
		r.packetIn(translate.PacketIn{Reason: ofp13.ReasonInvalidTTL}, 1, frameTo(1))
		r.packetIn(translate.PacketIn{Reason: ofp13.ReasonNoMatch, MaxLen: 10}, 1, frameTo(1))
	}
	if c := r.packets.Counters(); c != (PacketInCounters{Unwanted: 200}) || len(r.packetIns) != 0 {
		t.Errorf("%+v and %d messages, want 200 frames unwanted and nothing else", c, len(r.packetIns))
	}
	if got := s.read(t, ofp13.MeterController); got[0].PacketInCount != 0 {
		t.Errorf("the meter counts %d packets, want none", got[0].PacketInCount)
	}
	if len(r.packets.limiter.ports) != 0 {
		t.Error("tokens were taken")
	}
	if m := r.buffered(1, 10, frameTo(1)); m.BufferID == ofp13.NoBuffer || len(m.Data) != 10 {
		t.Errorf("buffer %#x, %d bytes; want the only one, and 10", m.BufferID, len(m.Data))
	}
}

func TestPacketInCompletesFrames(t *testing.T) {
	r := newRig(t)
	// A UDP datagram whose checksum is left to the device.
	frame := append(frameTo(1)[:12], 8, 0,
		0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0, 7, 0, 7, 0, 12, 0x14, 0x20, 1, 2, 3, 4) // 0x1420: the pseudo header's sum
	f := datapathtest.NewFrame(frame)
	f.Offload = datapath.Offload{Flags: datapath.OffloadNeedsCsum, CsumStart: 34, CsumOffset: 6}
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	r.packets.PacketIn(&translate.PacketIn{}, &key, &f)
	if len(r.packetIns) != 1 {
		t.Fatalf("%d packet-ins, want 1", len(r.packetIns))
	}
	got := r.packetIns[0].Data
	sum := uint32(0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + 12) // the pseudo header
	for i := 34; i < len(got); i += 2 {
		sum += uint32(got[i])<<8 | uint32(got[i+1])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	if sum != 0xffff {
		t.Errorf("checksum of %x does not hold", got[34:])
	}
}

func TestPacketInDropsWhatNobodyCanComplete(t *testing.T) {
	r := newRig(t)
	f := datapathtest.NewFrame(frameTo(1))
	f.Offload = datapath.Offload{GSOType: datapath.GSOTCPv4, GSOSize: 1000} // but it is no TCP
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	r.packets.PacketIn(&translate.PacketIn{}, &key, &f)
	if c := r.packets.Counters(); c.Sent != 0 || c.Bad != 1 {
		t.Errorf("%+v, want one bad frame", c)
	}
}

func TestPacketInAllocs(t *testing.T) {
	r := newRig(t)
	r.packets.cfg.Unlimited = true
	r.packets.cfg.PacketIn = func(*ofp13.PacketIn) {}
	frame := datapathtest.NewFrame(frameTo(1))
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	in := translate.PacketIn{Metadata: 1, TunnelID: 2}
	if n := testing.AllocsPerRun(1000, func() { r.packets.PacketIn(&in, &key, &frame) }); n != 0 {
		t.Errorf("PacketIn allocates %v times, want 0", n)
	}
}

func TestTrace(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	r.settle()
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	var text strings.Builder
	if err := r.tables.Trace(&key, &text); err != nil || text.Len() == 0 {
		t.Errorf("trace %q, %v", text.String(), err)
	}
}
