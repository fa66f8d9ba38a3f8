package differential

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// pair is the two switches.
type pair struct {
	ivs, ovs *target

	// How long a packet-in that one has sent may take to come from the other.
	grace time.Duration

	// Frames into each and out of each, and packet-ins, as far as they agreed.
	sent, received, heard int
}

// difference is where the two part.
type difference struct {
	step, pass int
	at         int // the place in its step of the burst's first frame, or -1 for the flow-mods
	ivs, ovs   any // outputs, or what was said of the flow-mods
}

func (d *difference) String() string {
	return fmt.Sprintf("in step %d, pass %d\nivs:%s\nOpen vSwitch:%s", d.step+1, d.pass+1, tell(d.ivs), tell(d.ovs))
}

// tell shows one switch's side of a difference.
func tell(side any) string {
	out, ok := side.(outputs)
	if !ok {
		return fmt.Sprintf(" %v", side)
	}
	var b strings.Builder
	for i, frames := range out.frames {
		for _, f := range frames {
			fmt.Fprintf(&b, "\n    out of port %d: %s", i+1, describe(f))
		}
	}
	for _, in := range out.ins {
		fmt.Fprintf(&b, "\n    packet-in: %s", in)
	}
	if b.Len() == 0 {
		return " nothing"
	}
	return b.String()
}

// both does the same with both switches at once.
func both[T any](p *pair, f func(*target) (T, error)) (ivs, ovs T, ivsErr, ovsErr error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ovs, ovsErr = f(p.ovs)
	}()
	ivs, ivsErr = f(p.ivs)
	<-done
	return ivs, ovs, ivsErr, ovsErr
}

// run plays a scenario and returns the first difference, or nil. It sends the
// frames of a pass in bursts of so many. An error means that a switch doesn't
// work, or that both refuse a flow-mod.
func (p *pair) run(s *scenario, burst int) (*difference, error) {
	for i, st := range s.steps {
		if d, err := p.apply(i, st.mods); d != nil || err != nil {
			return d, err
		}
		for pass := range passes {
			at := 0
			for frames := range slices.Chunk(st.frames, burst) {
				ivs, ovs, err := p.exchange(frames, s.deaf)
				if err != nil {
					return nil, err
				}
				if !reflect.DeepEqual(ivs, ovs) {
					return &difference{step: i, pass: pass, at: at, ivs: ivs, ovs: ovs}, nil
				}
				p.sent, p.received, p.heard = p.sent+len(frames), p.received+ivs.count(), p.heard+len(ivs.ins)
				at += len(frames)
			}
		}
	}
	return nil, nil
}

func (p *pair) exchange(frames []injection, deaf bool) (ivs, ovs outputs, err error) {
	ivs, ovs, ivsErr, ovsErr := both(p, func(t *target) (outputs, error) { return t.exchange(frames) })
	if ivsErr != nil || ovsErr != nil {
		err = fmt.Errorf("after %d frames: %w", p.sent, errors.Join(ivsErr, ovsErr))
	}
	if err != nil || deaf {
		return ivs, ovs, err
	}
	// A packet-in may take longer than what comes out of ports.
	for deadline := time.Now().Add(p.grace); ; time.Sleep(10 * time.Millisecond) {
		ivs.ins, ovs.ins = alike(p.ivs.listener.heard(), p.ovs.listener.heard())
		if slices.Equal(ivs.ins, ovs.ins) || time.Now().After(deadline) {
			return ivs, ovs, nil
		}
	}
}

// alike takes the cookies out of packet-ins if one of ivs has none, since a
// bucket has made it (section 7.4.1): Open vSwitch's have one.
func alike(ivs, ovs []string) ([]string, []string) {
	if !slices.ContainsFunc(ivs, func(in string) bool { return strings.Contains(in, "cookie 0xffffffffffffffff,") }) {
		return ivs, ovs
	}
	for _, ins := range [][]string{ivs, ovs} {
		for i := range ins {
			ins[i] = anyCookie.ReplaceAllString(ins[i], "")
		}
		slices.Sort(ins)
	}
	return ivs, ovs
}

var anyCookie = regexp.MustCompile(`cookie 0x[0-9a-f]+, `)

// missFlows drop what no other flow of a later table matches, as is so without
// them. Open vSwitch would execute the action set.
var missFlows = []string{
	"table=1,priority=0,actions=clear_actions",
	"table=2,priority=0,actions=clear_actions",
	"table=3,priority=0,actions=clear_actions",
}

// apply changes the tables; the first time it empties them before.
func (p *pair) apply(step int, mods []string) (*difference, error) {
	if step == 0 {
		mods = slices.Concat([]string{"delete", groupWord + "delete"}, fenceFlows, missFlows, mods)
	}
	_, _, ivs, ovs := both(p, func(t *target) (any, error) { return nil, t.apply(mods) })
	switch {
	case ivs != nil && ovs != nil:
		return nil, fmt.Errorf("both refuse a flow-mod: ivs: %w, Open vSwitch: %w", ivs, ovs)
	case ivs != nil || ovs != nil:
		return &difference{step: step, at: -1, ivs: fmt.Sprint(ivs), ovs: fmt.Sprint(ovs)}, nil
	}
	return nil, nil
}
