package fwd

import (
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// newDepartingRig has a group and a meter in use by very many entries, on a clock
// that lets nothing be done at once.
func newDepartingRig(t *testing.T) (r *rig, entries int) {
	r = newRig(t)
	r.addGroup(indirect, 1, bucketOf(0, output(2)))
	r.addGroup(indirect, 2, bucketOf(0, output(3)))
	newMeters(r).must(t, packetMeter(1, 1000, 1000))
	const tables, each = 8, 100
	for i := range tables * each {
		r.flowMod(ofp13.FlowMod{Cookie: 1, Flags: ofp13.FlagSendFlowRem, TableID: uint8(i % tables), Priority: uint16(i),
			Match: match(inPort(1)), Instructions: do(metering(1), apply(group(1), group(2)))})
	}
	r.settle()
	r.step = int64(time.Minute)
	return r, tables * each
}

// The deletion of a group or a meter that very many entries use goes on in Poll;
// a commit is over when the entries are gone and told.
func TestDepartureGoesOnInPoll(t *testing.T) {
	for name, remove := range map[string]func(*rig){
		"group":      func(r *rig) { r.groupMod(ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: 1}) },
		"all groups": func(r *rig) { r.groupMod(ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: ofp13.GroupAll}) },
		"meter":      func(r *rig) { newMeters(r).must(r.t, &ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 1}) },
	} {
		t.Run(name, func(t *testing.T) {
			r, entries := newDepartingRig(t)
			done, left := false, 0
			count := func() {
				left = 0
				for _, table := range r.tables.tables {
					left += table.Len()
				}
			}
			remove(r)
			r.tables.Commit(func() {
				done = true
				if len(r.removed) != entries {
					t.Errorf("the commit was over when %d of %d entries were told", len(r.removed), entries)
				}
			})
			if count(); left != entries-departAtOnce {
				t.Errorf("%d of %d entries are left at first, want all but %d", left, entries, departAtOnce)
			}
			for n := 0; r.tables.Pending(); n++ {
				before := left
				r.tables.Publish()
				again := r.tables.Poll(time.Millisecond)
				if count(); before-left > departAtOnce || left > 0 && (done || !again) || n > entries {
					t.Fatalf("poll %d: %d of %d entries left, done %t, again %t", n, left, before, done, again)
				}
			}
			if !done || left > 0 || len(r.tables.groups.members)+len(r.tables.meters.members) == 3 {
				t.Errorf("done %t, %d entries left, %d groups and %d meters", done, left,
					len(r.tables.groups.members), len(r.tables.meters.members))
			}
		})
	}
}

// Nobody sees a deletion half done.
func TestDepartureIsCompletedFirst(t *testing.T) {
	for name, look := range map[string]func(*rig) error{
		"flow-mod": func(r *rig) error {
			wantError(r.t, r.tables.FlowMod(complete(ofp13.FlowMod{Instructions: do(apply(group(1)))})),
				ofp13.ErrTypeBadAction, ofp13.BadActionBadOutGroup)
			return nil
		},
		"packet-out": func(r *rig) error {
			wantError(r.t, r.packetOut(1, frameTo(1), group(1)), ofp13.ErrTypeBadAction, ofp13.BadActionBadOutGroup)
			return nil
		},
		"group-mod": func(r *rig) error { r.addGroup(indirect, 1, bucketOf(0, output(2))); return nil },
		"meter-mod": func(r *rig) error {
			return newMeters(r).MeterMod(&ofp13.MeterMod{Command: ofp13.MeterDelete, MeterID: 9})
		},
		"features":   func(r *rig) error { _, err := r.tables.TableFeatures(nil); return err },
		"flow stats": func(r *rig) error { _, err := r.tables.FlowStats(request(0)); return err },
		"aggregate":  func(r *rig) error { _, err := r.tables.AggregateStats(request(0)); return err },
		"table stats": func(r *rig) error {
			r.tables.TableStats()
			return nil
		},
		"group stats": func(r *rig) error {
			if list := r.groupStats(ofp13.GroupAll); len(list) != 1 || list[0].RefCount != 0 {
				r.t.Errorf("groups %+v, want 2 with no references", list)
			}
			return nil
		},
		"group descriptions": func(r *rig) error { r.groupDescs(); return nil },
		"meter stats":        func(r *rig) error { _, err := newMeters(r).MeterStats(1); return err },
		"meter config":       func(r *rig) error { _, err := newMeters(r).MeterConfig(1); return err },
		"checksums":          func(r *rig) error { r.tables.Checksums(); return nil },
		"checksum buckets":   func(r *rig) error { _, err := r.tables.ChecksumBuckets(0); return err },
		"set buckets":        func(r *rig) error { return r.tables.SetChecksumBuckets(0, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newDepartingRig(t)
			r.groupMod(ofp13.GroupMod{Command: ofp13.GroupDelete, GroupID: 1})
			if err := look(r); err != nil {
				t.Error(err)
			}
			for id, table := range r.tables.tables {
				if n := table.Len(); n > 0 {
					t.Errorf("table %d still has %d entries", id, n)
				}
			}
		})
	}
}
