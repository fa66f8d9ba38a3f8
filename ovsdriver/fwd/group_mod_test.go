package fwd

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// groupMod sends a group-mod that must succeed.
func (r *rig) groupMod(m ofp13.GroupMod) {
	r.t.Helper()
	if err := NewGroups(r.tables).GroupMod(&m); err != nil {
		r.t.Fatal(err)
	}
}

// sentTo tells to which ports the datapath has sent frames, once per frame.
func (r *rig) sentTo() string {
	var ports []string
	for no := datapath.PortNo(1); no <= 3; no++ {
		for range r.dp.Sent(no) {
			ports = append(ports, no.String())
		}
	}
	return strings.Join(ports, " ")
}

// addGroup adds a group of any type.
func (r *rig) addGroup(typ uint8, id uint32, buckets ...ofp13.Bucket) {
	r.t.Helper()
	r.groupMod(ofp13.GroupMod{Type: typ, GroupID: id, Buckets: buckets})
}

// bucketOf is one that watches nothing.
func bucketOf(weight uint16, a ...ofp13.Action) ofp13.Bucket {
	return ofp13.Bucket{Weight: weight, WatchPort: ofp13.PortAny, WatchGroup: ofp13.GroupAny, Actions: a}
}

// watching is a bucket that watches.
func watching(port, group uint32, a ...ofp13.Action) ofp13.Bucket {
	return ofp13.Bucket{WatchPort: port, WatchGroup: group, Actions: a}
}

func group(id uint32) ofp13.Action { return ofp13.Action{Type: ofp13.ActionGroup, ID: id} }

func buckets(b ...ofp13.Bucket) []ofp13.Bucket { return b }

const (
	all      = ofp13.GroupTypeAll
	spread   = ofp13.GroupTypeSelect
	indirect = ofp13.GroupTypeIndirect
	failover = ofp13.GroupTypeFastFailover
)

// groupDescs reads the descriptions of all groups off the wire.
func (r *rig) groupDescs() (list []ofp13.GroupDesc) {
	r.t.Helper()
	stream := NewGroups(r.tables).GroupDesc()
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var d ofp13.GroupDesc
		if rest, err := d.DecodeNext(b); err != nil || len(rest) != 0 {
			r.t.Fatalf("element %x: %v, %d bytes left", b, err, len(rest))
		}
		list = append(list, d)
	}
	return list
}

// groupStats reads the statistics of groups off the wire.
func (r *rig) groupStats(id uint32) (list []ofp13.GroupStats) {
	r.t.Helper()
	stream, err := NewGroups(r.tables).GroupStats(id)
	if err != nil {
		r.t.Fatal(err)
	}
	for b, ok := stream.Next(nil); ok; b, ok = stream.Next(nil) {
		var s ofp13.GroupStats
		if rest, err := s.DecodeNext(b); err != nil || len(rest) != 0 {
			r.t.Fatalf("element %x: %v, %d bytes left", b, err, len(rest))
		}
		list = append(list, s)
	}
	return list
}

