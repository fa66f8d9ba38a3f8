package fwd

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath/datapathtest"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// newBufferRig is newRig with n buffers.
func newBufferRig(t *testing.T, n int) *rig {
	r := newRig(t)
	r.packets.buffers = newBuffers(n)
	r.packets.cfg.Unlimited = true
	return r
}

// buffered hands a frame up and returns the packet-in.
func (r *rig) buffered(port uint64, maxLen uint16, frame []byte) ofp13.PacketIn {
	r.t.Helper()
	before := len(r.packetIns)
	r.packetIn(translate.PacketIn{Reason: ofp13.ReasonAction, MaxLen: maxLen}, port, frame)
	if len(r.packetIns) != before+1 {
		r.t.Fatalf("%d packet-ins, want one", len(r.packetIns)-before)
	}
	return r.packetIns[before]
}

// out asks for a buffered packet by a packet-out.
func (r *rig) out(id uint32, inPort uint32, actions ...ofp13.Action) error {
	return r.packets.PacketOut(&ofp13.PacketOut{BufferID: id, InPort: inPort, Actions: actions})
}

func TestBufferedPacketIn(t *testing.T) {
	frame := frameTo(1)
	for _, c := range []struct {
		name     string
		reason   uint8
		maxLen   uint16
		frame    []byte
		buffered bool
		sent     int
	}{
		{"part", ofp13.ReasonAction, 20, frame, true, 20},
		{"nothing", ofp13.ReasonAction, 0, frame, true, 0},
		{"all of a short frame", ofp13.ReasonAction, 128, frame, true, 60},
		{"table miss", ofp13.ReasonNoMatch, 30, frame, true, 30},
		{"NO_BUFFER", ofp13.ReasonAction, ofp13.ControllerMaxNoBuffer, frame, false, 60},
		{"invalid TTL, cut by each session", ofp13.ReasonInvalidTTL, ofp13.ControllerMaxNoBuffer, frame, true, 60},
		{"longest", ofp13.ReasonAction, 14, append(frameTo(1), make([]byte, bufferSize-60)...), true, 14},
		{"too long", ofp13.ReasonAction, 14, append(frameTo(1), make([]byte, bufferSize-59)...), false, bufferSize + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newBufferRig(t, 4)
			r.packetIn(translate.PacketIn{Reason: c.reason, MaxLen: c.maxLen}, 1, c.frame)
			m := r.packetIns[0]
			if got := m.BufferID != ofp13.NoBuffer; got != c.buffered {
				t.Errorf("buffer %#x, want one: %t", m.BufferID, c.buffered)
			}
			if len(m.Data) != c.sent || int(m.TotalLen) != len(c.frame) || !bytes.HasPrefix(c.frame, m.Data) {
				t.Errorf("%d of %d bytes, want %d of %d", len(m.Data), m.TotalLen, c.sent, len(c.frame))
			}
		})
	}
}

