package openflow

import (
	"net"
	"slices"
	"testing"
	"time"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// handshake exchanges HELLO and FEATURES and returns the features' auxiliary id.
func handshake(t *testing.T, c *openflowtest.Controller) uint8 {
	t.Helper()
	greet(t, c)
	m, err := c.Request(of.TypeFeaturesRequest, nil, of.TypeFeaturesReply)
	must(t, err)
	if m.Uint64(0) != 0xabcdef {
		t.Errorf("datapath id %#x", m.Uint64(0))
	}
	return m.Uint8(13)
}

// accept waits for the switch to connect.
func accept(t *testing.T, l net.Listener) *openflowtest.Controller {
	t.Helper()
	c, err := openflowtest.Accept(l)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// auxiliaryHarness is a switch with n auxiliary connections to the listener's
// controller, which has greeted them all: the main one is conns[0].
func auxiliaryHarness(t *testing.T, n int) (h *harness, l net.Listener, conns []*openflowtest.Controller) {
	t.Helper()
	l = listen(t)
	h = start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Auxiliaries = n
		cfg.Limits.RedialMax = 20 * time.Millisecond
	})
	conns = make([]*openflowtest.Controller, n+1)
	for range n + 1 {
		c := accept(t, l)
		id := handshake(t, c)
		if conns[id] != nil {
			t.Fatalf("two connections have auxiliary id %d", id)
		}
		conns[id] = c
	}
	return h, l, conns
}

// Auxiliary connections come after the main one's handshake, from its address,
// and count as no controllers of their own.
func TestAuxiliaryConnections(t *testing.T) {
	l := listen(t)
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Auxiliaries = 2
	})
	main := accept(t, l)
	greet(t, main)
	h.run(func() {
		if n := len(h.server.sessions[0].aux); n != 0 {
			t.Errorf("%d auxiliary connections before FEATURES", n)
		}
	})
	if id := handshake2(t, main); id != 0 {
		t.Errorf("main connection has auxiliary id %d", id)
	}
	for range 2 {
		aux := accept(t, l)
		if id := handshake(t, aux); id != 1 && id != 2 {
			t.Errorf("auxiliary id %d", id)
		}
		here, there := main.Conn().RemoteAddr().(*net.TCPAddr), aux.Conn().RemoteAddr().(*net.TCPAddr)
		if !here.IP.Equal(there.IP) {
			t.Errorf("from %v, but the main connection from %v", there, here)
		}
	}
	h.run(func() {
		infos := h.server.Controllers()
		if len(infos) != 3 || infos[1].AuxiliaryID != 1 || infos[2].AuxiliaryID != 2 || !infos[2].Connected {
			t.Errorf("%+v", infos)
		}
	})
}

// handshake2 is handshake after HELLO.
func handshake2(t *testing.T, c *openflowtest.Controller) uint8 {
	t.Helper()
	m, err := c.Request(of.TypeFeaturesRequest, nil, of.TypeFeaturesReply)
	must(t, err)
	return m.Uint8(13)
}