// Every refusal of a group-mod, and that it changes nothing.
func TestGroupModRefusals(t *testing.T) {
	r := newRig(t)
	r.addGroup(all, 1, bucketOf(0, output(1)))
	r.addGroup(all, 2, bucketOf(0, group(1)))
	r.addGroup(failover, 3, watching(1, ofp13.GroupAny, group(2)), watching(ofp13.PortAny, 1))
	failed, bad := ofp13.ErrTypeGroupModFailed, ofp13.ErrTypeBadAction
	add, modify := ofp13.GroupAdd, ofp13.GroupModify
	many := make([]ofp13.Bucket, maxGroupBuckets+1)
	for i := range many {
		many[i] = bucketOf(0)
	}
	long := bucketOf(0)
	for range 4094 {
		long.Actions = append(long.Actions, output(1))
	}
	tests := []struct {
		name      string
		mod       ofp13.GroupMod
		typ, code uint16
	}{
		{"it exists", ofp13.GroupMod{GroupID: 1}, failed, ofp13.GroupModFailedGroupExists},
		{"reserved", ofp13.GroupMod{GroupID: ofp13.GroupMax + 1}, failed, ofp13.GroupModFailedInvalidGroup},
		{"all", ofp13.GroupMod{GroupID: ofp13.GroupAll}, failed, ofp13.GroupModFailedInvalidGroup},
		{"modify all", ofp13.GroupMod{Command: modify, GroupID: ofp13.GroupAll}, failed, ofp13.GroupModFailedInvalidGroup},
		{"delete any", ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: ofp13.GroupAny}, failed, ofp13.GroupModFailedInvalidGroup},
		{"modify one that is not there", ofp13.GroupMod{Command: modify, GroupID: 9}, failed, ofp13.GroupModFailedUnknownGroup},
		{"indirect without bucket", ofp13.GroupMod{Type: indirect, GroupID: 9}, failed, ofp13.GroupModFailedInvalidGroup},
		{"indirect with two", ofp13.GroupMod{Type: indirect, GroupID: 9, Buckets: buckets(bucketOf(0), bucketOf(0))}, failed, ofp13.GroupModFailedInvalidGroup},
		{"weights in all", ofp13.GroupMod{GroupID: 9, Buckets: buckets(bucketOf(1))}, failed, ofp13.GroupModFailedInvalidGroup},
		{"weights in indirect", ofp13.GroupMod{Type: indirect, GroupID: 9, Buckets: buckets(bucketOf(1))}, failed, ofp13.GroupModFailedInvalidGroup},
		{"no weights in select", ofp13.GroupMod{Type: spread, GroupID: 9, Buckets: buckets(bucketOf(0), bucketOf(0))}, failed, ofp13.GroupModFailedInvalidGroup},
		{"failover that watches nothing", ofp13.GroupMod{Type: failover, GroupID: 9, Buckets: buckets(bucketOf(0))}, failed, ofp13.GroupModFailedInvalidGroup},
		{"all that watches", ofp13.GroupMod{GroupID: 9, Buckets: buckets(watching(1, ofp13.GroupAny))}, failed, ofp13.GroupModFailedWatchUnsupported},
		{"indirect that watches", ofp13.GroupMod{Type: indirect, GroupID: 9, Buckets: buckets(watching(ofp13.PortAny, 1))}, failed, ofp13.GroupModFailedWatchUnsupported},
		{"watch port 0", ofp13.GroupMod{Type: failover, GroupID: 9, Buckets: buckets(watching(0, ofp13.GroupAny))}, failed, ofp13.GroupModFailedBadWatch},
		{"watch a reserved port", ofp13.GroupMod{Type: failover, GroupID: 9, Buckets: buckets(watching(ofp13.PortController, ofp13.GroupAny))}, failed, ofp13.GroupModFailedBadWatch},
		{"watch all groups", ofp13.GroupMod{Type: failover, GroupID: 9, Buckets: buckets(watching(ofp13.PortAny, ofp13.GroupAll))}, failed, ofp13.GroupModFailedBadWatch},
		{"watch no group", ofp13.GroupMod{Type: failover, GroupID: 9, Buckets: buckets(watching(1, 8))}, failed, ofp13.GroupModFailedBadWatch},
		{"many buckets", ofp13.GroupMod{GroupID: 9, Buckets: many}, failed, ofp13.GroupModFailedOutOfBuckets},
		{"a bucket that cannot be told back", ofp13.GroupMod{GroupID: 9, Buckets: buckets(long)}, failed, ofp13.GroupModFailedOutOfBuckets},
		{"loop by itself", ofp13.GroupMod{GroupID: 9, Buckets: buckets(bucketOf(0, group(9)))}, failed, ofp13.GroupModFailedLoop},
		{"loop by one", ofp13.GroupMod{Command: modify, GroupID: 1, Buckets: buckets(bucketOf(0, group(2)))}, failed, ofp13.GroupModFailedLoop},
		{"loop by two", ofp13.GroupMod{Command: modify, GroupID: 1, Buckets: buckets(bucketOf(0, group(3)))}, failed, ofp13.GroupModFailedLoop},
		{"loop by watching", ofp13.GroupMod{Command: modify, Type: failover, GroupID: 1, Buckets: buckets(watching(ofp13.PortAny, 3))}, failed, ofp13.GroupModFailedLoop},
		{"deletion of a part of a chain", ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: 1}, failed, ofp13.GroupModFailedChainedGroup},
		{"unknown group", ofp13.GroupMod{Command: add, GroupID: 9, Buckets: buckets(bucketOf(0, group(8)))}, bad, ofp13.BadActionBadOutGroup},
		{"reserved group", ofp13.GroupMod{GroupID: 9, Buckets: buckets(bucketOf(0, group(ofp13.GroupAll)))}, bad, ofp13.BadActionBadOutGroup},
		{"bad port", ofp13.GroupMod{GroupID: 9, Buckets: buckets(bucketOf(0, output(ofp13.PortAny)))}, bad, ofp13.BadActionBadOutPort},
		{"bad field in a modification", ofp13.GroupMod{Command: modify, GroupID: 1, Buckets: buckets(bucketOf(0,
			ofp13.Action{Type: ofp13.ActionSetField, Field: inPort(1)}))}, bad, ofp13.BadActionBadSetType},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, stats := r.groupDescs(), r.groupStats(ofp13.GroupAll)
			wantError(t, NewGroups(r.tables).GroupMod(&test.mod), test.typ, test.code)
			if after := r.groupDescs(); !reflect.DeepEqual(after, before) {
				t.Errorf("groups %+v, want %+v as before", after, before)
			}
			if after := r.groupStats(ofp13.GroupAll); !reflect.DeepEqual(after, stats) {
				t.Errorf("statistics %+v, want %+v as before", after, stats)
			}
		})
	}
}

