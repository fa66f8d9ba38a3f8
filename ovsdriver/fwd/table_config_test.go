package fwd

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// A field's id, as properties name it.
func oxmID(field uint8) ofp13.OXMID {
	info, _ := ofp13.FieldInfo(field)
	return ofp13.OXMID{Class: ofp13.OXMClassBasic, Field: field, Len: info.Len}
}

func maskedID(field uint8) ofp13.OXMID {
	id := oxmID(field)
	id.HasMask, id.Len = true, 2*id.Len
	return id
}

func types(types ...uint16) (ids []ofp13.FeatureID) {
	for _, typ := range types {
		ids = append(ids, ofp13.FeatureID{Type: typ})
	}
	return ids
}

// smallTable describes a table that can do little: match in_port, vlan_vid,
// eth_dst under a mask and metadata's low byte; apply output, set eth_dst, write output; go to
// later. Its table-miss entry only sends to the controller.
func smallTable(id uint8, next ...uint8) ofp13.TableFeatures {
	return ofp13.TableFeatures{
		TableID: id, Name: "small", MaxEntries: 3, MetadataMatch: 0xff, MetadataWrite: 0xf0,
		Properties: []ofp13.TableFeatureProperty{
			{Type: ofp13.TablePropInstructions, Instructions: types(ofp13.InstructionGotoTable,
				ofp13.InstructionWriteMetadata, ofp13.InstructionWriteActions, ofp13.InstructionApplyActions)},
			{Type: ofp13.TablePropInstructionsMiss, Instructions: types(ofp13.InstructionApplyActions)},
			{Type: ofp13.TablePropNextTables, NextTables: next},
			{Type: ofp13.TablePropNextTablesMiss},
			{Type: ofp13.TablePropWriteActions, Actions: types(ofp13.ActionOutput)},
			{Type: ofp13.TablePropWriteActionsMiss},
			{Type: ofp13.TablePropApplyActions, Actions: types(ofp13.ActionOutput, ofp13.ActionSetField)},
			{Type: ofp13.TablePropApplyActionsMiss, Actions: types(ofp13.ActionOutput)},
			{Type: ofp13.TablePropMatch, Fields: []ofp13.OXMID{oxmID(ofp13.OXMInPort), maskedID(ofp13.OXMMetadata), maskedID(ofp13.OXMEthDst), oxmID(ofp13.OXMVLANVID)}},
			{Type: ofp13.TablePropWildcards, Fields: []ofp13.OXMID{oxmID(ofp13.OXMMetadata), oxmID(ofp13.OXMEthDst), oxmID(ofp13.OXMVLANVID)}},
			{Type: ofp13.TablePropWriteSetField},
			{Type: ofp13.TablePropWriteSetFieldMiss},
			{Type: ofp13.TablePropApplySetField, Fields: []ofp13.OXMID{oxmID(ofp13.OXMEthDst)}},
			{Type: ofp13.TablePropApplySetFieldMiss},
		},
	}
}

// property returns the property of a type, to be changed.
func property(f *ofp13.TableFeatures, typ uint16) *ofp13.TableFeatureProperty {
	i := slices.IndexFunc(f.Properties, func(p ofp13.TableFeatureProperty) bool { return p.Type == typ })
	return &f.Properties[i]
}

// drop takes properties away.
func drop(f *ofp13.TableFeatures, typ ...uint16) {
	f.Properties = slices.DeleteFunc(f.Properties, func(p ofp13.TableFeatureProperty) bool { return slices.Contains(typ, p.Type) })
}

func onTheWire(all []ofp13.TableFeatures) (b []byte) {
	for i := range all {
		b = all[i].Append(b)
	}
	return b
}

func wantFeatures(t *testing.T, want, got []ofp13.TableFeatures) {
	t.Helper()
	if bytes.Equal(onTheWire(want), onTheWire(got)) {
		return // the quick way
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("table features (-want +got):\n%s", diff)
	}
}

func TestFeaturesReadBackAsWritten(t *testing.T) {
	r := newRig(t)
	want := []ofp13.TableFeatures{smallTable(0, 7, 9), smallTable(7, 9), smallTable(9)}
	want[1].Name, want[1].Config, want[1].MaxEntries = "a name of thirty-one characters", 3, 100
	wantFeatures(t, want, r.configure(want[2], want[0], want[1])) // the order of the request is nothing
	wantFeatures(t, want, r.configure())
	wantFeatures(t, want, r.configure(want...))

	// The whole pipeline comes back.
	whole := tableFeatures(t)
	wantFeatures(t, whole, r.configure(whole...))
	r.flowMod(ofp13.FlowMod{TableID: 253, Match: match(
		ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewOXM64(ofp13.OXMIPProto, 6), ofp13.NewTCPFlags(2, 2))})
}

