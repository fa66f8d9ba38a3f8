package userspace

import (
	"errors"
	"fmt"
	"net"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
)

// maxFlows bounds the cache.
const maxFlows = 1 << 20

// dumpBatch is how many readings DumpFlows hands over at once.
const dumpBatch = 256

// PutFlows installs flows, or replaces those of the same id, whose counters go
// on. Errors are ErrUnsupported (beyond Features), ErrExists (another flow has
// this very match) and ErrTooMany. When it returns, every frame meets the new
// flows.
func (d *Datapath) PutFlows(batch []datapath.Flow, errs []error) {
	var replaced []*flow
	for i := range batch {
		old, err := d.put(&batch[i])
		errs[i] = err
		if old != nil {
			replaced = append(replaced, old)
		}
	}
	d.publish(replaced)
}

// put changes the classifier and returns the version that it replaced, if any.
func (d *Datapath) put(spec *datapath.Flow) (replaced *flow, err error) {
	if d.closed.Load() {
		return nil, net.ErrClosed
	}
	if err := d.check(spec); err != nil {
		return nil, fmt.Errorf("put flow %d: %w", spec.ID, err)
	}
	match := flowtable.Match{Mask: spec.Match.Mask}
	match.Mask.Apply(&spec.Match.Key, &match.Key)
	old := d.byID[spec.ID]
	if e := d.cache.Find(&match, 0); e != nil && e.Value != old {
		return nil, fmt.Errorf("put flow %d: flow %d has the same match: %w", spec.ID, e.Value.id, datapath.ErrExists)
	}
	if old == nil && len(d.byID) >= maxFlows {
		return nil, fmt.Errorf("put flow %d to %d others: %w", spec.ID, len(d.byID), datapath.ErrTooMany)
	}
	var counts []counter
	if old != nil {
		counts = old.counts
		d.cache.Remove(old.entry)
	} else {
		counts = make([]counter, len(d.workers))
	}
	f := newFlow(spec.ID, &match, spec.Actions, counts)
	d.cache.Insert(f.entry)
	d.byID[f.id] = f
	return old, nil
}

// check refuses what Features does not promise.
func (d *Datapath) check(spec *datapath.Flow) error {
	switch {
	case len(d.workers) == 0:
		return errors.New("Receivers must be called first")
	case spec.ID == 0:
		return fmt.Errorf("flow id 0 names no flow: %w", datapath.ErrUnsupported)
	case !d.features.KeyMask.Covers(&spec.Match.Mask):
		return fmt.Errorf("match on %v: %w", spec.Match.Mask, datapath.ErrUnsupported)
	case len(spec.Actions) > d.features.MaxActs:
		return fmt.Errorf("%d actions: %w", len(spec.Actions), datapath.ErrUnsupported)
	}
	for i := range spec.Actions {
		a := &spec.Actions[i]
		if !d.features.Can(a) {
			return fmt.Errorf("action %d of kind %d, field %d: %w", i, a.Kind, a.Field, datapath.ErrUnsupported)
		}
		if a.Kind == datapath.Clone && a.Value > uint64(len(spec.Actions)-i-1) {
			return fmt.Errorf("action %d clones for %d actions, which are not there: %w", i, a.Value, datapath.ErrUnsupported)
		}
	}
	return nil
}

// publish shows workers the classifier as it is. The flows that it lacks now
// are dead, and their counters stand still when publish returns.
func (d *Datapath) publish(withdrawn []*flow) {
	d.flows.Store(d.cache.Publish())
	if len(withdrawn) == 0 {
		return
	}
	for _, f := range withdrawn {
		f.dead.Store(true)
	}
	d.settle()
}

// DeleteFlows removes flows and stores their last counters. When it returns,
// no worker forwards by them.
func (d *Datapath) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	deleted := make([]*flow, 0, len(batch))
	found := make([]*flow, len(batch))
	for i, id := range batch {
		f := d.byID[id]
		switch {
		case d.closed.Load():
			errs[i] = net.ErrClosed
		case f == nil:
			errs[i] = fmt.Errorf("delete flow %d: %w", id, datapath.ErrNoFlow)
		default:
			errs[i] = nil
			delete(d.byID, id)
			d.cache.Remove(f.entry)
			found[i] = f
			deleted = append(deleted, f)
		}
	}
	d.publish(deleted)
	for i, f := range found {
		if f != nil {
			last[i] = f.stats()
		}
	}
}

// FlushFlows removes all flows.
func (d *Datapath) FlushFlows() error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	withdrawn := make([]*flow, 0, len(d.byID))
	for _, f := range d.byID {
		withdrawn = append(withdrawn, f)
	}
	clear(d.byID)
	d.cache = flowtable.NewClassifier[*flow]()
	d.publish(withdrawn)
	return nil
}

// DumpFlows calls fn with the counters of the flows that were published when
// it began. Any goroutine may call it.
func (d *Datapath) DumpFlows(fn func([]datapath.FlowStats) error) error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	batch := make([]datapath.FlowStats, 0, dumpBatch)
	for e := range d.flows.Load().All() {
		if e.Value.dead.Load() {
			continue
		}
		batch = append(batch, e.Value.stats())
		if len(batch) < dumpBatch {
			continue
		}
		if err := fn(batch); err != nil {
			return err
		}
		batch = batch[:0]
	}
	if len(batch) == 0 {
		return nil
	}
	return fn(batch)
}
