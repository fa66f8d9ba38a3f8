package fwd

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
)

func TestFlowModRefusals(t *testing.T) {
	udp := ofp13.NewOXM64(ofp13.OXMUDPDst, 80)
	for _, c := range []struct {
		name      string
		mod       ofp13.FlowMod
		typ, code uint16
	}{
		{"add to table 254", ofp13.FlowMod{TableID: 254},
			ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID},
		{"add to all tables", ofp13.FlowMod{TableID: ofp13.TableAll},
			ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID},
		{"modify all tables", ofp13.FlowMod{TableID: ofp13.TableAll, Command: ofp13.FlowModify},
			ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID},
		{"delete from table 254", ofp13.FlowMod{TableID: 254, Command: ofp13.FlowDelete},
			ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID},
		{"overlap", ofp13.FlowMod{Priority: 10, Flags: ofp13.FlagCheckOverlap, Match: match(inPort(1))},
			ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedOverlap},
		{"goto back", ofp13.FlowMod{TableID: 3, Instructions: do(ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 3})},
			ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadTableID},
		{"output to NORMAL", ofp13.FlowMod{Instructions: do(apply(output(ofp13.PortNormal)))},
			ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"output to TABLE", ofp13.FlowMod{Instructions: do(apply(output(ofp13.PortTable)))},
			ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"modify with a bad action", ofp13.FlowMod{Command: ofp13.FlowModify, Instructions: do(apply(output(0)))},
			ofp13.ErrTypeBadAction, ofp13.BadActionBadOutPort},
		{"set a field of other packets", ofp13.FlowMod{Instructions: do(apply(ofp13.Action{Type: ofp13.ActionSetField, Field: udp}))},
			ofp13.ErrTypeBadAction, ofp13.BadActionMatchInconsistent},
		{"group", ofp13.FlowMod{Instructions: do(apply(ofp13.Action{Type: ofp13.ActionGroup, ID: 1}))},
			ofp13.ErrTypeBadAction, ofp13.BadActionBadOutGroup},
		{"actions without end", ofp13.FlowMod{Instructions: do(apply(make([]ofp13.Action, 2000)...))},
			ofp13.ErrTypeBadAction, ofp13.BadActionTooMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.flowMod(ofp13.FlowMod{Priority: 10, Match: match(ethDst(mac1)), Instructions: do(apply(output(1)))})
			r.refuse(c.mod, c.typ, c.code)
		})
	}
}

func TestTableFull(t *testing.T) {
	r := newRig(t)
	for mac := range uint64(100) {
		r.flowMod(ofp13.FlowMod{Match: match(ethDst(mac))})
	}
	r.refuse(ofp13.FlowMod{Match: match(ethDst(100))}, ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedTableFull)
	r.flowMod(ofp13.FlowMod{Match: match(ethDst(99)), Cookie: 5}) // replaces
	r.flowMod(ofp13.FlowMod{TableID: 1})                          // another table
}

// A flow-mod with a buffer is a flow-mod and a packet-out (§7.3.4.1): the first
// succeeds, the second finds no buffer. A deletion does not look at the buffer.
func TestFlowModWithABuffer(t *testing.T) {
	r := newRig(t)
	err := r.tables.FlowMod(complete(ofp13.FlowMod{BufferID: 7}))
	wantError(t, err, ofp13.ErrTypeBadRequest, ofp13.BadRequestBufferUnknown)
	if got := len(r.flows(0)); got != 1 {
		t.Errorf("%d entries, want the one that came with the buffer", got)
	}
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, BufferID: 7})
	if got := len(r.flows(0)); got != 0 {
		t.Errorf("%d entries, want none", got)
	}
}

