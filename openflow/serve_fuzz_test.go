package openflow

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// FuzzServe gives any bytes behind a HELLO to a session, all the way to the
// Switch: nothing panics, what comes out is well-formed messages, and nothing is
// left pending when the peer is gone.
func FuzzServe(f *testing.F) {
	var all []byte
	for typ, m := range validRequests() {
		f.Add(m.AppendTo(nil, uint32(typ)))
		all = m.AppendTo(all, uint32(typ))
	}
	f.Add(all)
	f.Add((&ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Flags: 1, Body: fakeTable()}).AppendTo(nil, 1))
	for typ := range uint16(ofp13.MultipartPortDesc + 2) {
		for _, size := range []int{0, 8, 40} { // of the bodies that there are
			f.Add((&ofp13.MultipartRequest{Type: typ, Body: make([]byte, size)}).AppendTo(nil, 1))
		}
	}
	f.Add((&ofp13.MultipartRequest{Type: ofp13.MultipartExperimenter, Body: make([]byte, 8)}).AppendTo(nil, 1))
	f.Add((&ofp13.RoleRequest{Role: ofp13.RoleSlave}).AppendTo(nil, 1))
	f.Fuzz(func(t *testing.T, stream []byte) {
		s := NewServer(&fakeSwitch{ports: 2}, Config{Log: quietLog()})
		s.aside = func(f func()) { f() }
		hello := rawMessage(4, ofp13.TypeHello, 8, 1)
		ss := s.newSession(&pieces{bytes: append(hello, stream...)}, "fuzz", quietLog())
		var out []byte
		ss.conn.post = func(e Event) bool {
			e.handle(s)
			out = append(out, drainBox(ss.conn.out)...)
			for ss.conn.out.roomWanted() {
				room{ss.conn}.handle(s)
				out = append(out, drainBox(ss.conn.out)...)
			}
			return true
		}
		ss.conn.read()
		for len(out) > 0 {
			h := peekHeader(out)
			if h.Version != ofp13.Version || int(h.Length) < ofp13.HeaderLen || int(h.Length) > len(out) {
				t.Fatalf("message with header %+v in %d bytes", h, len(out))
			}
			out = out[h.Length:]
		}
		if !ss.greeted || !ss.removed || len(ss.pending) != 0 || len(s.sessions) != 0 {
			t.Fatalf("greeted %t, removed %t, %d batches pending", ss.greeted, ss.removed, len(ss.pending))
		}
	})
}

func fakeTable() []byte {
	table := ofp13.TableFeatures{TableID: 1, Properties: fakeProperties()}
	return table.Append(nil)
}
