package openflow

import (
	"bytes"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// TestDefaultFilters: masters and equals are told of everything but packets of
// invalid TTL, slaves of ports.
func TestDefaultFilters(t *testing.T) {
	c := start(t, &fakeSwitch{}, nil).connect()
	m, err := c.Request(of.TypeGetAsyncRequest, nil, of.TypeGetAsyncReply)
	must(t, err)
	want := []uint32{3, 0, 7, 7, 15, 0}
	for i, mask := range want {
		if got := m.Uint32(4 * i); got != mask {
			t.Errorf("mask %d is %#x, want %#x", i, got, mask)
		}
	}
}

// sendAll sends one asynchronous message of each kind and reason.
func sendAll(s *Server) {
	for reason := range uint8(3) {
		s.PacketIn(&ofp13.PacketIn{BufferID: ofp13.NoBuffer, Reason: reason})
		s.PortStatus(&ofp13.PortStatus{Reason: reason})
	}
	for reason := range uint8(4) {
		s.FlowRemoved(&ofp13.FlowRemoved{Reason: reason})
	}
}

// received counts asynchronous messages by type and reason, up to a barrier.
func received(t *testing.T, c *openflowtest.Controller) map[[2]uint8]int {
	t.Helper()
	must(t, c.Barrier())
	counts := map[[2]uint8]int{}
	reasonAt := map[of.Type]int{of.TypePacketIn: 6, of.TypePortStatus: 0, of.TypeFlowRemoved: 10}
	for _, m := range c.Async() {
		if m.Transaction != 0 {
			t.Errorf("%v is asynchronous, but has an xid", m)
		}
		counts[[2]uint8{uint8(m.Type), m.Uint8(reasonAt[m.Type])}]++
	}
	return counts
}

func TestFilters(t *testing.T) {
	const in, port, removed = ofp13.TypePacketIn, ofp13.TypePortStatus, ofp13.TypeFlowRemoved
	some := &ofp.AsyncConfig{
		PacketInMask:    [2]uint32{1 << 1, 1 << 2},
		PortStatusMask:  [2]uint32{1 << 0, 1 << 1},
		FlowRemovedMask: [2]uint32{1 << 3, 1 << 2},
	}
	tests := []struct {
		name   string
		role   ofp.ControllerRole
		filter *ofp.AsyncConfig
		want   [][2]uint8
	}{
		{"equal by default", ofp.ControllerRoleEqual, nil, [][2]uint8{
			{in, 0}, {in, 1}, {port, 0}, {port, 1}, {port, 2}, {removed, 0}, {removed, 1}, {removed, 2}, {removed, 3},
		}},
		{"slave by default", ofp.ControllerRoleSlave, nil, [][2]uint8{{port, 0}, {port, 1}, {port, 2}}},
		{"nothing", ofp.ControllerRoleMaster, &ofp.AsyncConfig{}, nil},
		{"some for a master", ofp.ControllerRoleMaster, some, [][2]uint8{{in, 1}, {port, 0}, {removed, 3}}},
		{"some for a slave", ofp.ControllerRoleSlave, some, [][2]uint8{{in, 2}, {port, 1}, {removed, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := start(t, &fakeSwitch{}, nil)
			c := h.connect()
			ask(t, c, tt.role, 1)
			if tt.filter != nil {
				_, err := c.Send(of.TypeSetAsync, tt.filter)
				must(t, err)
				must(t, c.Barrier())
			}
			h.run(func() { sendAll(h.server) })
			got := received(t, c)
			for _, w := range tt.want {
				if got[w] != 1 {
					t.Errorf("%v with reason %d came %d times, want once", of.Type(w[0]), w[1], got[w])
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("%d kinds of messages came, want %d: %v", len(got), len(tt.want), got)
			}
			for reason := range uint8(3) {
				if want := got[[2]uint8{in, reason}] > 0; h.server.WantsPacketIn(reason) != want {
					t.Errorf("WantsPacketIn(%d) is %t, want %t", reason, !want, want)
				}
			}
		})
	}
}

// Nobody is told anything before HELLO, nor by a connection that is gone.
func TestWantsPacketIn(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	silent := h.dial()
	_, err := silent.Expect(of.TypeHello)
	must(t, err)
	h.await("the session", func() bool { return len(h.server.sessions) == 1 })
	if h.server.WantsPacketIn(0) {
		t.Error("a connection before HELLO wants packet-ins")
	}
	h.run(func() { sendAll(h.server) })
	must(t, silent.SendBytes(rawMessage(4, ofp13.TypeHello, 8, 1)))
	if got := received(t, silent); len(got) != 0 {
		t.Errorf("before HELLO there came %v", got)
	}
	must(t, silent.Close())
	h.await("its end", func() bool { return len(h.server.sessions) == 0 })
	c := h.connect()
	if !h.server.WantsPacketIn(0) {
		t.Error("an equal does not want packet-ins")
	}
	ask(t, c, ofp.ControllerRoleSlave, 1)
	if h.server.WantsPacketIn(0) {
		t.Error("a slave wants packet-ins")
	}
	ask(t, c, ofp.ControllerRoleEqual, 1)
	if !h.server.WantsPacketIn(0) {
		t.Error("who is equal again does not want packet-ins")
	}
	must(t, c.Close())
	h.await("the end of interest", func() bool { return !h.server.WantsPacketIn(0) })
}

// Trap 8: what is not buffered goes out whole, whatever miss_send_len says.
func TestPacketInIsWhole(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	c := h.connect()
	_, err := c.Send(of.TypeSetConfig, &ofp.SwitchConfig{MissSendLength: 0})
	must(t, err)
	must(t, c.Barrier())
	frame := bytes.Repeat([]byte("0123456789"), 900)
	h.run(func() {
		h.server.PacketIn(&ofp13.PacketIn{
			BufferID: ofp13.NoBuffer, TotalLen: uint16(len(frame)), Cookie: 5, TableID: 3, Data: frame,
		})
	})
	m, err := c.ExpectAsync(of.TypePacketIn)
	must(t, err)
	if m.Uint32(0) != ofp13.NoBuffer || int(m.Uint16(4)) != len(frame) || !bytes.HasSuffix(m.Body, frame) {
		t.Errorf("packet-in has buffer %#x, total length %d, %d bytes", m.Uint32(0), m.Uint16(4), len(m.Body))
	}
}

// A frame that no message can carry is dropped and counted, not cut.
func TestPacketInTooLong(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	c := h.connect()
	h.run(func() {
		h.server.broadcast(appender(func(b []byte) []byte { return append(b, make([]byte, maxMessageLen+1)...) }), 0,
			func(a *asyncConfig) *[2]uint32 { return &a.PacketInMask })
		if n := h.server.Controllers()[0].AsyncDropped; n != 1 {
			t.Errorf("%d messages count as dropped, want 1", n)
		}
	})
	must(t, c.Barrier())
}

// Local connections get answers, and what they ask for, but nothing unasked.
func TestLocalConnections(t *testing.T) {
	path := socketPath(t)
	h := start(t, &fakeSwitch{}, func(cfg *Config) { cfg.UnixSocket = path })
	c, err := openflowtest.Dial("unix", path)
	must(t, err)
	defer c.Close()
	greet(t, c)
	h.run(func() { sendAll(h.server) })
	if got := received(t, c); len(got) != 0 {
		t.Errorf("unasked, there came %v", got)
	}
	_, err = c.Send(of.TypeSetAsync, &ofp.AsyncConfig{PortStatusMask: [2]uint32{1, 0}})
	must(t, err)
	must(t, c.Barrier())
	h.run(func() { sendAll(h.server) })
	if got := received(t, c); len(got) != 1 || got[[2]uint8{ofp13.TypePortStatus, 0}] != 1 {
		t.Errorf("asked for one kind, there came %v", got)
	}
}

func TestPacketInAllocatesNothing(t *testing.T) {
	s := NewServer(&fakeSwitch{}, Config{Log: quietLog()})
	for range 2 {
		c := &conn{out: newOutbox(&s.limits)}
		s.sessions = append(s.sessions, &session{peer: &peer{async: defaultAsync()}, conn: c, greeted: true})
	}
	s.countInterest()
	m := &ofp13.PacketIn{BufferID: ofp13.NoBuffer, Data: make([]byte, 1000)}
	allocs := testing.AllocsPerRun(100, func() {
		s.PacketIn(m)
		for _, ss := range s.sessions {
			ss.conn.out.take()
			ss.conn.out.done()
		}
	})
	if allocs != 0 {
		t.Errorf("%.1f allocations", allocs)
	}
}