// A controller that writes what it has read changes nothing.
func TestFeaturesWrittenBackAreKept(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Flags: ofp13.FlagSendFlowRem})
	if err := r.tables.TableMod(&ofp13.TableMod{TableID: 5, Config: 3}); err != nil {
		t.Fatal(err)
	}
	read := r.configure()
	if read[5].Config != 3 || read[4].Config != 0 {
		t.Errorf("configurations %d and %d, want 0 and 3", read[4].Config, read[5].Config)
	}
	wantFeatures(t, read, r.configure(read...))
	if n := len(r.flows(0)); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

func TestFeaturesMayBeShort(t *testing.T) {
	r := newRig(t)
	short := smallTable(0)
	drop(&short, ofp13.TablePropInstructionsMiss, ofp13.TablePropNextTablesMiss, ofp13.TablePropWriteActionsMiss,
		ofp13.TablePropApplyActionsMiss, ofp13.TablePropWriteSetFieldMiss, ofp13.TablePropApplySetFieldMiss)
	property(&short, ofp13.TablePropMatch).Fields[2].Len = 0 // some name fields without their length
	short.MaxEntries = 0                                     // read only, by the specification
	got := r.configure(short)
	want := smallTable(0)
	want.MaxEntries = 100
	for _, typ := range requiredProperties {
		if typ == ofp13.TablePropMatch || typ == ofp13.TablePropWildcards {
			continue
		}
		p := *property(&want, typ)
		p.Type |= missBit
		*property(&want, p.Type) = p
	}
	wantFeatures(t, []ofp13.TableFeatures{want}, got)
}

func TestFeaturesRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*ofp13.TableFeatures)
		code   uint16
	}{
		{"table 254", func(f *ofp13.TableFeatures) { f.TableID = 254 }, ofp13.TableFeaturesFailedBadTable},
		{"all tables", func(f *ofp13.TableFeatures) { f.TableID = ofp13.TableAll }, ofp13.TableFeaturesFailedBadTable},
		{"table twice", func(f *ofp13.TableFeatures) { f.TableID = 0 }, ofp13.TableFeaturesFailedBadTable},
		{"exact match of a part of metadata", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropMatch).Fields = []ofp13.OXMID{oxmID(ofp13.OXMMetadata)}
		}, ofp13.TableFeaturesFailedBadMetadata},
		{"property of an experimenter", func(f *ofp13.TableFeatures) {
			f.Properties = append(f.Properties, ofp13.TableFeatureProperty{Type: ofp13.TablePropExperimenter, Experimenter: 7})
		}, ofp13.TableFeaturesFailedBadType},
		{"length of a field", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropMatch).Fields[0].Len = 8
		}, ofp13.TableFeaturesFailedBadLen},
		{"too many entries", func(f *ofp13.TableFeatures) { f.MaxEntries = 101 }, ofp13.TableFeaturesFailedBadArgument},
		{"configuration", func(f *ofp13.TableFeatures) { f.Config = 4 }, ofp13.TableFeaturesFailedBadArgument},
		{"no matches", func(f *ofp13.TableFeatures) { drop(f, ofp13.TablePropMatch) }, ofp13.TableFeaturesFailedBadLen},
		{"no properties", func(f *ofp13.TableFeatures) { f.Properties = nil }, ofp13.TableFeaturesFailedBadLen},
		{"property twice", func(f *ofp13.TableFeatures) {
			f.Properties = append(f.Properties, f.Properties[0])
		}, ofp13.TableFeaturesFailedBadArgument},
		{"go back", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropNextTables).NextTables = []uint8{0}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"go to itself on a miss", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropNextTablesMiss).NextTables = []uint8{1}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"go to a table that is left out", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropNextTables).NextTables = []uint8{2}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"unknown instruction", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropInstructions).Instructions = types(9)
		}, ofp13.TableFeaturesFailedBadArgument},
		{"instruction of an experimenter", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropInstructionsMiss).Instructions = []ofp13.FeatureID{{Type: 0xffff, Experimenter: 1}}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"unknown action", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropWriteActionsMiss).Actions = types(1)
		}, ofp13.TableFeaturesFailedBadArgument},
		{"unknown field", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropMatch).Fields = []ofp13.OXMID{{Class: ofp13.OXMClassBasic, Field: 77, Len: 4}}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"mask of a field without", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropMatch).Fields = []ofp13.OXMID{maskedID(ofp13.OXMInPort)}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"set of a field that is none of a header", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropApplySetField).Fields = []ofp13.OXMID{oxmID(ofp13.OXMInPort)}
		}, ofp13.TableFeaturesFailedBadArgument},
		{"set of a part of a field", func(f *ofp13.TableFeatures) {
			property(f, ofp13.TablePropWriteSetFieldMiss).Fields = []ofp13.OXMID{maskedID(ofp13.OXMEthDst)}
		}, ofp13.TableFeaturesFailedBadArgument},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.configure(smallTable(0, 1), smallTable(1))
			r.flowMod(ofp13.FlowMod{Match: match(inPort(1))})
			before := r.configure()
			bad := smallTable(1)
			c.change(&bad)
			first := smallTable(0)
			first.Name, first.MaxEntries = "other", 2
			_, err := r.tables.TableFeatures(overTheWire(t, []ofp13.TableFeatures{first, bad}))
			wantError(t, err, ofp13.ErrTypeTableFeaturesFailed, c.code)
			wantFeatures(t, before, r.configure())
			if n := len(r.flows(0)); n != 1 {
				t.Errorf("%d entries, want 1", n)
			}
		})
	}
}