// What statistics say is what was sent: fields in their order, masks as they
// were, instructions one by one.
func TestFlowStatsReturnWhatWasInstalled(t *testing.T) {
	r := newRig(t)
	sent := ofp13.FlowMod{
		Cookie: 0x1122334455667788, TableID: 2, Priority: 40000,
		IdleTimeout: 60, HardTimeout: 600,
		Flags: ofp13.FlagSendFlowRem | ofp13.FlagCheckOverlap | ofp13.FlagResetCounts,
		Match: match(
			ofp13.NewMaskedOXM64(ofp13.OXMEthDst, mac1, 0xffffffffffff), // a mask that wildcards nothing
			ofp13.NewOXM64(ofp13.OXMEthType, 0x0800),
			inPort(2),
			ofp13.NewMaskedOXM64(ofp13.OXMIPv4Dst, 0x0a000000, 0xff000000),
			ofp13.NewMaskedOXM64(ofp13.OXMVLANVID, 0x1000, 0x1000),
		),
		Instructions: do(
			ofp13.Instruction{Type: ofp13.InstructionGotoTable, TableID: 7},
			ofp13.Instruction{Type: ofp13.InstructionClearActions},
			ofp13.Instruction{Type: ofp13.InstructionWriteMetadata, Metadata: 5, MetadataMask: 0xff},
			apply(ofp13.Action{Type: ofp13.ActionPopVLAN}, output(ofp13.PortController)),
			ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{output(3)}},
		),
	}
	r.flowMod(sent)
	r.now += int64(3*time.Second + 7)
	want := []ofp13.FlowStats{{
		TableID: 2, DurationSec: 3, DurationNsec: 7, Priority: 40000,
		IdleTimeout: 60, HardTimeout: 600, Flags: sent.Flags, Cookie: sent.Cookie,
		Match: sent.Match, Instructions: sent.Instructions,
	}}
	if diff := cmp.Diff(want, r.flows(2)); diff != "" {
		t.Errorf("statistics (-want +got):\n%s", diff)
	}
}

// The request's memory is the connection's: an entry must not change with it.
func TestEntriesKeepNothingOfTheRequest(t *testing.T) {
	r := newRig(t)
	m := complete(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	if err := r.tables.FlowMod(m); err != nil {
		t.Fatal(err)
	}
	m.Match.Fields[0] = inPort(3)
	m.Instructions[0].Actions[0] = output(3)
	f := r.flows(0)[0]
	if f.Match.Fields[0] != inPort(1) || f.Instructions[0].Actions[0].ID != 2 {
		t.Errorf("entry became %v, %v with the request's memory", f.Match, f.Instructions)
	}
}

func TestModifyKeepsWhatItDoesNotName(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{Priority: 10, Cookie: 5, IdleTimeout: 9, Match: match(inPort(1)), Instructions: do(apply(output(2)))})
	r.flowMod(ofp13.FlowMod{Priority: 20, Cookie: 6, Match: match(inPort(2)), Instructions: do(apply(output(2)))})
	r.settle()
	r.send(1, frameTo(1))
	r.now += int64(time.Second)

	// Loose: priority does not count, the cookie does in the mask's bits.
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowModify, Cookie: 5, CookieMask: 0xf, IdleTimeout: 1, Instructions: do(apply(output(3)))})
	flows := r.flows(0)
	byCookie := map[uint64]ofp13.FlowStats{}
	for _, f := range flows {
		byCookie[f.Cookie] = f
	}
	got := byCookie[5]
	if len(flows) != 2 || got.Instructions[0].Actions[0].ID != 3 || got.IdleTimeout != 9 || got.PacketCount != 1 || got.DurationSec != 1 {
		t.Errorf("after the modification: %+v", got)
	}
	if other := byCookie[6]; other.Instructions[0].Actions[0].ID != 2 {
		t.Errorf("the entry of another cookie was modified: %+v", other)
	}

	// Strict: match and priority count. None selected is no error and adds none.
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowModifyStrict, Priority: 11, Match: match(inPort(1)), Instructions: do(apply(output(1)))})
	if flows := r.flows(0); len(flows) != 2 {
		t.Errorf("%d entries, want 2", len(flows))
	}
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowModifyStrict, Priority: 10, Match: match(inPort(1)), Flags: ofp13.FlagResetCounts})
	for _, f := range r.flows(0) {
		if f.Cookie == 5 && (f.PacketCount != 0 || len(f.Instructions) != 0 || f.DurationSec != 1) {
			t.Errorf("after the strict modification: %+v", f)
		}
	}
}

func TestAddReplacesTheIdentical(t *testing.T) {
	r := newRig(t)
	add := ofp13.FlowMod{Priority: 10, Cookie: 1, Flags: ofp13.FlagSendFlowRem, Match: match(inPort(1)), Instructions: do(apply(output(2)))}
	r.flowMod(add)
	r.settle()
	r.send(1, frameTo(1))
	r.now += int64(5 * time.Second)

	add.Cookie = 2
	r.flowMod(add)
	r.settle()
	f := r.flows(0)
	if len(f) != 1 || f[0].Cookie != 2 || f[0].PacketCount != 1 || f[0].DurationSec != 0 {
		t.Errorf("replaced: %+v, want the counters of the old entry and a duration of its own", f)
	}
	add.Flags |= ofp13.FlagResetCounts
	r.flowMod(add)
	if f := r.flows(0); len(f) != 1 || f[0].PacketCount != 0 {
		t.Errorf("replaced with reset: %+v, want no counters", f)
	}
	r.settle()
	if len(r.removed) != 0 {
		t.Errorf("flow-removed for a replaced entry: %+v", r.removed)
	}
}

