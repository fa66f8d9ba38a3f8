package openflow

import (
	"math"
	"testing"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

func TestElectionStale(t *testing.T) {
	tests := []struct {
		seen, next uint64
		stale      bool
	}{
		{0, 0, false},
		{0, 1, false},
		{1, 0, true},
		{7, 7, false},
		{math.MaxUint64, 0, false}, // wrapped around
		{0, math.MaxUint64, true},
		{0, math.MaxInt64, false},
		{0, math.MaxInt64 + 1, true}, // half the circle away counts as behind
		{math.MaxInt64, math.MaxUint64 - 1, false},
	}
	for _, tt := range tests {
		e := election{known: true, generation: tt.seen}
		if got := e.stale(tt.next); got != tt.stale {
			t.Errorf("%#x after %#x: stale is %t, want %t", tt.next, tt.seen, got, tt.stale)
		}
	}
	if (&election{}).stale(math.MaxUint64) {
		t.Error("the first generation of all is stale")
	}
}

// ask requests a role and returns the reply's role and generation.
func ask(t *testing.T, c *openflowtest.Controller, role ofp.ControllerRole, generation uint64) (ofp.ControllerRole, uint64) {
	t.Helper()
	m, err := c.Request(of.TypeRoleRequest, &ofp.RoleRequest{Role: role, GenerationID: generation}, of.TypeRoleReply)
	must(t, err)
	return ofp.ControllerRole(m.Uint32(0)), m.Uint64(8)
}

func TestRoles(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	a, b := h.connect(), h.connect()

	check := func(c *openflowtest.Controller, request ofp.ControllerRole, generation uint64, role ofp.ControllerRole, current uint64) {
		t.Helper()
		if r, g := ask(t, c, request, generation); r != role || g != current {
			t.Errorf("request %d, generation %d: reply %d, %d; want %d, %d", request, generation, r, g, role, current)
		}
	}
	const nochange, equal, master, slave = ofp.ControllerRoleNoChange, ofp.ControllerRoleEqual,
		ofp.ControllerRoleMaster, ofp.ControllerRoleSlave
	check(a, nochange, 5, equal, neverElected)
	check(a, master, 5, master, 5)
	check(b, master, 5, master, 5) // the newer one wins
	check(a, nochange, 0, slave, 5)
	check(a, equal, 0, equal, 5) // needs no generation
	check(a, slave, 6, slave, 6)
	check(b, nochange, 0, master, 6)

	for _, role := range []ofp.ControllerRole{master, slave} {
		xid, err := a.Send(of.TypeRoleRequest, &ofp.RoleRequest{Role: role, GenerationID: 5})
		must(t, err)
		_, err = a.ExpectError(xid, ofp.ErrTypeRoleRequestFailed, ofp.ErrCodeRoleRequestFailedStale)
		must(t, err)
	}
	xid, err := a.Send(of.TypeRoleRequest, &ofp.RoleRequest{Role: 9, GenerationID: 6})
	must(t, err)
	_, err = a.ExpectError(xid, ofp.ErrTypeRoleRequestFailed, ofp.ErrCodeRoleRequestFailedBadRole)
	must(t, err)
	check(a, nochange, 0, slave, 6)
	check(b, nochange, 0, master, 6)
	if async := b.Async(); len(async) != 0 {
		t.Errorf("1.3 has no role status, but there came %v", async)
	}
}

// Trap 9: generation 0 is asked for again and again, by several controllers, and
// is never stale.
func TestGenerationZeroAgain(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	for range 2 {
		c := h.connect()
		for range 3 {
			if role, generation := ask(t, c, ofp.ControllerRoleMaster, 0); role != ofp.ControllerRoleMaster || generation != 0 {
				t.Fatalf("reply says role %d, generation %d", role, generation)
			}
		}
	}
}

// The largest generation outlives the connection that brought it.
func TestGenerationOutlivesConnections(t *testing.T) {
	h := start(t, &fakeSwitch{}, nil)
	c := h.connect()
	ask(t, c, ofp.ControllerRoleMaster, 10)
	must(t, c.Close())
	h.await("the session's end", func() bool { return len(h.server.sessions) == 0 })
	c = h.connect()
	xid, err := c.Send(of.TypeRoleRequest, &ofp.RoleRequest{Role: ofp.ControllerRoleMaster, GenerationID: 9})
	must(t, err)
	_, err = c.ExpectError(xid, ofp.ErrTypeRoleRequestFailed, ofp.ErrCodeRoleRequestFailedStale)
	must(t, err)
}

// TestSlave sends everything to the switch as a slave: what changes it is
// refused, the rest is not.
func TestSlave(t *testing.T) {
	sw := &fakeSwitch{}
	h := start(t, sw, nil)
	c := h.connect()
	ask(t, c, ofp.ControllerRoleSlave, 1)
	refused := map[uint8]bool{
		ofp13.TypePacketOut: true, ofp13.TypeFlowMod: true, ofp13.TypeGroupMod: true,
		ofp13.TypePortMod: true, ofp13.TypeTableMod: true, ofp13.TypeMeterMod: true,
	}
	for typ, m := range validRequests() {
		must(t, c.SendBytes(m.AppendTo(nil, 9)))
		if refused[typ] {
			_, err := c.ExpectError(9, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestIsSlave)
			must(t, err)
			continue
		}
		if typ == ofp13.TypeSetConfig || typ == ofp13.TypeSetAsync {
			continue // have no answer
		}
		if reply, err := c.Next(); err != nil || reply.Type == of.TypeError {
			t.Errorf("%v as slave: %v, %v", of.Type(typ), reply, err)
		}
	}
	must(t, c.SendBytes((&ofp13.SetConfig{Flags: ofp13.FragDrop}).AppendTo(nil, 4)))
	_, err := c.ExpectError(4, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestIsSlave)
	must(t, err)

	table := ofp13.TableFeatures{TableID: 1}
	configure := &ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Body: table.Append(nil)}
	must(t, c.SendBytes(configure.AppendTo(nil, 5)))
	_, err = c.ExpectError(5, ofp.ErrTypeBadRequest, ofp.ErrCodeBadRequestIsSlave)
	must(t, err)
	_, err = c.Multipart(ofp.MultipartTypeTableFeatures, nil) // asking is allowed
	must(t, err)
	h.run(func() {
		if len(sw.calls) != 1 || sw.calls[0] != "commit" || len(sw.tables) != 0 || sw.flags != 0 {
			t.Errorf("the slave got through: %v, %d tables, flags %d", sw.calls, len(sw.tables), sw.flags)
		}
	})
}