func TestOutOfGroups(t *testing.T) {
	r := newRig(t)
	r.tables.groups.max = 2
	r.addGroup(all, 1)
	r.addGroup(all, 2)
	r.addGroup(indirect, 3, bucketOf(0))
	g := NewGroups(r.tables)
	failed, code := ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedOutOfGroups
	wantError(t, g.GroupMod(&ofp13.GroupMod{GroupID: 4}), failed, code)
	wantError(t, g.GroupMod(&ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 3}), failed, code)
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 2})
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: 2})
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 3})
}

// A packet goes through 32 groups, and a longer chain is refused from both ends.
func TestLongestChain(t *testing.T) {
	r := newRig(t)
	r.addGroup(all, 1, bucketOf(0, output(2)))
	for id := uint32(2); id <= translate.MaxChain; id++ {
		r.addGroup(all, id, bucketOf(0, group(id-1)))
	}
	r.addGroup(all, 100, bucketOf(0, output(2)))
	g := NewGroups(r.tables)
	failed, code := ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedChainingUnsupported
	wantError(t, g.GroupMod(&ofp13.GroupMod{GroupID: 99, Buckets: buckets(bucketOf(0, group(translate.MaxChain)))}), failed, code)
	wantError(t, g.GroupMod(&ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 1, Buckets: buckets(bucketOf(0, group(100)))}), failed, code)
	r.flowMod(ofp13.FlowMod{Instructions: do(apply(group(translate.MaxChain)))})
	r.settle()
	r.send(1, frameTo(1))
	r.send(1, frameTo(1))
	if sent := r.sentTo(); sent != "2" {
		t.Errorf("sent to %s, want port 2", sent)
	}
}

