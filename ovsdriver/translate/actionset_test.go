package translate

import (
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// written compiles actions and writes them into a set, in their order.
func written(t *testing.T, s *actionSet, list ...ofp13.Action) {
	t.Helper()
	p, err := CompileActions(list)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.apply {
		s.write(&p.apply[i], nil, 0)
	}
}

func order(s *actionSet) string {
	s.sort()
	var names []string
	for i := range s.n {
		names = append(names, s.order[i].op.String())
	}
	return strings.Join(names, ", ")
}

// §5.10: the order of execution, and one action of each kind.
func TestActionSet(t *testing.T) {
	var s actionSet
	if got := order(&s); got != "" {
		t.Errorf("an empty set has %s", got)
	}
	vid := func(v uint64) ofp13.Action { return setting(ofp13.OXMVLANVID, 0x1000|v) }
	written(t, &s, output(1), queueing(16), settingTTL(3), vid(7), setting(ofp13.OXMEthDst, 1), decreasing, pushing(0x8100), popping)
	want := "pop_vlan, push_vlan 0x8100, dec_nw_ttl, set { eth dst=00:00:00:00:00:01 }, set { vlan vid=7 }, set { ip ttl=3 }, set_queue 16, output 1"
	if got := order(&s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	written(t, &s, vid(8), queueing(17), output(2), pushing(0x88a8), setting(ofp13.OXMEthSrc, 2))
	want = "pop_vlan, push_vlan 0x88a8, dec_nw_ttl, set { eth dst=00:00:00:00:00:01 }, set { eth src=00:00:00:00:00:02 }, " +
		"set { vlan vid=8 }, set { ip ttl=3 }, set_queue 17, output 2"
	if got := order(&s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s.clear()
	written(t, &s, output(3))
	if got := order(&s); got != "output 3" {
		t.Errorf("after a clear: %s", got)
	}
}

// Every kind of action in the order of §5.10, whatever the order on the wire,
// and the later one of each kind.
func TestActionSetOrder(t *testing.T) {
	var s actionSet
	list := []ofp13.Action{
		output(1), {Type: ofp13.ActionGroup, ID: 1}, {Type: ofp13.ActionSetQueue, ID: 4}, settingTTL(3), settingMPLSTTL(4),
		setting(ofp13.OXMMPLSLabel, 5), decreasing, decreasingMPLS, copyingOut, pushing(0x88a8), pushingPBB, pushingMPLS(0x8847),
		poppingMPLS(0x0800), poppingPBB, popping, copyingIn,
	}
	written(t, &s, list...)
	written(t, &s, pushingMPLS(0x8848), poppingMPLS(0x86dd), output(2), setting(ofp13.OXMMPLSLabel, 6))
	want := "copy_ttl_in, pop_vlan, pop_pbb, pop_mpls 0x86dd, push_mpls 0x8848, push_pbb 0x88e7, push_vlan 0x88a8, copy_ttl_out, " +
		"dec_mpls_ttl, dec_nw_ttl, set { mpls label=6 }, set { mpls ttl=4 }, set { ip ttl=3 }, set_queue 4, group 1"
	if got := order(&s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// ARP's and IPv4's addresses share words of the key, not places in the set.
func TestActionSetKeepsProtocolsApart(t *testing.T) {
	var s actionSet
	written(t, &s, setting(ofp13.OXMARPSPA, 1), setting(ofp13.OXMIPv4Src, 2), setting(ofp13.OXMTCPDst, 3), setting(ofp13.OXMUDPDst, 4))
	if s.sort(); s.n != 4 {
		t.Errorf("%d actions: %s", s.n, order(&s))
	}
}
