package openflow

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// fakeSwitch is a Switch that remembers what it was told and forwards nothing.
// Fields are set before the server starts, or on main.
type fakeSwitch struct {
	removed func(*ofp13.FlowRemoved) // told of flows that asked for it

	flows  []*ofp13.FlowMod
	flags  uint16
	calls  []string // in the order in which they came
	ports  int
	pace   time.Duration     // what a PortMod takes
	stream func() Stream     // flow statistics, if not those of flows
	fail   error             // of every FlowMod
	park   func(done func()) // takes over Commit
	groups []ofp13.GroupMod  // as sent
	tables []ofp13.TableFeatures
	gate   chan struct{} // what the reading of queues waits for
}

func (f *fakeSwitch) note(call string) { f.calls = append(f.calls, call) }

func (f *fakeSwitch) Features(m *ofp13.FeaturesReply) {
	*m = ofp13.FeaturesReply{DatapathID: 0xabcdef, NTables: 4, Capabilities: ofp13.CapabilityFlowStats}
}

func (f *fakeSwitch) Desc(m *ofp13.Desc) { *m = ofp13.Desc{Manufacturer: "fake", SerialNumber: "None"} }
func (f *fakeSwitch) Config() uint16     { return f.flags }

func (f *fakeSwitch) SetConfig(flags uint16) error {
	if flags == ofp13.FragReasm {
		return &ofp13.Error{Type: ofp13.ErrTypeSwitchConfigFailed, Code: ofp13.SwitchConfigFailedBadFlags}
	}
	f.flags = flags
	return nil
}

func (f *fakeSwitch) FlowMod(m *ofp13.FlowMod) error {
	f.note("flow-mod")
	if f.fail != nil {
		return f.fail
	}
	if m.Command == ofp13.FlowAdd {
		kept := new(ofp13.FlowMod)
		if err := kept.Decode(m.AppendTo(nil, 0)); err != nil {
			return err
		}
		f.flows = append(f.flows, kept)
		return nil
	}
	f.flows = slices.DeleteFunc(f.flows, func(flow *ofp13.FlowMod) bool {
		if !f.selects(m, flow) {
			return false
		}
		if flow.Flags&ofp13.FlagSendFlowRem != 0 && f.removed != nil {
			f.removed(&ofp13.FlowRemoved{Cookie: flow.Cookie, Reason: ofp13.RemovedDelete, Match: flow.Match})
		}
		return true
	})
	return nil
}

// selects is good enough for the deletes that the scripts send.
func (f *fakeSwitch) selects(m, flow *ofp13.FlowMod) bool {
	if m.OutPort != ofp13.PortAny || (m.Cookie^flow.Cookie)&m.CookieMask != 0 {
		return false
	}
	return m.Command == ofp13.FlowDelete || m.Priority == flow.Priority && slices.Equal(m.Match.Fields, flow.Match.Fields)
}

func (f *fakeSwitch) TableMod(*ofp13.TableMod) error { f.note("table-mod"); return nil }

func (f *fakeSwitch) Commit(done func()) {
	f.note("commit")
	if f.park != nil {
		f.park(done)
		return
	}
	done()
}

func (f *fakeSwitch) FlowStats(*ofp13.FlowStatsRequest) (Stream, error) {
	f.note("flow-stats")
	if f.stream != nil {
		return f.stream(), nil
	}
	var list ofp13.Elements[*ofp13.FlowStats]
	for _, m := range f.flows {
		list = append(list, &ofp13.FlowStats{
			TableID: m.TableID, Priority: m.Priority, IdleTimeout: m.IdleTimeout, HardTimeout: m.HardTimeout,
			Flags: m.Flags, Cookie: m.Cookie, Match: m.Match, Instructions: m.Instructions,
		})
	}
	return &list, nil
}

func (f *fakeSwitch) AggregateStats(*ofp13.FlowStatsRequest) (Stream, error) {
	return &ofp13.Elements[*ofp13.AggregateStats]{{FlowCount: uint32(len(f.flows))}}, nil
}

func (f *fakeSwitch) TableStats() Stream { return &ofp13.Elements[*ofp13.TableStats]{{TableID: 1}} }

func (f *fakeSwitch) TableFeatures(req []ofp13.TableFeatures) (Stream, error) {
	f.tables = append(f.tables, req...)
	var list ofp13.Elements[*ofp13.TableFeatures]
	for id := range uint8(4) {
		list = append(list, &ofp13.TableFeatures{TableID: id, Properties: fakeProperties()})
	}
	return &list, nil
}