func TestPipelineNeedsTable0(t *testing.T) {
	_, err := newRig(t).tables.TableFeatures([]ofp13.TableFeatures{smallTable(1)})
	wantError(t, err, ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedBadTable)
}

func TestFixedPipeline(t *testing.T) {
	r := newRig(t)
	r.tables.cfg.FixedPipeline = true
	all := r.configure()
	_, err := r.tables.TableFeatures(all)
	wantError(t, err, ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedEPerm)
}

// Tables that are left out are gone, with their entries and every way to name
// them, until they are configured again.
func TestTablesLeftOutAreGone(t *testing.T) {
	r := newRig(t)
	whole := r.configure()
	for _, id := range []uint8{0, 1, 2} {
		r.flowMod(ofp13.FlowMod{TableID: id, Flags: ofp13.FlagSendFlowRem, Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	}
	r.settle()
	r.send(1, frameTo(1))
	r.send(1, frameTo(1))
	if n := len(r.dp.Flows()); n != 1 {
		t.Fatalf("%d cached flows, want 1", n)
	}
	first := whole[0] // the same as before, but for where it goes to
	property(&first, ofp13.TablePropNextTables).NextTables = []uint8{2}
	property(&first, ofp13.TablePropNextTablesMiss).NextTables = []uint8{2}
	last := whole[2]
	property(&last, ofp13.TablePropNextTables).NextTables = nil
	property(&last, ofp13.TablePropNextTablesMiss).NextTables = nil
	r.configure(first, last)
	r.settle()
	if n := len(r.flows(ofp13.TableAll)); n != 0 {
		t.Errorf("%d entries in tables whose capabilities have changed or that are gone", n)
	}
	if len(r.removed) != 0 {
		t.Errorf("flow-removed for the entries of tables that were configured: %v", r.removed)
	}
	if got := r.translated(1, frameTo(1)); len(got) != 0 {
		t.Errorf("frames are still forwarded: %v", got)
	}
	r.refuse(ofp13.FlowMod{TableID: 1}, ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID)
	r.refuse(ofp13.FlowMod{TableID: 1, Command: ofp13.FlowDelete}, ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID)
	_, err := r.tables.FlowStats(request(1))
	wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBadTableID)
	wantError(t, r.tables.TableMod(&ofp13.TableMod{TableID: 1}), ofp13.ErrTypeTableModFailed, ofp13.TableModFailedBadTable)
	if got := r.tableStats(); len(got) != 2 || got[0].TableID != 0 || got[1].TableID != 2 {
		t.Errorf("table statistics %+v, want tables 0 and 2", got)
	}
	r.flowMod(ofp13.FlowMod{TableID: ofp13.TableAll, Command: ofp13.FlowDelete})

	r.configure(whole...)
	r.flowMod(ofp13.FlowMod{TableID: 1})
}

// Tables whose capabilities stay keep their entries and counters.
func TestTablesThatStayKeepTheirEntries(t *testing.T) {
	r := newRig(t)
	r.configure(smallTable(0, 1), smallTable(1))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	r.flowMod(ofp13.FlowMod{TableID: 1, Match: match(inPort(1))})
	r.settle()
	r.send(1, frameTo(1))
	renamed := smallTable(0, 1)
	renamed.Name, renamed.Config = "renamed", 1
	changed := smallTable(1)
	property(&changed, ofp13.TablePropWriteActions).Actions = nil
	r.configure(renamed, changed)
	if f := r.flows(0); len(f) != 1 || f[0].PacketCount != 1 {
		t.Errorf("table 0: %+v, want its entry with one packet", f)
	}
	if f := r.flows(1); len(f) != 0 {
		t.Errorf("table 1: %+v, want nothing", f)
	}
}