func TestDeleteSelects(t *testing.T) {
	for _, c := range []struct {
		name string
		mod  ofp13.FlowMod
		left int
	}{
		{"all", ofp13.FlowMod{TableID: ofp13.TableAll}, 0},
		{"one table", ofp13.FlowMod{TableID: 0}, 1},
		{"loose", ofp13.FlowMod{TableID: ofp13.TableAll, Match: match(inPort(1))}, 2},
		{"strict of another priority", ofp13.FlowMod{Command: ofp13.FlowDeleteStrict, Match: match(inPort(1))}, 4},
		{"strict", ofp13.FlowMod{Command: ofp13.FlowDeleteStrict, Match: match(inPort(1)), Priority: 10}, 3},
		{"strict in all tables", ofp13.FlowMod{Command: ofp13.FlowDeleteStrict, TableID: ofp13.TableAll, Match: match(inPort(1)), Priority: 10}, 3},
		{"out_port", ofp13.FlowMod{TableID: ofp13.TableAll, OutPort: 2}, 2},
		{"out_port CONTROLLER", ofp13.FlowMod{TableID: ofp13.TableAll, OutPort: ofp13.PortController}, 3},
		{"out_group", ofp13.FlowMod{TableID: ofp13.TableAll, OutGroup: 1}, 4},
		{"out_group ALL is like ANY", ofp13.FlowMod{TableID: ofp13.TableAll, OutGroup: ofp13.GroupAll}, 0},
		{"cookie", ofp13.FlowMod{TableID: ofp13.TableAll, Cookie: 0xff02, CookieMask: 0x00ff}, 3},
		{"no bits of the cookie", ofp13.FlowMod{TableID: ofp13.TableAll, Cookie: 77}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.flowMod(ofp13.FlowMod{Cookie: 1, Priority: 10, Match: match(inPort(1)), Instructions: do(apply(output(2)))})
			r.flowMod(ofp13.FlowMod{Cookie: 2, Priority: 20, Match: match(inPort(1), ethDst(mac1)), Instructions: do(apply(output(3)))})
			r.flowMod(ofp13.FlowMod{Cookie: 3, Priority: 20, Instructions: do(ofp13.Instruction{
				Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{output(2)}})})
			r.flowMod(ofp13.FlowMod{Cookie: 4, TableID: 9, Instructions: do(apply(output(ofp13.PortController)))})
			if c.mod.Command == 0 {
				c.mod.Command = ofp13.FlowDelete
			}
			r.flowMod(c.mod)
			if got := len(r.flows(ofp13.TableAll)); got != c.left {
				t.Errorf("%d entries left, want %d", got, c.left)
			}
		})
	}
}

// What is not strict selects by fields and masks: not by what a match of zeros
// says of fragments.
func TestSelectsByMasks(t *testing.T) {
	flags := func(value, mask uint16) ofp13.Match {
		return match(ofp13.NewOXM64(ofp13.OXMEthType, 0x0800), ofp13.NewOXM64(ofp13.OXMIPProto, 6), ofp13.NewTCPFlags(value, mask))
	}
	for _, filter := range []ofp13.Match{flags(0, 1), flags(2, 2), flags(0, 0)} {
		r := newRig(t)
		r.flowMod(ofp13.FlowMod{Match: flags(2, 3), Instructions: do(apply(output(2)))})
		r.flowMod(ofp13.FlowMod{Command: ofp13.FlowModify, Match: filter, Instructions: do(apply(output(3)))})
		q := request(0)
		q.Match = filter
		if sum := r.aggregate(q); sum.FlowCount != 1 || r.flows(0)[0].Instructions[0].Actions[0].ID != 3 {
			t.Errorf("%v: counts %d entries, modifies to %+v", filter, sum.FlowCount, r.flows(0)[0])
		}
		r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDeleteStrict, Match: filter})
		if n := len(r.flows(0)); n != 1 {
			t.Errorf("%v: %d entries left by a strict deletion", filter, n)
		}
		r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, Match: filter})
		if n := len(r.flows(0)); n != 0 {
			t.Errorf("%v: %d entries left", filter, n)
		}
	}
}