// Role, filters and miss_send_len are the controller's, by whichever connection
// they come; answers go where the question came from.
func TestAuxiliariesShareWhatIsTheControllers(t *testing.T) {
	h, _, conns := auxiliaryHarness(t, 2)
	other := h.connect()
	if role, _ := ask(t, conns[1], ofp.ControllerRoleMaster, 3); role != ofp.ControllerRoleMaster {
		t.Errorf("role %d", role)
	}
	for id, c := range conns {
		if role, generation := ask(t, c, ofp.ControllerRoleNoChange, 0); role != ofp.ControllerRoleMaster || generation != 3 {
			t.Errorf("connection %d: role %d, generation %d", id, role, generation)
		}
	}
	if role, _ := ask(t, other, ofp.ControllerRoleMaster, 4); role != ofp.ControllerRoleMaster {
		t.Errorf("role %d of the other controller", role)
	}
	must(t, conns[2].SendBytes(validRequests()[ofp13.TypePortMod].AppendTo(nil, 9)))
	_, err := conns[2].ExpectError(9, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestIsSlave)
	must(t, err)

	_, err = conns[2].Send(of.TypeSetAsync, &ofp.AsyncConfig{PacketInMask: [2]uint32{5, 6}})
	must(t, err)
	_, err = conns[2].Send(of.TypeSetConfig, &ofp.SwitchConfig{MissSendLength: 77})
	must(t, err)
	must(t, conns[2].Barrier())
	m, err := conns[0].Request(of.TypeGetAsyncRequest, nil, of.TypeGetAsyncReply)
	must(t, err)
	if m.Uint32(0) != 5 || m.Uint32(4) != 6 {
		t.Errorf("filters %#x, %#x", m.Uint32(0), m.Uint32(4))
	}
	m, err = conns[1].Request(of.TypeGetConfigRequest, nil, of.TypeGetConfigReply)
	must(t, err)
	if m.Uint16(2) != 77 {
		t.Errorf("miss_send_len %d", m.Uint16(2))
	}
}

// flowPacketIn is the n-th packet-in of a flow.
func flowPacketIn(flow, n int) *ofp13.PacketIn {
	data := make([]byte, 60)
	copy(data, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45})
	data[18], data[19] = byte(n>>8), byte(n) // IP id
	data[29], data[33] = byte(flow), byte(flow>>8)
	return &ofp13.PacketIn{
		BufferID: ofp13.NoBuffer, Cookie: uint64(flow)<<32 | uint64(n), TotalLen: 60, Data: data,
		Match: ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, 1)}},
	}
}

// Packet-ins go over the auxiliary connections, each flow's over one and in
// order; everything else goes over the main one.
func TestPacketInsSpread(t *testing.T) {
	h, _, conns := auxiliaryHarness(t, 3)
	const flows, each = 60, 5
	h.run(func() {
		for n := range each {
			for flow := range flows {
				h.server.PacketIn(flowPacketIn(flow, n))
			}
		}
		h.server.PortStatus(&ofp13.PortStatus{})
		h.server.FlowRemoved(&ofp13.FlowRemoved{})
	})
	total := 0
	for id, c := range conns {
		must(t, c.Barrier())
		next := map[uint32]uint32{}
		others := 0
		for _, m := range c.Async() {
			if m.Type != of.TypePacketIn {
				others++
				continue
			}
			total++
			flow, n := m.Uint32(8), m.Uint32(12)
			if n != next[flow] {
				t.Errorf("connection %d: packet %d of flow %d, want %d", id, n, flow, next[flow])
			}
			next[flow]++
		}
		if id == 0 && (len(next) != 0 || others != 2) || id != 0 && (len(next) < 8 || others != 0) {
			t.Errorf("connection %d has %d flows and %d other messages", id, len(next), others)
		}
	}
	if total != flows*each {
		t.Errorf("%d packet-ins, want %d", total, flows*each)
	}
}

// An auxiliary connection that breaks is dialed again; until it is back, its
// packet-ins take the main one.
func TestAuxiliaryBreaks(t *testing.T) {
	h, l, conns := auxiliaryHarness(t, 1)
	must(t, conns[1].Close())
	h.await("the end of the auxiliary connection", func() bool {
		a := h.server.sessions[0].aux[0]
		return a.session == nil || !a.session.ready
	})
	h.run(func() { h.server.PacketIn(flowPacketIn(1, 1)) })
	_, err := conns[0].ExpectAsync(of.TypePacketIn)
	must(t, err)
	again := accept(t, l)
	if id := handshake(t, again); id != 1 {
		t.Errorf("auxiliary id %d", id)
	}
	h.run(func() { h.server.PacketIn(flowPacketIn(1, 1)) })
	_, err = again.ExpectAsync(of.TypePacketIn)
	must(t, err)
}

