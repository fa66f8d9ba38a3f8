package fwd

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Controllers delete all groups and meters and list them whenever they connect:
// that succeeds.
func TestGroupsThatAreNotThere(t *testing.T) {
	g := NewGroups(newRig(t).tables)
	for _, m := range []ofp13.GroupMod{
		{Command: ofp13.GroupDelete, GroupID: ofp13.GroupAll},
		{Command: ofp13.GroupDelete, GroupID: ofp13.GroupAll, Type: ofp13.GroupTypeFastFailover},
		{Command: ofp13.GroupDelete, GroupID: 5},
	} {
		if err := g.GroupMod(&m); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	m := newMeters(newRig(t))
	if err := m.MeterMod(&ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: ofp13.MeterAll}); err != nil {
		t.Error(err)
	}
	streams := map[string]func() (ofp13.Stream, error){
		"group statistics":    func() (ofp13.Stream, error) { return g.GroupStats(ofp13.GroupAll) },
		"group descriptions":  func() (ofp13.Stream, error) { return g.GroupDesc(), nil },
		"meter statistics":    func() (ofp13.Stream, error) { return m.MeterStats(ofp13.MeterAll) },
		"meter configuration": func() (ofp13.Stream, error) { return m.MeterConfig(ofp13.MeterAll) },
	}
	for name, open := range streams {
		stream, err := open()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b, ok := stream.Next([]byte{1}); ok || len(b) != 1 {
			t.Errorf("%s: %x, %t; want nothing", name, b, ok)
		}
	}
}

func TestIdentity(t *testing.T) {
	id := Identity{DatapathID: 0x1122, Name: "s1", Version: "1.0", Datapath: "userspace"}
	f := ofp13.FeaturesReply{NBuffers: 9, AuxiliaryID: 9}
	id.Features(&f)
	want := ofp13.FeaturesReply{DatapathID: 0x1122, NTables: 254, Capabilities: 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<6} // flow, table, port, group, queue statistics
	if f != want {
		t.Errorf("features %+v, want %+v", f, want)
	}
	var d ofp13.Desc
	id.Desc(&d)
	if d.SerialNumber != "None" || d.Datapath != "s1" || d.Manufacturer == "" || d.Hardware == "" || d.Software != "ivs 1.0" {
		t.Errorf("description %+v", d)
	}
}