// out_group narrows a deletion to entries that name the group themselves; out_port
// does not look into groups (§6.4).
func TestDeleteSelectsByGroup(t *testing.T) {
	for _, c := range []struct {
		name string
		mod  ofp13.FlowMod
		left []uint64 // cookies
	}{
		{"out_group", ofp13.FlowMod{OutGroup: 1}, []uint64{2, 3}},
		{"out_group that only a group names", ofp13.FlowMod{OutGroup: 2}, []uint64{1, 3}},
		{"out_port that groups output to", ofp13.FlowMod{OutPort: 2}, []uint64{1, 2}},
		{"both", ofp13.FlowMod{OutPort: 2, OutGroup: 1}, []uint64{1, 2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.addGroup(indirect, 2, bucketOf(0, output(2)))
			r.addGroup(indirect, 1, bucketOf(0, group(2)))
			for i, action := range []ofp13.Action{group(1), group(2), output(2)} {
				r.flowMod(ofp13.FlowMod{Cookie: uint64(1 + i), Match: match(inPort(uint64(1 + i))), Instructions: do(apply(action))})
			}
			c.mod.Command = ofp13.FlowDelete
			r.flowMod(c.mod)
			var left []uint64
			for _, f := range r.flows(0) {
				left = append(left, f.Cookie)
			}
			slices.Sort(left)
			if !slices.Equal(left, c.left) {
				t.Errorf("entries %v are left, want %v", left, c.left)
			}
		})
	}
}

// Additions and modifications ignore out_port and out_group (§6.4).
func TestOnlyDeletionsLookAtOutputs(t *testing.T) {
	r := newRig(t)
	r.flowMod(ofp13.FlowMod{OutPort: 9, OutGroup: 9, Match: match(inPort(1)), Instructions: do(apply(output(1)))})
	for port, command := range map[uint32]uint8{2: ofp13.FlowModify, 3: ofp13.FlowModifyStrict} {
		r.flowMod(ofp13.FlowMod{Command: command, OutPort: 9, OutGroup: 9, Match: match(inPort(1)), Instructions: do(apply(output(port)))})
		if f := r.flows(0); len(f) != 1 || f[0].Instructions[0].Actions[0].ID != port {
			t.Errorf("command %d: %+v, want an output to %d", command, f, port)
		}
	}
}

func TestTableMod(t *testing.T) {
	r := newRig(t)
	for _, m := range []ofp13.TableMod{{TableID: 0}, {TableID: 253, Config: 3}, {TableID: ofp13.TableAll}} {
		if err := r.tables.TableMod(&m); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	wantError(t, r.tables.TableMod(&ofp13.TableMod{TableID: 254}), ofp13.ErrTypeTableModFailed, ofp13.TableModFailedBadTable)
}

func TestSetConfig(t *testing.T) {
	r := newRig(t)
	if err := r.tables.SetConfig(ofp13.FragDrop); err != nil || r.tables.Config() != ofp13.FragDrop {
		t.Errorf("%v, flags %d", err, r.tables.Config())
	}
	r.settle()
	if !r.views.Load().FragDrop() {
		t.Error("the view does not drop fragments")
	}
	for _, flags := range []uint16{ofp13.FragReasm, ofp13.FragMask, 4, 0xffff} {
		wantError(t, r.tables.SetConfig(flags), ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedBadFlags)
	}
	if err := r.tables.SetConfig(ofp13.FragNormal); err != nil || r.tables.Config() != ofp13.FragNormal {
		t.Errorf("%v, flags %d", err, r.tables.Config())
	}
}

// A table that evicts takes in what a full one would refuse, and whoever asked
// to hear of the victim does.
func TestEviction(t *testing.T) {
	r := newRig(t)
	r.tables.SetEviction(0, flowtable.EvictUnused)
	for mac := range uint64(101) {
		r.flowMod(ofp13.FlowMod{Cookie: mac, Flags: ofp13.FlagSendFlowRem, Match: match(ethDst(mac))})
		r.now += int64(time.Second)
	}
	r.settle()
	if n := len(r.flows(0)); n != 100 || len(r.removed) != 1 {
		t.Fatalf("%d entries, flow-removed %+v; want 100, and one", n, r.removed)
	}
	if m := r.removed[0]; m.Cookie != 0 || m.Reason != ofp13.RemovedDelete || m.DurationSec != 100 {
		t.Errorf("flow-removed %+v, want of the oldest, as of a deletion", m)
	}
	for mac := range uint64(101) {
		r.flowMod(ofp13.FlowMod{TableID: 1, Match: match(ethDst(mac % 100))})
	}
	r.refuse(ofp13.FlowMod{TableID: 1, Match: match(ethDst(100))}, ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedTableFull)
}