// Descriptions give back what was sent.
func TestGroupDescriptions(t *testing.T) {
	r := newRig(t)
	want := []ofp13.GroupDesc{
		{Type: all, GroupID: 0, Buckets: buckets(bucketOf(0, output(3), output(2)), bucketOf(0))},
		{Type: spread, GroupID: 1, Buckets: buckets(bucketOf(7, group(0)), ofp13.Bucket{Weight: 1, WatchPort: 2, WatchGroup: 0})},
		{Type: failover, GroupID: 2, Buckets: buckets(watching(1, 1, output(1)))},
		{Type: indirect, GroupID: ofp13.GroupMax, Buckets: buckets(ofp13.Bucket{Actions: []ofp13.Action{output(1)}})},
	}
	for _, d := range want {
		r.addGroup(d.Type, d.GroupID, d.Buckets...)
	}
	if got := r.groupDescs(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Flow entries, packet-outs and buckets cannot use a group that is not there.
func TestUnknownGroups(t *testing.T) {
	r := newRig(t)
	code := ofp13.BadActionBadOutGroup
	r.refuse(ofp13.FlowMod{Instructions: do(apply(group(1)))}, ofp13.ErrTypeBadAction, code)
	r.refuse(ofp13.FlowMod{Instructions: do(ofp13.Instruction{Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{group(1)}})}, ofp13.ErrTypeBadAction, code)
	r.flowMod(ofp13.FlowMod{Instructions: do(apply(output(1)))})
	r.refuse(ofp13.FlowMod{Command: ofp13.FlowModify, Instructions: do(apply(group(1)))}, ofp13.ErrTypeBadAction, code)
	out := ofp13.PacketOut{BufferID: ofp13.NoBuffer, InPort: 1, Actions: []ofp13.Action{group(1)}, Data: frameTo(1)}
	wantError(t, r.packets.PacketOut(&out), ofp13.ErrTypeBadAction, code)
	r.addGroup(indirect, 1, bucketOf(0, output(2)))
	if err := r.packets.PacketOut(&out); err != nil {
		t.Error(err)
	}
	if sent := r.sentTo(); sent != "2" {
		t.Errorf("sent to %s, want port 2", sent)
	}
}

// Deleting a group deletes the entries that use it, and says why.
func TestGroupDeletionTakesEntriesAlong(t *testing.T) {
	for _, id := range []uint32{1, ofp13.GroupAll} {
		r := newRig(t)
		r.addGroup(indirect, 1, bucketOf(0, output(2)))
		r.addGroup(indirect, 2, bucketOf(0, output(3)))
		rem := ofp13.FlagSendFlowRem
		r.flowMod(ofp13.FlowMod{Cookie: 1, Flags: rem, Match: match(inPort(1)), Instructions: do(apply(group(1)))})
		r.flowMod(ofp13.FlowMod{Cookie: 2, Flags: rem, TableID: 3, Instructions: do(ofp13.Instruction{
			Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{group(1)}})})
		r.flowMod(ofp13.FlowMod{Cookie: 3, Flags: rem, Match: match(inPort(2)), Instructions: do(apply(output(2)))})
		r.flowMod(ofp13.FlowMod{Cookie: 4, Match: match(inPort(3)), Instructions: do(apply(group(1)))})
		// One that no longer uses the group stays.
		r.flowMod(ofp13.FlowMod{Cookie: 5, Priority: 5, Match: match(inPort(3)), Instructions: do(apply(group(1)))})
		r.flowMod(ofp13.FlowMod{Command: ofp13.FlowModifyStrict, Priority: 5, Match: match(inPort(3)), Instructions: do(apply(output(1)))})
		r.settle()
		r.send(1, frameTo(1))
		r.send(1, frameTo(1))
		// Neither the type nor buckets matter.
		r.groupMod(ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: id, Type: failover, Buckets: buckets(bucketOf(1))})
		r.settle()
		if flows := r.flows(ofp13.TableAll); len(flows) != 2 {
			t.Errorf("group %#x: flows %+v left; want the two that do not use it", id, flows)
		}
		var cookies uint64
		for _, m := range r.removed {
			if m.Reason != ofp13.RemovedGroupDelete {
				t.Errorf("group %#x: removed %+v, want reason %d", id, m, ofp13.RemovedGroupDelete)
			}
			if m.Cookie == 1 && m.PacketCount != 2 {
				t.Errorf("group %#x: %d packets, want 2", id, m.PacketCount)
			}
			cookies += m.Cookie
		}
		if len(r.removed) != 2 || cookies != 3 {
			t.Errorf("group %#x: removed %+v, want those of cookies 1 and 2", id, r.removed)
		}
		if left := len(r.groupDescs()); id == ofp13.GroupAll && left != 0 || id != ofp13.GroupAll && left != 1 {
			t.Errorf("group %#x: %d groups left", id, left)
		}
		r.send(1, frameTo(1))
		if sent := r.sentTo(); sent != "2" { // the second frame of before
			t.Errorf("group %#x: sent to %s, one of them after the deletion", id, sent)
		}
	}
}

// Statistics count packets, references and time; a modification keeps the
// group's and begins the buckets' anew.
func TestGroupStatistics(t *testing.T) {
	r := newRig(t)
	r.addGroup(all, 1, bucketOf(0, output(2)), bucketOf(0, output(3)))
	r.addGroup(indirect, 2, bucketOf(0, group(1)))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(group(1), group(2)), ofp13.Instruction{
		Type: ofp13.InstructionWriteActions, Actions: []ofp13.Action{group(1)}})})
	r.flowMod(ofp13.FlowMod{Match: match(inPort(2)), Instructions: do(apply(group(1)))})
	r.settle()
	r.now += int64(1500 * time.Millisecond)
	r.send(1, frameTo(1)) // a miss
	r.send(1, frameTo(1)) // by the cache
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 2, Type: all, Buckets: buckets(bucketOf(0, group(1)))})
	r.settle() // takes the cached flow's counters
	counter := func(n uint64) ofp13.BucketCounter { return ofp13.BucketCounter{PacketCount: n, ByteCount: 60 * n} }
	want := []ofp13.GroupStats{
		{GroupID: 1, RefCount: 3, PacketCount: 6, ByteCount: 360, DurationSec: 1, DurationNsec: 5e8, Buckets: []ofp13.BucketCounter{counter(6), counter(6)}},
		{GroupID: 2, RefCount: 1, PacketCount: 2, ByteCount: 120, DurationSec: 1, DurationNsec: 5e8, Buckets: []ofp13.BucketCounter{counter(0)}},
	}
	if got := r.groupStats(ofp13.GroupAll); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := r.groupStats(2); !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("group 2: %+v", got)
	}
	if got := r.groupStats(7); len(got) != 0 {
		t.Errorf("a group that is not there has %+v", got)
	}
	r.flowMod(ofp13.FlowMod{Command: ofp13.FlowDelete, TableID: ofp13.TableAll, Match: match(inPort(1))})
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 2, Type: all})
	if got := r.groupStats(1); got[0].RefCount != 1 {
		t.Errorf("%d references, want 1", got[0].RefCount)
	}
}