// fakeProperties states everything, for misses too, as a switch should.
func fakeProperties() []ofp13.TableFeatureProperty {
	output := []ofp13.FeatureID{{Type: ofp13.ActionOutput}}
	return []ofp13.TableFeatureProperty{
		{Type: ofp13.TablePropInstructions}, {Type: ofp13.TablePropInstructionsMiss},
		{Type: ofp13.TablePropNextTables}, {Type: ofp13.TablePropNextTablesMiss},
		{Type: ofp13.TablePropWriteActions}, {Type: ofp13.TablePropWriteActionsMiss},
		{Type: ofp13.TablePropApplyActions, Actions: output}, {Type: ofp13.TablePropApplyActionsMiss, Actions: output},
		{Type: ofp13.TablePropMatch}, {Type: ofp13.TablePropWildcards},
		{Type: ofp13.TablePropWriteSetField}, {Type: ofp13.TablePropWriteSetFieldMiss},
		{Type: ofp13.TablePropApplySetField}, {Type: ofp13.TablePropApplySetFieldMiss},
	}
}

func (f *fakeSwitch) GroupMod(m *ofp13.GroupMod) error {
	f.note("group-mod")
	f.groups = append(f.groups, *m)
	return nil
}

func (f *fakeSwitch) GroupStats(uint32) (Stream, error)    { return noElements(), nil }
func (f *fakeSwitch) GroupDesc() Stream                    { return noElements() }
func (f *fakeSwitch) GroupFeatures(m *ofp13.GroupFeatures) { m.Types = 1 }
func (f *fakeSwitch) MeterMod(*ofp13.MeterMod) error       { f.note("meter-mod"); return nil }
func (f *fakeSwitch) MeterStats(uint32) (Stream, error)    { return noElements(), nil }
func (f *fakeSwitch) MeterConfig(uint32) (Stream, error)   { return noElements(), nil }
func (f *fakeSwitch) MeterFeatures(m *ofp13.MeterFeatures) { m.MaxMeter = 0 }
func (f *fakeSwitch) PortStats(uint32) (Stream, error)     { return noElements(), nil }
func (f *fakeSwitch) PacketOut(m *ofp13.PacketOut) error {
	f.note("packet-out")
	return nil
}

func (f *fakeSwitch) PortMod(*ofp13.PortMod) error {
	f.note("port-mod")
	time.Sleep(f.pace)
	return nil
}

func (f *fakeSwitch) QueueStats(port, _ uint32) (func() (Stream, error), error) {
	queues, err := f.QueueConfig(port)
	if err != nil {
		return nil, err
	}
	return func() (Stream, error) {
		_, err := queues()
		return noElements(), err
	}, nil
}

// QueueConfig has no port 99, and a port 98 that vanishes meanwhile. Reading
// waits for f.gate, if there is one.
func (f *fakeSwitch) QueueConfig(port uint32) (func() ([]ofp13.PacketQueue, error), error) {
	gone := &ofp13.Error{Type: ofp13.ErrTypeQueueOpFailed, Code: ofp13.QueueOpFailedBadPort}
	if port == 99 {
		return nil, gone
	}
	return func() ([]ofp13.PacketQueue, error) {
		if f.gate != nil {
			<-f.gate
		}
		if port == 98 {
			return nil, gone
		}
		return nil, nil
	}, nil
}

func (f *fakeSwitch) PortDesc() Stream {
	var list ofp13.Elements[*ofp13.Port]
	for i := range f.ports {
		list = append(list, &ofp13.Port{PortNo: uint32(i + 1), Name: "port"})
	}
	return &list
}

func noElements() Stream { return &ofp13.Elements[*ofp13.Port]{} }

// numbered is a stream of n elements of a fixed size, each filled with its
// number, which is also at its start after the length.
type numbered struct {
	n, size int
	next    int
}

func (s *numbered) Next(b []byte) ([]byte, bool) {
	if s.next == s.n {
		return b, false
	}
	b = binary.BigEndian.AppendUint16(b, uint16(s.size))
	b = binary.BigEndian.AppendUint32(b, uint32(s.next))
	b = append(b, bytes.Repeat([]byte{byte(s.next)}, s.size-6)...)
	s.next++
	return b, true
}
