package translate

import (
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

func TestPortSet(t *testing.T) {
	list := []Port{{No: datapath.Local, Name: "ivs"}, {No: 7, Config: ofp13.PortConfigNoFwd}, {No: 2, Name: "eth2"}}
	s := NewPortSet(list)
	list[2].Name = "changed"
	if got := s.flood; !slices.Equal(got, []datapath.PortNo{2, datapath.Local}) {
		t.Errorf("flood list %v", got)
	}
	if p := s.Get(2); p == nil || p.Name != "eth2" {
		t.Errorf("port 2: %+v", p)
	}
	if p := s.Get(3); p != nil {
		t.Errorf("port 3: %+v", p)
	}
	if all := s.All(); len(all) != 3 || all[0].No != 2 || all[2].No != datapath.Local {
		t.Errorf("all: %+v", all)
	}
}

func TestPortSetChanged(t *testing.T) {
	base := []Port{{No: 1}, {No: 2}}
	tests := []struct {
		name  string
		ports []Port
		want  []Token
	}{
		{"nothing", []Port{{No: 2}, {No: 1}}, nil},
		{"link", []Port{{No: 1, LinkDown: true}, {No: 2, Name: "x"}}, []Token{LivenessToken(1)}},
		{"no-packet-in", []Port{{No: 1, Config: ofp13.PortConfigNoPacketIn}, {No: 2}}, nil},
		{"no-recv", []Port{{No: 1, Config: ofp13.PortConfigNoRecv}, {No: 2}}, []Token{1}},
		{"no-fwd", []Port{{No: 1}, {No: 2, Config: ofp13.PortConfigNoFwd}}, []Token{2, FloodToken}},
		{"down", []Port{{No: 1, Config: ofp13.PortConfigDown}, {No: 2}}, []Token{LivenessToken(1), 1, FloodToken}},
		{"htb", []Port{{No: 1, HTB: 1}, {No: 2}}, []Token{1, FloodToken}},
		{"removed", []Port{{No: 1}}, []Token{2, LivenessToken(2), FloodToken}},
		{"added", []Port{{No: 1}, {No: 2}, {No: 3}}, []Token{LivenessToken(3), 3, FloodToken}},
		{"added without fwd", []Port{{No: 1}, {No: 2}, {No: 3, Config: ofp13.PortConfigNoFwd}}, []Token{LivenessToken(3), 3}},
	}
	for _, test := range tests {
		if got := NewPortSet(test.ports).Changed(NewPortSet(base), nil); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
