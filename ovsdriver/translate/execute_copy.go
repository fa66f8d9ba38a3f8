package translate

import "github.com/ivs-go/ivs/ovsdriver/datapath"

// deepFrame is a copy on which a bucket works, in a buffer of its own.
type deepFrame struct {
	frame datapath.Frame
	// Of the frame below, to be so again afterwards.
	edited bool
	class  uint64
}

// present returns the frame that is worked on: f, or the innermost copy of it.
func (x *Executor) present(f *datapath.Frame) *datapath.Frame {
	if x.depth == 0 {
		return f
	}
	return &x.deep[x.depth-1].frame
}

func (x *Executor) isDeep(f *datapath.Frame) bool { return x.depth > 0 && f == x.present(nil) }

// descend makes a copy of f, on which is worked until ascend. It is nil if the
// frame is too long.
func (x *Executor) descend(f *datapath.Frame) *datapath.Frame {
	x.flush(f, true)
	if x.depth == len(x.deep) {
		x.deep = append(x.deep, &deepFrame{})
	}
	d := x.deep[x.depth]
	if !x.clone(&d.frame, f) {
		return nil
	}
	d.edited, d.class = x.edited, x.class
	x.depth++
	return &d.frame
}

// ascend ends the innermost copy.
func (x *Executor) ascend() {
	x.depth--
	x.edited, x.class = x.deep[x.depth].edited, x.deep[x.depth].class
}

// onCopy does actions on a copy of f. If they cannot all be done, the copy ends
// early, as it does in a datapath.
func (x *Executor) onCopy(f *datapath.Frame, acts []datapath.Act) {
	if c := x.descend(f); c != nil {
		x.perform(c, acts, false)
		x.ascend()
	}
}

// opens reports whether the first of the actions is a Clone on whose copy the
// walk has stopped: it then reaches to the end of the result's actions.
func (x *Executor) opens(acts []datapath.Act) bool {
	r := &x.Result
	return r.Resume && r.walk.opened(len(r.Actions)-len(acts)) && &acts[len(acts)-1] == &r.Actions[len(r.Actions)-1]
}

// yield returns the innermost copy, f, as a frame that may be given to the sink.
// There is room for it.
func (x *Executor) yield(f *datapath.Frame) *datapath.Frame {
	c := &x.copies[x.used]
	x.used++
	*c, *f = *f, *c
	return c
}