// Auxiliary connections end with the main one, at once, and come back after it.
func TestMainConnectionBreaks(t *testing.T) {
	for name, end := range map[string]func(*harness, *openflowtest.Controller){
		"the peer hangs up": func(_ *harness, c *openflowtest.Controller) { c.Close() },
		"a lost stream":     func(_ *harness, c *openflowtest.Controller) { _ = c.SendBytes(rawMessage(4, 2, 7, 1)) },
		"the switch hangs up": func(h *harness, _ *openflowtest.Controller) {
			h.run(func() { h.server.hangUp(h.server.sessions[0], ErrClosed) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, l, conns := auxiliaryHarness(t, 2)
			end(h, conns[0])
			for _, c := range conns[1:] {
				if _, err := c.ExpectClose(); err != nil {
					t.Error(err)
				}
			}
			var ids []uint8
			for range 3 {
				ids = append(ids, handshake(t, accept(t, l)))
			}
			slices.Sort(ids)
			if ids[0] != 0 || ids[1] != 1 || ids[2] != 2 {
				t.Errorf("connections %v came back", ids)
			}
		})
	}
}

// A controller that came to a listener has no auxiliary connections.
func TestAuxiliariesAreDialed(t *testing.T) {
	h, _, _ := auxiliaryHarness(t, 1)
	handshake(t, h.dial())
	h.run(func() {
		if n := len(h.server.sessions); n != 3 {
			t.Errorf("%d connections, want main, auxiliary and the listener's", n)
		}
	})
}

// A controller that takes no auxiliary connection keeps its main one.
func TestAuxiliaryRefused(t *testing.T) {
	l := listen(t)
	h := start(t, &fakeSwitch{}, func(cfg *Config) {
		cfg.Controllers = []string{l.Addr().String()}
		cfg.Auxiliaries = 1
		cfg.Limits.RedialMax = time.Millisecond
	})
	main := accept(t, l)
	handshake(t, main)
	for range 3 {
		must(t, accept(t, l).Close())
	}
	must(t, l.Close())
	h.await("a failed attempt", func() bool { return h.server.sessions[0].aux[0].trouble.told != nil })
	must(t, main.Barrier())
}

func TestPacketInBySessions(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	cut, whole := h.connect(), h.connect()
	for c, n := range map[*openflowtest.Controller]uint16{cut: 20, whole: 0xffff} {
		_, err := c.Send(of.TypeSetConfig, &ofp.SwitchConfig{MissSendLength: n})
		must(t, err)
		_, err = c.Send(of.TypeSetAsync, &ofp.AsyncConfig{PacketInMask: [2]uint32{7, 0}})
		must(t, err)
		must(t, c.Barrier())
	}
	m := flowPacketIn(1, 1)
	m.BufferID, m.Reason = 0x70007, ofp13.ReasonInvalidTTL
	h.run(func() { h.server.PacketIn(m) })
	check := func(c *openflowtest.Controller, buffer uint32, n int) {
		t.Helper()
		got, err := c.ExpectAsync(of.TypePacketIn)
		must(t, err)
		var in ofp13.PacketIn
		must(t, in.Decode(append(rawMessage(4, ofp13.TypePacketIn, int(got.Length), 0), got.Body...)))
		if in.BufferID != buffer || len(in.Data) != n || in.TotalLen != 60 {
			t.Errorf("buffer %#x, %d of %d bytes; want %#x, %d", in.BufferID, len(in.Data), in.TotalLen, buffer, n)
		}
	}
	check(cut, 0x70007, 20)
	check(whole, ofp13.NoBuffer, 60)
	m.Reason = ofp13.ReasonAction // cut already, to its action's max_len
	m.Data = m.Data[:10]
	h.run(func() { h.server.PacketIn(m) })
	check(cut, 0x70007, 10)
	check(whole, 0x70007, 10)
}
