package datapathtest

import (
	"fmt"
	"net"
	"slices"

	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/packet"
)

// PutFlows implements datapath.Flows. A flow that replaces another keeps its
// counters.
func (f *Fake) PutFlows(batch []datapath.Flow, errs []error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range batch {
		errs[i] = f.put(&batch[i])
	}
}

func (f *Fake) put(flow *datapath.Flow) error {
	if f.done {
		return net.ErrClosed
	}
	if err := f.check(flow); err != nil {
		return fmt.Errorf("flow %d: %w", flow.ID, err)
	}
	kept := *flow
	kept.Actions = slices.Clone(flow.Actions)
	for i, bits := range kept.Match.Mask {
		kept.Match.Key[i] &= bits
	}
	if old := f.find(flow.ID); old != nil {
		old.Flow = kept
		return nil
	}
	f.flows = append(f.flows, &fakeFlow{Flow: kept, stats: datapath.FlowStats{ID: flow.ID}})
	return nil
}

// check says what is wrong with a flow: it is none, or Features forbid it.
func (f *Fake) check(flow *datapath.Flow) error {
	if flow.ID == 0 {
		return fmt.Errorf("id 0 names no flow: %w", datapath.ErrUnsupported)
	}
	if !f.features.KeyMask.Covers(&flow.Match.Mask) {
		return fmt.Errorf("match beyond Features.KeyMask: %w", datapath.ErrUnsupported)
	}
	wide := flow.Match.Mask
	if f.features.Widen(&wide, flow.Actions); wide != flow.Match.Mask {
		return fmt.Errorf("match without bits that Features.Widen adds: %w", datapath.ErrUnsupported)
	}
	if len(flow.Actions) > f.features.MaxActs {
		return fmt.Errorf("%d actions, at most %d: %w", len(flow.Actions), f.features.MaxActs, datapath.ErrUnsupported)
	}
	for i := range flow.Actions {
		if !f.features.Can(&flow.Actions[i]) {
			return fmt.Errorf("action %d beyond Features: %w", i, datapath.ErrUnsupported)
		}
	}
	return nil
}

func (f *Fake) find(id datapath.FlowID) *fakeFlow {
	for _, flow := range f.flows {
		if flow.ID == id {
			return flow
		}
	}
	return nil
}

// DeleteFlows implements datapath.Flows.
func (f *Fake) DeleteFlows(batch []datapath.FlowID, last []datapath.FlowStats, errs []error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, id := range batch {
		last[i], errs[i] = datapath.FlowStats{ID: id}, nil
		flow := f.find(id)
		if flow == nil {
			errs[i] = fmt.Errorf("flow %d: %w", id, datapath.ErrNoFlow)
			continue
		}
		last[i] = flow.stats
		f.flows = slices.DeleteFunc(f.flows, func(other *fakeFlow) bool { return other == flow })
	}
}

// FlushFlows implements datapath.Flows.
func (f *Fake) FlushFlows() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return net.ErrClosed
	}
	f.flows = nil
	return nil
}

// DumpFlows implements datapath.Flows. It calls fn without holding a lock.
func (f *Fake) DumpFlows(fn func([]datapath.FlowStats) error) error {
	f.mu.Lock()
	done := f.done
	all := make([]datapath.FlowStats, len(f.flows))
	for i, flow := range f.flows {
		all[i] = flow.stats
	}
	f.mu.Unlock()
	if done {
		return net.ErrClosed
	}
	for batch := range slices.Chunk(all, 64) {
		if err := fn(batch); err != nil {
			return err
		}
	}
	return nil
}

// Flows returns a copy of the cached flows, in the order of their installation.
func (f *Fake) Flows() []datapath.Flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]datapath.Flow, len(f.flows))
	for i, flow := range f.flows {
		all[i] = flow.Flow
		all[i].Actions = slices.Clone(flow.Actions)
	}
	return all
}

// forward does what the cache says with a frame, the first flow that matches
// winning, or hands it up.
func (f *Fake) forward(frame *datapath.Frame, key flowtable.Key) {
	for _, flow := range f.flows {
		if flow.Match.Matches(&key) {
			flow.stats.Packets++
			flow.stats.Bytes += uint64(frame.Len())
			flow.stats.Used = f.clock()
			size := frame.Len()
			if n := f.run(frame, key, flow.Actions); n > 0 {
				d := &flow.stats.Dropped[min(n, len(flow.stats.Dropped))-1]
				d.Packets++
				d.Bytes += uint64(size)
			}
			return
		}
	}
	f.upcall(datapath.Miss, frame, &key, 0)
}

// run executes actions on a frame in place; key is the frame's before them. It
// says by which of the meters the frame was dropped, from 1 on; 0 if by none.
func (f *Fake) run(frame *datapath.Frame, key flowtable.Key, acts []datapath.Act) (dropped int) {
	meters := 0
	for i := 0; i < len(acts); i++ {
		switch a := &acts[i]; a.Kind {
		case datapath.Output:
			f.output(frame, a.Port)
		case datapath.Controller:
			f.upcall(datapath.Action, frame, &key, a.Value)
		case datapath.Queue: // a fake one is wide enough
		case datapath.Meter:
			if meters++; !f.measure(frame, uint32(a.Value)) {
				return meters
			}
		case datapath.Clone:
			n := min(int(a.Value), len(acts)-i-1)
			c := copyFrame(frame)
			f.run(&c, key, acts[i+1:i+1+n])
			i += n
		default:
			if err := packet.Edit(frame, a); err != nil {
				f.drops.Invalid++
				return 0
			}
		}
	}
	return 0
}
