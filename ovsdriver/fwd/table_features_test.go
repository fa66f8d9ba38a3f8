package fwd

import (
	"slices"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// tableFeatures reads the features of a switch's tables.
func tableFeatures(t *testing.T) []ofp13.TableFeatures {
	t.Helper()
	return newRig(t).configure()
}

// configure sends a request for table features, which must succeed, through the
// codec and reads the answer.
func (r *rig) configure(req ...ofp13.TableFeatures) []ofp13.TableFeatures {
	r.t.Helper()
	stream, err := r.tables.TableFeatures(overTheWire(r.t, req))
	if err != nil {
		r.t.Fatal(err)
	}
	var all []ofp13.TableFeatures
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var f ofp13.TableFeatures
		if _, err := f.DecodeNext(b); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// overTheWire encodes and decodes a request.
func overTheWire(t *testing.T, req []ofp13.TableFeatures) []ofp13.TableFeatures {
	t.Helper()
	var decoded []ofp13.TableFeatures
	for i := range req {
		var f ofp13.TableFeatures
		if rest, err := f.DecodeNext(req[i].Append(nil)); err != nil || len(rest) != 0 {
			t.Fatalf("table %d: %v, %d bytes left", req[i].TableID, err, len(rest))
		}
		decoded = append(decoded, f)
	}
	return decoded
}

// Every property that 1.3.5 requires is there once, the *_MISS ones too: a
// controller that does not find OUTPUT among the APPLY_ACTIONS_MISS installs no
// table-miss entry. No experimenter's id is there: one that it does not know
// makes it hang up.
func TestTableFeaturesAreCompleteAndPlain(t *testing.T) {
	all := tableFeatures(t)
	if len(all) != 254 {
		t.Fatalf("%d tables, want 254", len(all))
	}
	for id, f := range all {
		if int(f.TableID) != id || f.MaxEntries != 100 || f.MetadataMatch != ^uint64(0) || f.MetadataWrite != ^uint64(0) || f.Name == "" {
			t.Fatalf("table %d: %+v", id, f)
		}
		var types []uint16
		for _, p := range f.Properties {
			types = append(types, p.Type)
			checkPlain(t, f.TableID, &p)
		}
		want := []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15} // §7.3.5.5.2
		if !slices.Equal(types, want) {
			t.Fatalf("table %d has properties %v, want %v", id, types, want)
		}
	}
}

func checkPlain(t *testing.T, table uint8, p *ofp13.TableFeatureProperty) {
	t.Helper()
	for _, id := range slices.Concat(p.Instructions, p.Actions) {
		if id.Type == 0xffff {
			t.Errorf("table %d, property %d names an experimenter", table, p.Type)
		}
	}
	for _, f := range p.Fields {
		if f.Class != ofp13.OXMClassBasic {
			t.Errorf("table %d, property %d names field class %#x", table, p.Type, f.Class)
		}
	}
	output := ofp13.FeatureID{Type: ofp13.ActionOutput}
	if p.Type == ofp13.TablePropApplyActionsMiss && !slices.Contains(p.Actions, output) {
		t.Errorf("table %d has no OUTPUT for misses", table)
	}
	if p.Type == ofp13.TablePropNextTables || p.Type == ofp13.TablePropNextTablesMiss {
		for i, next := range p.NextTables {
			if int(next) != int(table)+1+i {
				t.Errorf("table %d goes to %v", table, p.NextTables)
				break
			}
		}
		if len(p.NextTables) != 253-int(table) {
			t.Errorf("table %d has %d next tables, want %d", table, len(p.NextTables), 253-int(table))
		}
	}
}

// What features list can be done, and what they do not is refused.
func TestTableFeaturesAreHonest(t *testing.T) {
	properties := map[uint16]ofp13.TableFeatureProperty{}
	for _, p := range tableFeatures(t)[0].Properties {
		properties[p.Type] = p
	}
	r := newRig(t)
	r.groupMod(ofp13.GroupMod{Type: ofp13.GroupTypeIndirect, GroupID: 1, Buckets: []ofp13.Bucket{bucketOf(0, output(1))}})
	args := map[uint16]ofp13.Action{
		ofp13.ActionOutput:   output(1),
		ofp13.ActionSetQueue: {ID: 0},
		ofp13.ActionGroup:    {ID: 1},
		ofp13.ActionPushVLAN: {EtherType: 0x8100},
		ofp13.ActionPushMPLS: {EtherType: 0x8847},
		ofp13.ActionPopMPLS:  {EtherType: 0x0800},
		ofp13.ActionPushPBB:  {EtherType: 0x88e7},
		ofp13.ActionSetField: {Field: ethDst(1)},
	}
	etherTypes := map[uint16]uint64{ // the match must have that of the header; else IPv4's will do
		ofp13.ActionCopyTTLOut: 0x8847, ofp13.ActionCopyTTLIn: 0x8847, ofp13.ActionSetMPLSTTL: 0x8847,
		ofp13.ActionDecMPLSTTL: 0x8847, ofp13.ActionPopMPLS: 0x8847, ofp13.ActionPopPBB: 0x88e7,
	}
	vlan := ofp13.NewOXM64(ofp13.OXMVLANVID, 0x1001)
	for typ := range ofp13.ActionPopPBB + 1 {
		a := args[typ]
		a.Type = typ
		listed := slices.Contains(properties[ofp13.TablePropApplyActions].Actions, ofp13.FeatureID{Type: typ})
		etherType := ofp13.NewOXM64(ofp13.OXMEthType, max(0x0800, etherTypes[typ]))
		err := r.tables.FlowMod(complete(ofp13.FlowMod{Match: match(vlan, etherType), Instructions: do(apply(a))}))
		if listed != (err == nil) {
			t.Errorf("action %d: listed %t, flow-mod says %v", typ, listed, err)
		}
	}
	newMeters(r).must(t, packetMeter(1, 1, 1))
	for typ := ofp13.InstructionGotoTable; typ <= ofp13.InstructionMeter; typ++ {
		listed := slices.Contains(properties[ofp13.TablePropInstructions].Instructions, ofp13.FeatureID{Type: typ})
		err := r.tables.FlowMod(complete(ofp13.FlowMod{Instructions: do(ofp13.Instruction{Type: typ, TableID: 1, ID: 1})}))
		if listed != (err == nil) {
			t.Errorf("instruction %d: listed %t, flow-mod says %v", typ, listed, err)
		}
	}
	if got := len(properties[ofp13.TablePropMatch].Fields); got < 30 {
		t.Errorf("%d match fields, want those of Ethernet to ND at least", got)
	}
	for _, f := range properties[ofp13.TablePropApplySetField].Fields {
		info, _ := ofp13.FieldInfo(f.Field)
		if !info.Settable || f.HasMask || f.Len != info.Len {
			t.Errorf("field %s is listed as settable: %+v", info.Name, f)
		}
	}
}