// The features say what there is.
func TestGroupFeatures(t *testing.T) {
	var f ofp13.GroupFeatures
	NewGroups(newRig(t).tables).GroupFeatures(&f)
	if f.Types != 0xf || f.Capabilities != 0xf || f.MaxGroups != [4]uint32{65536, 65536, 65536, 65536} {
		t.Errorf("features %+v", f)
	}
	r := newRig(t)
	r.addGroup(all, 1)
	for typ := range uint16(28) {
		a := ofp13.Action{Type: typ, EtherType: 0x8100, Field: ethDst(1)}
		switch typ {
		case ofp13.ActionOutput, ofp13.ActionGroup:
			a.ID = 1
		case ofp13.ActionPushMPLS, ofp13.ActionPopMPLS:
			a.EtherType = 0x8847
		case ofp13.ActionPushPBB:
			a.EtherType = 0x88e7
		}
		err := NewGroups(r.tables).GroupMod(&ofp13.GroupMod{GroupID: 100 + uint32(typ), Buckets: buckets(bucketOf(0, a))})
		if told := f.Actions[all]>>typ&1 != 0; told != (err == nil) {
			t.Errorf("action %d: told %t, a group-mod says %v", typ, told, err)
		}
	}
}

// A group-mod changes what cached flows do that use the group, and no others.
func TestGroupModRevalidates(t *testing.T) {
	r := newRig(t)
	r.addGroup(indirect, 1, bucketOf(0, output(2)))
	r.addGroup(indirect, 2, bucketOf(0, group(1)))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(group(2)))})
	r.flowMod(ofp13.FlowMod{Match: match(inPort(2)), Instructions: do(apply(output(1)))})
	r.settle()
	r.send(1, frameTo(1))
	r.send(2, frameTo(1))
	checked := r.cache.Counters().Checked
	r.groupMod(ofp13.GroupMod{Command: ofp13.GroupModify, GroupID: 1, Type: indirect, Buckets: buckets(bucketOf(0, output(3)))})
	r.settle()
	if n := r.cache.Counters().Checked - checked; n != 1 {
		t.Errorf("%d flows were translated again, want 1", n)
	}
	r.send(1, frameTo(1))
	if sent := r.sentTo(); sent != "3" {
		t.Errorf("sent to %s, want port 3", sent)
	}
}

// A port that loses its link changes only the flows of buckets that watch it.
func TestFailoverRevalidates(t *testing.T) {
	r := newRig(t)
	r.addGroup(failover, 1, watching(2, ofp13.GroupAny, output(2)), watching(3, ofp13.GroupAny, output(3)))
	r.flowMod(ofp13.FlowMod{Match: match(inPort(1)), Instructions: do(apply(group(1)))})
	r.flowMod(ofp13.FlowMod{Match: match(inPort(3)), Instructions: do(apply(output(2)))})
	r.settle()
	r.send(1, frameTo(1))
	r.send(3, frameTo(1))
	checked := r.cache.Counters().Checked
	r.tables.SetPorts(translate.NewPortSet([]translate.Port{{No: 1}, {No: 2, LinkDown: true}, {No: 3}}))
	r.settle()
	if n := r.cache.Counters().Checked - checked; n != 1 {
		t.Errorf("%d flows were translated again, want 1", n)
	}
	r.send(1, frameTo(1)) // cached again
	r.send(3, frameTo(1))
	if sent := r.sentTo(); sent != "2 3" {
		t.Errorf("sent to %s, want ports 2 and 3", sent)
	}
}