// Without buffers all packets go up whole, whatever max_len says.
func TestUnbufferedPacketIn(t *testing.T) {
	r := newBufferRig(t, 0)
	if m := r.buffered(1, 10, frameTo(1)); m.BufferID != ofp13.NoBuffer || len(m.Data) != 60 {
		t.Errorf("buffer %#x, %d bytes; want none and 60", m.BufferID, len(m.Data))
	}
	wantError(t, r.out(0, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	wantError(t, r.tables.FlowMod(complete(ofp13.FlowMod{BufferID: 7})), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	if n := len(r.flows(0)); n != 1 {
		t.Errorf("%d entries, want the one that the flow-mod added", n)
	}
}

func TestPacketOutOfBuffer(t *testing.T) {
	r := newBufferRig(t, 4)
	frame := frameTo(7)
	m := r.buffered(1, 14, frame)
	// What is refused leaves the buffer as it is.
	wantError(t, r.out(m.BufferID, 99, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBadPort)
	wantError(t, r.out(m.BufferID, 1, output(ofp13.PortNormal)), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort)
	wantError(t, r.out(m.BufferID^1<<16, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	wantError(t, r.out(m.BufferID+1, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	wantError(t, r.out(m.BufferID+1000, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	if err := r.out(m.BufferID, 1, output(2)); err != nil {
		t.Fatal(err)
	}
	if got := r.dp.Sent(2); len(got) != 1 || !bytes.Equal(got[0], frame) {
		t.Errorf("port 2 sent %x, want the whole frame", got)
	}
	wantError(t, r.out(m.BufferID, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
	wantError(t, r.tables.FlowMod(complete(ofp13.FlowMod{BufferID: m.BufferID})), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
	// No action is an action too: the packet is gone.
	m = r.buffered(1, 14, frame)
	if err := r.out(m.BufferID, 1); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.out(m.BufferID, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
}

// A flow-mod with a buffer sends the packet through the new tables, by the port
// that it came in by.
func TestFlowModOfBuffer(t *testing.T) {
	for _, c := range []struct {
		name string
		mod  ofp13.FlowMod
		want [3]int
	}{
		{"add", ofp13.FlowMod{Priority: 9, Match: match(inPort(1)), Instructions: do(apply(output(2)))}, [3]int{0, 1, 0}},
		{"add that it does not match", ofp13.FlowMod{Priority: 9, Match: match(inPort(2)), Instructions: do(apply(output(2)))}, [3]int{0, 0, 1}},
		{"modify", ofp13.FlowMod{Command: ofp13.FlowModify, Instructions: do(apply(output(2)))}, [3]int{0, 1, 0}},
		{"modify of nothing", ofp13.FlowMod{Command: ofp13.FlowModifyStrict, Priority: 8}, [3]int{0, 0, 1}},
		{"flood, but the port it came from", ofp13.FlowMod{Priority: 9, Instructions: do(apply(output(ofp13.PortFlood)))}, [3]int{0, 1, 1}},
		{"delete ignores it", ofp13.FlowMod{Command: ofp13.FlowDelete}, [3]int{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newBufferRig(t, 4)
			r.flowMod(ofp13.FlowMod{Priority: 1, Instructions: do(apply(output(3)))})
			c.mod.BufferID = r.buffered(1, 0, frameTo(1)).BufferID
			r.flowMod(c.mod)
			if got := r.sent(); got != c.want {
				t.Errorf("frames out by port: %v, want %v", got, c.want)
			}
		})
	}
}

// A flow-mod that fails leaves its buffer as it is.
func TestRefusedFlowModKeepsItsBuffer(t *testing.T) {
	r := newBufferRig(t, 1)
	id := r.buffered(1, 0, frameTo(1)).BufferID
	r.refuse(ofp13.FlowMod{BufferID: id, Instructions: do(apply(output(ofp13.PortNormal)))},
		ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort)
	if err := r.out(id, 1, output(2)); err != nil {
		t.Error(err)
	}
}

func TestBufferLimits(t *testing.T) {
	r := newBufferRig(t, 2)
	first := r.buffered(1, 0, frameTo(1)).BufferID
	second := r.buffered(1, 0, frameTo(2)).BufferID
	if m := r.buffered(1, 0, frameTo(3)); m.BufferID != ofp13.NoBuffer || len(m.Data) != 60 {
		t.Errorf("beyond the count: buffer %#x, %d bytes; want none, and the whole frame", m.BufferID, len(m.Data))
	}
	// After a second the oldest one gives way.
	r.now += bufferKept
	third := r.buffered(1, 0, frameTo(3)).BufferID
	wantError(t, r.out(first, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	if err := r.out(second, 1, output(2)); err != nil {
		t.Error(err)
	}
	// After five, an unused packet is gone.
	r.now += bufferValid + 1
	wantError(t, r.out(third, 1, output(2)), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	wantError(t, r.tables.FlowMod(complete(ofp13.FlowMod{BufferID: third})), ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
}

// A packet that is buffered again while it is executed does not overwrite itself.
func TestBufferedAgain(t *testing.T) {
	r := newBufferRig(t, 1)
	frame := frameTo(1)
	id := r.buffered(1, 0, frame).BufferID
	toController := output(ofp13.PortController)
	toController.MaxLen = 0
	if err := r.out(id, 1, ofp13.Action{Type: ofp13.ActionPushVLAN, EtherType: 0x8100}, toController,
		ofp13.Action{Type: ofp13.ActionPopVLAN}, output(2)); err != nil {
		t.Fatal(err)
	}
	again := r.packetIns[1].BufferID
	if again == id || again == ofp13.NoBuffer {
		t.Errorf("buffer %#x the second time, %#x the first", again, id)
	}
	if err := r.out(again, 1, output(3)); err != nil {
		t.Fatal(err)
	}
	if got := r.dp.Sent(2); len(got) != 1 || !bytes.Equal(got[0], frame) {
		t.Errorf("port 2 sent %x", got)
	}
	if got := r.dp.Sent(3); len(got) != 1 || len(got[0]) != len(frame)+4 {
		t.Errorf("port 3 sent %x, want the frame with its tag", got)
	}
}

// modelBuffer is what TestBuffersModel knows of an id.
type modelBuffer struct {
	frame []byte
	at    int64
	used  bool
}

// TestBuffersModel compares with a map of all that was ever kept.
func TestBuffersModel(t *testing.T) {
	const n = 5
	random := rand.New(rand.NewPCG(1, 2))
	b := newBuffers(n)
	known := map[uint32]*modelBuffer{}
	var ids []uint32
	now := int64(time.Hour)
	for step := range 20_000 {
		now += random.Int64N(bufferKept)
		if random.IntN(2) == 0 {
			live := 0
			oldest := now
			for _, m := range known {
				if !m.used {
					live++
					oldest = min(oldest, m.at)
				}
			}
			frame := []byte{byte(step), byte(step >> 8)}
			id := b.keep(frame, 1, now)
			if want := live < n || now-oldest >= bufferKept; (id != ofp13.NoBuffer) != want {
				t.Fatalf("step %d: %d of %d in use, the oldest for %d ns: buffer %#x", step, live, n, now-oldest, id)
			}
			if id == ofp13.NoBuffer {
				continue
			}
			for old, m := range known { // who had the slot
				if old&0xffff == id&0xffff {
					if !m.used && (live < n || m.at != oldest) {
						t.Fatalf("step %d: a buffer in use was given away", step)
					}
					delete(known, old)
				}
			}
			known[id] = &modelBuffer{frame: frame, at: now}
			ids = append(ids, id)
			continue
		}
		id := uint32(random.IntN(10))<<16 | uint32(random.IntN(n+1))
		if len(ids) > 0 && random.IntN(4) > 0 {
			id = ids[len(ids)-1-random.IntN(min(len(ids), 2*n))]
		}
		slot, err := b.check(id, now)
		m := known[id]
		switch {
		case m == nil:
			wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
		case m.used:
			wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferEmpty)
		case now-m.at > bufferValid:
			wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
		case err != nil:
			t.Fatalf("step %d: %v", step, err)
		default:
			if frame, _ := b.take(slot); !bytes.Equal(frame, m.frame) {
				t.Fatalf("step %d: another frame: %x", step, frame)
			}
			m.used = true
		}
	}
}

// No id is OFP_NO_BUFFER, however often a slot is used.
func TestBufferIDs(t *testing.T) {
	b := newBuffers(1 << 17)
	if len(b.slots) != MaxBuffers {
		t.Fatalf("%d buffers, want %d at most", len(b.slots), MaxBuffers)
	}
	last := int32(MaxBuffers - 1)
	before := uint32(ofp13.NoBuffer)
	for range 1 << 17 {
		b.free = slotList{last, last}
		b.slots[last].next, b.slots[last].prev = noSlot, noSlot
		id := b.keep([]byte{1}, 1, 0)
		if id == ofp13.NoBuffer {
			t.Fatal("a buffer has the id that means none")
		}
		if id == before {
			t.Fatalf("a buffer has the id %#x again at once", id)
		}
		before = id
		b.kept.drop(b.slots, last)
	}
}

func TestBufferedPacketInAllocs(t *testing.T) {
	r := newBufferRig(t, 8)
	r.packets.cfg.PacketIn = func(*ofp13.PacketIn) {}
	frame := datapathtest.NewFrame(frameTo(1))
	var key flowtable.Key
	key.Set(flowtable.InPort, 1)
	in := translate.PacketIn{MaxLen: 64}
	send := func() { r.now += bufferKept; r.packets.PacketIn(&in, &key, &frame) }
	for range 8 {
		send()
	}
	if n := testing.AllocsPerRun(1000, send); n != 0 {
		t.Errorf("PacketIn allocates %v times, want 0", n)
	}
}
